from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp import LocalProtocolError, PacketError
from sansio_rtp.rtcp import (
    AppPacket,
    DelayReport,
    DelaySinceReference,
    ExtendedReport,
    GenericNack,
    Goodbye,
    PictureLoss,
    ReceiverReport,
    ReferenceTime,
    ReportBlock,
    RtcpPacket,
    SdesChunk,
    SenderReport,
    SourceDescription,
    UnknownRtcp,
    VoipMetrics,
    build_compound,
    parse_rtcp,
)

Load = Callable[[str], Any]
u32 = st.integers(0, 0xFFFFFFFF)
texts = st.text(max_size=60)
blocks = st.builds(
    ReportBlock, u32, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), u32, u32, u32, u32
)
reports = st.lists(blocks, max_size=3).map(tuple)
chunks = st.builds(SdesChunk, u32, st.lists(st.tuples(st.integers(1, 8), texts), max_size=3).map(tuple))
compounds = st.lists(
    st.builds(SenderReport, u32, st.integers(0, 2**64 - 1), u32, u32, u32, reports)
    | st.builds(ReceiverReport, u32, reports)
    | st.builds(SourceDescription, st.lists(chunks, max_size=3).map(tuple))
    | st.builds(Goodbye, st.lists(u32, max_size=4).map(tuple), st.none() | texts)
    | st.builds(
        AppPacket, st.integers(0, 31), u32, st.text("abc", min_size=4, max_size=4), st.just(b"12345678")
    )
    | st.builds(UnknownRtcp, st.integers(205, 223), st.integers(0, 31), st.just(b"abcd")),
    min_size=1,
    max_size=4,
)


def check(packet: RtcpPacket, wanted: dict[str, Any]) -> None:
    match packet:
        case SenderReport() | ReceiverReport():
            assert wanted["type"] == ("SR" if isinstance(packet, SenderReport) else "RR")
            assert packet.ssrc == wanted["ssrc"]
            if isinstance(packet, SenderReport):
                numbers = (packet.ntp, packet.rtp_timestamp, packet.packet_count, packet.octet_count)
                assert numbers == tuple(wanted[key] for key in ("ntp", "rtp_ts", "packets", "octets"))
            assert packet.reports == tuple(ReportBlock(*block.values()) for block in wanted["reports"])
        case SourceDescription():
            assert [(chunk.ssrc, {"CNAME": chunk.cname}) for chunk in packet.chunks] == [
                (chunk["ssrc"], chunk["items"]) for chunk in wanted["chunks"]
            ]
        case Goodbye():
            assert packet == Goodbye(tuple(wanted["ssrcs"]), wanted["reason"])
        case AppPacket():
            data = bytes.fromhex(wanted["data"])
            assert packet == AppPacket(wanted["subtype"], wanted["ssrc"], wanted["name"], data)
        case UnknownRtcp():
            names = {"RTPFB": 205, "PSFB": 206, "XR": 207}
            assert packet.packet_type == names.get(wanted["type"], wanted["type"])
            assert packet.count == wanted.get("fmt", 0)


def test_every_vector_is_read_or_refused_as_it_says(vectors: Load) -> None:
    """MED-6: SR, RR, SDES, BYE, APP; others are kept raw; RFC 3550 A.2."""
    for case in vectors("rtp-rtcp.json")["rtcp"]:
        data = bytes.fromhex(case["bytes"])
        if case["parse"] == "reject":
            with pytest.raises(PacketError) as caught:
                parse_rtcp(data, reduced_size=True)
            assert caught.value.error_class == case["error_class"], case["id"]
        elif case["parse"] == "accept":
            packets = parse_rtcp(data, reduced_size=True)
            assert len(packets) == len(case["packets"])
            for packet, wanted in zip(packets, case["packets"], strict=True):
                check(packet, wanted)
            if case["id"] != "padding-last":
                assert build_compound(packets) == data, case["id"]


@given(compounds)
@settings(max_examples=80)
def test_a_compound_survives_the_wire(compound: list[RtcpPacket]) -> None:
    """MED-6"""
    assert parse_rtcp(build_compound(compound), reduced_size=True) == compound


@given(
    st.binary(max_size=80)
    | compounds.map(build_compound).flatmap(lambda d: st.integers(0, len(d)).map(lambda n: d[:n]))
)
@settings(max_examples=120)
def test_any_bytes_give_packets_or_a_packet_error(data: bytes) -> None:
    """MED-6"""
    position = 0
    try:
        assert parse_rtcp(data, reduced_size=True)
    except PacketError as error:
        position = error.position
    assert 0 <= position <= len(data)


def test_a_datagram_of_empty_packets_is_refused() -> None:
    """MED-6: nobody may make us build thousands of objects of one datagram."""
    with pytest.raises(PacketError, match="more than"):
        parse_rtcp(bytes.fromhex("80cb0000") * 16_000, reduced_size=True)


@pytest.mark.parametrize(
    "packet",
    [
        SourceDescription((SdesChunk(1, ((1, "x" * 256),)),)),
        Goodbye((1,) * 32),
        Goodbye((1,), "é" * 128),
        ReceiverReport(2**32),
        AppPacket(3, 1, "name", b"odd"),
        UnknownRtcp(210, 0, b"odd"),
    ],
)
def test_what_does_not_fit_is_refused(packet: RtcpPacket) -> None:
    """MED-6"""
    with pytest.raises(LocalProtocolError):
        build_compound([packet])


def test_cumulative_loss_is_clamped_not_wrapped() -> None:
    """MED-6: RFC 3550 A.3."""
    for lost, wanted in ((2**24, 2**23 - 1), (-(2**24), -(2**23))):
        (packet,) = parse_rtcp(build_compound([ReceiverReport(1, (ReportBlock(2, 0, lost, 0, 0),))]))
        assert isinstance(packet, ReceiverReport)
        assert packet.reports[0].cumulative_lost == wanted


def test_a_compound_begins_with_a_report_unless_reduced_size_was_negotiated() -> None:
    """MED-6: RFC 3550 A.2, RFC 5506."""
    bye = build_compound([Goodbye((1,))])
    with pytest.raises(PacketError, match="no report"):
        parse_rtcp(bye)
    assert parse_rtcp(bye, reduced_size=True) == [Goodbye((1,))]
    assert parse_rtcp(build_compound([ReceiverReport(1)]) + bye) == [ReceiverReport(1), Goodbye((1,))]


VOIP = VoipMetrics(
    ssrc=7, loss_rate=0.25, discard_rate=0.5, burst_density=0.125, gap_density=0.0, burst_ms=120, gap_ms=5000,
    round_trip_ms=80, end_system_ms=60, signal_dbm0=-20, noise_dbm0=-70, echo_return_loss_db=None, gmin=16,
    r_factor=93, external_r_factor=None, mos_lq=4.4, mos_cq=None, receiver_config=0xB0, nominal_ms=40,
    maximum_ms=80, absolute_maximum_ms=200,
)  # fmt: skip


def test_extended_reports_say_what_they_say_on_the_wire() -> None:
    """MED-6: RFC 3611: VoIP metrics, RRT and DLRR octet by octet; unknown blocks are skipped and counted."""
    blocks = (ReferenceTime(2**63 + 5), DelayReport((DelaySinceReference(1, 2, 3),)), VOIP)
    report = ReceiverReport(9)
    data = build_compound([report, ExtendedReport(9, blocks)])
    assert parse_rtcp(data) == [report, ExtendedReport(9, blocks)]
    words = [data[at : at + 4].hex() for at in range(8, len(data), 4)]
    assert words[:5] == ["80cf0011", "00000009", "04000002", "80000000", "00000005"]
    assert words[5:9] == ["05000003", "00000001", "00000002", "00000003"]
    assert words[9:14] == ["07000008", "00000007", "40802000", "00781388", "0050003c"]
    assert words[14:] == ["ecba7f10", "5d7f2c7f", "b0000028", "005000c8"]
    strange = struct.pack("!BBHIBBHI", 0x80, 207, 3, 9, 200, 0, 1, 0)
    assert parse_rtcp(strange, reduced_size=True) == [ExtendedReport(9, (), 1)]


@pytest.mark.parametrize(
    "block", ["04000001 00000000", "05000002 00000000 00000000", "07000001 00000000", "04000002"]
)
def test_blocks_that_are_cut_are_packet_errors(block: str) -> None:
    """MED-6."""
    body = bytes.fromhex("00000009" + block)
    with pytest.raises(PacketError):
        parse_rtcp(struct.pack("!BBH", 0x80, 207, len(body) // 4) + body, reduced_size=True)


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=40, unique=True))
def test_a_nack_names_every_packet(lost: list[int]) -> None:
    """MED-6: RFC 4585 §6.2.1, across the wrap."""
    (packet,) = parse_rtcp(build_compound([GenericNack(1, 2, tuple(lost))]), reduced_size=True)
    assert isinstance(packet, GenericNack)
    assert (packet.ssrc, packet.media_ssrc, set(packet.lost)) == (1, 2, set(lost))


def test_feedback_on_the_wire() -> None:
    """MED-6: RFC 4585: one pair for seventeen packets; PLI; other messages stay raw."""
    nack = build_compound([GenericNack(1, 2, (0xFFFE, 0xFFFF, 14))])
    assert nack.hex() == "81cd00030000000100000002fffe8001"
    pli = build_compound([PictureLoss(1, 2)])
    assert pli.hex() == "81ce00020000000100000002"
    assert parse_rtcp(pli, reduced_size=True) == [PictureLoss(1, 2)]
    raw = UnknownRtcp(206, 15, bytes(12))
    assert parse_rtcp(build_compound([raw]), reduced_size=True) == [raw]
