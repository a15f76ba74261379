"""The session timer of a call as its messages see it: made when the first one asks for it (RFC 4028)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .concern import ConcernOwner
from .session_timer import SessionTimer

if TYPE_CHECKING:
    from ..dialog import SnapshotReader
    from ..message import Request, Response
    from .config import InviteConfig

__all__ = ["RefreshedCall"]

_Fields = tuple[tuple[str, str], ...]


class RefreshedCall(ConcernOwner):
    """Reads and writes what INVITE, UPDATE and their answers say about refreshing.

    Most calls have no session timer, and then this costs a look at one header. It is no object of its own:
    one that knows its call and that its call knows would be a cycle, which stays in memory until the garbage
    collector comes by.

    Args:
        now: Current time in seconds.

    Attributes:
        session_timer: The timer, ``None`` while nobody has asked for one.
    """

    __slots__ = ("session_timer",)

    config: InviteConfig

    def __init__(self, now: float) -> None:
        super().__init__(now)
        self.session_timer: SessionTimer | None = None

    def refresh_session(self, now: float) -> bool:
        """Send a request that only refreshes the session; False when it cannot be, as without verbs."""
        return False

    def session_expired(self, now: float) -> None:
        """End the call that nobody has refreshed in time (RFC 4028 §10); what has a dialog can."""

    def dissolve(self) -> None:
        """Let go of what knows the call as well: so nothing of it waits for the garbage collector."""
        self.concerns = ()
        self.session_timer = None

    def _made_timer(self) -> SessionTimer:
        timer = self.session_timer
        if timer is None:
            timer = self.session_timer = SessionTimer(self.config.session_timer, self, now=self._now)
            self.add_concern(timer)
        return timer

    def restore_timer(self, read: SnapshotReader, epoch: float) -> None:
        """Go on with the timer of a snapshot.

        Raises:
            LocalProtocolError: The values are none.
        """
        self._made_timer().restore(read, epoch)

    def _concerns_timer(self, message: Request | Response) -> bool:
        if self.session_timer is not None or self.config.session_timer.interval:
            return True
        return message.get("session-expires") is not None

    def timer_fields(self) -> _Fields:
        """Return what our next INVITE or UPDATE says."""
        says_something = self.session_timer is not None or self.config.session_timer.says_something
        return self._made_timer().request_fields() if says_something else ()

    def renew_timer_fields(self, request: Request) -> None:
        """Write the same into a request that is sent again after 422."""
        for name, value in self.timer_fields():
            request.set(name, value)

    def answer_timer(self, request: Request, now: float) -> _Fields:
        """Agree to an INVITE or UPDATE of the peer, and return what our 2xx says.

        Raises:
            ParseError: Session-Expires or Min-SE cannot be read.
        """
        return self._made_timer().answer(request, now) if self._concerns_timer(request) else ()

    def timer_agreed(self, request: Request, response: Response, now: float) -> None:
        """Take the 2xx to an INVITE or UPDATE of ours."""
        if self._concerns_timer(request) or self._concerns_timer(response):
            self._made_timer().succeeded(request, response, now)

    def timer_too_small(self, response: Response) -> bool:
        """Take a failure; return whether it is a 422 after which the request may be sent again."""
        return response.status_code == 422 and self._made_timer().too_small(response)

    def timer_failed(self, now: float) -> None:
        """Take note that a request of ours failed and left the dialog standing."""
        if self.session_timer is not None:
            self.session_timer.failed(now)
