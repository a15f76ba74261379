"""What two user agents agree on about refreshing a session (RFC 4028 §7, §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..headers import LEAST_SESSION_INTERVAL, MinSe, Refresher, SessionExpires

if TYPE_CHECKING:
    from ..message import Request, Response

__all__ = ["TIMER_TAG", "SessionTerms", "SessionTimerConfig", "terms_for_request", "terms_from_response"]

TIMER_TAG = "timer"
"""Option tag of the extension (§12.3)."""


def _is_interval(config: SessionTimerConfig, field: attrs.Attribute[int], value: int) -> None:
    if value and value < config.min_se:
        raise ValueError(f"{field.name} {value} is shorter than min_se {config.min_se}")


@attrs.frozen(kw_only=True)
class SessionTimerConfig:
    """How a user agent wants its sessions refreshed.

    Attributes:
        min_se: Shortest session interval in seconds that is accepted, 90 at least.
        interval: Session interval in seconds that is asked for; 0 to take part in timers that others
            ask for, without asking. 1800 is recommended (§4).
        prefer_local: Whether we refresh when the choice is ours.
        max_retries: How often a request is tried again after 422 (SES-30).
    """

    min_se: int = attrs.field(
        default=LEAST_SESSION_INTERVAL, validator=attrs.validators.ge(LEAST_SESSION_INTERVAL)
    )
    interval: int = attrs.field(default=0, validator=[attrs.validators.ge(0), _is_interval])
    prefer_local: bool = False
    max_retries: int = attrs.field(default=2, validator=attrs.validators.ge(0))

    @property
    def says_something(self) -> bool:
        """Whether our requests carry more than the option tag."""
        return bool(self.interval) or self.min_se > LEAST_SESSION_INTERVAL

    def refusal_of(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Return the fields of the 422 that answers a request, nothing when it is acceptable (§9).

        Raises:
            ParseError: Session-Expires or Min-SE cannot be read.
        """
        if request.get("session-expires") is None and request.get("min-se") is None:
            return ()
        asked, _ = SessionExpires.of(request), MinSe.of(request)
        if asked is None or asked.interval >= self.min_se or TIMER_TAG not in request.supported:
            return ()
        return (("Min-SE", str(self.min_se)),)


@attrs.frozen
class SessionTerms:
    """An agreed session timer.

    Attributes:
        interval: Session interval in seconds.
        local: Whether we refresh.
    """

    interval: int
    local: bool

    @property
    def refresh_after(self) -> float:
        """Seconds after which the refresh is sent (§7.2)."""
        return self.interval / 2

    @property
    def expires_after(self) -> float:
        """Seconds after which the session is given up, a little before it expires (§10)."""
        return self.interval - min(32.0, self.interval / 3)


def terms_for_request(
    request: Request, config: SessionTimerConfig, current: SessionTerms | None
) -> SessionTerms | None:
    """Return what our 2xx to an INVITE or UPDATE says (§9), ``None`` when there is no timer.

    Args:
        request: The request, whose interval was found long enough.
        config: Our own wishes.
        current: What was agreed before; the refresher stays when the request does not name one.

    Raises:
        ParseError: Session-Expires or Min-SE cannot be read.
    """
    asked = SessionExpires.of(request)
    floor = (MinSe.of(request) or MinSe()).seconds
    peer_can = TIMER_TAG in request.supported
    local = not peer_can or (config.prefer_local if current is None else current.local)
    if asked is None:
        return SessionTerms(max(config.interval, floor), local) if config.interval else None
    if asked.interval < config.min_se:
        return None  # put in by a proxy for a caller without timers, who does not understand 422
    if asked.refresher is not None and peer_can:
        local = asked.refresher is Refresher.UAS
    # It may be reduced to what we would like, but not below Min-SE, and never increased.
    wanted = max(config.interval or asked.interval, floor)
    return SessionTerms(min(asked.interval, wanted), local)


def terms_from_response(request: Request, response: Response) -> SessionTerms | None:
    """Return what a 2xx to our INVITE or UPDATE says (§7.2), ``None`` when there is no timer.

    Raises:
        ParseError: Session-Expires cannot be read.
    """
    told = SessionExpires.of(response)
    if told is not None:
        # A callee that wants us to refresh more often than every 45 s is up to no good (§11.1).
        interval = max(told.interval, LEAST_SESSION_INTERVAL)
        return SessionTerms(interval, told.refresher is not Refresher.UAS)
    asked = SessionExpires.of(request)
    if asked is None or TIMER_TAG in response.supported:
        return None
    return SessionTerms(asked.interval, local=True)  # the callee knows no timers: we do it alone
