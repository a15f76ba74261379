"""Options of verbs that serve until they are interrupted, and where such a verb listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from trio_runtime.base.endpoint_config import EndpointConfig
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.transports import server_transports

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["add_counts", "add_drain", "add_duration", "add_metrics", "placed"]

ConfigT = TypeVar("ConfigT", bound=EndpointConfig)


def add_duration(parser: ArgumentParser) -> None:
    """Add how long it serves."""
    parser.add_argument(
        "--duration", metavar="S", type=values.duration, help="stop after S seconds (default: never)"
    )


def add_counts(parser: ArgumentParser) -> None:
    """Add how often it prints its numbers."""
    parser.add_argument(
        "--counts",
        metavar="S",
        type=values.duration,
        help="print the numbers every S seconds (default: never)",
    )


def add_drain(parser: ArgumentParser, what: str) -> None:
    """Add how it goes out of service; ``what`` says what that is, up to `for S seconds`."""
    parser.add_argument(
        "--drain", metavar="S", type=values.seconds, default=30.0, help=f"on SIGTERM {what} (default 30)"
    )


def add_metrics(parser: ArgumentParser) -> None:
    """Add where Prometheus is answered."""
    parser.add_argument(
        "--metrics",
        metavar="HOST:PORT",
        type=values.bind_address(9_100),
        help="answer GET /metrics there, for Prometheus (default: do not)",
    )


def placed(options: Namespace, base: ConfigT, way: str | None = None) -> ConfigT:
    """Return a configuration at the address and with the listeners that the command line says.

    Args:
        options: Of the command line; what is not written there stays as it is.
        base: What file and environment say.
        way: URI of a server that it registers at, which may take a connection of ours.

    Raises:
        UsageError: A certificate is missing or cannot be used.
    """
    host, port = options.bind if "--bind" in options.given else (base.bind_host, base.sip_port)
    transports = server_transports(options, way, base)
    return attrs.evolve(
        base,
        bind_host=host,
        sip_port=port,
        listen=transports.listen,
        connect=transports.connect,
        tls=transports.tls,
    )
