"""The session timer of a call as its messages see it: made when the first one asks for it (RFC 4028)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .session_timer import SessionTimer
from .session_timer_table import SessionRefresher

if TYPE_CHECKING:
    from ..dialog import SnapshotReader
    from ..message import Request, Response
    from .concern import Concern
    from .config import InviteConfig

__all__ = ["ClockOwner", "SessionClock"]

_Fields = tuple[tuple[str, str], ...]


class ClockOwner(SessionRefresher, Protocol):
    """The call that a session timer belongs to."""

    config: InviteConfig

    @property
    def now(self) -> float:
        """The last time seen, in seconds."""
        ...

    def add_concern(self, concern: Concern) -> None:
        """Let a concern run with the call from now on."""
        ...


class SessionClock:
    """Reads and writes what INVITE, UPDATE and their answers say about refreshing.

    Most calls have no session timer, and then this costs a look at one header.

    Args:
        call: The call.
    """

    __slots__ = ("_call", "timer")

    def __init__(self, call: ClockOwner) -> None:
        self._call = call
        self.timer: SessionTimer | None = None

    def _made(self) -> SessionTimer:
        timer = self.timer
        if timer is None:
            call = self._call
            timer = self.timer = SessionTimer(call.config.session_timer, call, now=call.now)
            call.add_concern(timer)
        return timer

    def restore(self, read: SnapshotReader, epoch: float) -> None:
        """Go on with the timer of a snapshot.

        Raises:
            LocalProtocolError: The values are none.
        """
        self._made().restore(read, epoch)

    def _concerned(self, message: Request | Response) -> bool:
        if self.timer is not None or self._call.config.session_timer.interval:
            return True
        return message.get("session-expires") is not None

    def request_fields(self) -> _Fields:
        """Return what our next INVITE or UPDATE says."""
        config = self._call.config.session_timer
        return self._made().request_fields() if self.timer is not None or config.says_something else ()

    def renew(self, request: Request) -> None:
        """Write the same into a request that is sent again after 422."""
        for name, value in self.request_fields():
            request.set(name, value)

    def answer(self, request: Request, now: float) -> _Fields:
        """Agree to an INVITE or UPDATE of the peer, and return what our 2xx says.

        Raises:
            ParseError: Session-Expires or Min-SE cannot be read.
        """
        return self._made().answer(request, now) if self._concerned(request) else ()

    def agreed(self, request: Request, response: Response, now: float) -> None:
        """Take the 2xx to an INVITE or UPDATE of ours."""
        if self._concerned(request) or self._concerned(response):
            self._made().succeeded(request, response, now)

    def too_small(self, response: Response) -> bool:
        """Take a failure; return whether it is a 422 after which the request may be sent again."""
        return response.status_code == 422 and self._made().too_small(response)

    def failed(self, now: float) -> None:
        """Take note that a request of ours failed and left the dialog standing."""
        if self.timer is not None:
            self.timer.failed(now)
