"""When a registered flow needs its next keep-alive (RFC 5626 §4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ids import Ids

__all__ = ["DATAGRAM_KEEP_ALIVE", "PONG_TIMEOUT", "STREAM_KEEP_ALIVE", "keep_alive_interval"]

PONG_TIMEOUT = 10.0
"""Seconds after a CRLF ping without a pong, at which the flow has failed (RFC 5626 §4.4.1)."""

STREAM_KEEP_ALIVE = 120.0
"""Longest time in seconds between keep-alives on a connection (RFC 5626 §4.4.1)."""

DATAGRAM_KEEP_ALIVE = 29.0
"""The same over UDP (§4.4.2): many NATs forget a flow after 30 seconds."""

_STREAM_LOWER = 95.0  # the RFC's own figure, and not 96
_DATAGRAM_LOWER = 24.0


def keep_alive_interval(ids: Ids, *, reliable: bool, flow_timer: int | None = None) -> float:
    """Return the seconds until the next keep-alive, different for each.

    Args:
        ids: Source of the randomness.
        reliable: Whether the flow is a connection; else it is UDP.
        flow_timer: Seconds of the Flow-Timer header, or None when there was none.
    """
    if flow_timer is not None:
        return ids.uniform(0.8 * flow_timer, float(flow_timer))
    if reliable:
        return ids.uniform(_STREAM_LOWER, STREAM_KEEP_ALIVE)
    return ids.uniform(_DATAGRAM_LOWER, DATAGRAM_KEEP_ALIVE)
