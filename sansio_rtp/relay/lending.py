"""How a direction of a relay is lent to whoever moves many at once."""

from __future__ import annotations

from ..packet import RtpPacket
from ..session import RtpSession
from ..session.run import ForwardRun
from .agreement import FormatMap
from .numbering import Numbering
from .run import PathRun


class LendablePath:
    """What a path consists of, and how that is lent and taken back; the base of `RelayPath`.

    Attributes:
        receive: The session that receives.
        send: The session that sends.
    """

    def __init__(self, receive: RtpSession, send: RtpSession, formats: FormatMap) -> None:
        """Begin before the first packet."""
        self.receive = receive
        self.send = send
        self._formats = formats
        self._numbering = Numbering(send.config.frame_units)
        self._ssrc: int | None = None
        self._own = 0
        self._begins = self._paused = False
        self._payload_type = self._octets = 0
        self._packets: int = 0
        self._jumped: tuple[RtpPacket, float] | None = None

    @property
    def leads(self) -> bool:
        """Whether nothing else was sent since the last packet, and our source is still the same."""
        return self.send.leader is self and self._own == self.send.ssrc

    def lend(self) -> PathRun | None:
        """Lend the path while audio in the clear runs through in sequence; `take_back` before all else."""
        if self._ssrc is None or self._begins or self._paused or not self.leads or not self.send.forwards:
            return None
        if (
            self._payload_type not in self._formats.voices
            or 64 <= self._payload_type < 96
            or not self._octets
        ):
            return None  # with the marker some types look like RTCP (RFC 5761 §4)
        source, numbering = self.receive.lend_source(), self._numbering
        if source is None or source.ssrc != self._ssrc or source.clock_rate != self.send.config.clock_rate:
            return None
        if (source.highest, source.timestamp) != (numbering.sequence, numbering.previous):
            return None
        timestamp = (numbering.previous + numbering.shift) & 0xFFFFFFFF
        return PathRun(
            source,
            ForwardRun(self._own, numbering.number, timestamp, numbering.step),
            self._payload_type,
            self._formats.types[self._payload_type],
            self._octets,
            self.receive.heard_at,
        )

    def take_back(self, run: PathRun) -> None:
        """Go on from what `lend` gave."""
        sent = run.forward.sent
        if not sent:
            return
        self._numbering.advance(sent)
        self._numbering.previous = run.source.timestamp
        self._packets += sent
        self._jumped = None
        self.receive.take_source_back(run.source, run.heard_at)
        self.send.take_forwarded_back(run.forward)
