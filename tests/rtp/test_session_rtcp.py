"""Reports both ways, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sansio_rtp import Address, RtpSession
from sansio_rtp.packet import RtpPacket
from sansio_rtp.quality import AlertLevel
from sansio_rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    SenderReport,
    SourceDescription,
    build_compound,
    middle_bits,
    parse_rtcp,
)
from sansio_rtp.session import GoodbyeReceived, ReportReceived

Make = Callable[..., Any]
PEER: Address = ("192.0.2.2", 5000)
PEER_RTCP: Address = ("192.0.2.2", 5001)
SILENCE = np.zeros(160, np.int16)
EPOCH = 1_700_000_000.0


def reports(pair: Any, port: int) -> list[tuple[Any, ...]]:
    return [
        tuple(parse_rtcp(data))
        for source, _, data in pair.wire
        if source[1] == port and 192 <= data[1] <= 223
    ]


def next_compound(session: RtpSession) -> list[Any]:
    while (transmit := session.next_transmit()) is None:
        assert session.deadline is not None
        session.handle_timeout(session.deadline)
    return parse_rtcp(transmit.data)


def test_reports_flow_and_tell_the_truth(make_pair: Make) -> None:
    """MED-6, MED-20: SR and SDES in every compound, counts and times exact, RTT from LSR and DLSR."""
    pair = make_pair()
    pair.run(60)
    compounds = reports(pair, 4000)
    assert 8 <= len(compounds) <= 24  # every 2.05 to 6.2 s, the first one earlier
    for report, description in compounds:
        assert isinstance(report, SenderReport)
        assert isinstance(description, SourceDescription)
        assert report.ssrc == pair.alice.ssrc
        assert description.chunks[0].cname
        seconds = report.ntp / 2**32 - 2_208_988_800 - EPOCH
        assert report.packet_count == pytest.approx(seconds / 0.02, abs=1.1)
        assert report.octet_count == report.packet_count * 160
        for block in report.reports:
            assert (block.ssrc, block.cumulative_lost, block.fraction_lost) == (pair.bob.ssrc, 0, 0)
    first, last = compounds[0][0], compounds[-1][0]
    ticks = (last.ntp - first.ntp) / 2**32 * 8000
    assert (last.rtp_timestamp - first.rtp_timestamp) % 2**32 == pytest.approx(ticks, abs=1)
    heard = pair.seen(ReportReceived)
    assert heard[-1].rtt_ms == pytest.approx(0, abs=2.1)
    statistics = pair.bob.statistics()
    assert statistics.rtt_ms is not None
    assert statistics.remote_loss == 0
    assert statistics.mos == pytest.approx(4.39, abs=0.02)
    assert statistics.alert is AlertLevel.GOOD


def test_the_peers_report_gives_loss_jitter_and_round_trip(make_session: Make) -> None:
    """MED-20: RTT only from an LSR that we have sent."""
    session = make_session(remote=PEER)
    for tick in range(400):
        session.send_frame(SILENCE, tick * 0.02)
        session.next_transmit()
    own = next_compound(session)[0]
    assert isinstance(own, SenderReport)
    sent_at = own.ntp / 2**32 - 2_208_988_800 - EPOCH
    for last_sr, rtt in ((0, None), (12_345, None), (middle_bits(own.ntp), 150.0)):
        block = ReportBlock(session.ssrc, 64, 7, 400, 80, last_sr, 65_536)
        data = build_compound([ReceiverReport(0xB0B, (block, ReportBlock(3, 255, 9, 9, 9)))])
        session.receive_rtcp(data, PEER_RTCP, sent_at + 1.15)
        event = session.next_event()
        assert event == ReportReceived(0xB0B, 0.25, 7, 10.0, event.rtt_ms)
        assert event.rtt_ms == (None if rtt is None else pytest.approx(rtt, abs=0.1))
        assert session.next_event() is None
    assert session.statistics().remote_loss == 0.25


def test_who_does_not_send_reports_as_a_receiver(make_session: Make) -> None:
    """MED-6: RR, with the block of the source heard, its last SR and the delay since."""
    session = make_session(remote=PEER)
    for tick in range(50):
        packet = RtpPacket(0, tick * 2, tick * 320, 0xB0B, bytes(160))
        session.receive_packet(packet.to_bytes(), PEER, tick * 0.02)
    ntp = 0x1122_3344_5566_7788
    session.receive_rtcp(build_compound([SenderReport(0xB0B, ntp, 0, 50, 8000)]), PEER_RTCP, 0.99)
    report = next_compound(session)[0]
    assert isinstance(report, ReceiverReport)
    (block,) = report.reports
    assert (block.ssrc, block.cumulative_lost, block.fraction_lost) == (0xB0B, 49, 49 * 256 // 99)
    assert (block.highest_sequence, block.last_sr) == (98, 0x3344_5566)
    assert block.delay_since_last_sr == pytest.approx((session._now - 0.99) * 65_536, abs=1)
    # Nothing came since: no block (RFC 3550 §6.4).
    assert next_compound(session)[0].reports == ()


def test_closing_says_goodbye_once(make_session: Make) -> None:
    """MED-6: BYE in a compound with report and CNAME; `closed` once it was fetched."""
    session = make_session(remote=PEER, cname="alice@example")
    session.send_frame(SILENCE, 0.0)
    session.next_transmit()
    session.close(1.0, "hangup")
    assert not session.closed
    session.close(2.0)
    transmit = session.next_transmit()
    assert transmit is not None
    report, description, bye = parse_rtcp(transmit.data)
    assert isinstance(report, SenderReport)
    assert isinstance(description, SourceDescription)
    assert description.chunks[0].cname == "alice@example"
    assert bye == Goodbye((session.ssrc,), "hangup")
    assert session.closed
    assert session.deadline is None
    assert session.next_transmit() is None


@pytest.mark.parametrize("changes", [{}, {"rtcp": False}])
def test_who_never_sent_leaves_without_goodbye(make_session: Make, changes: dict[str, Any]) -> None:
    """MED-6: RFC 3550 §6.3.7."""
    session = make_session(remote=PEER, **changes)
    session.close(0.5)
    assert session.closed
    assert session.next_transmit() is None


def test_a_goodbye_is_told_once_and_only_of_known_sources(make_session: Make) -> None:
    """MED-6"""
    session = make_session(remote=PEER)
    session.receive_rtcp(build_compound([Goodbye((7,))]), PEER_RTCP, 0.0)
    assert session.next_event() is None
    bye = build_compound([ReceiverReport(0xB0B), Goodbye((0xB0B,), "gone")])
    session.receive_packet(bye, PEER, 0.1)
    assert session.next_event() == GoodbyeReceived(0xB0B, "gone")
    session.receive_rtcp(build_compound([Goodbye((0xB0B,), "gone")]), PEER_RTCP, 0.2)
    assert session.next_event() is None


def test_our_own_reports_reflected_are_ignored(make_session: Make) -> None:
    """MED-6"""
    session = make_session(remote=PEER)
    block = ReportBlock(session.ssrc, 255, 1, 1, 1)
    session.receive_rtcp(build_compound([ReceiverReport(session.ssrc, (block,))]), PEER_RTCP, 0.0)
    assert session.next_event() is None
    assert session.statistics().remote_loss is None


def test_bad_rtcp_is_counted(make_session: Make) -> None:
    """MED-6"""
    session = make_session(remote=PEER)
    for data in (b"", b"\x80", b"\x80" + bytes(39), b"\x80\xc9\x00\x10" + bytes(4)):
        session.receive_rtcp(data, PEER_RTCP, 0.0)
    assert session.statistics().malformed == 4


def test_stun_and_dtls_on_the_port_of_rtcp_are_not_bad_rtcp(make_session: Make) -> None:
    """MED-6, RFC 7983 §7: linphone sends binding indications there all the time."""
    session = make_session()
    binding_indication = bytes.fromhex("001100002112a442") + bytes(12)
    session.receive_rtcp(binding_indication, PEER_RTCP, 0.0)
    session.receive_rtcp(binding_indication, ("198.51.100.9", 9), 0.1)
    session.receive_rtcp(b"\x16\xfe\xfd" + bytes(10), PEER_RTCP, 0.2)
    statistics = session.statistics()
    assert (statistics.ignored, statistics.malformed, statistics.strangers) == (3, 0, 0)


def test_silent_members_are_forgotten_and_tables_are_bounded(make_session: Make) -> None:
    """MED-6: RFC 3550 §6.3.5; law 8."""
    session = make_session(remote=PEER, max_sources=4)
    for ssrc in range(1, 200):
        data = build_compound([SenderReport(ssrc, 1 << 32, 0, 0, 0)])
        session.receive_rtcp(data, PEER_RTCP, 0.0)
    reporter = session._parts.reporter
    assert len(reporter._heard) == len(reporter._reports) == 4
    for _ in range(20):
        next_compound(session)
    assert len(reporter._heard) == 0


def test_quality_is_unknown_until_it_is_measured(make_session: Make) -> None:
    """MED-20: None while unknown, never a guess."""
    statistics = make_session(remote=PEER).statistics()
    for field in ("mos", "r_factor", "alert", "rtt_ms", "remote_loss", "jitter_ms", "jitter_buffer_ms"):
        assert getattr(statistics, field) is None
    assert statistics.fraction_lost == 0


def test_loss_lowers_the_score_and_bursts_lower_it_more(make_pair: Make) -> None:
    """MED-20, MED-21"""
    scores = []
    for period, length in ((10_000, 1), (20, 1), (100, 5)):
        pair = make_pair()

        def drop(number: int, data: bytes, period: int = period, length: int = length) -> bool:
            return not 192 <= data[1] <= 223 and number > 100 and number // 2 % period < length

        pair.drop = drop
        pair.run(20)
        scores.append(pair.bob.statistics().mos)
    assert scores == sorted(scores, reverse=True)
    assert scores[0] - scores[1] > 0.2
    assert scores[1] - scores[2] > 0.03
