"""How long to wait between two RTCP reports (RFC 3550 §6.3.1, A.7)."""

from __future__ import annotations

import math

MIN_INTERVAL_S = 5.0
_SENDER_FRACTION = 0.25
_COMPENSATION = math.e - 1.5
"""Makes up for timer reconsideration, which settles below the intended average."""


def deterministic_interval(
    *, members: int, senders: int, rtcp_bandwidth: float, we_sent: bool, average_size: float, initial: bool
) -> float:
    """Return the interval before it is randomised (RFC 3550 §6.3.1, `Td`).

    Args:
        members: Participants, ourselves included.
        senders: Participants that sent RTP lately.
        rtcp_bandwidth: Octets per second for all RTCP of the session.
        we_sent: Whether we are one of the senders.
        average_size: Mean size of a compound packet in octets, UDP and IP headers included.
        initial: No report was sent yet: the minimum is halved.

    Returns:
        Seconds.
    """
    minimum = MIN_INTERVAL_S / 2 if initial else MIN_INTERVAL_S
    share = members
    if senders <= members * _SENDER_FRACTION:
        rtcp_bandwidth *= _SENDER_FRACTION if we_sent else 1 - _SENDER_FRACTION
        share = senders if we_sent else members - senders
    return max(minimum, average_size * share / rtcp_bandwidth)


def randomised(interval: float, unit: float) -> float:
    """Spread `interval` over 0.5 to 1.5 of itself with `unit` in [0, 1), and compensate (RFC 3550 §6.3.1)."""
    return interval * (unit + 0.5) / _COMPENSATION
