"""A session description to octets (RFC 8866 §5)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import LocalProtocolError
from .model import Attributes, Connection, MediaDescription, SessionDescription

__all__ = ["build_sdp"]

_SESSION_BEFORE_CONNECTION = "iuep"
_UNSAFE = re.compile("[\r\0\ud800-\udc7f\udd00-\udfff]")


def build_sdp(description: SessionDescription) -> bytes:
    """Write a session description with its lines in the order that RFC 8866 wants.

    Raises:
        LocalProtocolError: A value holds a line end, NUL or what cannot be encoded.
    """
    origin = description.origin
    lines = [
        "v=0",
        f"o={origin.username} {origin.session_id} {origin.version} "
        f"{origin.net_type} {origin.address_type} {origin.address}",
        # An empty s= line is not allowed; "-" is what RFC 8866 §5.3 asks for.
        f"s={description.name or '-'}",
    ]
    before = [line for line in description.lines if line[0] in _SESSION_BEFORE_CONNECTION]
    bandwidth = [line for line in description.lines if line[0] == "b"]
    after = [line for line in description.lines if line[0] not in _SESSION_BEFORE_CONNECTION + "b"]
    lines += _plain(before)
    lines += _connection(description.connection)
    lines += _plain(bandwidth)
    lines += [f"t={time}" for time in description.times]
    lines += _plain(after)
    lines += _attributes(description.attributes)
    for media in description.media:
        lines += _media(media)
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or _UNSAFE.search(text.replace("\r\n", "")) is not None:
        raise LocalProtocolError("a value of the description holds CR, LF, NUL or a lone surrogate")
    return (text + "\r\n").encode("utf-8", "surrogateescape")


def _media(media: MediaDescription) -> list[str]:
    count = "" if media.port_count == 1 else f"/{media.port_count}"
    titles = [line for line in media.lines if line[0] == "i"]
    others = [line for line in media.lines if line[0] != "i"]
    return [
        f"m={media.media} {media.port}{count} {media.protocol} {' '.join(media.formats)}",
        *_plain(titles),
        *_connection(media.connection),
        *_plain(others),
        *_attributes(media.attributes),
    ]


def _plain(lines: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{kind}={value}" for kind, value in lines]


def _connection(connection: Connection | None) -> list[str]:
    if connection is None:
        return []
    return [f"c={connection.net_type} {connection.address_type} {connection.address}"]


def _attributes(attributes: Attributes) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]
