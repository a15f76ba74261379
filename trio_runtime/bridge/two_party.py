"""A call and another one that is made for it, as one: what a back-to-back user agent does (RFC 7092)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from sansio_sip.invite import CallEnd, Cancelled, Failed, Rejected, TimedOut, TransportLost
from trio_runtime.base.errors import CallError, CallStateError, MediaError, VoipError
from trio_runtime.base.types import CallState
from trio_runtime.events.types import CallAnswered, CallProgressed, CallTerminated, EventsLost, MediaChanged
from trio_runtime.session import IncomingCall

if TYPE_CHECKING:
    from trio_runtime.media import MediaBridge
    from trio_runtime.session import Call

__all__ = ["BridgeEnd", "bridge"]


@attrs.frozen
class BridgeEnd:
    """Why two calls are not connected any more.

    Attributes:
        call: The one that ended first.
        end: How it ended.
    """

    call: Call
    end: CallEnd


async def bridge(
    a: Call, b: Call, *, keep: bool = False, on_answered: Callable[[], None] | None = None
) -> BridgeEnd:
    """Connect two calls until one of them ends; then, or when it is left otherwise, both are hung up.

    ``b`` may still ring. Then ``a``, if it came in and is not answered, hears of its progress, early media
    included, is answered when ``b`` is, and refused with the status with which ``b`` was refused. Their audio
    is relayed where both have one codec, and converted where not; keys pass in any case.

    Args:
        a: A call, mostly an incoming one that nobody has decided about.
        b: Another one, mostly just made for it.
        keep: Whether ``a`` goes on waiting when ``b`` could not be reached: to try another one.
        on_answered: Called once when both talk.

    Returns:
        Which ended first, and how.

    Raises:
        CallStateError: They are one call; or ``a`` is not answered and cannot be, as it is one that we make.
        SdpError: ``b`` was answered, and ``a`` offers nothing that we can take.
    """
    if a is b:
        raise CallStateError("a call cannot be connected with itself", session_id=a.id)
    if b.answered_at is not None and a.answered_at is None and not isinstance(a, IncomingCall):
        raise CallStateError("the first call is not answered yet", session_id=a.id)
    pair = _Pair(a, b, keep, on_answered)
    try:
        return await pair.run()
    finally:
        pair.close()


class _Pair:
    """Two calls on their way to each other."""

    def __init__(self, a: Call, b: Call, keep: bool, on_answered: Callable[[], None] | None) -> None:
        self._a = a
        self._b = b
        self._keep = keep
        self._on_answered = on_answered
        self._events = a.events_with(b)
        self._media: MediaBridge | None = None

    async def run(self) -> BridgeEnd:
        ended = self._catch_up()
        while ended is None:
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
        self._pass_end(ended)
        return ended

    def close(self) -> None:
        """Hang up what is left, and let go."""
        self._events.close()
        if self._media is not None:
            self._a.disconnect(self._media)
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
            self._a.accept()
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
                a.reject(*_refusal(ended.end))
            except (CallError, MediaError, VoipError):
                return  # it has just ended by itself


def _refusal(end: CallEnd) -> tuple[int, str]:
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
