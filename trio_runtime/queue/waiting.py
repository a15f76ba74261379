"""A caller who waits: what is heard meanwhile, and what the keys do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallError, VoipError
from trio_runtime.events import queue_types as facts
from trio_runtime.queue.callback import Callback
from trio_runtime.queue.config import QueuePlace
from trio_runtime.queue.core.decisions import Reason
from trio_runtime.queue.outcome import QueueEnd, QueueOutcome
from trio_runtime.queue.visitor import Visitor
from trio_runtime.queue.waiting_sound import WaitingSound
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.queue.config import Announcement, QueueConfig
    from trio_runtime.queue.house import CentreHouse
    from trio_runtime.session import Call

__all__ = ["Waiting"]

logger = logging.getLogger("trio_runtime")


class Waiting(Visitor):
    """The wait of one call in one queue; `Visit` is all of it.

    Args:
        house: What the whole centre shares.
        call: The call.
        queue: Name of the queue.
        config: How that queue is.
        joined_at: When it came to the first queue, in seconds.

    Attributes:
        call: The same.
    """

    def __init__(
        self, house: CentreHouse, call: Call, queue: str, config: QueueConfig, joined_at: float
    ) -> None:
        super().__init__(house, call.id, queue, config)
        self.call = call
        self._joined_at = joined_at
        self._entered_at = house.now()
        self._outcome: QueueOutcome | None = None
        self._waiting = trio.CancelScope()
        self._sound = WaitingSound(call, config, house.operations, self._announcement)
        self._nursery: trio.Nursery | None = None
        self._error: VoipError | None = None
        self._wants_callback = False

    async def _wait(self) -> None:
        with self._waiting:
            try:
                await self._receive()
            except CallError:
                return  # `_watch` takes note of it
            except VoipError as error:
                self._failed(error)  # as an offer that has nothing for us
                return
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._sound.run)
                if self._config.escape_key or self._config.callback_key:
                    nursery.start_soon(self._keys)

    async def _receive(self) -> None:
        """Answer the call, or let it ring, as the queue is."""
        if not isinstance(self.call, IncomingCall) or not self.call.undecided:
            await trio.lowlevel.checkpoint()
        elif self._config.answer == "at_once":
            await self.call.answer()
        elif self._config.answer == "early":
            self.call.ring(183, early_media=True)
        else:
            self.call.ring()

    async def _keys(self) -> None:
        try:
            await self._read_keys()
        except CallError:
            return  # `_watch` takes note of it

    async def _read_keys(self) -> None:
        async for digit in self.call.digits:
            if digit.digit == self._config.escape_key:
                self._house.dispatcher.leave(self.name, Reason.ESCAPED, self._house.now())
                self._go_on(QueueEnd.ESCAPED, "")
                self._house.settle()
                return
            if digit.digit == self._config.callback_key:
                self._wants_callback = True
                if self._config.callback_prompt is not None:
                    await self._sound.say(self._config.callback_prompt)
                if self._call_back():
                    return

    def _announcement(self) -> Announcement:
        dispatcher, announce = self._house.dispatcher, self._config.announce
        position = dispatcher.position(self.name)
        if announce is None or position is None:
            return None
        waited = self._house.now() - self._joined_at
        return announce(QueuePlace(self.call, position, dispatcher.expected_wait(self.name), waited))

    def _call_back(self) -> bool:
        """Leave the place to a callback, and hang up; False where nobody can tell whom to call."""
        self._wants_callback = False
        try:
            uri = self._config.callback_to(self.call)
        except Exception:
            # It is foreign code: the caller waits on.
            logger.exception("whom to call back for %r could not be told", self.call)
            return False
        callback = Callback(self._house, self.name, self.queue, self._config, uri)
        self._finish(self._end(QueueEnd.CALLBACK))
        self._house.dispatcher.want_callback(self.name, self._house.now())
        self._house.visitors[self.name] = callback
        self._house.publish(facts.CallbackWanted(self.call.id, self.queue, uri))
        self._house.settle()
        self.call.hang_up()
        return True

    # Ending

    def _failed(self, error: VoipError) -> None:
        self._error = error
        self._finish(self._end(QueueEnd.ABANDONED))

    def _go_on(self, end: QueueEnd, reason: str) -> None:
        waited = self._house.now() - self._entered_at
        self._house.publish(facts.CallerOverflowed(self.call.id, self.queue, reason or end.value, waited))
        self._finish(self._end(end, reason))

    def _end(self, end: QueueEnd, reason: str = "") -> QueueOutcome:
        waited = self._house.now() - self._joined_at
        return QueueOutcome(end, self.queue, self.agent, waited, reason)

    def _finish(self, outcome: QueueOutcome) -> None:
        """Remember what became of it, and end all that goes on for it."""
        self._outcome = outcome
        self._sound.stop()
        if self._nursery is not None:
            self._nursery.cancel_scope.cancel()
