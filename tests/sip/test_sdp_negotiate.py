"""Offer and answer: what both sides get, and what is refused."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from sansio_sip.sdp import (
    VOIP_METRICS,
    Direction,
    LocalMedia,
    MediaFormat,
    NegotiationError,
    apply_answer,
    build_sdp,
    is_voice,
    make_answer,
    make_offer,
    parse_sdp,
)
from tests.sip.vectors import load

PCMU, PCMA, G722 = MediaFormat("PCMU", 8000, 0), MediaFormat("PCMA", 8000, 8), MediaFormat("G722", 8000, 9)
ILBC, EVENT = MediaFormat("iLBC", 8000, 97), MediaFormat("telephone-event", 8000, 101, fmtp="0-16")
LOCAL = LocalMedia("192.0.2.2", 4000, (PCMU, PCMA, EVENT))
EXCHANGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        f"{case['id']}/{exchange['offer']}",
        case["steps"][exchange["offer"]],
        case["steps"][exchange["answer"]],
        exchange,
    )
    for case in load("offer-answer.json")["cases"]
    for exchange in case["exchanges"]
]


def offer(lines: str, *, head: str = "c=IN IP4 192.0.2.1\r\nt=0 0\r\n") -> bytes:
    return f"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n{head}{lines}".encode()


def answer_to(lines: str, local: LocalMedia = LOCAL, **options: str) -> Any:
    return make_answer(parse_sdp(offer(lines, **options)), local, session_id=9, version=1)


def test_an_offer_has_one_audio_line_with_all_formats() -> None:
    """SDP-3, SDP-8."""
    assert build_sdp(make_offer(LOCAL, session_id=5, version=2)) == (
        b"v=0\r\no=- 5 2 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        b"m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\na=rtcp-mux\r\n"
    )


def test_an_ipv6_address_is_declared_as_such() -> None:
    """SDP-1."""
    text = build_sdp(make_offer(attrs.evolve(LOCAL, address="2001:db8::1"), session_id=5, version=1))
    assert b"o=- 5 1 IN IP6 2001:db8::1\r\n" in text
    assert b"c=IN IP6 2001:db8::1\r\n" in text


def test_an_answer_takes_the_offers_order_and_payload_types() -> None:
    """SDP-3, SDP-6: strict intersection, telephone-event under the offered number."""
    answer, media = answer_to(
        "m=audio 6000 RTP/AVP 8 3 0 96 100\r\na=rtpmap:96 telephone-event/8000\r\n"
        "a=rtpmap:100 opus/48000/2\r\n"
        "a=ptime:40\r\n"
    )
    assert build_sdp(answer) == (
        b"v=0\r\no=- 9 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
        b"m=audio 4000 RTP/AVP 8 0 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
        b"a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    )
    assert [item.payload_type for item in media.formats] == [8, 0, 96]
    assert (media.dtmf_payload_type, media.dtmf_receive_payload_type) == (96, 96)
    assert (media.remote_address, media.remote_port) == ("192.0.2.1", 6000)
    assert (media.remote_rtcp_address, media.remote_rtcp_port, media.rtcp_mux) == ("192.0.2.1", 6001, False)
    assert (media.local_address, media.local_port, media.ptime) == ("192.0.2.2", 4000, 40)
    assert media.direction is Direction.SENDRECV


def test_an_answer_has_as_many_lines_as_the_offer_and_its_time() -> None:
    """SDP-3 (RFC 3264 §6): the others get port 0 and keep their formats."""
    answer, media = answer_to(
        "m=video 7000 RTP/AVP 31 32\r\nm=audio 0 RTP/AVP 0\r\nm=audio 6000 RTP/SAVP 0\r\n"
        "m=audio 6002 RTP/AVP 0\r\n"
        "m=audio 6004 RTP/AVP 0\r\nm=application 9 UDP/BFCP *\r\n",
        head="c=IN IP4 192.0.2.1\r\nt=10 20\r\n",
    )
    assert [(line.media, line.port, line.protocol, line.formats) for line in answer.media] == [
        ("video", 0, "RTP/AVP", ("31", "32")),
        ("audio", 0, "RTP/AVP", ("0",)),
        ("audio", 0, "RTP/SAVP", ("0",)),
        ("audio", 4000, "RTP/AVP", ("0",)),
        ("audio", 0, "RTP/AVP", ("0",)),
        ("application", 0, "UDP/BFCP", ("*",)),
    ]
    assert answer.times == ("10 20",)
    assert media.remote_port == 6002


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "m=audio 6000 RTP/AVP 18\r\n",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=video 6000 RTP/AVP 0\r\n",
        "m=audio 6000 RTP/SAVP 0\r\n",
        "m=audio 6000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n",
        "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/16000\r\n",
        "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 239.1.2.3/127\r\n",
        "m=audio 6000 RTP/AVP 0\r\nc=IN IP6 ff15::1\r\n",
    ],
)
def test_an_offer_without_an_audio_stream_for_us_is_refused_with_488(lines: str) -> None:
    """SDP-3: no codec, port 0, other media, secured, events only, other clock, multicast."""
    with pytest.raises(NegotiationError) as caught:
        answer_to(lines)
    assert caught.value.status_hint == 488


def test_an_offer_without_any_address_is_refused() -> None:
    """SDP-1."""
    with pytest.raises(NegotiationError):
        answer_to("m=audio 6000 RTP/AVP 0\r\n", head="t=0 0\r\n")


@pytest.mark.parametrize(
    ("offered", "local", "expected"),
    [
        ("sendrecv", "sendrecv", "sendrecv"),
        ("sendonly", "sendrecv", "recvonly"),
        ("recvonly", "sendrecv", "sendonly"),
        ("inactive", "sendrecv", "inactive"),
        ("sendrecv", "sendonly", "sendonly"),
        ("sendonly", "sendonly", "inactive"),
        ("recvonly", "recvonly", "inactive"),
        ("sendrecv", "inactive", "inactive"),
    ],
)
def test_directions_mirror(offered: str, local: str, expected: str) -> None:
    """SDP-4: in the answer and in what we do."""
    answer, media = answer_to(
        f"m=audio 6000 RTP/AVP 0\r\na={offered}\r\n", attrs.evolve(LOCAL, direction=Direction(local))
    )
    assert answer.media[0].direction is media.direction is Direction(expected)


@pytest.mark.parametrize("address", ["IP4 0.0.0.0", "IP6 ::"])
def test_an_unspecified_address_means_that_nothing_is_sent(address: str) -> None:
    """SDP-4: hold as in RFC 2543 (RFC 3264 §8.4)."""
    _, media = answer_to("m=audio 6000 RTP/AVP 0\r\n", head=f"c=IN {address}\r\nt=0 0\r\n")
    assert not media.direction.can_send
    assert media.direction.can_receive


def test_a_direction_of_the_session_counts_for_its_streams() -> None:
    """SDP-4."""
    answer, _ = answer_to("m=audio 6000 RTP/AVP 0\r\n", head="c=IN IP4 192.0.2.1\r\nt=0 0\r\na=sendonly\r\n")
    assert answer.media[0].direction is Direction.RECVONLY


@pytest.mark.parametrize(
    ("lines", "mux", "rtcp"),
    [
        ("a=rtcp-mux\r\n", True, ("192.0.2.1", 6000)),
        ("a=rtcp:7001\r\n", False, ("192.0.2.1", 7001)),
        ("a=rtcp:7001 IN IP4 192.0.2.9\r\n", False, ("192.0.2.9", 7001)),
        ("", False, ("192.0.2.1", 6001)),
    ],
)
def test_rtcp_goes_where_the_peer_wants_it(lines: str, mux: bool, rtcp: tuple[str, int]) -> None:
    """SDP-6 (RFC 3605, RFC 5761)."""
    answer, media = answer_to(f"m=audio 6000 RTP/AVP 0\r\n{lines}")
    assert (media.rtcp_mux, answer.media[0].rtcp_mux) == (mux, mux)
    assert (media.remote_rtcp_address, media.remote_rtcp_port) == rtcp
    _, alone = answer_to(f"m=audio 6000 RTP/AVP 0\r\n{lines}", attrs.evolve(LOCAL, rtcp_mux=False))
    assert not alone.rtcp_mux


@pytest.mark.parametrize(
    ("lines", "ptime"), [("a=ptime:30\r\n", 30), ("", 20), ("a=ptime:60\r\na=maxptime:40\r\n", 40)]
)
def test_packets_are_as_long_as_the_peer_wants(lines: str, ptime: int) -> None:
    """SDP-6, SDP-8."""
    assert answer_to(f"m=audio 6000 RTP/AVP 0\r\n{lines}")[1].ptime == ptime


def test_offer_and_answer_agree_on_both_sides() -> None:
    """SDP-3, SDP-6: through the octets."""
    caller = LocalMedia("192.0.2.1", 6000, (G722, PCMA, PCMU, EVENT), ptime=30)
    sent = make_offer(caller, session_id=1, version=1)
    answer, called_side = make_answer(parse_sdp(build_sdp(sent)), LOCAL, session_id=2, version=1)
    caller_side = apply_answer(sent, parse_sdp(build_sdp(answer)), caller)
    assert [item.name for item in caller_side.formats] == ["PCMA", "PCMU", "telephone-event"]
    assert [item.codec for item in called_side.formats] == [item.codec for item in caller_side.formats]
    assert [item.name for item in caller_side.receive_formats] == ["G722", "PCMA", "PCMU", "telephone-event"]
    assert (called_side.ptime, caller_side.ptime) == (30, 20)
    assert caller_side.rtcp_mux is called_side.rtcp_mux is True
    assert (caller_side.remote_address, caller_side.remote_port) == ("192.0.2.2", 4000)
    assert (called_side.remote_address, called_side.remote_port) == ("192.0.2.1", 6000)


def test_an_answer_may_number_a_codec_differently() -> None:
    """SDP-6 (RFC 3264 §6.1, §7): each side sends with the numbers of the other."""
    caller = LocalMedia("192.0.2.1", 6000, (ILBC, EVENT))
    text = offer("m=audio 9 RTP/AVP 99 98 0\r\na=rtpmap:99 iLBC/8000\r\na=rtpmap:98 telephone-event/8000\r\n")
    media = apply_answer(make_offer(caller, session_id=1, version=1), parse_sdp(text), caller)
    assert [item.payload_type for item in media.formats] == [99, 98]
    assert [item.payload_type for item in media.receive_formats] == [97, 101]
    assert (media.dtmf_payload_type, media.dtmf_receive_payload_type) == (98, 101)


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "m=audio 6000 RTP/AVP 0\r\nm=audio 6000 RTP/AVP 0\r\n",
        "m=audio 0 RTP/AVP 0\r\n",
        "m=video 6000 RTP/AVP 0\r\n",
        "m=audio 6000 RTP/AVP 18\r\n",
        "m=audio 6000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n",
    ],
)
def test_an_answer_that_does_not_fit_the_offer_is_refused(lines: str) -> None:
    """SDP-3: other line count, rejected, other media, no codec of the offer."""
    sent = make_offer(LOCAL, session_id=1, version=1)
    with pytest.raises(NegotiationError):
        apply_answer(sent, parse_sdp(offer(lines)), LOCAL)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("sendrecv", "sendonly", "recvonly"),
        ("sendonly", "recvonly", "sendonly"),
        ("sendonly", "sendrecv", "sendonly"),
        ("recvonly", "sendrecv", "recvonly"),
        ("inactive", "sendrecv", "inactive"),
    ],
)
def test_an_answer_never_widens_the_direction_of_the_offer(ours: str, theirs: str, expected: str) -> None:
    """SDP-4: even an illegal answer."""
    local = attrs.evolve(LOCAL, direction=Direction(ours))
    answer = parse_sdp(offer(f"m=audio 6000 RTP/AVP 0\r\na={theirs}\r\n"))
    media = apply_answer(make_offer(local, session_id=1, version=1), answer, local)
    assert media.direction is Direction(expected)


def test_a_new_offer_keeps_the_lines_and_numbers_of_the_session() -> None:
    """SDP-3 (RFC 3264 §8): rejected slots stay, a codec keeps its payload type."""
    answer, _ = answer_to(
        "m=video 7000 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"
    )
    local = LocalMedia("192.0.2.2", 4000, (MediaFormat("opus", 48000, 96, 2), PCMU, EVENT))
    again = make_offer(local, session_id=9, version=2, previous=answer)
    assert [(line.media, line.port) for line in again.media] == [("video", 0), ("audio", 4000)]
    assert again.media[1].rtpmaps() == {"97": "opus/48000/2", "0": "PCMU/8000", "96": "telephone-event/8000"}
    assert again.origin.version == 2


@pytest.mark.parametrize(
    ("step", "reply", "exchange"), [item[1:] for item in EXCHANGES], ids=[item[0] for item in EXCHANGES]
)
def test_the_offers_of_the_rfcs_are_answered_line_by_line(
    step: dict[str, Any], reply: dict[str, Any], exchange: dict[str, Any]
) -> None:
    """SDP-3: RFC 4317 and RFC 3264 §10, with every audio codec named there."""
    description = parse_sdp(step["sdp"].encode())
    names = (PCMU, PCMA, ILBC, MediaFormat("G723", 8000, 4), MediaFormat("L16", 8000, 110), EVENT)
    usable = [i for i, line in enumerate(description.media) if line.media == "audio" and line.port]
    if not usable:
        with pytest.raises(NegotiationError):
            make_answer(description, LocalMedia("192.0.2.2", 4000, names), session_id=1, version=1)
        return
    answer, media = make_answer(description, LocalMedia("192.0.2.2", 4000, names), session_id=1, version=1)
    assert len(answer.media) == len(exchange["mlines"])
    assert [bool(line.port) for line in answer.media] == [i == usable[0] for i in range(len(answer.media))]
    expected = parse_sdp(reply["sdp"].encode()).media[usable[0]]
    if expected.port:
        assert {item.name for item in media.formats} & {
            text.partition("/")[0] for text in expected.rtpmaps().values()
        }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": ""}, "address"),
        ({"port": 0}, "port"),
        ({"ptime": 0}, "ptime"),
        ({"formats": (EVENT,)}, "formats"),
        ({"formats": (PCMU, attrs.evolve(PCMA, payload_type=0))}, "formats"),
        ({"formats": (attrs.evolve(PCMU, payload_type=128),)}, "formats"),
    ],
)
def test_local_media_that_cannot_be_offered_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    """SDP-3: a config validates itself."""
    with pytest.raises(ValueError, match=field):
        attrs.evolve(LOCAL, **change)


RED = MediaFormat("red", 8000, 121, fmtp="0/0")


def test_copies_of_speech_are_no_speech() -> None:
    """SDP-3, MED-5: RFC 2198 wraps a codec and is none."""
    with pytest.raises(ValueError, match="formats"):
        attrs.evolve(LOCAL, formats=(RED, EVENT))
    with pytest.raises(NegotiationError):
        answer_to(
            "m=audio 5000 RTP/AVP 121\r\na=rtpmap:121 red/8000\r\n", attrs.evolve(LOCAL, formats=(PCMU, RED))
        )
    answer, media = answer_to(
        "m=audio 5000 RTP/AVP 97 0\r\na=rtpmap:97 RED/8000\r\n", attrs.evolve(LOCAL, formats=(PCMU, RED))
    )
    assert answer.media[0].formats == ("97", "0")
    assert media.receive_formats == (MediaFormat("RED", 8000, 97, fmtp="0/0"), PCMU)
    assert [is_voice(item) for item in media.formats] == [False, True]


METRICS = attrs.evolve(LOCAL, attributes=(VOIP_METRICS,))


@pytest.mark.parametrize(
    ("head", "line", "local", "wanted"),
    [
        ("", "a=rtcp-xr:voip-metrics\r\n", METRICS, True),
        ("", "a=rtcp-xr:pkt-loss-rle=100 voip-metrics\r\n", METRICS, True),
        ("a=rtcp-xr:voip-metrics\r\n", "", METRICS, True),
        ("", "a=rtcp-xr:rcvr-rtt=all\r\n", METRICS, False),
        ("", "a=rtcp-xr\r\n", METRICS, False),
        ("", "", METRICS, False),
        ("", "a=rtcp-xr:voip-metrics\r\n", LOCAL, False),
    ],
)
def test_both_sides_ask_for_metrics_or_none_are_told(
    head: str, line: str, local: LocalMedia, wanted: bool
) -> None:
    """MED-6, SDP-8: RFC 3611 §5.1, §5.2; of the stream or of the session."""
    lines = f"m=audio 5000 RTP/AVP 0\r\n{line}"
    answer, media = answer_to(lines, local, head=f"c=IN IP4 192.0.2.1\r\nt=0 0\r\n{head}")
    assert media.voip_metrics is wanted
    assert (answer.media[0].attribute("rtcp-xr") == "voip-metrics") is (local is METRICS)
    ours = make_offer(local, session_id=1, version=1)
    theirs = parse_sdp(offer(lines, head=f"c=IN IP4 192.0.2.1\r\nt=0 0\r\n{head}"))
    assert apply_answer(ours, theirs, local).voip_metrics is wanted
