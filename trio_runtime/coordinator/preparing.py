"""Calls that are reserved: a name, a media port and an offer, before anything is sent (SES-8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import trio

from trio_runtime.base.errors import CallStateError, LimitExceededError
from trio_runtime.base.types import SessionId
from trio_runtime.events.relation_types import CallPrepared, PreparationEnded

if TYPE_CHECKING:
    from sansio_sip.agent import Sender
    from sansio_sip.sdp import LocalMedia
    from trio_runtime.base.clock import Clock
    from trio_runtime.coordinator.operations.call_ops import CallOps
    from trio_runtime.coordinator.operations.session_ops import SessionOps
    from trio_runtime.session import Call

__all__ = ["Preparations", "PreparedCall"]

Outcome = Literal["started", "cancelled", "expired"]


class PreparedCall:
    """A call that can be made at once; leaving its ``async with`` block frees the port, or hangs up.

    Attributes:
        id: Name of the call that it may become; empty before the block is entered.
        uri: Whom it is for.
        sender: Who calls; None is who always does.
        offer: What will be offered, with the reserved port; None before the block is entered.
        expires_at: When the port is freed if nothing has happened, in seconds on the coordinator's clock.
        outcome: What became of it: ``started``, ``cancelled`` or ``expired``; None while it is reserved.
    """

    def __init__(
        self,
        uri: str,
        sender: Sender | None,
        expires: float,
        preparations: Preparations,
        make: Callable[[SessionId], Call],
    ) -> None:
        self.id = SessionId("")
        self.uri = uri
        self.offer: LocalMedia | None = None
        self.expires_at = float("inf")
        self.outcome: Outcome | None = None
        self.sender = sender
        self._expires = expires
        self._preparations = preparations
        self._make = make
        self._call: Call | None = None

    def __repr__(self) -> str:
        return f"<PreparedCall {self.id} to {self.uri} {self.outcome or 'reserved'}>"

    @property
    def media_port(self) -> int:
        """The reserved port; 0 before there is one, and without media."""
        return 0 if self.offer is None else self.offer.port

    def start(self) -> Call:
        """Send the INVITE and return the call, which has the name and the port that were reserved.

        Raises:
            CallStateError: It was started already, was cancelled, or has expired.
            InvalidUriError: The URI cannot be called, or a header cannot be sent; the port is free again.
        """
        self._preparations.take(self, "started")
        self._call = self._make(self.id)
        return self._call

    def cancel(self) -> None:
        """Free the port; once it is started or over, nothing."""
        if self.outcome is None and self.id:
            self._preparations.take(self, "cancelled")

    async def __aenter__(self) -> PreparedCall:
        """Reserve.

        Raises:
            PortsExhaustedError: No media port is left.
            LimitExceededError: Too many calls are reserved.
        """
        await trio.lowlevel.checkpoint()
        self._preparations.add(self, self._expires)
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]:
        """Free the port, or hang up."""
        self.cancel()
        return self._leave(cancelled=kind is not None)

    async def _leave(self, *, cancelled: bool) -> None:
        if self._call is not None:
            await self._call.leave(cancelled=cancelled)
        elif not cancelled:
            await trio.lowlevel.checkpoint()


class Preparations:
    """The reserved calls of a coordinator, and their expiry.

    Args:
        clock: Tells the time.
        sessions: Reserves, and starts.
        operations: Publishes events.
        max_prepared: How many there may be at one time.
        start_soon: Starts a task that lives as long as the coordinator.
    """

    def __init__(
        self,
        clock: Clock,
        sessions: SessionOps,
        operations: CallOps,
        max_prepared: int,
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> None:
        self._clock = clock
        self._sessions = sessions
        self._operations = operations
        self._max_prepared = max_prepared
        self._start_soon = start_soon
        self._reserved: dict[SessionId, PreparedCall] = {}
        self._nap: trio.CancelScope | None = None

    def __len__(self) -> int:
        return len(self._reserved)

    def add(self, prepared: PreparedCall, expires: float) -> None:
        """Reserve what a call needs."""
        if prepared.id:
            raise CallStateError("the call was prepared already", session_id=prepared.id)
        if len(self._reserved) >= self._max_prepared:
            raise LimitExceededError(f"{self._max_prepared} calls are prepared already")
        session_id, prepared.offer = self._sessions.reserve(prepared.uri, prepared.sender)
        prepared.id = session_id
        prepared.expires_at = self._clock.now() + expires
        self._reserved[session_id] = prepared
        self._operations.publish(CallPrepared, session_id, prepared.uri, prepared.media_port)
        if self._nap is None:
            self._nap = trio.CancelScope()
            self._start_soon(self._expire)
        self._nap.deadline = min(self._nap.deadline, prepared.expires_at)

    def take(self, prepared: PreparedCall, outcome: Outcome) -> None:
        """Let a call be reserved no longer; one that is not started gives its port back."""
        if self._reserved.pop(prepared.id, None) is None:
            what = prepared.outcome or "not entered"
            raise CallStateError(f"the prepared call is {what}", session_id=prepared.id)
        prepared.outcome = outcome
        if outcome != "started":
            self._sessions.release(prepared.id)
        self._operations.publish(PreparationEnded, prepared.id, outcome)

    async def _expire(self) -> None:
        """Free what nobody has started in time, while anything is reserved."""
        while self._reserved:
            now = self._clock.now()
            for prepared in list(self._reserved.values()):
                if prepared.expires_at <= now:
                    self.take(prepared, "expired")
            due = min([each.expires_at for each in self._reserved.values()], default=now)
            with trio.CancelScope(deadline=due) as self._nap:
                await trio.sleep_forever()
        self._nap = None
