"""A jitter buffer through which packets run smoothly, as plain numbers."""

from __future__ import annotations

from typing import NamedTuple

import attrs

__all__ = ["JitterNews", "JitterRun", "JitterTerms"]


class JitterTerms(NamedTuple):
    """How far a lent buffer may run.

    Attributes:
        offset_limits: Least and greatest playout clock minus `due` with which a packet is simply played.
        transit_limits: Least and greatest arrival minus timestamp that change nothing.
        lease: Packets that may come before the delay is to be considered again.
    """

    offset_limits: tuple[float, float]
    transit_limits: tuple[float, float]
    lease: int


class JitterNews(NamedTuple):
    """What a lent buffer has to know before it gives new terms.

    Attributes:
        transits: Transit times of the packets that came under the old terms.
        transit: That of the packet that does not fit them any more.
        waiting: Packets that wait, that one included.
        played: Packets played since the buffer was lent.
        fresh: Those of them that were played under the old terms.
        played_at: Playout clock of the last of them.
        due: Timestamp of the frame that is played next.
    """

    transits: list[float]
    transit: float
    waiting: int
    played: int
    fresh: int
    played_at: float
    due: int


@attrs.define
class JitterRun:
    """What a buffer lends while each packet is the next one and each frame plays a packet.

    Whoever has it adds packets to `waiting` and takes them from there, asks for new terms when a packet does
    not fit the present ones, and gives it back before anything else happens: a packet out of turn, nothing to
    play, or an offset outside of its limits. Times are in timestamp units of a line that does not wrap.

    Attributes:
        place: Timestamp of the last packet that came.
        due: Timestamp of the frame that is played next.
        frame: Length of a packet and of a frame.
        payload_type: Payload type of all packets.
        delay: Mean time that packets wait.
        waiting: Payload and time of arrival of the packets that wait, the next one first.
        terms: How far it may run; `JitterBuffer.renew` gives new ones.
        arrived: Packets that came since it was lent.
        transit: Transit time of the last packet.
        transits: Transit times of those that came under the present terms.
        played: Packets played since it was lent.
        fresh: Those of them that were played under the present terms.
        played_at: Playout clock of the last of them.
    """

    place: int
    due: int
    frame: int
    payload_type: int
    delay: float
    waiting: list[tuple[bytes, float]]
    terms: JitterTerms
    arrived: int = 0
    transit: float = 0.0
    transits: list[float] = attrs.Factory(list[float])
    played: int = 0
    fresh: int = 0
    played_at: float = 0.0
