"""Says why new work is refused now, if it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...message import Uri
from .bucket import TokenBucket
from .refusal import DRAINING, MAX_CALLS, QUEUE_TIME, RATE
from .sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from ...machine import Endpoint
    from ...message import Request
    from .config import AdmissionConfig
    from .refusal import Refusal
    from .sources import Sources

__all__ = ["Judge", "user_of"]

_MEASURE_HOLDS_S = 1.0


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
    __slots__ = ("_calls", "_config", "_is_trusted", "_max_calls", "_measured_at", "_rate", "_sources",
                 "draining", "queue_time")
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
        self.draining = False

    def measured(self, queue_time: float, now: float) -> None:
        """Take note how many seconds messages wait now before they are read."""
        self.queue_time, self._measured_at = queue_time, now

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
        limit = self._config.max_queue_time
        return limit is not None and self.queue_time > limit and now - self._measured_at <= _MEASURE_HOLDS_S

    def take(self, source: Endpoint, *, is_call: bool) -> None:
        """Use up what a request that is let in takes."""
        self._sources.take(source_of(source.host), call=is_call)
        if is_call and self._rate is not None:
            self._rate.take()


def user_of(request: Request) -> str:
    """Return whom a request is for, empty where its URI has no user."""
    uri = request.request_uri
    return (uri.user or "") if isinstance(uri, Uri) else ""
