"""What the arguments of the command line may be: each text becomes a checked value or one clear sentence."""

from __future__ import annotations

import ipaddress
import math
import re
from argparse import ArgumentTypeError
from collections.abc import Callable

from sansio_sip.errors import ParseError
from sansio_sip.message import Uri, parse_uri
from sansio_sip.message.names import is_token
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.types import Address

__all__ = [
    "bind_address",
    "count",
    "duration",
    "event_package",
    "keys",
    "media_type",
    "name_and_password",
    "port_range",
    "seconds",
    "share",
    "sip_uri",
    "whole_seconds",
]

_KEYS = frozenset("0123456789*#ABCD")


def sip_uri(text: str) -> str:
    """Check a SIP URI."""
    try:
        uri = parse_uri(text)
    except ParseError as error:
        raise ArgumentTypeError(f"{text!r} is no SIP URI such as sip:bob@example.com") from error
    if not isinstance(uri, Uri):
        raise ArgumentTypeError(f"{text!r} is no SIP URI such as sip:bob@example.com")
    return text


def name_and_password(text: str) -> tuple[str, str]:
    """Read ``NAME:PASSWORD``; the message shows nothing of it."""
    name, colon, password = text.partition(":")
    if not (name and colon):
        raise ArgumentTypeError("a user is not of the form NAME:PASSWORD")
    return name, password


def bind_address(default_port: int) -> Callable[[str], Address]:
    """Return a reader of ``HOST:PORT``, ``HOST``, ``:PORT`` or ``[IPv6]:PORT``.

    Args:
        default_port: The port where none is written.
    """

    def read(text: str) -> Address:
        host, port = _split(text)
        return _own_host(host, text), default_port if port is None else _port(port, text)

    return read


def _split(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if bracket and (not rest or rest.startswith(":")):
            return host, rest[1:] if rest else None
        raise ArgumentTypeError(f"{text!r} is not of the form HOST:PORT")
    if text.count(":") > 1:
        return text, None  # a bare IPv6 address
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _own_host(host: str, text: str) -> str:
    if host in ("", "*"):
        return "0.0.0.0"
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError as error:
        raise ArgumentTypeError(f"{host!r} in {text!r} is no IP address of this machine") from error


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) <= 65_535):
        raise ArgumentTypeError(f"{port!r} in {text!r} is no port: 0 to 65535")
    return int(port)


def port_range(text: str) -> tuple[int, int]:
    """Read ``FIRST-LAST``."""
    first, _, last = text.partition("-")
    ports = _port(first, text), _port(last, text)
    try:
        return MediaConfig(ports=ports).ports
    except ConfigurationError as error:
        raise ArgumentTypeError(str(error)) from error


def duration(text: str) -> float:
    """Read seconds above zero."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def seconds(text: str) -> float:
    """Read seconds, 0 allowed."""
    return 0.0 if text.strip() in ("0", "0.0") else duration(text)


def whole_seconds(text: str) -> int:
    """Read a number of whole seconds, from one to what fits into a message."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) < 2**32):
        raise ArgumentTypeError(f"{text!r} is no number of whole seconds above 0")
    return int(text)


def keys(text: str) -> str:
    """Read the keys of a telephone."""
    pressed = text.upper()
    if not pressed or not _KEYS.issuperset(pressed):
        raise ArgumentTypeError(f"{text!r} are no telephone keys (0-9 * # A-D)")
    return pressed


def media_type(text: str) -> str:
    """Read a media type with or without parameters."""
    kind, _, _ = text.partition(";")
    if not text.isascii() or not text.isprintable() or not re.fullmatch(r"[\w.+-]+/[\w.+-]+ *", kind):
        raise ArgumentTypeError(f"{text!r} is no media type such as text/plain")
    return text


def event_package(text: str) -> str:
    """Read the name of an event package, with or without parameters."""
    if not text.isascii() or not text.isprintable() or not is_token(text.partition(";")[0]):
        raise ArgumentTypeError(f"{text!r} is no event package such as presence")
    return text


def count(text: str) -> int:
    """Read a whole number above 0."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
        raise ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def share(text: str) -> float:
    """Read a share from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"{text!r} is no share between 0 and 1")
    return value
