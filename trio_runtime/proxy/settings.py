"""From the configuration of a proxy server to that of the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.proxy import ProxyConfig
from sansio_sip.resolve import ResolverConfig
from sansio_sip.transaction import TimerConfig
from trio_runtime.dialog import admission_config, families_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sansio_sip.outbound import OwnAddress
    from trio_runtime.proxy.config import ProxyServerConfig

__all__ = ["proxy_config"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def proxy_config(config: ProxyServerConfig, addresses: Sequence[OwnAddress]) -> ProxyConfig:
    """Return the configuration of the proxy.

    Args:
        config: The server's.
        addresses: Our addresses as they stand in messages; never a wildcard.
    """
    sent_by = {each.transport: (each.host, each.port) for each in addresses}
    # Who listens on all interfaces is reached by other addresses than the one that stands in messages.
    more = _LOOPBACK if any(each.any_interface for each in addresses) else ()
    return ProxyConfig(
        sent_by=sent_by,
        domains=frozenset(config.domains),
        hosts=frozenset((*config.hosts, *more)),
        relay_foreign=config.relay_foreign,
        record_route=config.record_route,
        recurse=config.recurse,
        timer_c=config.timer_c,
        max_breadth=config.max_branches,
        max_targets=config.max_targets,
        max_contexts=config.max_requests,
        max_transactions=config.max_transactions,
        retry_after=config.limits.retry_after,
        resolver=ResolverConfig(transports=tuple(sent_by), families=families_of(addresses)),
        timers=TimerConfig(t1=config.t1, t2=config.t2, t4=config.t4),
        admission=admission_config(config.limits),
    )
