"""A session description as data (RFC 8866 §5)."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from .direction import Direction

__all__ = ["Attributes", "Connection", "MediaDescription", "Origin", "SessionDescription", "values_by_format"]

Attributes: TypeAlias = tuple[tuple[str, str | None], ...]
"""Attribute lines in order: name, and value or None for a property such as ``sendrecv``."""

_DIRECTIONS = {direction.value: direction for direction in Direction}


def _direction(attributes: Attributes) -> Direction | None:
    for name, _ in attributes:
        if name in _DIRECTIONS:
            return _DIRECTIONS[name]
    return None


def values_by_format(attributes: Attributes, name: str) -> dict[str, str]:
    """Give what the attributes of a name, such as ``rtpmap``, say of each format."""
    result: dict[str, str] = {}
    for key, value in attributes:
        if value and key == name:
            number, _, text = value.strip().partition(" ")
            result.setdefault(number, text.strip())
    return result


class Origin(NamedTuple):
    """The ``o=`` line.

    Attributes:
        username: ``-`` for none.
        session_id: Number that stays the same in a session.
        version: Number that grows with each change.
        address: Address or name of the machine that made the description.
        address_type: ``IP4`` or ``IP6``.
        net_type: ``IN``.
    """

    username: str
    session_id: int
    version: int
    address: str
    address_type: str = "IP4"
    net_type: str = "IN"


class Connection(NamedTuple):
    """The ``c=`` line.

    Attributes:
        address: Address as written, for multicast with its TTL.
        address_type: ``IP4`` or ``IP6``.
        net_type: ``IN``.
    """

    address: str
    address_type: str = "IP4"
    net_type: str = "IN"

    @property
    def host(self) -> str:
        """The address without TTL and count."""
        return self.address.partition("/")[0]

    @property
    def is_unspecified(self) -> bool:
        """Whether the address asks to send nothing, as RFC 2543 put calls on hold (RFC 3264 §8.4)."""
        return self.host in ("0.0.0.0", "::")


class MediaDescription(NamedTuple):
    """An ``m=`` line and what belongs to it.

    Attributes:
        media: ``audio``, ``video`` and so on.
        port: Port to receive on; 0 rejects or ends the stream.
        protocol: ``RTP/AVP`` and so on.
        formats: Formats as written, for RTP the payload types, most preferred first.
        connection: Own ``c=`` line; None when that of the session counts.
        attributes: ``a=`` lines in order.
        lines: Other lines (``i b k`` and unknown ones) as type and value, in order.
        port_count: Number of ports behind a slash.
    """

    media: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    connection: Connection | None = None
    attributes: Attributes = ()
    lines: tuple[tuple[str, str], ...] = ()
    port_count: int = 1

    def attribute(self, name: str) -> str | None:
        """Give the value of the first such attribute: None when absent, empty for a property."""
        for key, value in self.attributes:
            if key == name:
                return value or ""
        return None

    @property
    def direction(self) -> Direction | None:
        """The stream's own direction attribute; None when that of the session counts."""
        return _direction(self.attributes)

    def rtpmaps(self) -> dict[str, str]:
        """Give the encodings by format, such as ``{"0": "PCMU/8000"}``."""
        return values_by_format(self.attributes, "rtpmap")

    def fmtps(self) -> dict[str, str]:
        """Give the format parameters by format."""
        return values_by_format(self.attributes, "fmtp")

    def fmtp(self, payload_type: int) -> str | None:
        """Give the format parameters of one payload type, or None."""
        return self.fmtps().get(str(payload_type))

    @property
    def ptime(self) -> int | None:
        """Packet duration that the writer wants to receive, in ms (1-1000), or None."""
        return self._milliseconds("ptime")

    @property
    def maxptime(self) -> int | None:
        """Longest packet that the writer can receive, in ms (1-1000), or None."""
        return self._milliseconds("maxptime")

    def _milliseconds(self, name: str) -> int | None:
        value = self.attribute(name)
        if not value:
            return None
        # Some phones write "20.0"; what is no number at all is as good as absent.
        digits = value.strip().partition(".")[0]
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 4:
            return None
        return int(digits) if 1 <= int(digits) <= 1_000 else None

    @property
    def rtcp(self) -> tuple[int, str | None] | None:
        """Port and address of ``a=rtcp`` (RFC 3605), or None when absent or damaged."""
        value = self.attribute("rtcp")
        parts = value.split() if value else []
        if not parts or not (parts[0].isascii() and parts[0].isdecimal()) or len(parts[0]) > 5:
            return None
        port = int(parts[0])
        if not 1 <= port <= 65_535:
            return None
        return port, parts[3] if len(parts) == 4 else None

    @property
    def rtcp_mux(self) -> bool:
        """Whether RTP and RTCP may share one port (RFC 5761)."""
        return self.attribute("rtcp-mux") is not None


class SessionDescription(NamedTuple):
    """A whole session description.

    Attributes:
        origin: The ``o=`` line.
        name: The ``s=`` line; ``-`` for none.
        connection: The ``c=`` line of the session, or None.
        times: ``t=`` lines as written; those behind an ``r=`` stand with it in ``lines``.
        attributes: ``a=`` lines of the session in order.
        media: The media descriptions in order.
        lines: Other lines (``i u e p b r z k`` and unknown ones) as type and value, in order.
    """

    origin: Origin
    name: str = "-"
    connection: Connection | None = None
    times: tuple[str, ...] = ("0 0",)
    attributes: Attributes = ()
    media: tuple[MediaDescription, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()

    def connection_of(self, media: MediaDescription) -> Connection | None:
        """Give the connection that counts for a stream: its own or the session's."""
        return media.connection or self.connection

    def direction_of(self, media: MediaDescription) -> Direction:
        """Give the direction that counts for a stream: its own, the session's, or sendrecv."""
        return media.direction or _direction(self.attributes) or Direction.SENDRECV
