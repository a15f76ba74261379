"""Capture files: what is written is read again, damaged ones give one typed error."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trio_runtime.observe import CaptureFileError, load_capture, read_frames
from trio_runtime.observe.frames import LINK_RAW, Segment, read_frame
from trio_runtime.observe.packets import MAX_DATAGRAM, build_packet
from trio_runtime.observe.pcapng import file_header, packet_block

ALICE, BOB = ("10.0.0.1", 5060), ("10.0.0.2", 5062)
ALICE6, BOB6 = ("2001:db8::1", 5060), ("2001:db8::2", 5062)
ports = st.integers(0, 0xFFFF)
hosts = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)),
    st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6)),
)


def ip_checksum(packet: bytes) -> int:
    """RFC 1071 over a whole number of words: 0 where the checksum within is right."""
    total: int = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@given(hosts, ports, ports, st.binary(max_size=300))
def test_a_datagram_comes_back_from_its_packet(
    pair: tuple[object, object], source: int, destination: int, data: bytes
) -> None:
    """OBS-2."""
    sender, receiver = (str(pair[0]), source), (str(pair[1]), destination)
    packet = build_packet(sender, receiver, data)
    segment = read_frame(LINK_RAW, packet)
    assert segment is not None
    assert segment.data == data
    if not str(pair[0]).startswith("::ffff:") and not str(pair[1]).startswith("::ffff:"):
        assert (segment.source, segment.destination) == (sender, receiver)


@pytest.mark.parametrize("data", [b"", b"x", b"INVITE", bytes(1_500), b"\xff" * 65_507])
def test_both_checksums_are_right(data: bytes) -> None:
    """OBS-2: RFC 791 and RFC 768, an odd length and the longest datagram included."""
    packet = build_packet(ALICE, BOB, data)
    assert ip_checksum(packet[:20]) == 0
    udp = packet[20:] + bytes(len(packet) % 2)
    assert ip_checksum(packet[12:20] + struct.pack("!HH", 17, len(data) + 8) + udp) == 0


def test_a_host_that_is_unknown_takes_the_family_of_the_other() -> None:
    """OBS-2."""
    for other in (ALICE, ALICE6):
        segment = read_frame(LINK_RAW, build_packet(("nowhere.example", 1), other, b"x"))
        assert segment is not None
        assert segment.destination == other
    mixed = read_frame(LINK_RAW, build_packet(ALICE, BOB6, b"x"))
    assert mixed == Segment(("::ffff:a00:1", 5060), BOB6, b"x")


def test_what_no_packet_can_hold_is_an_error() -> None:
    """OBS-2."""
    with pytest.raises(ValueError, match="65508 octets"):
        build_packet(ALICE, BOB, bytes(MAX_DATAGRAM + 1))
    with pytest.raises(ValueError, match="70000"):
        build_packet(ALICE, ("10.0.0.2", 70_000), b"")


def test_a_file_holds_its_packets_and_their_times(tmp_path: Path) -> None:
    """OBS-2: to the nanosecond, IPv4 and IPv6 in one file."""
    path = tmp_path / "a.pcapng"
    packets = [build_packet(ALICE, BOB, b"one"), build_packet(ALICE6, BOB6, b"four")]
    path.write_bytes(file_header() + packet_block(1.5, packets[0]) + packet_block(1.75, packets[1]))
    frames = load_capture(path)
    assert [(frame.time, frame.link, frame.data) for frame in frames] == [
        (1.5, LINK_RAW, packets[0]),
        (1.75, LINK_RAW, packets[1]),
    ]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "units"), [(0xA1B2C3D4, 1e6), (0xA1B23C4D, 1e9)])
def test_classic_captures_are_read_in_either_order_and_resolution(
    order: str, magic: int, units: float
) -> None:
    """OBS-2."""
    frame = bytes(12) + b"\x08\x00" + build_packet(ALICE, BOB, b"hello")
    data = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 65_535, 1)
    data += struct.pack(order + "4I", 7, int(units / 4), len(frame), len(frame)) + frame
    (read,) = read_frames(data)
    assert read.time == 7.25
    assert read_frame(read.link, read.data) == Segment(ALICE, BOB, b"hello")
    assert list(read_frames(data[:-1])) == []  # it is still being written


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def test_sections_interfaces_and_blocks_of_others_are_read() -> None:
    """OBS-2: sections of either order, resolutions, offsets, simple and old packets, unknown blocks."""
    old = struct.pack("<HH4I", 0, 0, 0, 3_000_000, 2, 2) + b"ab"
    coarse = struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3xHHqHH", 9, 1, 0x81, 14, 8, 100, 0, 0)
    data = section() + block(1, struct.pack("<HHI", 113, 0, 0)) + block(0xBAD, b"names") + block(2, old)
    data += block(3, struct.pack("<I", 3) + b"abc") + block(1, coarse)
    data += block(6, struct.pack("<5I", 1, 0, 5, 1, 1) + b"c")
    data += section(">") + block(1, struct.pack(">HHI", 101, 0, 0), ">")
    data += block(6, struct.pack(">5I", 0, 0, 250_000, 1, 1) + b"d", ">")
    assert [tuple(frame) for frame in read_frames(data)] == [
        (3.0, 113, b"ab"),
        (0.0, 113, b"abc"),
        (102.5, 1, b"c"),
        (0.25, 101, b"d"),
    ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "no capture file"),
        (b"RIFF0000WAVE", "no capture file"),
        (section() + struct.pack("<III", 6, 13, 0), "impossible length 13"),
        (section() + block(6, bytes(20)), "octet 28 is damaged"),
        (section() + block(3, bytes(8)), "octet 28 is damaged"),
        (file_header() + block(6, struct.pack("<5I", 0, 0, 0, 99, 99)), "is damaged"),
        (section() + block(0x0A0D0D0A, bytes(16)), "no order of octets"),
        (struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 0, 1) + b"\xff" * 16, "impossible length"),
    ],
)
def test_damage_is_one_error_that_says_where(tmp_path: Path, data: bytes, error: str) -> None:
    """OBS-2, ERR-1."""
    path = tmp_path / "damaged.pcapng"
    path.write_bytes(data)
    with pytest.raises(CaptureFileError, match=error) as raised:
        load_capture(path)
    assert str(path) in str(raised.value)


def test_a_missing_file_is_the_same_error(tmp_path: Path) -> None:
    """OBS-2, ERR-1."""
    with pytest.raises(CaptureFileError, match="No such file"):
        load_capture(tmp_path / "none")


@given(st.data())
def test_any_damage_gives_frames_or_the_typed_error(data: st.DataObject) -> None:
    """OBS-2: whatever the octets are."""
    good = file_header() + b"".join(packet_block(n, build_packet(ALICE, BOB, b"x" * n)) for n in range(5))
    octets = bytearray(good)
    for position in data.draw(st.lists(st.integers(0, len(good) - 1), max_size=8)):
        octets[position] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CaptureFileError):
        for frame in read_frames(bytes(octets[: data.draw(st.integers(0, len(octets)))])):
            read_frame(frame.link, frame.data)


@given(st.sampled_from([0, 1, 12, 101, 108, 113, 228, 229, 276, 999]), st.binary(max_size=120))
def test_any_frame_is_read_or_left_out(link: int, frame: bytes) -> None:
    """OBS-2."""
    segment = read_frame(link, frame)
    assert segment is None or len(segment.data) <= len(frame)


V4 = build_packet(ALICE, BOB, b"x")
V6 = build_packet(ALICE6, BOB6, b"x")


@pytest.mark.parametrize(
    ("link", "header", "packet"),
    [
        (0, b"\x02\0\0\0", V4),
        (1, bytes(12) + b"\x86\xdd", V6),
        (1, bytes(12) + b"\x81\x00\x00\x07\x08\x00", V4),
        (1, bytes(12) + b"\x88\xa8\x00\x07\x81\x00\x00\x07\x86\xdd", V6),
        (12, b"", V4),
        (113, bytes(14) + b"\x08\x00", V4),
        (228, b"", V4),
        (229, b"", V6),
        (276, b"\x86\xdd" + bytes(18), V6),
    ],
)
def test_every_link_that_captures_come_from_is_read(link: int, header: bytes, packet: bytes) -> None:
    """OBS-2: loopback, Ethernet with and without VLAN tags, raw IP, Linux cooked captures."""
    segment = read_frame(link, header + packet)
    assert segment is not None
    assert segment.data == b"x"
    assert read_frame(link, (header + packet)[:-1]) is None


def test_extension_headers_are_passed_over_and_fragments_left_out() -> None:
    """OBS-2: RFC 8200 §4; a fragment is no datagram."""
    options = bytes([17, 0]) + bytes(6)
    extended = V6[:4] + struct.pack("!HB", len(V6) - 40 + 8, 0) + V6[7:40] + options + V6[40:]
    segment = read_frame(LINK_RAW, extended)
    assert segment is not None
    assert segment.data == b"x"
    assert read_frame(LINK_RAW, V4[:6] + b"\x20\x00" + V4[8:]) is None
    assert read_frame(LINK_RAW, V4[:6] + b"\x00\x05" + V4[8:]) is None


def test_a_tcp_segment_has_its_place_in_the_stream() -> None:
    """OBS-2."""
    tcp = struct.pack("!HHIIBBHHH", 5060, 40_000, 99, 0, 0x60, 0x02, 0, 0, 0) + bytes(4) + b"abc"
    packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + V4[12:20] + tcp
    assert read_frame(LINK_RAW, packet) == Segment(ALICE, ("10.0.0.2", 40_000), b"abc", 100, begins=True)
