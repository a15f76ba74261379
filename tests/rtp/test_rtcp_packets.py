from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp import LocalProtocolError, PacketError
from sansio_rtp.rtcp import (
    AppPacket,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SdesChunk,
    SenderReport,
    SourceDescription,
    UnknownRtcp,
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
                parse_rtcp(data)
            assert caught.value.error_class == case["error_class"], case["id"]
        elif case["parse"] == "accept":
            packets = parse_rtcp(data)
            assert len(packets) == len(case["packets"])
            for packet, wanted in zip(packets, case["packets"], strict=True):
                check(packet, wanted)
            if case["id"] != "padding-last":
                assert build_compound(packets) == data, case["id"]


@given(compounds)
@settings(max_examples=80)
def test_a_compound_survives_the_wire(compound: list[RtcpPacket]) -> None:
    """MED-6"""
    assert parse_rtcp(build_compound(compound)) == compound


@given(
    st.binary(max_size=80)
    | compounds.map(build_compound).flatmap(lambda d: st.integers(0, len(d)).map(lambda n: d[:n]))
)
@settings(max_examples=120)
def test_any_bytes_give_packets_or_a_packet_error(data: bytes) -> None:
    """MED-6"""
    position = 0
    try:
        assert parse_rtcp(data)
    except PacketError as error:
        position = error.position
    assert 0 <= position <= len(data)


def test_a_datagram_of_empty_packets_is_refused() -> None:
    """MED-6: nobody may make us build thousands of objects of one datagram."""
    with pytest.raises(PacketError, match="more than"):
        parse_rtcp(bytes.fromhex("80cb0000") * 16_000)


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
