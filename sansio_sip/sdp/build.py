"""A session description to octets (RFC 8866 §5)."""

from __future__ import annotations

import functools

from ..errors import LocalProtocolError
from .model import Attributes, Connection, MediaDescription, SessionDescription

__all__ = ["build_sdp"]

_SESSION_BEFORE_CONNECTION = "iuep"


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
    others = description.lines
    if others:
        lines += [f"{kind}={value}" for kind, value in others if kind in _SESSION_BEFORE_CONNECTION]
    if description.connection is not None:
        lines.append(_connection(description.connection))
    if others:
        lines += [f"{kind}={value}" for kind, value in others if kind == "b"]
    lines += [f"t={time}" for time in description.times]
    if others:
        before = _SESSION_BEFORE_CONNECTION + "b"
        lines += [f"{kind}={value}" for kind, value in others if kind not in before]
    if description.attributes:
        lines += _attributes(description.attributes)
    for media in description.media:
        _add_media(lines, media)
    lines.append("")
    return _checked("\r\n".join(lines), len(lines) - 1)


def _checked(text: str, breaks: int) -> bytes:
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = b""
    if data.count(b"\n") != breaks or data.count(b"\r") != breaks or b"\0" in data:
        raise LocalProtocolError("a value of the description holds CR, LF, NUL or a lone surrogate")
    return data


def _add_media(lines: list[str], media: MediaDescription) -> None:
    count = "" if media.port_count == 1 else f"/{media.port_count}"
    lines.append(f"m={media.media} {media.port}{count} {media.protocol} {' '.join(media.formats)}")
    if media.lines:
        lines += [f"{kind}={value}" for kind, value in media.lines if kind == "i"]
    if media.connection is not None:
        lines.append(_connection(media.connection))
    if media.lines:
        lines += [f"{kind}={value}" for kind, value in media.lines if kind != "i"]
    lines += _attributes(media.attributes)


def _connection(connection: Connection) -> str:
    return f"c={connection.net_type} {connection.address_type} {connection.address}"


# Our lines are the same in all calls with phones of one make; few are kept, as in `own_line`.
@functools.lru_cache(maxsize=64)
def _attributes(attributes: Attributes) -> tuple[str, ...]:
    return tuple([f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes])
