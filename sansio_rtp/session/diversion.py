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
