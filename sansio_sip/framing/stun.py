"""STUN as far as SIP uses it: keep-alives over UDP, which also tell our public address (RFC 5626 §3.5.2)."""

from __future__ import annotations

import ipaddress
import struct

__all__ = ["answer_stun", "is_stun_answer", "read_mapped_address", "stun_request"]

_HEADER = struct.Struct("!HHI12s")  # type, length, magic cookie, transaction (RFC 8489 §5)
_ATTRIBUTE = struct.Struct("!HH")
_COOKIE = 0x2112A442
_REQUEST, _SUCCESS = 0x0001, 0x0101
_XOR_MAPPED_ADDRESS = 0x0020
_IPV4, _IPV6 = 1, 2


def stun_request(transaction: bytes) -> bytes:
    """Return a Binding request; ``transaction`` is 12 random octets."""
    return _HEADER.pack(_REQUEST, 0, _COOKIE, transaction)


def answer_stun(data: bytes, host: str, port: int) -> bytes | None:
    """Return the answer to a Binding request: from where it came (RFC 5626 §8).

    Nothing but such a request is answered, and with little more octets than it has, so that nobody can make
    us flood others.

    Args:
        data: A datagram.
        host: Numeric address that it came from.
        port: Port that it came from.
    """
    found = _header(data)
    if found is None or found[0] != _REQUEST:
        return None
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    transaction = found[1]
    mask = _COOKIE.to_bytes(4, "big") + transaction
    octets = bytes([value ^ other for value, other in zip(address.packed, mask, strict=False)])
    family = _IPV4 if address.version == 4 else _IPV6
    body = struct.pack("!xBH", family, port ^ (_COOKIE >> 16)) + octets
    attribute = _ATTRIBUTE.pack(_XOR_MAPPED_ADDRESS, len(body)) + body
    return _HEADER.pack(_SUCCESS, len(attribute), _COOKIE, transaction) + attribute


def is_stun_answer(data: bytes, transaction: bytes) -> bool:
    """Return whether a datagram is the answer to our request with this transaction."""
    return _header(data) == (_SUCCESS, transaction)


def read_mapped_address(data: bytes) -> tuple[str, int] | None:
    """Return the address and port that an answer says we have, ``None`` when it says nothing of use."""
    rest = data[_HEADER.size :]
    while len(rest) >= _ATTRIBUTE.size:
        kind, length = _ATTRIBUTE.unpack_from(rest)
        value, rest = rest[4 : 4 + length], rest[4 + (length + 3) // 4 * 4 :]
        if kind == _XOR_MAPPED_ADDRESS and len(value) in (8, 20):
            port = int.from_bytes(value[2:4], "big") ^ (_COOKIE >> 16)
            octets = bytes([octet ^ mask for octet, mask in zip(value[4:], data[4:20], strict=False)])
            return str(ipaddress.ip_address(octets)), port
    return None


def _header(data: bytes) -> tuple[int, bytes] | None:
    """Return type and transaction of a STUN message, ``None`` for anything else."""
    if len(data) < _HEADER.size:
        return None
    kind, length, cookie, transaction = _HEADER.unpack_from(data)
    if cookie != _COOKIE or length != len(data) - _HEADER.size or length % 4:
        return None
    return kind, transaction
