"""Opens a back-to-back user agent with its transports and media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

from trio_runtime.api.checking import check_fields
from trio_runtime.api.environment import kernel_environment
from trio_runtime.b2bua import B2bua, B2buaConfig
from trio_runtime.base.config import CoordinatorConfig

if TYPE_CHECKING:
    from trio_runtime.api.options import CoordinatorOptions
    from trio_runtime.b2bua import CallRoute, MessageRoute
    from trio_runtime.base.environment import Environment

__all__ = ["open_b2bua"]


def open_b2bua(
    route: CallRoute,
    *,
    policy: B2buaConfig | None = None,
    route_message: MessageRoute | None = None,
    sip_port: int | None = None,
    config: CoordinatorConfig | None = None,
    environment: Environment | None = None,
    **options: Unpack[CoordinatorOptions],
) -> B2bua:
    """Return a back-to-back user agent; it works while its block lasts. Call it inside of Trio.

    Args:
        route: Says where each call goes: a plain or an async function that takes an `IncomingCall` and gives
            targets, a `Reject` or a `Redirect`; see `CallRouteAnswer`.
        policy: How calls are passed on.
        route_message: Says where a message outside of calls goes: a plain or an async function that takes an
            `IncomingRequest` and gives a URI or a `Reject`. Without one such a message gets 404.
        sip_port: Port to listen on, 0 for any free one; that of ``config`` when ``None``.
        config: The configuration of the user agent; the other arguments replace fields of it.
        environment: Clock, network and randomness; the kernel's when ``None``.
        options: Fields of `CoordinatorConfig`.

    Raises:
        ConfigurationError: A value cannot be used, or there is no such field.
    """
    check_fields(CoordinatorConfig, options)
    settings = attrs.evolve(config or CoordinatorConfig(), **options)
    if sip_port is not None:
        settings = attrs.evolve(settings, sip_port=sip_port)
    return B2bua(
        environment or kernel_environment(),
        settings,
        policy or B2buaConfig(),
        route,
        route_message=route_message,
        owns_environment=environment is None,
    )
