"""Two calls that talk through us, until one of them ends; each may be exchanged for another meanwhile."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from trio_runtime.b2bua.holding import HoldKeeper
from trio_runtime.b2bua.transferring import follow_transfer
from trio_runtime.bridge import BridgeEnd
from trio_runtime.events.types import CallTerminated, EventsLost, RemoteHoldChanged, TransferRequested

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.events import EventStream
    from trio_runtime.session import Call, TransferRequest

__all__ = ["Talk"]

logger = logging.getLogger("trio_runtime")
_PARTING_S = 5.0  # who was transferred away hangs up by itself, as a rule


class Talk:
    """Lets two calls hear each other, and passes what each side does on to the other.

    Args:
        near: The call that came in.
        far: The one that was made for it.
        transfers: What becomes of a REFER; see `B2buaConfig`.
        ring_time: Seconds that the target of a transfer may ring.

    Attributes:
        near: See above, or what took its place.
        far: The same.
        transferred: How often one of them was exchanged.
    """

    def __init__(self, near: Call, far: Call, *, transfers: str, ring_time: float) -> None:
        self.near = near
        self.far = far
        self.transferred = 0
        self._transfers = transfers
        self._ring_time = ring_time
        self._holds = HoldKeeper()
        self._changing = trio.CancelScope()
        self._wishes: dict[SessionId, EventStream[TransferRequest[Call]]] = {}
        self._guests: set[Call] = set()  # calls that are not, or no longer, one of the two

    @property
    def calls(self) -> tuple[Call, Call]:
        """The two."""
        return self.near, self.far

    def other(self, call: Call) -> Call:
        """Return the other one of the two."""
        return self.far if call is self.near else self.near

    async def run(self) -> BridgeEnd:
        """Wait until one of the two ends; then, or when it is left otherwise, all are hung up."""
        try:
            async with trio.open_nursery() as nursery:
                while (ended := await self._together(nursery)) is None:
                    continue
                nursery.cancel_scope.cancel()
        finally:
            for call in (self.near, self.far, *self._guests):
                call.hang_up()
        return ended

    def exchange(self, old: Call, new: Call) -> None:
        """Put a call in the place of one of the two; what is left of the old one is the caller's affair."""
        if old is self.near:
            self.near = new
        else:
            self.far = new
        self.transferred += 1
        self._holds.forget(new)
        self._changing.cancel()

    async def _together(self, nursery: trio.Nursery) -> BridgeEnd | None:
        """Connect the two until one ends, or is exchanged, which is None."""
        await trio.lowlevel.checkpoint()
        near, far = self.calls
        for call in self.calls:
            if call.end is not None:
                return BridgeEnd(call, call.end)
        # From now on the wishes of both are kept for us.
        self._wishes = {call.id: call.transfer_requests for call in self.calls}
        media = None if near.passes else near.connect(far)
        try:
            with near.events_with(far) as events, trio.CancelScope() as self._changing:
                self._catch_up(nursery)
                async for event in events:
                    ended = self._take(event, nursery)
                    if ended is not None:
                        return ended
        finally:
            if media is not None:
                near.disconnect(media)
        return self._over() if not self._changing.cancelled_caught else None

    def _catch_up(self, nursery: trio.Nursery) -> None:
        """Do what has to be done for all that happened before the events were listened to."""
        for call in self.calls:
            self._pass_hold(nursery, call)
            self._transfer(nursery, call)

    def _over(self) -> BridgeEnd | None:
        for call in self.calls:
            if call.end is not None:
                return BridgeEnd(call, call.end)
        return None

    def _take(self, event: object, nursery: trio.Nursery) -> BridgeEnd | None:
        match event:
            case CallTerminated():
                return self._over()  # not of who has been exchanged meanwhile
            case EventsLost():
                self._catch_up(nursery)
                return self._over()
            case RemoteHoldChanged(session_id, _):
                call = self._find(session_id)
                if call is not None:
                    self._pass_hold(nursery, call)
            case TransferRequested(session_id):
                call = self._find(session_id)
                if call is not None:
                    self._transfer(nursery, call)
        return None

    def _find(self, session_id: SessionId) -> Call | None:
        return next((call for call in self.calls if call.id == session_id), None)

    def _pass_hold(self, nursery: trio.Nursery, call: Call) -> None:
        other = self.other(call)
        if not call.passes and self._holds.differs(other, wanted=call.remote_hold):
            nursery.start_soon(self._holds.settle, other, lambda: self.other(other).remote_hold)

    def _transfer(self, nursery: trio.Nursery, call: Call) -> None:
        try:
            request = self._wishes[call.id].receive_nowait()
        except trio.WouldBlock:
            return
        # An attended one names a call of ours, whose place another one without media of ours cannot take.
        if self._transfers == "refuse" or (call.passes and request.replaces):
            request.reject()
        else:
            nursery.start_soon(self._follow, call, request)

    async def _follow(self, call: Call, request: TransferRequest[Call]) -> None:
        if self._transfers == "pass" and not request.replaces:
            await self._pass_on(call, request)
            return
        new = await follow_transfer(request, self._guests, self._ring_time)
        if new is None:
            return
        if call not in self.calls:  # another transfer was quicker
            new.hang_up()
            return
        self._guests.add(call)
        self.exchange(call, new)
        self._guests.discard(new)
        with trio.move_on_after(_PARTING_S):
            await call.ended()
        call.hang_up()
        self._guests.discard(call)

    async def _pass_on(self, call: Call, request: TransferRequest[Call]) -> None:
        try:
            await request.pass_on(self.other(call))
        except Exception as error:
            # Both calls go on, and who wanted it has been told.
            logger.info("the transfer of %r was not passed on: %s", call, error)
