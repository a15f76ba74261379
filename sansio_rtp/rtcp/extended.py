"""Extended reports: RTCP XR as data (RFC 3611)."""

from __future__ import annotations

from typing import TypeAlias

import attrs


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
