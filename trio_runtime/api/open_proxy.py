"""Opens a proxy with its transports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

from trio_runtime.api.checking import check_fields
from trio_runtime.api.environment import kernel_environment
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.proxy import ProxyServer, ProxyServerConfig, to_registered

if TYPE_CHECKING:
    from trio_runtime.api.options import ProxyOptions
    from trio_runtime.base.environment import Environment
    from trio_runtime.proxy import RouteFunction

__all__ = ["open_proxy"]


def open_proxy(
    route: RouteFunction | None = None,
    *,
    sip_port: int | None = None,
    config: ProxyServerConfig | None = None,
    environment: Environment | None = None,
    **options: Unpack[ProxyOptions],
) -> ProxyServer:
    """Return a stateful proxy; it forwards while its ``async with`` block lasts. Call it inside of Trio.

    Args:
        route: Says where each request for our domains goes: a plain or an async function that takes a
            `ProxyRequest` and gives targets or a `Reply`; see `RouteAnswer`. ``None`` sends it to where the
            called user is registered, see `to_registered`.
        sip_port: Port to listen on, 0 for any free one; that of ``config`` when ``None``.
        config: The whole configuration; the other arguments replace fields of it.
        environment: Clock, network and randomness; the kernel's when ``None``.
        options: Fields of `ProxyServerConfig`.

    Raises:
        ConfigurationError: A value cannot be used, there is no such field, or neither route nor registrar.
    """
    check_fields(ProxyServerConfig, options)
    settings = attrs.evolve(config or ProxyServerConfig(), **options)
    if sip_port is not None:
        settings = attrs.evolve(settings, sip_port=sip_port)
    if route is None and settings.registrar is None:
        raise ConfigurationError("is missing, and no registrar knows where users are", field="route")
    return ProxyServer(
        environment or kernel_environment(),
        settings,
        route or to_registered,
        owns_environment=environment is None,
    )
