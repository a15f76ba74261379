"""Where connections and datagrams are taken: one line of text for each listener."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError

__all__ = ["Listener", "listener_text", "read_listener", "transport_name"]

_FORM = re.compile(r"(udp|tcp|tls|ws|wss)(?:://(?:\[([^\]]*)\]|([^:/\[\]]*))(?::(\d{1,5}))?)?", re.IGNORECASE)
_WEB_PORTS = {"WS": 80, "WSS": 443}


@attrs.frozen
class Listener:
    """One address to listen on.

    Attributes:
        transport: ``UDP``, ``TCP``, ``TLS``, ``WS`` or ``WSS``.
        host: Numeric address or a name of this machine.
        port: Port; 0 lets the system choose.
    """

    transport: str
    host: str
    port: int


def read_listener(text: str, *, host: str, port: int) -> Listener:
    """Read ``tcp``, ``tls://0.0.0.0:5061``, ``ws://[::1]:8080`` or ``udp://:5070``.

    Args:
        text: The listener.
        host: Address where none is written.
        port: Port where none is written; for TLS the next one, and WebSocket has ports of its own.

    Raises:
        ValueError: It is not of that form.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no listener such as udp, tcp or tls://0.0.0.0:5061")
    name, six, four, given = match.groups()
    if six is not None:
        ipaddress.IPv6Address(six.partition("%")[0])
    transport = name.upper()
    number = _default_port(transport, port) if given is None else int(given)
    if number > 65_535:
        raise ValueError(f"{text!r}: the port is above 65535")
    return Listener(transport, six or four or host, number)


def _default_port(transport: str, port: int) -> int:
    if port == 0:
        return 0
    if transport == "TLS":
        return min(port + 1, 65_535)
    return _WEB_PORTS.get(transport, port)


def listener_text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept what `read_listener` reads."""
    try:
        read_listener(str(value), host="0.0.0.0", port=0)
    except ValueError as error:
        raise ConfigurationError(str(error), field=attribute.name) from error


def transport_name(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Accept a transport with connections."""
    if value not in ("tcp", "tls", "ws", "wss"):
        raise ConfigurationError(f"must be tcp, tls, ws or wss, not {value!r}", field=attribute.name)
