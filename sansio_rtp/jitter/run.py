"""A jitter buffer through which packets run smoothly, as plain numbers."""

from __future__ import annotations

from typing import NamedTuple

import attrs

__all__ = ["JitterNews", "JitterRun", "JitterTerms"]


class JitterTerms(NamedTuple):
    """How far a lent buffer may run.

    Attributes:
        fastest: Arrival minus timestamp of the fastest packet of the present, which a faster one replaces.
        offset_limits: Least and greatest playout clock minus `due`, above `fastest`, with which a packet is
            simply played.
        reach: Greatest arrival minus timestamp, above `fastest`, that changes nothing: what the buffer wants
            the offset to be.
        lease: Packets that may come before the delay is to be considered again.
    """

    fastest: float
    offset_limits: tuple[float, float]
    reach: float
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
        skipped: Packets skipped under the old terms.
    """

    transits: list[float]
    transit: float
    waiting: int
    played: int
    fresh: int
    played_at: float
    due: int
    skipped: int


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
        skipped: Packets left out since it was lent, as by `JitterBuffer.skip`.
        fresh_skipped: Those of them under the present terms.
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
    skipped: int = 0
    fresh_skipped: int = 0
