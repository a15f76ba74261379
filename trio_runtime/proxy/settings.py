"""From the configuration of a proxy server to that of the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.proxy import ProxyBackends, ProxyConfig
from sansio_sip.resolve import ResolverConfig
from sansio_sip.transaction import TimerConfig
from trio_runtime.dialog import (
    admission_config,
    families_of,
    inbound_authentication,
    phone_authentication,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sansio_sip.auth import AuthenticationConfig
    from sansio_sip.outbound import OwnAddress
    from trio_runtime.proxy.config import ProxyServerConfig
    from trio_runtime.registrar import RegistrarPart

__all__ = ["proxy_backends", "proxy_config"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def proxy_config(
    config: ProxyServerConfig, addresses: Sequence[OwnAddress], registrar: RegistrarPart | None
) -> ProxyConfig:
    """Return the configuration of the proxy.

    Args:
        config: The server's.
        addresses: Our addresses as they stand in messages; never a wildcard.
        registrar: Ours, or ``None``.

    Raises:
        ConfigurationError: A password cannot be asked for like that.
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
        registrar=None if registrar is None else registrar.settings,
        authentication=_authentication(config),
    )


def _authentication(config: ProxyServerConfig) -> AuthenticationConfig | None:
    inbound = inbound_authentication(config.inbound)
    if config.registrar is None:
        return inbound
    return phone_authentication(config.registrar, inbound, frozenset({"REGISTER"}))


def proxy_backends(registrar: RegistrarPart | None) -> ProxyBackends:
    """Return what the proxy asks besides: the users of the registrar, and where they are."""
    if registrar is None:
        return ProxyBackends()
    users = registrar.users
    return ProxyBackends(store=registrar.bindings, secrets=users.secret_of, owns=users.owns)
