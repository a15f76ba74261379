"""Two calls on their way to each other: what each hears of the other until one ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import attrs

from sansio_sip.invite import CallEnd, Cancelled, Failed, Rejected, TimedOut, TransportLost
from trio_runtime.base.errors import CallError, MediaError, VoipError
from trio_runtime.base.types import CallState
from trio_runtime.events.types import CallAnswered, CallProgressed, CallTerminated, EventsLost, MediaChanged
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.media import MediaBridge
    from trio_runtime.session import Call

__all__ = ["BridgeEnd", "Pair", "refusal_of"]


@attrs.frozen
class BridgeEnd:
    """Why two calls are not connected any more.

    Attributes:
        call: The one that ended first.
        end: How it ended.
    """

    call: Call
    end: CallEnd


class Pair:
    """Two calls on their way to each other; see `bridge` for its arguments.

    Args:
        a: A call.
        b: Another one.
        keep: Whether ``a`` goes on waiting when ``b`` could not be reached.
        on_answered: Called once when both talk.
        answer_headers: Gives the header fields for the answer to ``a`` when ``b`` has answered.
    """

    def __init__(
        self,
        a: Call,
        b: Call,
        *,
        keep: bool = False,
        on_answered: Callable[[], None] | None = None,
        answer_headers: Callable[[Call], Iterable[tuple[str, str]]] | None = None,
    ) -> None:
        self._answer_headers = answer_headers
        self._answered = False
        self._a = a
        self._b = b
        self._keep = keep
        self._on_answered = on_answered
        self._events = a.events_with(b)
        self._media: MediaBridge | None = None

    async def ended(self) -> BridgeEnd:
        """Wait until one of them ends."""
        while (ended := await self._until(answered=False)) is None:
            continue
        return ended

    async def answered(self) -> BridgeEnd | None:
        """Wait until ``b`` is answered, and ``a`` with it; return how they ended when that is not so."""
        return await self._until(answered=True)

    async def _until(self, *, answered: bool) -> BridgeEnd | None:
        ended = self._catch_up()
        while ended is None and not (answered and self._answered):
            match await anext(self._events):
                case CallProgressed(session_id, status_code, _) if session_id == self._b.id:
                    self._pass_progress(status_code)
                case MediaChanged(session_id, media, True) if session_id == self._b.id and media is not None:
                    self._pass_early_media()
                case CallAnswered(session_id) if session_id == self._b.id:
                    self._pass_answer()
                case CallAnswered():
                    self._connect()
                case CallTerminated(session_id, end, _):
                    ended = BridgeEnd(self._a if session_id == self._a.id else self._b, end)
                case EventsLost():
                    ended = self._catch_up()
                case _:
                    continue
        if ended is not None:
            self._pass_end(ended)
        return ended

    def release(self) -> None:
        """Let go of both, who live on."""
        self._events.close()
        if self._media is not None:
            self._a.disconnect(self._media)

    def close(self) -> None:
        """Hang up what is left, and let go."""
        self.release()
        self._b.hang_up()
        if not (self._keep and isinstance(self._a, IncomingCall) and self._a.undecided):
            self._a.hang_up()

    def _catch_up(self) -> BridgeEnd | None:
        """Do what has to be done for all that happened before the events were listened to."""
        for call in (self._a, self._b):
            if call.end is not None:
                return BridgeEnd(call, call.end)
        if self._b.answered_at is not None:
            self._pass_answer()
        elif self._b.state is CallState.RINGING:
            self._pass_progress(180)
        if self._a.answered_at is not None:
            self._connect()
        return None

    def _pass_progress(self, status_code: int) -> None:
        if status_code > 100 and isinstance(self._a, IncomingCall) and self._a.undecided:
            self._a.ring(status_code)

    def _pass_early_media(self) -> None:
        if isinstance(self._a, IncomingCall) and self._a.undecided:
            self._a.ring(183, early_media=True)
            self._connect()

    def _pass_answer(self) -> None:
        if isinstance(self._a, IncomingCall) and self._a.undecided:
            self._a.accept(headers=() if self._answer_headers is None else self._answer_headers(self._b))
        self._answered = True
        self._connect()
        if self._on_answered is not None:
            self._on_answered()

    def _connect(self) -> None:
        if self._media is None:
            self._media = self._a.connect(self._b)

    def _pass_end(self, ended: BridgeEnd) -> None:
        """Let the caller hear why the callee could not be reached."""
        a = self._a
        if ended.call is self._b and not self._keep and isinstance(a, IncomingCall) and a.undecided:
            try:
                a.reject(*refusal_of(ended.end))
            except (CallError, MediaError, VoipError):
                return  # it has just ended by itself


def refusal_of(end: CallEnd) -> tuple[int, str]:
    """Return the status and phrase that tell a caller how the call for him has ended."""
    match end:
        case Rejected(status_code, reason):
            return status_code, reason
        case Failed(_, status_code):
            return status_code, ""
        case TimedOut():
            return 408, ""
        case TransportLost():
            return 503, ""
        case Cancelled():
            return 487, ""
        case _:
            return 480, ""
