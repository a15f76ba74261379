"""One host of a swarm: the phone on it, which takes and makes calls, through all its lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trio_runtime.api import open_coordinator
from trio_runtime.base.errors import CallError, SipFailure, VoipError
from trio_runtime.testing.swarm.plan import Behaviour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call, IncomingCall
    from trio_runtime.testing.realm import Realm
    from trio_runtime.testing.swarm.book import CallBook
    from trio_runtime.testing.swarm.config import SwarmConfig
    from trio_runtime.testing.swarm.plan import PlannedCall

__all__ = ["SwarmHost"]
_MAX_RINGING_S = 120.0
"""So long a phone rings whose caller has died."""


class SwarmHost:
    """A host and the program on it.

    Args:
        number: Its number.
        address: Its address.
        realm: The network that it is in.
        config: How the phones are.
        plan: All calls, by number.
        book: Where what happens is written down.

    Attributes:
        phone: The phone of its present life, None before it is open.
        opened: Set as soon as the first phone is open.
        restarts: How often it began anew.
    """

    def __init__(
        self,
        number: int,
        address: str,
        realm: Realm,
        config: SwarmConfig,
        plan: list[PlannedCall],
        book: CallBook,
    ) -> None:
        self.number = number
        self.address = address
        self.realm = realm
        self.phone: SessionCoordinator | None = None
        self.opened = trio.Event()
        self.restarts = 0
        self._config = config
        self._plan = plan
        self._book = book
        self._life = trio.CancelScope()
        self._nursery: trio.Nursery | None = None

    @property
    def visible_address(self) -> str:
        """The address that others see it by."""
        return self.address if self.realm.nat is None else self.realm.nat.public_host

    @property
    def uri(self) -> str:
        """What it is called by."""
        tcp = ";transport=tcp" if self._config.transport == "tcp" else ""
        return f"sip:h{self.number}@{self.address}{tcp}"

    async def live(self) -> None:
        """Run the phone, and after each restart the next one, until cancelled."""
        while True:
            with trio.CancelScope() as self._life:
                async with self._open() as phone, trio.open_nursery() as self._nursery:
                    await self._nursery.start(phone.serve, self._take)
                    self.phone = phone
                    self.opened.set()
                    await trio.sleep_forever()

    def _open(self) -> SessionCoordinator:
        return open_coordinator(
            f"sip:h{self.number}@{self.address}",
            environment=self.realm.environment(self.address),
            bind_host=self.address,
            listen=(self._config.transport,),
            no_media=not self._config.media,
            max_ringing=_MAX_RINGING_S,
            session_interval=self._config.session_interval,
            trace_messages=0,
            drain_grace=0.5,
        )

    def restart(self) -> None:
        """Let the program of the dead host be gone and a new one begin."""
        self.realm.restart(self.address)
        self.restarts += 1
        self.phone = None
        self._life.cancel()

    def call(self, planned: PlannedCall, uri: str) -> None:
        """Make a call; where there is no program, there is none."""
        if self.phone is None or self._nursery is None:
            self._book.end(planned, "the caller's host was dead")
        else:
            self._nursery.start_soon(self._call, self.phone, planned, uri)

    async def _call(self, phone: SessionCoordinator, planned: PlannedCall, uri: str) -> None:
        try:
            async with phone.make_call(uri, headers=[("Subject", str(planned.number))]) as call:
                self._book.begin(planned, call)
                try:
                    with trio.move_on_after(self._patience(planned)):
                        await call.answered()
                        self._book.answer(planned, call)
                except CallError:
                    pass  # its end says it
                if call.answered_at is not None:
                    with trio.move_on_after(self._stay(planned)):
                        await self._talk(call, planned.pauses[0])
            await call.ended()
            self._book.finish(planned, call)
        except VoipError as error:
            self._book.end(planned, f"not begun: {type(error).__name__}")
        except trio.Cancelled:
            self._book.end(planned, "the caller's host began anew")
            raise

    @staticmethod
    def _patience(planned: PlannedCall) -> float:
        gives_up = planned.behaviour is Behaviour.CALLER_GIVES_UP
        return planned.ring / 2 if gives_up else planned.ring + planned.patience

    @staticmethod
    def _stay(planned: PlannedCall) -> float:
        """Who does not hang up itself waits for the other, whose BYE or death it has to hear of by itself."""
        return float("inf") if planned.behaviour is Behaviour.CALLEE_HANGS_UP else planned.hold

    async def _take(self, call: IncomingCall) -> None:
        planned = self._plan[int(call.headers["Subject"])]
        call.ring()
        with trio.move_on_after(float("inf") if self._is_deaf(planned) else planned.ring):
            await call.ended()
        if call.end is not None:
            return
        if planned.behaviour is Behaviour.BUSY:
            call.reject(486)
            return
        await call.answer()
        leaves = planned.behaviour is Behaviour.CALLEE_HANGS_UP
        with trio.move_on_after(planned.hold if leaves else float("inf")):
            await self._talk(call, planned.pauses[1])

    async def _talk(self, call: Call, pauses: Sequence[float]) -> None:
        """Hold and resume the call after each pause, and then wait for its end."""
        for number, pause in enumerate(pauses):
            with trio.move_on_after(pause):
                await call.ended()
            if call.end is not None:
                return
            try:
                await (call.resume() if number % 2 else call.hold())
            except SipFailure:
                self._book.refused_changes += 1
            except CallError:
                break  # it is over, or about to be
            self._book.changes += 1
        await call.ended()

    @staticmethod
    def _is_deaf(planned: PlannedCall) -> bool:
        return planned.behaviour is Behaviour.NOBODY_ANSWERS
