"""Which transports the command line opens, and how TLS is set up."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

import attrs

from sansio_sip.message import Uri
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.endpoint_config import EndpointConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.listening import read_listener
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.cli.failures import UsageError

__all__ = [
    "Transports",
    "add_listen_options",
    "add_tls_options",
    "listener",
    "server_transports",
    "transports_to",
]

_USUAL = ("udp",)
_SECURE = {"tcp": "tls", "tls": "tls", "ws": "wss", "wss": "wss"}


@attrs.frozen(kw_only=True)
class Transports:
    """What to open; see `CoordinatorConfig` for the fields."""

    listen: tuple[str, ...] = _USUAL
    connect: tuple[str, ...] = ()
    tls: TlsConfig


def listener(text: str) -> str:
    """Check a listener."""
    try:
        read_listener(text, host="0.0.0.0", port=0)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no listener such as tcp or tls://0.0.0.0:5061") from error
    return text


def add_listen_options(parser: ArgumentParser) -> None:
    """Add what a server listens on."""
    parser.add_argument(
        "--listen",
        metavar="TRANSPORT",
        action="append",
        type=listener,
        help="udp, tcp, tls, ws or wss, as in tls or ws://0.0.0.0:8080; again for more (default udp)",
    )
    add_tls_options(parser)


def add_tls_options(parser: ArgumentParser) -> None:
    """Add certificates and trust."""
    parser.add_argument("--tls-certificate", metavar="FILE", help="PEM file: our certificate and its key")
    parser.add_argument("--tls-authorities", metavar="FILE", help="PEM file: whom we trust (default: system)")
    parser.add_argument("--tls-no-verify", action="store_true", help="believe any certificate, in tests")


def server_transports(
    options: Namespace, way: str | None = None, base: EndpointConfig | None = None
) -> Transports:
    """Return what a server listens on; ``base`` holds where no option speaks.

    Args:
        options: Of the command line.
        way: URI of a server that it registers at, which may take a connection of ours.
        base: What the configuration says.

    Raises:
        UsageError: A certificate is missing or cannot be used.
    """
    base = EndpointConfig() if base is None else base
    listen, tls = tuple(options.listen or base.listen), _tls(options, base.tls)
    if tls.certificate is None:
        for text in listen:
            if text.lower().startswith(("tls", "wss")):
                raise UsageError(f"--listen {text} needs a certificate: --tls-certificate FILE")
    wanted = "udp" if way is None else _transport_of(way)
    taken = {read_listener(text, host="0.0.0.0", port=0).transport.lower() for text in listen}
    connect = () if wanted == "udp" or wanted in taken else (wanted,)
    return Transports(listen=listen, connect=tuple(dict.fromkeys((*base.connect, *connect))), tls=tls)


def transports_to(uri: str, options: Namespace, base: CoordinatorConfig | None = None) -> Transports:
    """Return the transports for talking to one peer: UDP, and what the URI asks for.

    Where TCP is asked for we listen as well: some peers answer a call by a connection of their own. For TLS
    that takes a certificate, and behind a WebSocket nobody listens. Where ``base`` names transports, it knows
    better.
    """
    base = CoordinatorConfig() if base is None else base
    transport, tls = _transport_of(uri), _tls(options, base.tls)
    if base.listen != _USUAL or base.connect:
        return Transports(listen=base.listen, connect=base.connect, tls=tls)
    if transport == "udp":
        return Transports(tls=tls)
    if transport == "tcp" or (transport == "tls" and tls.certificate is not None):
        return Transports(listen=(transport, "udp"), tls=tls)
    return Transports(connect=(transport,), tls=tls)


def _transport_of(uri: str) -> str:
    parsed = Uri.parse(uri)
    if parsed.scheme == "sips":
        return _SECURE.get(parsed.transport or "tcp", "tls")
    return parsed.transport or "udp"


def _tls(options: Namespace, base: TlsConfig) -> TlsConfig:
    try:
        return attrs.evolve(
            base,
            certificate=options.tls_certificate or base.certificate,
            key=base.key if options.tls_certificate is None else None,
            authorities=options.tls_authorities or base.authorities,
            verify=base.verify and not options.tls_no_verify,
        )
    except ConfigurationError as error:
        raise UsageError(f"--tls-{error}") from error
