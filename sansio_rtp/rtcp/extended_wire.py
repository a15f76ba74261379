"""Extended reports to bytes and back (RFC 3611 §3, §4)."""

from __future__ import annotations

import struct

from .extended import (
    DelayReport,
    DelaySinceReference,
    ExtendedReport,
    ReferenceTime,
    ReportBlockXr,
    VoipMetrics,
)

_HEADER = struct.Struct("!BBH")
_VOIP = struct.Struct("!IBBBBHHHHbbBBBBBBBBHHH")
_REFERENCE_TIME = 4
_DLRR = 5
_VOIP_METRICS = 7
UNKNOWN_LEVEL = 127
"""R factor, MOS and level fields that the reporter does not know (RFC 3611 §4.7)."""


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
        *(UNKNOWN_LEVEL if score is None else round(score * 10) for score in scores),
        block.receiver_config, 0, block.nominal_ms, block.maximum_ms, block.absolute_maximum_ms,
    )  # fmt: skip
