"""Datagrams as the IP packets that a capture file holds (RFC 768, RFC 791, RFC 8200)."""

from __future__ import annotations

import functools
import ipaddress
import struct

from trio_runtime.base.types import Address

__all__ = ["MAX_DATAGRAM", "build_packet"]

MAX_DATAGRAM = 65_507
"""Octets that fit into a UDP datagram of IPv4."""

_UDP = 17
_TTL = 64
_IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_ANY: dict[int, _IP] = {4: ipaddress.IPv4Address(0), 6: ipaddress.IPv6Address(0)}


def build_packet(source: Address, destination: Address, data: bytes) -> bytes:
    """Return the IP packet of one UDP datagram, with all checksums.

    Args:
        source: IP address and port; a text that is no address becomes the unspecified one.
        destination: The same of the receiver.
        data: The datagram, at most `MAX_DATAGRAM` octets.

    Raises:
        ValueError: `data` does not fit, or a port is none.
    """
    if len(data) > MAX_DATAGRAM:
        raise ValueError(f"{len(data)} octets do not fit into a datagram")
    sender, receiver = _read(source[0]), _read(destination[0])
    if not 0 <= source[1] <= 0xFFFF or not 0 <= destination[1] <= 0xFFFF:
        raise ValueError(f"{source[1]} or {destination[1]} is no port")
    if sender.version != receiver.version:
        # One of them was not known: it takes the family of the other.
        sender, receiver = _same_family(sender, receiver)
    length = 8 + len(data)
    pseudo = sender.packed + receiver.packed + struct.pack("!IHBB", length, 0, 0, _UDP)
    header = struct.pack("!HHHH", source[1], destination[1], length, 0)
    # A checksum of zero would mean that there is none (RFC 768).
    checksum = _checksum(pseudo + header + data) or 0xFFFF
    datagram = header[:6] + struct.pack("!H", checksum) + data
    if sender.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, _UDP, _TTL) + sender.packed + receiver.packed + datagram
    fixed = struct.pack("!BBHHHBB", 0x45, 0, 20 + length, 0, 0x4000, _TTL, _UDP)
    addresses = sender.packed + receiver.packed
    return fixed + struct.pack("!H", _checksum(fixed + bytes(2) + addresses)) + addresses + datagram


@functools.lru_cache(maxsize=4_096)
def _read(host: str) -> _IP:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _ANY[4]
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _same_family(sender: _IP, receiver: _IP) -> tuple[_IP, _IP]:
    if int(sender) == 0:
        return _ANY[receiver.version], receiver
    if int(receiver) == 0:
        return sender, _ANY[sender.version]
    return _as_v6(sender), _as_v6(receiver)


def _as_v6(address: _IP) -> ipaddress.IPv6Address:
    if isinstance(address, ipaddress.IPv6Address):
        return address
    return ipaddress.IPv6Address(0xFFFF << 32 | int(address))


def _checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total
