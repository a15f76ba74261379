"""What a session knows of its own quality, in both directions, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from sansio_rtp import Address, JitterConfig, LocalProtocolError, RtpSession
from sansio_rtp.packet import RtpPacket
from sansio_rtp.quality import AlertLevel, QualitySample, r_factor
from sansio_rtp.rtcp import (
    ExtendedReport,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    VoipMetrics,
    build_compound,
    middle_bits,
    parse_rtcp,
)
from sansio_rtp.session import (
    DirectionQuality,
    QualityChanged,
    QualityDirection,
    ReportReceived,
    Verdict,
)

Make = Callable[..., Any]
PEER: Address = ("192.0.2.2", 5000)
PEER_RTCP: Address = ("192.0.2.2", 5001)
SILENCE = np.zeros(160, np.int16)
METRICS = VoipMetrics(
    0, 0.0, 0.125, 0.25, 0.0, 120, 9_000, 0, 80, None, None, None, 16, None, None, None, None, 0xB0, 60,
    200, 200,
)  # fmt: skip


def is_rtcp(data: bytes) -> bool:
    return 192 <= data[1] <= 223


def lossy(from_number: int, period: int, length: int, port: int = 4000) -> Callable[[int, bytes], bool]:
    """Lose `length` of every `period` RTP packets of each side from a certain datagram on."""
    return lambda number, data: not is_rtcp(data) and number > from_number and number // 2 % period < length


def due(session: RtpSession) -> float | None:
    return session.deadline


def reported(session: RtpSession, fraction: int, now: float, *extended: VoipMetrics) -> None:
    """Let the peer report on our stream."""
    blocks = (ReportBlock(session.ssrc, fraction, 0, 0, 80),)
    packets: list[Any] = [ReceiverReport(0xB0B, blocks)]
    packets += [ExtendedReport(0xB0B, (attrs.evolve(block, ssrc=session.ssrc),)) for block in extended]
    session.receive_rtcp(build_compound(packets), PEER_RTCP, now)


def sample(session: RtpSession) -> QualitySample:
    """Take the next sample and return that of the sent direction."""
    before = session.statistics().sent.latest
    while session.statistics().sent.latest == before:
        assert session.deadline is not None
        session.handle_timeout(session.deadline)
    latest = session.statistics().sent.latest
    assert latest is not None
    return latest


def test_a_good_call_has_a_sample_every_five_seconds_and_nothing_to_tell(make_pair: Make) -> None:
    """MED-20, MED-21: both directions, every value measured."""
    pair = make_pair()
    pair.run(31)
    history = pair.bob.quality_history()
    for samples in (history.received, history.sent):
        assert len(samples) == 6
        assert np.diff([each.at for each in samples]) == pytest.approx(5.0, abs=0.021)
    last = history.received[-1]
    assert (last.loss, last.burst_loss, last.burst_ratio) == (0, 0, 1)
    assert last.jitter_ms == pytest.approx(0, abs=1e-6)
    assert last.rtt_ms == pytest.approx(0, abs=2.1)
    assert last.delay_ms == pytest.approx(60, abs=25)
    assert last.mos == pytest.approx(4.39, abs=0.02)
    sent = history.sent[-1]
    assert (sent.loss, sent.jitter_ms, sent.burst_loss) == (0, pytest.approx(0), None)
    assert sent.mos == pytest.approx(4.4, abs=0.02)
    statistics = pair.bob.statistics()
    assert statistics.received == DirectionQuality(AlertLevel.GOOD, last, 64_000)
    assert statistics.sent == DirectionQuality(AlertLevel.GOOD, sent, 64_000)
    assert pair.seen(QualityChanged) == []


def test_nothing_is_known_before_it_is_measured_and_nothing_is_due(make_session: Make) -> None:
    """MED-20: None while unknown; law 7: what has heard nothing has nothing to measure."""
    session = make_session(remote=PEER, rtcp=False)
    statistics = session.statistics()
    assert statistics.received == statistics.sent == DirectionQuality(None, None, None)
    assert due(session) is None
    session.receive_packet(RtpPacket(0, 1, 0, 9, bytes(160)).to_bytes(), PEER, 3.0)
    assert due(session) == 8.0
    session.handle_timeout(8.0)
    # One packet that was never played: of the rest nothing is known.
    assert session.quality_history().received == (QualitySample(at=8.0),)
    assert session.quality_history().sent == (QualitySample(at=8.0),)
    assert due(session) == 13.0


def test_a_runtime_that_slept_does_not_make_up_for_it(make_session: Make) -> None:
    """MED-20, law 2."""
    session = make_session(remote=PEER, rtcp=False)
    session.receive_packet(RtpPacket(0, 1, 0, 9, bytes(160)).to_bytes(), PEER, 0.0)
    session.handle_timeout(3_600.0)
    assert len(session.quality_history().received) == 1
    assert due(session) == 3_605.0


def test_loss_is_told_once_when_it_comes_and_once_when_it_is_over(make_pair: Make) -> None:
    """MED-20: alerts in both directions, from own counters here and the peer's reports there."""
    pair = make_pair()
    pair.run(10)
    pair.drop = lossy(0, 10, 1)
    pair.run(20)
    worse = [event for name, event in pair.events if name == "bob" and isinstance(event, QualityChanged)]
    assert {event.direction for event in worse} == set(QualityDirection)
    for event in worse:
        assert (event.before, event.level) == (AlertLevel.GOOD, AlertLevel.FAIR)
        assert 3 <= event.mos < 4
    last = pair.bob.statistics().received.latest
    assert last.loss == pytest.approx(0.1, abs=0.02)
    assert pair.bob.statistics().sent.latest.loss == pytest.approx(0.1, abs=0.04)
    pair.drop = lambda number, data: False
    pair.run(20)
    better = [event for name, event in pair.events if name == "bob" and isinstance(event, QualityChanged)][2:]
    assert [(event.before, event.level) for event in better] == [(AlertLevel.FAIR, AlertLevel.GOOD)] * 2
    assert pair.bob.statistics().received.latest.loss == 0  # of the interval, not of the call
    assert pair.bob.statistics().fraction_lost > 0.02


def test_losses_that_come_together_are_a_burst_and_score_less(make_pair: Make) -> None:
    """MED-20: burst loss as RFC 3611 §4.7.2 has it, the burst ratio of G.107, at the same rate of loss."""
    found = {}
    for period, length in ((20, 1), (100, 5)):
        pair = make_pair()
        pair.drop = lossy(100, period, length)
        pair.run(20)
        found[length] = pair.bob.statistics().received.latest
    single, burst = found[1], found[5]
    assert single.loss == pytest.approx(burst.loss, abs=0.015)
    assert (single.burst_loss, single.burst_ratio) == (0, 1)
    assert burst.burst_loss == 1
    assert burst.burst_ratio == pytest.approx(5 * 0.95, abs=0.3)
    assert burst.mos < single.mos - 0.03


def test_packets_that_come_too_late_count_as_unheard(make_session: Make) -> None:
    """MED-20: as discarded, not as lost."""
    session = make_session(remote=PEER, rtcp=False, jitter=JitterConfig(max_delay_ms=40, adaptive=False))
    waiting = [(number * 0.02 + (0.3 if number % 25 == 10 else 0.001), number) for number in range(480)]
    for tick in range(500):
        now = tick * 0.02 + 0.01
        for at, number in [item for item in waiting if now - 0.02 < item[0] <= now]:
            packet = RtpPacket(0, number, number * 160, 9, bytes(160))
            session.receive_packet(packet.to_bytes(), PEER, at)
        session.playout(now)
        session.handle_timeout(now)
    losses = session._parts.receiver.jitter.losses()
    assert losses.loss_rate == 0
    assert losses.discard_rate == pytest.approx(0.04, abs=0.005)
    assert session.statistics().received.latest.loss == pytest.approx(0.04, abs=0.01)


def test_the_round_trip_is_the_path_that_the_jitter_buffer_reckons_with(make_session: Make) -> None:
    """MED-14, MED-20: RTT from LSR and DLSR enters delay and rating, and the choice of the delay."""
    session = make_session(remote=PEER)
    for tick in range(100):
        session.receive_packet(RtpPacket(0, tick, tick * 160, 9, bytes(160)).to_bytes(), PEER, tick * 0.02)
        session.send_frame(SILENCE, tick * 0.02)
        session.playout(tick * 0.02)
    control = session._parts.receiver.jitter._arrivals.control
    assert control._path_ms == JitterConfig().path_delay_ms
    own = None
    while own is None:
        session.handle_timeout(session.deadline)
        own = next((t.data for t in iter(session.next_transmit, None) if is_rtcp(t.data)), None)
    report = parse_rtcp(own)[0]
    assert isinstance(report, SenderReport)
    sent_at = report.ntp / 2**32 - 2_208_988_800 - 1_700_000_000.0
    block = ReportBlock(session.ssrc, 0, 0, 0, 0, middle_bits(report.ntp), 0)
    session.receive_rtcp(build_compound([ReceiverReport(9, (block,))]), PEER_RTCP, sent_at + 0.4)
    latest = sample(session)
    assert latest.rtt_ms == pytest.approx(400, abs=0.1)
    assert latest.delay_ms == pytest.approx(220, abs=0.1)
    assert latest.r_factor == pytest.approx(r_factor(220.0, 0.0), abs=0.01)
    assert control._path_ms == 220


def test_what_the_peer_reports_is_averaged_and_grows_old(make_session: Make) -> None:
    """MED-20: two reports in one interval; none for long is unknown again."""
    session = make_session(remote=PEER)
    reported(session, 64, 0.1)
    reported(session, 0, 2.0)
    assert sample(session).loss == 0.125
    assert sample(session).loss == 0  # the last one still holds
    latest = [sample(session) for _ in range(5)][-1]
    assert latest.at > 27
    assert (latest.loss, latest.mos) == (None, None)
    assert session.statistics().sent.level is AlertLevel.GOOD


def test_the_peers_own_rating_counts_for_what_we_send(make_session: Make) -> None:
    """MED-6, MED-20: VoIP metrics of RFC 3611 give discards, bursts, the buffer over there, R and MOS."""
    session = make_session(remote=PEER)
    reported(session, 32, 0.1, METRICS)
    first = sample(session)
    assert (first.loss, first.burst_loss) == (0.25, 0.25)
    assert first.r_factor == pytest.approx(r_factor(20.0, 0.25))
    reported(session, 32, 5.2, attrs.evolve(METRICS, r_factor=70, mos_cq=3.6))
    second = sample(session)
    assert (second.r_factor, second.mos) == (70, 3.6)
    # Values that the RFC forbids are as good as none (§4.7.5).
    reported(session, 32, 10.2, attrs.evolve(METRICS, r_factor=120, mos_cq=0.3))
    assert sample(session).r_factor == first.r_factor
    # Of another source, and our own in a mirror: not about us.
    other = ExtendedReport(0xB0B, (attrs.evolve(METRICS, ssrc=5, r_factor=1),))
    mirrored = ExtendedReport(session.ssrc, (attrs.evolve(METRICS, ssrc=session.ssrc, r_factor=2),))
    session.receive_rtcp(build_compound([ReceiverReport(0xB0B), other, mirrored]), PEER_RTCP, 12.0)
    assert sample(session).r_factor == first.r_factor


def test_extended_reports_go_with_every_report_where_they_are_wanted(make_pair: Make) -> None:
    """MED-6: RFC 3611 §4.7, from counters; and the other side knows by them how it is heard."""
    pair = make_pair(rtcp_xr=True)
    pair.drop = lossy(100, 100, 5)
    pair.run(60)
    pair.bob.close(pair.now)
    pair.pump()
    compounds = [parse_rtcp(data) for source, _, data in pair.wire if source[1] == 5000 and is_rtcp(data)]
    assert len(compounds) > 8
    for compound in compounds:
        assert isinstance(compound[2], ExtendedReport)
        assert compound[2].ssrc == pair.bob.ssrc
    (block,) = compounds[-2][2].blocks  # type: ignore[union-attr]
    assert isinstance(block, VoipMetrics)
    assert block.ssrc == pair.alice.ssrc
    assert block.loss_rate == pytest.approx(0.05, abs=0.01)
    assert (block.discard_rate, block.burst_density, block.gap_density) == (0, 255 / 256, 0)
    assert block.burst_ms == 100
    assert block.gap_ms == pytest.approx(1_900, rel=0.1)
    assert block.gmin == 16
    assert block.r_factor is not None
    assert block.mos_cq is not None
    assert 50 < block.r_factor < 80
    assert block.mos_lq is not None
    assert block.mos_lq >= block.mos_cq
    assert block.receiver_config == 0b1011_0000
    assert 20 <= block.nominal_ms <= block.maximum_ms == block.absolute_maximum_ms == 200
    assert (block.signal_dbm0, block.noise_dbm0, block.echo_return_loss_db, block.external_r_factor) == (
        None, None, None, None,
    )  # fmt: skip
    sent = pair.alice.statistics().sent.latest
    assert sent.burst_loss == pytest.approx(1, abs=0.01)
    assert sent.r_factor == pytest.approx(block.r_factor, abs=10)


def test_no_extended_reports_by_default_and_none_before_anything_is_heard(
    make_pair: Make, make_session: Make
) -> None:
    """MED-6."""
    pair = make_pair()
    pair.run(20)
    assert all(
        not isinstance(part, ExtendedReport)
        for _, _, data in pair.wire
        if is_rtcp(data)
        for part in parse_rtcp(data)
    )
    assert pair.seen(ReportReceived)
    session = make_session(remote=PEER, rtcp_xr=True)
    session.send_frame(SILENCE, 0.0)
    session.next_transmit()
    session.close(0.1)
    assert len(parse_rtcp(session.next_transmit().data)) == 3


def test_a_fixed_buffer_says_so(make_session: Make) -> None:
    """MED-6: RFC 3611 §4.7.6, §4.7.7."""
    session = make_session(
        remote=PEER, rtcp_xr=True, jitter=JitterConfig(min_delay_ms=40, max_delay_ms=120, adaptive=False)
    )
    for tick in range(50):
        session.receive_packet(RtpPacket(0, tick, tick * 160, 9, bytes(160)).to_bytes(), PEER, tick * 0.02)
        session.send_frame(SILENCE, tick * 0.02)
        session.playout(tick * 0.02)
    session.close(1.0)
    compound = parse_rtcp([t.data for t in iter(session.next_transmit, None)][-1])
    (block,) = compound[2].blocks  # type: ignore[union-attr]
    assert isinstance(block, VoipMetrics)
    assert block.receiver_config == 0b1010_0000
    assert block.nominal_ms == block.maximum_ms == block.absolute_maximum_ms == 40


class Elsewhere:
    """Takes packets that are not played here."""

    listened = False

    def pass_on(self, packet: RtpPacket, verdict: Verdict, now: float) -> None:
        return


def test_what_is_passed_on_is_rated_as_the_network_has_brought_it(make_session: Make) -> None:
    """MED-20: nothing is played here, so of bursts and delay nothing is known."""
    session = make_session(remote=PEER, rtcp=False)
    session.divert(Elsewhere())
    for number in range(800):
        if number < 300 or number % 10:
            packet = RtpPacket(0, number, number * 160, 9, bytes(160))
            session.receive_packet(packet.to_bytes(), PEER, number * 0.02)
        session.handle_timeout(number * 0.02)
    first, second, third = session.quality_history().received
    assert (first.loss, first.delay_ms, first.burst_loss) == (0, None, None)
    assert second.loss == pytest.approx(0.08, abs=0.01)
    assert third.loss == pytest.approx(0.1, abs=0.01)
    assert third.mos < second.mos < first.mos
    session.divert(None)
    for _ in range(2):
        session.handle_timeout(session.deadline)
    assert session.quality_history().received[-1].loss is None


def test_the_history_is_bounded_and_can_be_off(make_pair: Make) -> None:
    """MED-20, law 8."""
    pair = make_pair(max_quality_samples=3, quality_interval_ms=1_000)
    pair.run(10)
    assert [round(each.at) for each in pair.bob.quality_history().received] == [7, 8, 9]
    pair = make_pair(quality_interval_ms=None)
    pair.run(10)
    assert pair.bob.quality_history().received == ()
    assert pair.bob.statistics().received == DirectionQuality(None, None, None)


@pytest.mark.parametrize(
    ("named", "value"),
    [("quality_interval_ms", 999), ("quality_interval_ms", 600_001), ("max_quality_samples", 0)],
)
def test_a_bad_setting_is_named(make_config: Make, named: str, value: int) -> None:
    """MED-20."""
    with pytest.raises(LocalProtocolError, match=named):
        make_config(**{named: value})
