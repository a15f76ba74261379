from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp import LocalProtocolError, PacketError
from sansio_rtp.packet import PacketKind, RtpPacket, classify, parse_elements, parse_rtp

Load = Callable[[str], Any]

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=40),
    marker=st.booleans(),
    csrcs=st.lists(st.integers(0, 0xFFFFFFFF), max_size=15).map(tuple),
    extension=st.none()
    | st.tuples(
        st.integers(0, 0xFFFF), st.integers(0, 4).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))
    ),
    padding=st.integers(0, 255),
)


def test_every_vector_is_read_or_refused_as_it_says(vectors: Load) -> None:
    """MED-5: header, CSRC, extension, padding; malformed packets give a typed error of the right class."""
    for case in vectors("rtp-rtcp.json")["rtp"]:
        data = bytes.fromhex(case["bytes"])
        if case["parse"] == "reject":
            with pytest.raises(PacketError) as caught:
                parse_rtp(data)
            assert caught.value.error_class == case["error_class"], case["id"]
            continue
        packet, fields = parse_rtp(data), case["fields"]
        extension = fields["ext"]
        assert packet == RtpPacket(
            fields["pt"],
            fields["seq"],
            fields["ts"],
            fields["ssrc"],
            bytes.fromhex(fields["payload"]),
            fields["marker"],
            tuple(fields["csrc"]),
            extension and (extension["profile"], bytes.fromhex(extension["data"])),
            fields["padding"],
        ), case["id"]
        if extension and "elements" in extension:
            wanted = {int(key): bytes.fromhex(value) for key, value in extension["elements"].items()}
            assert parse_elements(*packet.extension or (0, b"")) == wanted
        if case["id"] not in {"padding4"}:
            assert packet.to_bytes() == data, case["id"]


@given(packets)
@settings(max_examples=100)
def test_a_packet_survives_the_wire(packet: RtpPacket) -> None:
    """MED-5"""
    assert parse_rtp(packet.to_bytes()) == packet


@given(
    st.binary(max_size=64)
    | packets.map(RtpPacket.to_bytes).flatmap(lambda d: st.integers(0, len(d)).map(lambda n: d[:n]))
)
@settings(max_examples=150)
def test_any_bytes_give_a_packet_or_a_packet_error(data: bytes) -> None:
    """MED-5"""
    classify(data)
    try:
        packet = parse_rtp(data)
        parse_elements(*packet.extension or (0, b""))
    except PacketError as error:
        position = error.position
    else:
        position = 0
    assert 0 <= position <= len(data)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"payload_type": 128}, "payload_type"),
        ({"sequence": 65536}, "header"),
        ({"ssrc": -1}, "header"),
        ({"csrcs": (0,) * 16}, "csrcs"),
        ({"csrcs": (2**32,)}, "csrcs"),
        ({"extension": (0xBEDE, b"abc")}, "extension"),
        ({"padding": 256}, "padding"),
    ],
)
def test_a_field_out_of_range_is_named(changes: dict[str, Any], named: str) -> None:
    """MED-5"""
    fields: dict[str, Any] = {"payload_type": 0, "sequence": 1, "timestamp": 2, "ssrc": 3}
    with pytest.raises(LocalProtocolError, match=named):
        RtpPacket(**(fields | changes)).to_bytes()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", PacketKind.UNKNOWN),
        (b"\x80", PacketKind.UNKNOWN),
        (b"\x00\x01", PacketKind.STUN),
        (b"\x03\x00", PacketKind.STUN),
        (b"\x04\x00", PacketKind.UNKNOWN),
        (b"\x13\x00", PacketKind.UNKNOWN),
        (b"\x14\x00", PacketKind.DTLS),
        (b"\x3f\x00", PacketKind.DTLS),
        (b"\x40\x00", PacketKind.UNKNOWN),
        (b"\x80\x00", PacketKind.RTP),
        (b"\x80\xbf", PacketKind.RTP),
        (b"\x80\xc0", PacketKind.RTCP),
        (b"\xbf\xdf", PacketKind.RTCP),
        (b"\x80\xe0", PacketKind.RTP),
        (b"\xc0\xc8", PacketKind.UNKNOWN),
    ],
)
def test_the_first_octets_tell_the_protocol(head: bytes, kind: PacketKind) -> None:
    """MED-5, MED-6: demultiplexing of RFC 7983 and RFC 5761."""
    assert classify(head) is kind
    assert classify(head + bytes(20)) is kind or len(head) < 2
