"""Octets to a session description (RFC 8866 §9)."""

from __future__ import annotations

import functools
from typing import NamedTuple

from .errors import SdpError
from .model import Attributes, Connection, MediaDescription, Origin, SessionDescription

__all__ = ["parse_sdp"]

# A body is bounded by the message; these bound the objects that it can be turned into. WebRTC
# descriptions have a few hundred lines.
_MAX_OCTETS = 65_535
_MAX_LINES = 2_048
_MAX_MEDIA = 64
_LONGEST_REMEMBERED = 1_024  # characters; the lines of a phone with five codecs have 400

# A time behind the repetitions of another one stays behind them (RFC 8866 §5.10).
_REPEATED = ("r", "t")

_Lines = list[tuple[str, str]]


def parse_sdp(data: bytes) -> SessionDescription:
    """Read a session description.

    Line ends may be CRLF or LF. A missing ``s=`` or ``t=`` line is forgiven, and the order of lines
    within a section does not matter. Unknown lines and attributes are kept in order.

    Raises:
        SdpError: The only exception, for any octets.
    """
    if len(data) > _MAX_OCTETS:
        raise SdpError(f"{len(data)} octets are too many", rule="limit")
    text = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    if "\0" in text or "\r" in text:
        raise SdpError("a NUL, or a carriage return that stands alone", rule="RFC 8866 §9")
    session, *media = text.lstrip("\n").split("\nm=")
    if text.count("\n") > _MAX_LINES or len(media) > _MAX_MEDIA:
        raise SdpError(f"{text.count(chr(10))} lines with {len(media)} media are too many", rule="limit")
    version, _, rest = session.partition("\n")
    if version != "v=0":
        raise SdpError("the first line is not v=0", rule="RFC 8866 §5.1", position=0)
    return _session(rest, tuple([_media(section) for section in media]))


class _Section(NamedTuple):
    """The lines of a session or of a stream behind its first one."""

    connection: Connection | None
    attributes: Attributes
    others: tuple[tuple[str, str], ...]
    name: str = "-"
    times: tuple[str, ...] = ("0 0",)
    origin: Origin | None = None


def _session(text: str, media: tuple[MediaDescription, ...]) -> SessionDescription:
    # The o= line comes first and is another one in each call; what is behind it seldom is.
    origin, first = None, text[:2] == "o="
    if first:
        line, _, text = text.partition("\n")
        origin = _origin(line[2:])
    known = first and len(text) <= _LONGEST_REMEMBERED
    section = _read_session(text) if known else _read_session.__wrapped__(text)
    origin = section.origin or origin
    if origin is None:
        raise SdpError("there is no o= line", rule="RFC 8866 §5.2")
    return SessionDescription(
        origin, section.name, section.connection, section.times, section.attributes, media, section.others
    )


# A phone's descriptions differ in o= and in the port, and in nothing else. Calls that are held share what
# is remembered; a stranger can make us remember so many lines of so many characters.
@functools.lru_cache(maxsize=512)
def _read_session(text: str) -> _Section:
    origin, name, connection = None, "-", None
    times: list[str] = []
    attributes: list[tuple[str, str | None]] = []
    others: _Lines = []
    for line in text.split("\n"):
        if line[1:2] != "=":
            _check_blank(line)
            continue
        kind, value = line[0], line[2:]
        if kind == "a":
            attributes.append(_attribute(value))
        elif kind == "o":
            origin = _origin(value)
        elif kind == "s":
            name = value
        elif kind == "c":
            connection = _connection(value)
        elif kind == "t" and not (others and others[-1][0] in _REPEATED):
            times.append(value)
        else:
            others.append((kind, value))
    when = tuple(times) or ("0 0",)
    return _Section(connection, tuple(attributes), tuple(others), name, when, origin)


@functools.lru_cache(maxsize=512)
def _read_stream(text: str) -> _Section:
    connection: Connection | None = None
    attributes: list[tuple[str, str | None]] = []
    others: _Lines = []
    for line in text.split("\n"):
        if line[1:2] != "=":
            _check_blank(line)
            continue
        kind, value = line[0], line[2:]
        if kind == "a":
            attributes.append(_attribute(value))
        elif kind == "c" and connection is None:
            connection = _connection(value)
        else:
            others.append((kind, value))
    return _Section(connection, tuple(attributes), tuple(others))


def _check_blank(line: str) -> None:
    if line.strip():
        raise SdpError(f"{line[:40]!r} is not type=value", rule="RFC 8866 §5")


def _attribute(value: str) -> tuple[str, str | None]:
    name, colon, text = value.partition(":")
    return name.strip(" "), text if colon else None


def _number(text: str, what: str, maximum: int) -> int:
    # 20 digits hold any 64-bit number; more would only make int() work.
    if not (text.isascii() and text.isdecimal()) or len(text) > 20 or (number := int(text)) > maximum:
        raise SdpError(f"{what} {text[:30]!r} is not a number up to {maximum}", rule="RFC 8866 §9")
    return number


def _origin(value: str) -> Origin:
    parts = value.split()
    if len(parts) != 6:
        raise SdpError(f"o={value[:60]} does not have six parts", rule="RFC 8866 §5.2")
    username, session_id, version, net_type, address_type, address = parts
    largest = 10**20
    return Origin(
        username,
        _number(session_id, "session id", largest),
        _number(version, "session version", largest),
        address,
        address_type,
        net_type,
    )


def _connection(value: str) -> Connection:
    parts = value.split()
    if len(parts) != 3:
        raise SdpError(f"c={value[:60]} does not have three parts", rule="RFC 8866 §5.7")
    return Connection(parts[2], parts[1], parts[0])


def _media(text: str) -> MediaDescription:
    line, _, text = text.partition("\n")
    section = _read_stream(text) if len(text) <= _LONGEST_REMEMBERED else _read_stream.__wrapped__(text)
    parts = line.split()
    if len(parts) < 4:
        raise SdpError(f"m={line[:60]} does not have four parts", rule="RFC 8866 §5.14")
    port, slash, count = parts[1].partition("/")
    return MediaDescription(
        parts[0],
        _number(port, "port", 65_535),
        parts[2],
        tuple(parts[3:]),
        section.connection,
        section.attributes,
        section.others,
        _number(count, "port count", 65_535) if slash else 1,
    )
