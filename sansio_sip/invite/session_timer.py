"""The session timer of one dialog: refreshes in time, or the end of the call (RFC 4028)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..headers import LEAST_SESSION_INTERVAL, MinSe, Refresher, SessionExpires
from ..table import NEVER
from .session_terms import TIMER_TAG, SessionTerms, terms_for_request, terms_from_response
from .session_timer_table import SessionRefresher, SessionTimerTable, TimerInput, TimerState

if TYPE_CHECKING:
    from ..dialog import Snapshot, SnapshotReader
    from ..message import Request, Response
    from .session_terms import SessionTerms, SessionTimerConfig

__all__ = ["SessionTimer"]

_Fields = tuple[tuple[str, str], ...]


class SessionTimer(SessionTimerTable):
    """Keeps one session alive.

    Args:
        config: Our wishes.
        owner: The call.
        now: Current time in seconds.
    """

    __slots__ = ("_established", "_retries", "config", "min_se", "terms")

    def __init__(self, config: SessionTimerConfig, owner: SessionRefresher, *, now: float) -> None:
        super().__init__(TimerState.OFF, now)
        self.config = config
        self.terms: SessionTerms | None = None
        self.min_se = 0  # the largest Min-SE heard in this dialog, 0 before the first
        self._owner = owner
        self._established = False
        self._failures = 0
        self._retries = 0

    def __repr__(self) -> str:
        return f"<SessionTimer {self.state.name} {self.terms}>"

    # What stands in messages

    def request_fields(self) -> _Fields:
        """Return what our next INVITE or UPDATE says (§7.1, §7.4)."""
        terms, min_se = self.terms, self.min_se
        if self.config.min_se > LEAST_SESSION_INTERVAL:
            min_se = max(min_se, self.config.min_se)
        wanted = self.config.interval if terms is None else terms.interval
        fields: _Fields = (("Min-SE", str(min_se)),) if min_se else ()
        if not wanted:
            return fields
        who = None if terms is None else Refresher.UAC if terms.local else Refresher.UAS
        return (("Session-Expires", str(SessionExpires(max(wanted, min_se), who))), *fields)

    def answer(self, request: Request, now: float) -> _Fields:
        """Agree to an INVITE or UPDATE of the peer and return what our 2xx says (§9).

        Raises:
            ParseError: Session-Expires or Min-SE cannot be read.
        """
        terms = terms_for_request(request, self.config, self.terms)
        heard = MinSe.of(request)
        self._agree(terms, now)
        if heard is not None:
            self.min_se = max(self.min_se, heard.seconds)
        if terms is None:
            return ()
        who = Refresher.UAS if terms.local else Refresher.UAC
        told = ("Session-Expires", str(SessionExpires(terms.interval, who)))
        return (told, ("Require", TIMER_TAG)) if TIMER_TAG in request.supported else (told,)

    # What becomes of our own requests

    def succeeded(self, request: Request, response: Response, now: float) -> None:
        """Take the 2xx to an INVITE or UPDATE of ours (§7.2)."""
        try:
            terms = terms_from_response(request, response)
        except ParseError:
            terms = None
        self._agree(terms, now)

    def too_small(self, response: Response) -> bool:
        """Take a 422; return whether the request may be tried again, with new fields (§7.3)."""
        try:
            heard = MinSe.of(response)
        except ParseError:
            heard = None
        if heard is None or self._retries >= self.config.max_retries:
            return False
        self._retries += 1
        self.min_se = max(self.min_se, heard.seconds)
        return True

    def failed(self, now: float) -> None:
        """Take note that a request of ours failed in a way that leaves the dialog standing (§10)."""
        self._clock(now)
        self._fire(TimerInput.REFRESH_FAILED)

    # As a concern of a call

    def call_over(self, now: float) -> None:
        """Stop for good."""
        self._clock(now)
        self._fire(TimerInput.CALL_OVER)

    def settled(self, now: float) -> None:
        """Take note that the call can do more than before; a refresh that waits has its own time."""
        self._clock(now)

    # As plain values

    def to_dict(self, epoch: float) -> Snapshot:
        """Return what was agreed and when it runs out, in wall time.

        Args:
            epoch: Wall time at ``now`` 0.
        """
        terms = self.terms
        return {
            "min_se": self.min_se,
            "interval": 0 if terms is None else terms.interval,
            "local": terms is not None and terms.local,
            "failures": self._failures,
            "retries": self._retries,
            "refresh_at": None if self._repeat_at == NEVER else epoch + self._repeat_at,
            "expires_at": None if self._expire_at == NEVER else epoch + self._expire_at,
        }

    def restore(self, read: SnapshotReader, epoch: float) -> None:
        """Go on from such values.

        Raises:
            LocalProtocolError: The values are none.
        """
        terms = SessionTerms(read.number("interval"), read.flag("local")) if read.number("interval") else None
        self._agree(terms, self._now)
        self.min_se = read.number("min_se")
        self._failures, self._retries = read.number("failures"), read.number("retries")
        refresh, expires = read.time("refresh_at"), read.time("expires_at")
        self._repeat_at = NEVER if refresh is None else refresh - epoch
        self._expire_at = NEVER if expires is None else expires - epoch

    def _agree(self, terms: SessionTerms | None, now: float) -> None:
        self._clock(now)
        self.terms = terms
        self._failures = self._retries = 0
        if not self._established:
            # From here on only the proxies that stayed on the path count (§7.4).
            self._established, self.min_se = True, 0
        if terms is None:
            self._fire(TimerInput.AGREED_NONE)
        else:
            self._running = terms
            self._fire(TimerInput.AGREED_LOCAL if terms.local else TimerInput.AGREED_REMOTE)
