"""How one RTP stream of a capture arrived at the place where it was captured."""

from __future__ import annotations

import attrs

from sansio_rtp.packet import RtpPacket
from sansio_rtp.quality import mos, r_factor
from sansio_rtp.session import SourceStatistics, Verdict
from sansio_sip.sdp import MediaFormat, is_voice
from trio_runtime.base.types import Address
from trio_runtime.observe.media_directory import MediaPlace

__all__ = ["RtpReport", "StreamMeter"]

_RATED = frozenset(("pcmu", "pcma"))
_DEFAULT_RATE = 8_000
_STATIC = {0: "PCMU", 3: "GSM", 4: "G723", 8: "PCMA", 9: "G722", 15: "G728", 18: "G729"}
_EVENT_OCTETS = 4
_FIRST_DYNAMIC = 96


@attrs.frozen(kw_only=True)
class RtpReport:
    """What was measured on one stream.

    Attributes:
        source: Who sent it.
        destination: Where to.
        ssrc: Its synchronisation source.
        call_id: Call-ID of the call that it belongs to, None where no description names its addresses.
        codec: Name of its codec, or ``type N`` where nobody says what that is.
        begin: Time of its first packet.
        end: Time of its last packet.
        packets: Packets that were captured, duplicates included.
        expected: Packets that should have come, by sequence number.
        lost: Packets that are missing.
        duplicates: Packets that came more than once.
        out_of_order: Packets that came after a later one.
        jitter_ms: Interarrival jitter at the end (RFC 3550 A.8).
        max_jitter_ms: The greatest that it was.
        mos: Mean opinion score by the E-model (ITU-T G.107), as if heard through a jitter buffer of twice the
            jitter and no further delay; None for other codecs than G.711, which the parameters are not for.
    """

    source: Address
    destination: Address
    ssrc: int
    call_id: str | None
    codec: str
    begin: float
    end: float
    packets: int
    expected: int
    lost: int
    duplicates: int
    out_of_order: int
    jitter_ms: float
    max_jitter_ms: float
    mos: float | None

    @property
    def fraction_lost(self) -> float:
        """Share of the packets that are missing, 0 to 1."""
        return self.lost / self.expected if self.expected else 0.0


class StreamMeter:
    """Measures one stream, packet by packet.

    Args:
        source: Who sends it.
        destination: Where to.
        packet: Its first packet, which is not counted yet.
        time: When that came.
    """

    def __init__(self, source: Address, destination: Address, packet: RtpPacket, time: float) -> None:
        self._source, self._destination = source, destination
        self._statistics = SourceStatistics(packet.ssrc, packet.sequence, clock_rate=_DEFAULT_RATE)
        self._begin = self._end = time
        self._codec: str | None = None
        self._max_jitter_ms = 0.0
        self._gaps = 0

    def receive(self, packet: RtpPacket, time: float, place: MediaPlace | None) -> None:
        """Count a packet.

        Args:
            packet: The packet.
            time: When it came.
            place: What is known of the address that it went to.
        """
        statistics = self._statistics
        before = statistics.highest_sequence
        verdict = statistics.update(packet.sequence)
        self._end = max(self._end, time)
        if verdict not in (Verdict.VALID, Verdict.RESTARTED):
            return
        self._gaps += verdict is Verdict.VALID and statistics.highest_sequence - before > 1
        known = None if place is None else place.formats.get(packet.payload_type)
        if not _sounds(packet, known):
            return
        self._codec = known.name if known else _STATIC.get(packet.payload_type, f"type {packet.payload_type}")
        statistics.time(packet.timestamp, time, known.clock_rate if known else None)
        self._max_jitter_ms = max(self._max_jitter_ms, statistics.jitter_ms)

    @property
    def received(self) -> int:
        """Packets so far."""
        return self._statistics.received

    def report(self, call_id: str | None) -> RtpReport:
        """Return what was measured; `call_id` is the call that it belongs to."""
        statistics = self._statistics
        return RtpReport(
            source=self._source,
            destination=self._destination,
            ssrc=statistics.ssrc,
            call_id=call_id,
            codec=self._codec or "no audio",
            begin=self._begin,
            end=self._end,
            packets=statistics.received,
            expected=statistics.expected,
            lost=statistics.lost,
            duplicates=statistics.duplicates,
            out_of_order=statistics.out_of_order,
            jitter_ms=statistics.jitter_ms,
            max_jitter_ms=self._max_jitter_ms,
            mos=self._mos(),
        )

    def _mos(self) -> float | None:
        statistics = self._statistics
        if (self._codec or "").lower() not in _RATED or not statistics.expected:
            return None
        loss = statistics.lost / statistics.expected
        # Random loss has bursts of mean length 1 / (1 - loss) (G.107 §7.4).
        burst_ratio = max(1.0, statistics.lost / self._gaps * (1 - loss)) if self._gaps else 1.0
        return mos(r_factor(2 * statistics.jitter_ms, loss, burst_ratio=burst_ratio))


def _sounds(packet: RtpPacket, known: MediaFormat | None) -> bool:
    """Tell whether a packet has a timestamp of its own: reports of one key press share theirs."""
    if known is not None:
        return is_voice(known)
    return packet.payload_type < _FIRST_DYNAMIC or len(packet.payload) != _EVENT_OCTETS
