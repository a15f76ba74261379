"""The open functions: one call yields a user agent with transports and media, ready to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import attrs

from trio_runtime.api.checking import check_fields
from trio_runtime.api.environment import kernel_environment
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.coordinator import SessionCoordinator

if TYPE_CHECKING:
    from trio_runtime.api.options import CoordinatorOptions
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.registrar_config import RegistrarConfig
    from trio_runtime.handlers import CallHandler

__all__ = ["open_client", "open_coordinator", "open_registrar", "open_server"]


def open_coordinator(
    uri: str | None = None,
    *,
    sip_port: int | None = None,
    handler: CallHandler | None = None,
    config: CoordinatorConfig | None = None,
    environment: Environment | None = None,
    **options: Unpack[CoordinatorOptions],
) -> SessionCoordinator:
    """Return a coordinator; it runs while its ``async with`` block lasts. Call it inside of Trio.

    Args:
        uri: Its address of record, such as ``sip:alice@example.com``.
        sip_port: Port to listen on, 0 for any free one; that of ``config`` when ``None``.
        handler: Takes incoming calls; without one they are taken by `SessionCoordinator.serve`.
        config: The whole configuration; the other arguments replace fields of it.
        environment: Clock, network and randomness; the kernel's when ``None``.
        options: Fields of `CoordinatorConfig`.

    Raises:
        ConfigurationError: A value cannot be used, or there is no such field.
    """
    check_fields(CoordinatorConfig, options)
    settings = attrs.evolve(config or CoordinatorConfig(), **options)
    if uri is not None:
        settings = attrs.evolve(settings, uri=uri)
    if sip_port is not None:
        settings = attrs.evolve(settings, sip_port=sip_port)
    return SessionCoordinator(
        environment or kernel_environment(),
        settings,
        handler=handler,
        owns_environment=environment is None,
    )


def open_server(
    uri: str | None = None,
    *,
    sip_port: int | None = None,
    handler: CallHandler | None = None,
    config: CoordinatorConfig | None = None,
    environment: Environment | None = None,
    **options: Unpack[CoordinatorOptions],
) -> SessionCoordinator:
    """Return a coordinator that listens on ``sip_port``, or as ``config`` says; see `open_coordinator`."""
    return open_coordinator(
        uri, sip_port=sip_port, handler=handler, config=config, environment=environment, **options
    )


def open_registrar(
    serving: RegistrarConfig,
    *,
    sip_port: int | None = None,
    config: CoordinatorConfig | None = None,
    environment: Environment | None = None,
    **options: Unpack[CoordinatorOptions],
) -> SessionCoordinator:
    """Return a coordinator that is a registrar and takes no calls; see `open_coordinator`.

    Args:
        serving: Which phones may register, and with what.
        sip_port: Port to listen on; that of ``config`` when ``None``.
        config: The whole configuration; the other arguments replace fields of it.
        environment: Clock, network and randomness; the kernel's when ``None``.
        options: Fields of `CoordinatorConfig`.
    """
    options["registrar"], options["no_media"] = serving, True
    return open_coordinator(sip_port=sip_port, config=config, environment=environment, **options)


def open_client(
    uri: str | None = None,
    *,
    sip_port: int | None = None,
    config: CoordinatorConfig | None = None,
    environment: Environment | None = None,
    **options: Unpack[CoordinatorOptions],
) -> SessionCoordinator:
    """Return a coordinator for making calls, without ``config`` on any free port; see `open_coordinator`."""
    if sip_port is None and config is None:
        sip_port = 0
    return open_coordinator(uri, sip_port=sip_port, config=config, environment=environment, **options)
