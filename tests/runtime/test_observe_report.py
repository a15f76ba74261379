"""What a capture says of its calls and streams."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sansio_rtp.packet import RtpPacket
from trio_runtime.base.types import Address
from trio_runtime.observe import TraceEntry, headline, load_capture
from trio_runtime.observe.capture_report import CaptureReport, read_report
from trio_runtime.observe.frames import LINK_RAW, Segment
from trio_runtime.observe.packets import build_packet
from trio_runtime.observe.pcap_reader import Frame
from trio_runtime.observe.rtp_report import RtpReport
from trio_runtime.observe.sip_over_tcp import SipOverTcp
from trio_runtime.observe.svg import render_svg

ALICE, BOB = ("10.0.0.1", 5060), ("10.0.0.2", 5060)
ALICE_RTP, BOB_RTP = ("10.0.0.1", 4_000), ("10.0.0.2", 6_000)


def message(start: str, call_id: str = "c1", sdp: str = "") -> bytes:
    kind = "Content-Type: application/sdp\r\n" if sdp else ""
    head = f"{start}\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n{kind}"
    return f"{head}Content-Length: {len(sdp)}\r\n\r\n{sdp}".encode()


def described(host: str, port: int, *formats: str) -> str:
    numbers = " ".join(text.split()[0] for text in formats)
    maps = "".join(f"a=rtpmap:{text}\r\n" for text in formats)
    session = f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    return f"{session}m=audio {port} RTP/AVP {numbers}\r\n{maps}"


def frame(time: float, source: Address, destination: Address, data: bytes) -> Frame:
    return Frame(time, LINK_RAW, build_packet(source, destination, data))


def rtp(number: int, payload_type: int = 0, *, step: int = 160, ssrc: int = 7, size: int = 160) -> bytes:
    return RtpPacket(payload_type, number & 0xFFFF, number * step, ssrc, bytes(size)).to_bytes()


def a_call(*formats: str) -> list[Frame]:
    return [
        frame(1.0, ALICE, BOB, message("INVITE sip:b@h SIP/2.0", sdp=described("10.0.0.1", 4_000, *formats))),
        frame(1.1, BOB, ALICE, message("SIP/2.0 200 OK", sdp=described("10.0.0.2", 6_000, *formats))),
    ]


def only_stream(report: CaptureReport) -> RtpReport:
    ((stream,),) = [call.streams for call in report.calls]
    return stream


def test_a_clean_stream_belongs_to_its_call_and_has_the_best_score() -> None:
    """OBS-2."""
    packets = [frame(2 + n * 0.02, ALICE_RTP, BOB_RTP, rtp(n + 65_500)) for n in range(100)]
    report = read_report([*a_call("0 PCMU/8000"), *packets])
    stream = only_stream(report)
    assert (stream.call_id, stream.codec, stream.packets, stream.expected) == ("c1", "PCMU", 100, 100)
    assert (stream.lost, stream.duplicates, stream.out_of_order) == (0, 0, 0)
    assert stream.jitter_ms == pytest.approx(0, abs=1e-3)
    assert stream.mos == pytest.approx(4.41, abs=0.01)
    assert (report.frames, report.others, report.left_out) == (102, 0, 0)


def test_loss_duplicates_and_order_are_counted_as_they_were_made() -> None:
    """OBS-2: of 200 packets 20 are taken out, 3 come twice and two change places."""
    numbers = [n for n in range(200) if n % 10 != 5]
    numbers[50], numbers[51] = numbers[51], numbers[50]
    packets = [frame(2 + n * 0.02, ALICE_RTP, BOB_RTP, rtp(n)) for n in [*numbers, 196, 197, 198]]
    stream = only_stream(read_report([*a_call("0 PCMU/8000"), *packets]))
    assert (stream.packets, stream.expected, stream.lost) == (183, 200, 20)
    assert (stream.duplicates, stream.out_of_order) == (3, 1)
    assert stream.fraction_lost == pytest.approx(0.1)
    assert stream.mos is not None
    assert 2.0 < stream.mos < 3.5


def test_jitter_follows_the_formula_of_the_rfc() -> None:
    """OBS-2: RFC 3550 A.8, computed here once more from the arrival times."""
    dice, jitter, before = random.Random(7), 0.0, None
    packets: list[Frame] = []
    for number in range(300):
        time = 2 + number * 0.02 + dice.uniform(0, 0.01)
        packets.append(frame(time, ALICE_RTP, BOB_RTP, rtp(number)))
        transit = time * 8_000 - number * 160
        if before is not None:
            jitter += (abs(transit - before) - jitter) / 16
        before = transit
    stream = only_stream(read_report([*a_call("0 PCMU/8000"), *packets]))
    assert stream.jitter_ms == pytest.approx(jitter / 8, rel=1e-3)
    assert stream.max_jitter_ms >= stream.jitter_ms


def test_the_clock_of_a_codec_is_the_described_one_and_keys_do_not_count_as_jitter() -> None:
    """OBS-2: Opus at 48 kHz; reports of one key press share a timestamp; no score where none is defined."""
    packets = [frame(2 + n * 0.02, ALICE_RTP, BOB_RTP, rtp(n, 111, step=960)) for n in range(50)]
    press = [
        RtpPacket(101, n, 50 * 960, 7, struct.pack("!BBH", 5, 10, 160)).to_bytes() for n in range(50, 60)
    ]
    packets += [frame(3 + n * 0.02, ALICE_RTP, BOB_RTP, data) for n, data in enumerate(press)]
    formats = ("111 opus/48000/2", "101 telephone-event/48000")
    stream = only_stream(read_report([*a_call(*formats), *packets]))
    assert (stream.codec, stream.packets, stream.mos) == ("opus", 60, None)
    assert stream.jitter_ms < 0.01


def test_a_stream_that_nobody_describes_is_shown_apart_and_noise_is_not() -> None:
    """OBS-2: eight packets make a stream; fewer may be anything."""
    stream = [frame(n * 0.02, ALICE_RTP, BOB_RTP, rtp(n, 8)) for n in range(8)]
    noise = [frame(1, ALICE_RTP, BOB_RTP, rtp(n, ssrc=9)) for n in range(7)]
    odd = [
        frame(1, ALICE_RTP, BOB_RTP, b"\x80\x00cut"),
        frame(1, ALICE_RTP, BOB_RTP, b"\r\n\r\n"),
        Frame(1, 9, b""),
    ]
    control = [frame(1, ALICE_RTP, BOB_RTP, b"\x80\xc9\0\x01\0\0\0\x07")]
    report = read_report([*stream, *noise, *odd, *control])
    assert [(found.codec, found.packets) for found in report.streams] == [("PCMA", 8)]
    assert (report.calls, report.others) == ((), 7 + 3)


def test_messages_are_sorted_by_call() -> None:
    """OBS-2."""
    report = read_report(
        [
            frame(1, ALICE, BOB, message("INVITE sip:b@h SIP/2.0", "x")),
            frame(2, ALICE, BOB, message("OPTIONS sip:b@h SIP/2.0", "y")),
            frame(3, BOB, ALICE, message("SIP/2.0 486 Busy Here", "x")),
        ]
    )
    assert [(call.call_id, len(call.messages)) for call in report.calls] == [("x", 2), ("y", 1)]


@pytest.mark.parametrize("size", [1, 7, 50, 10_000])
def test_messages_over_tcp_are_put_together_however_they_were_cut(size: int) -> None:
    """OBS-2: segments that came twice do not count twice; keep-alives are passed over."""
    wanted = [message("INVITE sip:b@h SIP/2.0", sdp="v=0\r\n"), message("ACK sip:b@h SIP/2.0")]
    octets, start = b"\r\n\r\n".join(wanted), 2**32 - 20
    stream, found = SipOverTcp(), []
    for offset in range(0, len(octets), size):
        segment = Segment(
            ALICE, BOB, octets[offset : offset + size], (start + offset) % 2**32, begins=not offset
        )
        found += list(stream.receive(segment))
        if offset:
            found += list(stream.receive(segment))
    assert found == wanted
    assert stream.gaps == 0


def test_a_gap_in_a_tcp_stream_costs_the_message_around_it() -> None:
    """OBS-2."""
    data, stream = message("ACK sip:b@h SIP/2.0"), SipOverTcp()
    assert list(stream.receive(Segment(ALICE, BOB, data[:20], 100, begins=True))) == []
    assert list(stream.receive(Segment(ALICE, BOB, data[30:], 130))) == []
    assert stream.gaps == 1
    assert list(stream.receive(Segment(ALICE, BOB, data, 100 + len(data)))) == [data]


def test_an_svg_ladder_is_well_formed_and_tells_what_the_text_tells() -> None:
    """OBS-1: arrows in order, a cross for what was lost, colours by class, markup of a peer as text."""
    evil = message("SIP/2.0 486 <script>&\x1b")
    entries = [
        TraceEntry(1.0, ALICE, BOB, message("INVITE sip:b@h SIP/2.0"), lost=True),
        TraceEntry(1.5, ALICE, BOB, message("INVITE sip:b@h SIP/2.0")),
        TraceEntry(1.6, BOB, ALICE, evil),
        TraceEntry(1.7, ALICE, ALICE, message("ACK sip:b@h SIP/2.0")),
    ]
    svg = render_svg(entries, {ALICE: "al<i>ce"}, title="a & b")
    root = ElementTree.fromstring(svg)
    texts = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:3] == ["a & b", "al<i>ce", "10.0.0.2:5060"]
    assert texts[3:] == [
        "0 ms",
        "INVITE",
        "500 ms",
        "INVITE again",
        "600 ms",
        "486 <script>&? (INVITE)",
        "700 ms",
        "to itself: ACK",
    ]
    assert svg.count("Z") == 2  # two arrow heads
    assert "#c2410c" in svg


def test_an_svg_shows_media_among_the_messages() -> None:
    """OBS-1: a stream stands at its first packet, in the columns of its hosts."""
    packets = [frame(1.05 + n * 0.02, ALICE_RTP, BOB_RTP, rtp(n)) for n in range(10)]
    (call,) = read_report([*a_call("0 PCMU/8000"), *packets]).calls
    svg = render_svg(call.messages, streams=call.streams)
    places = [svg.index(text) for text in (">INVITE", ">PCMU 10 packets, 0 lost, MOS 4.41", ">200 OK")]
    assert places == sorted(places)


def test_an_svg_of_nothing_says_so() -> None:
    """OBS-1."""
    assert "(no messages)" in render_svg([])


def test_the_capture_of_a_foreign_program_is_read() -> None:
    """OBS-2: the IP stack of Linux wrote these frames (an OPTIONS over the loopback, with its checksums)."""
    report = read_report(load_capture(Path(__file__).parents[1] / "data" / "runtime" / "options.pcap"))
    (call,) = report.calls
    assert [headline(entry.data) for entry in call.messages] == ["OPTIONS", "200 OK (OPTIONS)"]
    assert call.messages[0].receiver == ("127.0.0.1", 25_060)
