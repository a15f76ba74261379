"""A jitter buffer through which packets run smoothly, as plain numbers."""

from __future__ import annotations

import attrs

__all__ = ["JitterRun"]


@attrs.define
class JitterRun:
    """What a buffer lends while each packet is the next one and each frame plays a packet.

    Whoever has it adds packets to `waiting` and takes them from there, and gives it back before anything else
    happens: a packet out of turn, nothing to play, an offset or a transit time outside of its limits, or the
    end of the lease. Times are in timestamp units of a line that does not wrap.

    Attributes:
        place: Timestamp of the last packet that came.
        due: Timestamp of the frame that is played next.
        frame: Length of a packet and of a frame.
        payload_type: Payload type of all packets.
        delay: Mean time that packets wait.
        waiting: Payload and time of arrival of the packets that wait, the next one first.
        offset_limits: Least and greatest playout clock minus `due` with which a packet is simply played.
        transit_limits: Least and greatest arrival minus timestamp that change nothing.
        lease: Packets that may come before the delay is to be considered again.
        transits: Transit times of the packets that came since.
        played: Packets played since.
        played_at: Playout clock of the last of them.
    """

    place: int
    due: int
    frame: int
    payload_type: int
    delay: float
    waiting: list[tuple[bytes, float]]
    offset_limits: tuple[float, float]
    transit_limits: tuple[float, float]
    lease: int
    transits: list[float]
    played: int = 0
    played_at: float = 0.0
