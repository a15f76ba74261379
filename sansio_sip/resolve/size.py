"""Which requests are too large for UDP (RFC 3261 §18.1.1)."""

from __future__ import annotations

__all__ = ["MAX_DATAGRAM", "needs_stream"]

MAX_DATAGRAM = 1_300
"""Octets of the largest request that goes over UDP while the path MTU is not known."""

_MARGIN = 200  # room for a response that is larger than its request


def needs_stream(size: int, path_mtu: int | None = None) -> bool:
    """Return whether a request must go over a transport with congestion control.

    When that transport cannot be had (connection refused), the request goes over UDP after all.

    Args:
        size: Octets of the request.
        path_mtu: Octets of the path MTU, where it is known.
    """
    return size > MAX_DATAGRAM if path_mtu is None else size > path_mtu - _MARGIN
