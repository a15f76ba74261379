"""Extended reports: RTCP XR as data (RFC 3611)."""

from __future__ import annotations

import struct
from typing import TypeAlias

import attrs

_HEADER = struct.Struct("!BBH")
_VOIP = struct.Struct("!IBBBBHHHHbbBBBBBBBBHHH")
_REFERENCE_TIME = 4
_DLRR = 5
_VOIP_METRICS = 7
UNKNOWN_LEVEL = 127
"""R factor, MOS and level fields that the reporter does not know (RFC 3611 §4.7)."""


@attrs.frozen
class ReferenceTime:
    """RRT: when a receiver that sends nothing sent this report (§4.4); `ntp` is a 64-bit NTP timestamp."""

    ntp: int


@attrs.frozen
class DelaySinceReference:
    """One sub-block of DLRR: the answer to a `ReferenceTime` (§4.5).

    Attributes:
        ssrc: Who sent the reference time.
        last_rr: Middle bits of its NTP timestamp, 0 when none came.
        delay: Time since then, in 1/65536 s.
    """

    ssrc: int
    last_rr: int
    delay: int


@attrs.frozen
class DelayReport:
    """DLRR: answers to reference times (§4.5)."""

    delays: tuple[DelaySinceReference, ...]


@attrs.frozen
class VoipMetrics:
    """How a call sounds to the reporter (§4.7); None where the field says that it is unknown.

    Attributes:
        ssrc: The source it hears.
        loss_rate: Share of packets lost by the network, 0 to 1, in 1/256.
        discard_rate: Share of packets that came and were not played.
        burst_density: Share missing within bursts.
        gap_density: Share missing within gaps.
        burst_ms: Mean length of a burst.
        gap_ms: Mean length of a gap.
        round_trip_ms: Round-trip time, 0 while unknown.
        end_system_ms: Delay within the reporter, 0 while unknown.
        signal_dbm0: Level of speech.
        noise_dbm0: Level of noise.
        echo_return_loss_db: Residual echo return loss.
        gmin: Threshold between burst and gap, in packets.
        r_factor: Rating, 0 to 100.
        external_r_factor: Rating of a network behind.
        mos_lq: Mean opinion score of listening, 1 to 5.
        mos_cq: Mean opinion score of conversation, 1 to 5.
        receiver_config: Concealment, adaptivity and rate of the jitter buffer, as one octet (§4.7.6).
        nominal_ms: Nominal delay of the jitter buffer.
        maximum_ms: Its greatest delay now.
        absolute_maximum_ms: Its greatest delay ever.
    """

    ssrc: int
    loss_rate: float
    discard_rate: float
    burst_density: float
    gap_density: float
    burst_ms: int
    gap_ms: int
    round_trip_ms: int
    end_system_ms: int
    signal_dbm0: int | None
    noise_dbm0: int | None
    echo_return_loss_db: int | None
    gmin: int
    r_factor: int | None
    external_r_factor: int | None
    mos_lq: float | None
    mos_cq: float | None
    receiver_config: int
    nominal_ms: int
    maximum_ms: int
    absolute_maximum_ms: int


ReportBlockXr: TypeAlias = ReferenceTime | DelayReport | VoipMetrics
"""Every block that is read; others are skipped and counted."""


@attrs.frozen
class ExtendedReport:
    """XR: blocks of one reporter (§2).

    Attributes:
        ssrc: The reporter.
        blocks: Those that are known, in their order.
        skipped: Blocks of other types.
    """

    ssrc: int
    blocks: tuple[ReportBlockXr, ...]
    skipped: int = 0


def read_extended_report(body: bytes) -> ExtendedReport:
    """Read the body of an XR packet, behind its four octets of header.

    Raises:
        struct.error: A block is longer than the packet, or has not the length of its type.
    """
    (ssrc,) = struct.unpack_from("!I", body)
    position, skipped = 4, 0
    blocks: list[ReportBlockXr] = []
    while position < len(body):
        kind, _, words = _HEADER.unpack_from(body, position)
        content = body[position + 4 : position + 4 + 4 * words]
        if len(content) != 4 * words:
            raise struct.error("XR block is cut")
        position += 4 + 4 * words
        block = _read_block(kind, content)
        if block is None:
            skipped += 1
        else:
            blocks.append(block)
    return ExtendedReport(ssrc, tuple(blocks), skipped)


def _read_block(kind: int, content: bytes) -> ReportBlockXr | None:
    if kind == _REFERENCE_TIME:
        return ReferenceTime(*struct.unpack("!Q", content))
    if kind == _DLRR:
        return DelayReport(
            tuple(DelaySinceReference(*words) for words in struct.iter_unpack("!III", content))
        )
    return _read_voip_metrics(content) if kind == _VOIP_METRICS else None


def _read_voip_metrics(content: bytes) -> VoipMetrics:
    ssrc, *shares_and_rest = _VOIP.unpack(content)
    loss, discard, burst, gap = (share / 256 for share in shares_and_rest[:4])
    burst_ms, gap_ms, round_trip, end_system = shares_and_rest[4:8]
    signal, noise, rerl, gmin, r, external_r, mos_lq, mos_cq = shares_and_rest[8:16]
    config, _, nominal, maximum, absolute = shares_and_rest[16:]
    return VoipMetrics(
        ssrc, loss, discard, burst, gap, burst_ms, gap_ms, round_trip, end_system,
        _known(signal), _known(noise), _known(rerl), gmin, _known(r), _known(external_r),
        _score(mos_lq), _score(mos_cq), config, nominal, maximum, absolute,
    )  # fmt: skip


def _known(value: int) -> int | None:
    return None if value == UNKNOWN_LEVEL else value


def _score(value: int) -> float | None:
    return None if value == UNKNOWN_LEVEL else value / 10


def extended_report_body(report: ExtendedReport) -> bytes:
    """Return the body of an XR packet, behind its header; skipped blocks are gone.

    Raises:
        struct.error: A field is out of range.
    """
    return struct.pack("!I", report.ssrc) + b"".join(_block(block) for block in report.blocks)


def _block(block: ReportBlockXr) -> bytes:
    if isinstance(block, ReferenceTime):
        return _HEADER.pack(_REFERENCE_TIME, 0, 2) + struct.pack("!Q", block.ntp)
    if isinstance(block, DelayReport):
        content = b"".join(struct.pack("!III", one.ssrc, one.last_rr, one.delay) for one in block.delays)
        return _HEADER.pack(_DLRR, 0, len(content) // 4) + content
    return _HEADER.pack(_VOIP_METRICS, 0, 8) + _voip_metrics(block)


def _voip_metrics(block: VoipMetrics) -> bytes:
    shares = (block.loss_rate, block.discard_rate, block.burst_density, block.gap_density)
    levels = (block.signal_dbm0, block.noise_dbm0, block.echo_return_loss_db)
    signal, noise, rerl = (UNKNOWN_LEVEL if level is None else level for level in levels)
    ratings = (block.r_factor, block.external_r_factor)
    scores = (block.mos_lq, block.mos_cq)
    return _VOIP.pack(
        block.ssrc, *(min(255, int(share * 256)) for share in shares),
        *(min(0xFFFF, ms) for ms in (block.burst_ms, block.gap_ms, block.round_trip_ms, block.end_system_ms)),
        signal, noise, rerl, block.gmin, *(UNKNOWN_LEVEL if one is None else one for one in ratings),
        *(UNKNOWN_LEVEL if score is None else round(score * 10) for score in scores), block.receiver_config, 0,
        block.nominal_ms, block.maximum_ms, block.absolute_maximum_ms,
    )  # fmt: skip
