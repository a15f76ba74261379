"""Audio streams in descriptions: our line written, the peer's line read."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from .crypto import CryptoAttribute
from .direction import Direction
from .formats import MediaFormat
from .keying import SECURE_PROTOCOLS, SrtpKeys
from .media import LocalMedia, NegotiatedMedia
from .model import Attributes, Connection, MediaDescription, Origin, SessionDescription
from .selection import Selection

__all__ = [
    "VOIP_METRICS",
    "agreed_media",
    "describe",
    "is_usable_audio",
    "own_line",
    "peer_direction",
    "rejected_line",
]

_PROTOCOLS = frozenset({"RTP/AVP", "RTP/AVPF"}) | SECURE_PROTOCOLS
DEFAULT_PTIME = 20
VOIP_METRICS = ("rtcp-xr", "voip-metrics")
"""The attribute that asks the peer to tell how we sound (RFC 3611 §5.1)."""


def describe(
    local: LocalMedia,
    session_id: int,
    version: int,
    media: Sequence[MediaDescription],
    times: tuple[str, ...] = ("0 0",),
) -> SessionDescription:
    """Put our media lines into a description of our own."""
    connection = _own_connection(local.address)
    origin = Origin("-", session_id, version, local.address, connection.address_type)
    return SessionDescription(origin, "-", connection, times, (), tuple(media))


@functools.lru_cache(maxsize=64)
def _own_connection(address: str) -> Connection:
    return Connection(address, "IP6" if ":" in address else "IP4")


def own_line(
    local: LocalMedia,
    formats: tuple[MediaFormat, ...],
    direction: Direction,
    *,
    protocol: str = "RTP/AVP",
    rtcp_mux: bool,
    crypto: tuple[CryptoAttribute, ...] = (),
) -> MediaDescription:
    """Write our audio line."""
    numbers, attributes = _own_attributes(formats, local.ptime, direction.value, rtcp_mux)
    if crypto:
        attributes += tuple([("crypto", line.value) for line in crypto])
    if local.attributes:
        attributes += local.attributes
    lines = () if local.bandwidth is None else (("b", f"AS:{local.bandwidth}"),)
    return MediaDescription("audio", local.port, protocol, numbers, None, attributes, lines)


# The same for all calls with phones of one make; few, because a peer's parameters may be long.
@functools.lru_cache(maxsize=64)
def _own_attributes(
    formats: tuple[MediaFormat, ...], ptime: int, direction: str, rtcp_mux: bool
) -> tuple[tuple[str, ...], Attributes]:
    attributes: list[tuple[str, str | None]] = [("rtpmap", item.rtpmap) for item in formats]
    attributes += [("fmtp", f"{item.payload_type} {item.fmtp}") for item in formats if item.fmtp]
    attributes += [("ptime", str(ptime)), (direction, None)]
    if rtcp_mux:
        attributes.append(("rtcp-mux", None))
    return tuple([str(item.payload_type) for item in formats]), tuple(attributes)


def rejected_line(offered: MediaDescription) -> MediaDescription:
    """Write the line that rejects an offered stream: port 0, the same formats (RFC 3264 §6)."""
    return MediaDescription(offered.media, 0, offered.protocol, offered.formats)


def is_usable_audio(description: SessionDescription, media: MediaDescription) -> bool:
    """Tell whether a stream is unicast audio over RTP or SRTP that is not switched off."""
    if media.media != "audio" or media.port == 0 or media.protocol not in _PROTOCOLS:
        return False
    connection = description.connection_of(media)
    return connection is not None and not _is_multicast(connection)


@functools.lru_cache(maxsize=64)
def _is_multicast(connection: Connection) -> bool:
    host = connection.host.lower()
    first = host.partition(".")[0]
    if ":" in host:
        return host.startswith("ff")
    return first.isascii() and first.isdecimal() and len(first) == 3 and 224 <= int(first) <= 239


def agreed_media(
    local: LocalMedia,
    description: SessionDescription,
    media: MediaDescription,
    selection: Selection,
    *,
    direction: Direction,
    rtcp_mux: bool,
    srtp: SrtpKeys | None = None,
) -> NegotiatedMedia:
    """Take the peer's addresses and wishes out of its line.

    Args:
        local: Our side.
        description: The peer's description.
        media: The peer's line in it; one for which `is_usable_audio` holds.
        selection: Formats of both sides.
        direction: What we do.
        rtcp_mux: Whether both sides want one port.
        srtp: The keys, or None.
    """
    connection = description.connection_of(media) or Connection("0.0.0.0")
    host = connection.host
    rtcp_port, rtcp_address = media.port, host
    if not rtcp_mux:
        port, address = media.rtcp or (min(media.port + 1, 65_535), None)
        rtcp_port, rtcp_address = port, address or host
    ptime = media.ptime or DEFAULT_PTIME
    return NegotiatedMedia(
        local.address,
        local.port,
        host,
        media.port,
        rtcp_address,
        rtcp_port,
        rtcp_mux,
        selection.send,
        selection.receive,
        selection.send_dtmf,
        selection.receive_dtmf,
        min(ptime, media.maxptime or ptime),
        direction,
        srtp,
        VOIP_METRICS in local.attributes and _wants_metrics(description.attributes + media.attributes),
    )


def _wants_metrics(attributes: Attributes) -> bool:
    name, wanted = VOIP_METRICS
    return any(key == name and wanted in (value or "").split() for key, value in attributes)


def peer_direction(description: SessionDescription, media: MediaDescription) -> Direction:
    """Give what the peer does, in our words; an unspecified address means that it takes nothing."""
    direction = description.direction_of(media).mirrored
    connection = description.connection_of(media)
    if connection is not None and connection.is_unspecified:
        return direction.limited_to(Direction.RECVONLY)
    return direction
