"""The resolver: it finds where requests go (RFC 3263)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from .lookup import Lookup
from .plan import make_plan
from .resolver_base import ResolverBase
from .size import needs_stream

if TYPE_CHECKING:
    from ..machine import Endpoint

__all__ = ["Resolver"]


class Resolver(ResolverBase):
    """Turns URIs into ordered lists of targets; asks the DNS by events and takes its answers.

    Args:
        config: See `ResolverConfig`.
        now: Current time in seconds.
        ids: Source of the randomness among servers of one priority.
        outbox: Where events go; a parent's, or a new one.
    """

    __slots__ = ()

    def resolve(self, uri: str, now: float, *, size: int = 0, path_mtu: int | None = None) -> int:
        """Find the targets of a URI; `TargetsFound` or `TargetsNotFound` follows.

        Args:
            uri: The next hop: a Route, or the Request-URI.
            now: Current time in seconds.
            size: Octets of the request; a large one prefers TCP to UDP (RFC 3261 §18.1.1).
            path_mtu: Octets of the path MTU, where it is known.

        Returns:
            The number of the lookup in its events.
        """
        self._clock(now)
        self._queries += 1
        self.statistics.lookups += 1
        query = self._queries
        try:
            plan = make_plan(uri, self._config.transports, large=needs_stream(size, path_mtu))
        except ProtocolError as error:
            self._report(query, (), str(error))
            return query
        if len(self._lookups) >= self._config.max_lookups:
            self._report(query, (), "too many lookups are open")
            return query
        lookup = Lookup(query, plan, self._config, now=self._now, ids=self._ids, asker=self)
        self._lookups[query] = lookup
        lookup.start()
        return query

    def cancel(self, query: int, now: float) -> None:
        """Give up a lookup; one that is done is left alone."""
        self._clock(now)
        lookup = self._lookups.get(query)
        if lookup is not None:
            lookup.close(self._now)

    def target_failed(self, endpoint: Endpoint, now: float, *, retry_after: float | None = None) -> None:
        """Try a target last for some time: it gave a 503, no answer, or a transport error.

        Args:
            endpoint: The target.
            now: Current time in seconds.
            retry_after: Seconds of its Retry-After, where it gave one (RFC 3261 §21.5.4).
        """
        self._clock(now)
        config = self._config
        wait = config.blacklist_time if retry_after is None else min(retry_after, config.max_blacklist_time)
        self._blacklist.add(endpoint, self._now + wait)

    def target_answered(self, endpoint: Endpoint) -> None:
        """Take back a failure."""
        self._blacklist.remove(endpoint)
