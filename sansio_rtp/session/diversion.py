"""Where packets go that are not to be played here."""

from __future__ import annotations

from typing import Protocol

from ..packet import RtpPacket
from .verdict import Verdict


class Diversion(Protocol):
    """Takes the packets of the source that a session follows; see `sansio_rtp.relay`."""

    @property
    def listened(self) -> bool:
        """Whether they are to be played as well."""
        ...

    def pass_on(self, packet: RtpPacket, verdict: Verdict, now: float) -> None:
        """Take a packet and what its sequence number said, in the order in which they came; never raises."""
        ...


def divert_parts(
    diversion: Diversion, sequence: int, parts: list[RtpPacket], verdict: Verdict, now: float
) -> None:
    """Pass on what a packet with copies of others holds: its own audio, and what was lost and comes back.

    Args:
        diversion: Takes them.
        sequence: Sequence number of the packet.
        parts: What it holds that had not come, its own part last; each with the number that it had.
        verdict: What the number said.
        now: When it came, in seconds.
    """
    for part in parts:
        if part.sequence != sequence:
            if verdict is Verdict.VALID:
                diversion.pass_on(part, verdict, now)
        elif part is parts[-1]:  # what is before it are older reports of a digit, under one number
            diversion.pass_on(part, verdict, now)
