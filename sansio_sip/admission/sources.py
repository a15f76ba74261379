"""What each source and each user may have: calls at once, and rates."""

from __future__ import annotations

import functools
import ipaddress
from collections import OrderedDict
from typing import TYPE_CHECKING

import attrs

from .bucket import TokenBucket
from .refusal import SOURCE_CALLS, SOURCE_RATE, SOURCE_REQUESTS, USER, Refusal

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .config import AdmissionConfig
    from .statistics import AdmissionCounters

__all__ = ["Sources", "Trusted", "source_of"]


@functools.lru_cache(maxsize=4_096)
def source_of(host: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 in which one host has all addresses."""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.IPv6Network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host


class Trusted:
    """Tells whether a host is in one of some networks.

    Args:
        networks: Addresses and networks.
    """

    __slots__ = ("_answers", "_networks")

    def __init__(self, networks: tuple[str, ...]) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in networks]
        self._answers = functools.lru_cache(maxsize=4_096)(self._look)

    def _look(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def __call__(self, host: str) -> bool:
        """Return whether it is."""
        return bool(self._networks) and self._answers(host)


@attrs.define
class _Rates:
    calls: TokenBucket | None
    requests: TokenBucket | None


class Sources:
    """Counts calls by source and by user, and keeps the rates of sources.

    Args:
        config: The limits.
        counters: Where it counts.
    """

    __slots__ = ("_calls", "_config", "_counters", "_rates", "_sessions")

    def __init__(self, config: AdmissionConfig, counters: AdmissionCounters) -> None:
        self._config = config
        self._counters = counters
        self._rates: OrderedDict[str, _Rates] = OrderedDict()
        # Bounded by the calls there are: each has three entries, which go with it.
        self._calls: dict[Hashable, int] = {}
        self._sessions: dict[str, tuple[Hashable, ...]] = {}

    def __len__(self) -> int:
        return len(self._rates)

    def calls_of(self, key: Hashable) -> int:
        """Return how many calls came from a source, an address with its port, or for a user."""
        return self._calls.get(key, 0)

    def opened(self, session: str, keys: tuple[Hashable, ...]) -> None:
        """Take note of a call."""
        self._sessions[session] = keys
        calls = self._calls
        for key in keys:
            calls[key] = calls.get(key, 0) + 1

    def closed(self, session: str) -> None:
        """Forget a call; one that was never noted is ignored."""
        for key in self._sessions.pop(session, ()):
            left = self._calls[key] - 1
            if left:
                self._calls[key] = left
            else:
                del self._calls[key]

    def refusal_of_call(self, source: str, now: float) -> Refusal | None:
        """Return why a new call of a source is refused, and take nothing yet."""
        limit = self._config.max_calls_per_source
        if limit is not None and self._calls.get(source, 0) >= limit:
            return SOURCE_CALLS
        if self._config.calls_per_second_per_source is None:
            return None
        bucket = self._rates_of(source, now).calls
        return SOURCE_RATE if bucket is not None and not bucket.has(now) else None

    def refusal_of_request(self, source: str, now: float) -> Refusal | None:
        """Return why a new request of a source is refused, and take nothing yet."""
        if self._config.requests_per_second_per_source is None:
            return None
        bucket = self._rates_of(source, now).requests
        return SOURCE_REQUESTS if bucket is not None and not bucket.has(now) else None

    def refusal_of_user(self, user: str) -> Refusal | None:
        """Return why a new call for a user is refused."""
        limit = self._config.max_calls_per_user
        return USER if limit is not None and user and self._calls.get(("user", user), 0) >= limit else None

    def take(self, source: str, *, call: bool) -> None:
        """Take what a request that was let in uses up."""
        rates = self._rates.get(source)
        if rates is None:
            return
        if rates.requests is not None:
            rates.requests.take()
        if call and rates.calls is not None:
            rates.calls.take()

    def _rates_of(self, source: str, now: float) -> _Rates:
        rates = self._rates.pop(source, None)
        if rates is None:
            if len(self._rates) >= self._config.max_sources:
                self._rates.popitem(last=False)
                self._counters.sources_forgotten += 1
            rates = _Rates(
                _bucket(self._config.calls_per_second_per_source, now),
                _bucket(self._config.requests_per_second_per_source, now),
            )
        self._rates[source] = rates
        return rates


def _bucket(rate: float | None, now: float) -> TokenBucket | None:
    return None if rate is None else TokenBucket.full(rate, rate, now)
