"""What one session has measured, as one frozen record."""

from __future__ import annotations

import attrs

from ..jitter import JitterStatistics
from ..quality import AlertLevel, alert_level, mos, r_factor
from ..srtp import SrtpStatistics
from .events import QualityDirection
from .parts import SessionParts
from .quality_records import DirectionQuality


@attrs.frozen(kw_only=True)
class RtpStatistics:
    """Measured values of one stream, both directions; None means unknown, never guessed.

    Attributes:
        packets_sent: RTP packets sent, digits included.
        octets_sent: Payload octets of those.
        packets_received: RTP packets of the peer that counted, duplicates included.
        octets_received: Payload octets of those.
        expected: Packets that should have come, by sequence number.
        lost: Packets that have not come.
        fraction_lost: `lost` / `expected`, 0 to 1.
        out_of_order: Packets that came after a later one.
        duplicates: Packets that came more than once.
        late: Packets that came too late to be played.
        discarded: Packets dropped by the jitter buffer without being late.
        concealed: Stretches of concealment played, pauses of the sender included.
        jitter_ms: Interarrival jitter (RFC 3550 A.8).
        rtt_ms: Round-trip time from RTCP.
        strangers: Packets dropped because of their address.
        malformed: Datagrams that are neither valid RTP nor RTCP, or hold more audio than one packet may.
        ignored: STUN and DTLS datagrams.
        undecodable: Payloads that are none of their codec.
        recovered: Losses made up from what the next packet held of them.
        restored: Losses that came back as copies in later packets (RFC 2198).
        unknown_payload: Packets with a payload type that was not agreed on.
        other_sources: Packets of SSRCs that were not followed.
        looped: Packets with our own SSRC after it was changed because of a collision.
        unsent: Frames that were dropped because no address of the peer is known.
        dropped_transmits: Packets that the runtime did not fetch in time.
        dropped_events: Events that the runtime did not fetch in time.
        jitter_buffer_ms: Mean time that a packet waits in the jitter buffer.
        codec: Name of the codec of the last frame played, or of the send codec before that.
        remote_loss: Fraction that the peer lost lately, as it reports, 0 to 1.
        r_factor: Rating of what we heard in all (ITU-T G.107). It contains the network's delay from the first
            round-trip time on.
        mos: Mean opinion score from `r_factor`.
        alert: Name of the score.
        received: How the peer sounded to us lately.
        sent: How we sounded to the peer lately, as it reports.
        srtp_sent: What the cryptographic context of sending has counted, None without SRTP.
        srtp_received: What that of receiving has counted; each of its failures is a datagram dropped.
    """

    packets_sent: int
    octets_sent: int
    packets_received: int
    octets_received: int
    expected: int
    lost: int
    fraction_lost: float
    out_of_order: int
    duplicates: int
    late: int
    discarded: int
    concealed: int
    jitter_ms: float | None
    rtt_ms: float | None
    strangers: int
    malformed: int
    ignored: int
    undecodable: int
    recovered: int
    restored: int
    unknown_payload: int
    other_sources: int
    looped: int
    unsent: int
    dropped_transmits: int
    dropped_events: int
    jitter_buffer_ms: float | None
    codec: str
    remote_loss: float | None
    r_factor: float | None
    mos: float | None
    alert: AlertLevel | None
    received: DirectionQuality
    sent: DirectionQuality
    srtp_sent: SrtpStatistics | None
    srtp_received: SrtpStatistics | None


def measure(parts: SessionParts, *, send_codec: str, ptime_ms: int) -> RtpStatistics:
    """Collect the statistics of a session.

    Args:
        parts: What it is made of.
        send_codec: Name of the codec we send.
        ptime_ms: Length of a frame, a part of the delay.
    """
    sender, receiver, peer = parts.sender, parts.receiver, parts.peer
    inbound, outbox, intake = parts.inbound, parts.outbox, parts.receiver.intake
    selector, active, jitter = receiver.selector, receiver.selector.active, receiver.jitter.statistics()
    expected, lost = selector.expected, selector.lost
    rating = _rating(jitter, lost, expected, peer.rtt_ms, ptime_ms)
    score = None if rating is None else mos(rating)
    return RtpStatistics(
        packets_sent=sender.total_packets,
        octets_sent=sender.total_octets,
        packets_received=selector.received,
        octets_received=selector.octets,
        expected=expected,
        lost=lost,
        fraction_lost=lost / expected if expected else 0.0,
        out_of_order=selector.past_out_of_order + (active.out_of_order if active else 0),
        duplicates=selector.past_duplicates + (active.duplicates if active else 0),
        late=jitter.late,
        discarded=jitter.discarded,
        concealed=jitter.concealed,
        jitter_ms=active.jitter_ms if active else None,
        rtt_ms=peer.rtt_ms,
        strangers=parts.latch.strangers + inbound.rtcp_strangers,
        malformed=inbound.malformed + intake.oversized,
        ignored=inbound.ignored,
        undecodable=intake.unreadable + intake.redundancy.malformed + receiver.voice.undecodable,
        recovered=receiver.voice.recovered,
        restored=intake.redundancy.restored,
        unknown_payload=intake.unknown_payload,
        other_sources=selector.other,
        looped=inbound.looped,
        unsent=parts.outbound.unsent,
        dropped_transmits=outbox.dropped_transmits,
        dropped_events=outbox.dropped_events,
        jitter_buffer_ms=jitter.delay_ms if jitter.played else None,
        codec=receiver.voice.codec.label if receiver.voice.codec else send_codec,
        remote_loss=peer.remote_loss,
        r_factor=rating,
        mos=score,
        alert=None if score is None else alert_level(score),
        received=parts.quality.direction(QualityDirection.RECEIVED),
        sent=parts.quality.direction(QualityDirection.SENT),
        srtp_sent=outbox.security.sent,
        srtp_received=outbox.security.received,
    )


def _rating(
    jitter: JitterStatistics, lost: int, expected: int, rtt_ms: float | None, ptime_ms: int
) -> float | None:
    if not jitter.played or not expected:
        return None
    unheard = lost + jitter.late
    loss = min(1.0, unheard / expected)
    # Random loss has bursts of mean length 1 / (1 - loss) (G.107 §7.4).
    burst_ratio = max(1.0, unheard / jitter.bursts * (1 - loss)) if jitter.bursts else 1.0
    delay_ms = (rtt_ms or 0.0) / 2 + jitter.delay_ms + ptime_ms
    return r_factor(delay_ms, loss, burst_ratio=burst_ratio)
