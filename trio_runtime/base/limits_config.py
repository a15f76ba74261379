"""How much is taken on, and from whom."""

from __future__ import annotations

import ipaddress
from typing import Any

import attrs

from sansio_sip.agent import AdmissionConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, between, optional, text

__all__ = ["LimitsConfig"]


def _network(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError as error:
        raise ConfigurationError(
            f"must be addresses or networks such as 10.0.0.0/8, not {value!r}", field=attribute.name
        ) from error


@attrs.frozen(kw_only=True)
class LimitsConfig:
    """Limits on new work; ``None`` is no limit. What has begun is never refused.

    A new call above a limit gets 503 with Retry-After, above that of a user 486. A source is an IPv4 address,
    or the /64 of an IPv6 address. `CoordinatorConfig.max_sessions` limits all calls together.

    Attributes:
        calls_per_second: New calls a second, all sources together.
        burst: New calls that may come at once where ``calls_per_second`` is kept on the whole.
        max_queue_time: Seconds that messages may wait before they are read; when they wait longer for 0.3 s
            without a break, or once 2.5 times as long, no new call or other new request is taken while they
            do. Above half a second peers send everything twice.
        max_sessions_per_source: Calls at once that came from one source.
        calls_per_second_per_source: New calls a second from one source, with bursts of as many.
        requests_per_second_per_source: New requests of any method a second from one source, outside of
            calls, with bursts of as many.
        max_sessions_per_user: Calls at once that came in for one user, by the user part of the called URI.
        trusted: Addresses and networks for which no limit per source holds and no ban, as a proxy in front.
        priority_from: Addresses and networks of peers who are believed when they say how urgent a call is
            (Resource-Priority, Priority), as a proxy in front.
        scanners: Words in a User-Agent whose requests are dropped without an answer; case does not matter.
        ban_after: Messages in a row that cannot be read, or are not authorised, after which nothing is read
            from a source any more; 0 bans nobody. Nobody is banned from whom calls are running.
        ban_time: Seconds that a ban lasts.
        max_sources: Sources that are remembered; the one longest silent is forgotten.
        retry_after: Seconds that a 503 asks to wait.
        slow_handler: Seconds that a handler may hold everything up at a stretch, working without an
            ``await``; longer is reported. None reports nothing.
    """

    calls_per_second: float | None = attrs.field(default=None, validator=optional(between(0.001)))
    burst: int = attrs.field(default=100, validator=between(1))
    max_queue_time: float | None = attrs.field(default=0.2, validator=optional(between(0.001, 32, " s")))
    max_sessions_per_source: int | None = attrs.field(default=None, validator=optional(between(1)))
    calls_per_second_per_source: float | None = attrs.field(default=None, validator=optional(between(0.001)))
    requests_per_second_per_source: float | None = attrs.field(
        default=None, validator=optional(between(0.001))
    )
    max_sessions_per_user: int | None = attrs.field(default=None, validator=optional(between(1)))
    trusted: tuple[str, ...] = attrs.field(default=(), validator=any_of(_network))
    priority_from: tuple[str, ...] = attrs.field(default=(), validator=any_of(_network))
    scanners: tuple[str, ...] = attrs.field(default=AdmissionConfig().scanners, validator=any_of(text))
    ban_after: int = attrs.field(default=30, validator=between(0))
    ban_time: float = attrs.field(default=60.0, validator=between(0.001, unit=" s"))
    max_sources: int = attrs.field(default=10_000, validator=between(1))
    slow_handler: float | None = attrs.field(default=0.1, validator=optional(between(0.001, unit=" s")))
    retry_after: int = attrs.field(default=5, validator=between(0, 86_400, " s"))
