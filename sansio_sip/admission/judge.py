"""Says why new work is refused now, if it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import Uri
from .bucket import TokenBucket
from .refusal import DRAINING, MAX_CALLS, QUEUE_TIME, RATE
from .sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from ..machine import Endpoint
    from ..message import Request
    from .config import AdmissionConfig
    from .refusal import Refusal
    from .sources import Sources

__all__ = ["Judge", "user_of"]

_MEASURE_HOLDS_S = 1.0
# A program that stood still for a moment finds a backlog that it works off by itself: refusing all of it
# would turn a hiccup into an outage. So a wait counts that lasts, or is so long that everything comes twice.
_LASTING_S = 0.3
_MUCH = 2.5
_REMEMBERED_S = 2.0


class Judge:
    """Knows the limits on all calls together, and asks for those of each source and user.

    Args:
        config: The limits.
        sources: What each source and user has.
        is_trusted: Whether a host has no limits of its own.
        calls: The calls there are.
        max_calls: How many there may be.
        now: Current time in seconds.

    Attributes:
        draining: Whether no new call is taken any more.
        queue_time: Seconds that messages waited to be read when it was last measured.
    """

    # fmt: off
    __slots__ = ("_above_since", "_calls", "_config", "_is_trusted", "_max_calls", "_measured_at",
                 "_overloaded", "_rate", "_sources", "_wary_until", "draining", "queue_time")
    # fmt: on

    def __init__(
        self,
        config: AdmissionConfig,
        sources: Sources,
        is_trusted: Callable[[str], bool],
        calls: Sized,
        max_calls: int,
        now: float,
    ) -> None:
        self._config = config
        self._sources = sources
        self._is_trusted = is_trusted
        self._calls = calls
        self._max_calls = max_calls
        rate = config.calls_per_second
        self._rate = None if rate is None else TokenBucket.full(rate, config.burst, now)
        self.queue_time, self._measured_at = 0.0, now
        self._above_since: float | None = None
        self._wary_until = now
        self._overloaded = False
        self.draining = False

    def measured(self, queue_time: float, now: float) -> None:
        """Take note how many seconds messages wait now before they are read."""
        self.queue_time, self._measured_at = queue_time, now
        limit = self._config.max_queue_time
        if limit is None or queue_time <= limit:
            self._above_since, self._overloaded = None, False
            return
        if self._above_since is None:
            self._above_since = now
        lasts = now - self._above_since >= _LASTING_S
        self._overloaded = lasts or queue_time >= _MUCH * limit or now < self._wary_until
        if self._overloaded:
            self._wary_until = now + _REMEMBERED_S  # load that comes back is no hiccup

    def refusal_of(self, request: Request, source: Endpoint, now: float) -> Refusal | None:
        """Return why a new request outside of dialogs is refused; nothing is used up by asking."""
        refusal = None
        if not self._is_trusted(source.host):
            refusal = self._sources.refusal_of_request(source_of(source.host), now)
        if request.method == "INVITE":
            refusal = refusal or self.refusal_of_call(source, now)
            if refusal is None and self._config.max_calls_per_user is not None:
                refusal = self._sources.refusal_of_user(user_of(request))
        elif self.draining and request.method == "OPTIONS":
            refusal = DRAINING  # which is how load balancers learn of it
        elif refusal is None and self._waits(now):
            refusal = QUEUE_TIME
        return refusal

    def refusal_of_call(self, source: Endpoint, now: float) -> Refusal | None:
        """Return why no call of a source is taken now; nothing is used up by asking."""
        if self.draining:
            return DRAINING
        if self._waits(now):
            return QUEUE_TIME
        if len(self._calls) >= self._max_calls:
            return MAX_CALLS
        if not self._is_trusted(source.host):
            refusal = self._sources.refusal_of_call(source_of(source.host), now)
            if refusal is not None:
                return refusal
        return RATE if self._rate is not None and not self._rate.has(now) else None

    def _waits(self, now: float) -> bool:
        return self._overloaded and now - self._measured_at <= _MEASURE_HOLDS_S

    def take(self, source: Endpoint, *, is_call: bool) -> None:
        """Use up what a request that is let in takes."""
        self._sources.take(source_of(source.host), call=is_call)
        if is_call and self._rate is not None:
            self._rate.take()


def user_of(request: Request) -> str:
    """Return whom a request is for, empty where its URI has no user."""
    uri = request.request_uri
    return (uri.user or "") if isinstance(uri, Uri) else ""
