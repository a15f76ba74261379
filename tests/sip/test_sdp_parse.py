"""Session descriptions: read, written, and nothing but SdpError."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.sdp import (
    Connection,
    Direction,
    MediaDescription,
    Origin,
    SdpError,
    SessionDescription,
    build_sdp,
    media_formats,
    parse_sdp,
)
from tests.sip.vectors import load

CASES: list[dict[str, Any]] = load("rfc-sdp.json")["cases"]
STEPS = [(case["id"], step) for case in load("offer-answer.json")["cases"] for step in case["steps"]]
TEXTS: list[tuple[str, str, dict[str, Any]]] = [
    *[(case["id"], case["sdp"], case["fields"]) for case in CASES],
    *[(f"{name}/{step.get('label')}", step["sdp"], step["fields"]) for name, step in STEPS],
]
OFFER = (
    b"v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n"
)


@pytest.mark.parametrize(("text", "fields"), [item[1:] for item in TEXTS], ids=[item[0] for item in TEXTS])
def test_every_description_printed_in_an_rfc_is_read_right(text: str, fields: dict[str, Any]) -> None:
    """SDP-1: origin, name, connection, media, formats, maps, direction, attributes."""
    description = parse_sdp(text.encode())
    origin = fields["origin"]
    assert description.origin == Origin(
        origin["username"],
        int(origin["sess_id"]),
        int(origin["sess_version"]),
        origin["address"],
        origin["addrtype"],
        origin["nettype"],
    )
    assert description.name == fields.get("session_name", "-")
    assert written(description.connection) == fields.get("connection")
    assert len(description.media) == len(fields["media"])
    for media, expected in zip(description.media, fields["media"], strict=True):
        compare_media(media, expected)
    shown = [key if value is None else f"{key}:{value}" for key, value in description.attributes]
    assert set(fields.get("attributes", [])) <= set(shown)


def compare_media(media: MediaDescription, expected: dict[str, Any]) -> None:
    assert (media.media, media.port, media.protocol) == (
        expected["type"],
        expected["port"],
        expected["proto"],
    )
    assert list(media.formats) == expected["fmts"]
    assert written(media.connection) == expected.get("connection")
    assert media.rtpmaps() == expected.get("rtpmap", {})
    assert (media.direction.value if media.direction else None) == expected.get("direction")
    shown = [key if value is None else f"{key}:{value}" for key, value in media.attributes]
    assert set(expected.get("attributes", [])) <= set(shown)


def written(connection: Connection | None) -> str | None:
    if connection is None:
        return None
    return f"{connection.net_type} {connection.address_type} {connection.address}"


@pytest.mark.parametrize("text", [item[1] for item in TEXTS], ids=[item[0] for item in TEXTS])
def test_what_is_written_reads_back_the_same(text: str) -> None:
    """SDP-1: unknown attributes and lines keep their place."""
    first = build_sdp(parse_sdp(text.encode()))
    description = parse_sdp(text.encode())
    assert parse_sdp(first) == description._replace(name=description.name or "-")
    assert build_sdp(parse_sdp(first)) == first


def test_lines_are_written_in_the_order_of_the_rfc() -> None:
    """SDP-1, SDP-8: unknown lines and attributes are kept."""
    text = (
        b"v=0\r\no=- 1 2 IN IP6 2001:db8::1\r\ns=x\r\ni=info\r\nu=http://x\r\ne=a@b\r\np=1\r\n"
        b"c=IN IP6 ff15::101/3\r\nb=AS:64\r\nt=1 2\r\nt=3 4\r\nr=7d 1h 0 25h\r\nz=0 0\r\nk=clear:x\r\n"
        b"y=odd\r\na=tool:x\r\na=recvonly\r\n"
        b"m=audio 49170/2 RTP/AVP 0\r\ni=title\r\nc=IN IP4 192.0.2.1\r\n"
        b"b=AS:64\r\na=x-own:1:2\r\na=sendonly\r\n"
    )
    assert build_sdp(parse_sdp(text)) == text


def test_a_stream_falls_back_to_the_session() -> None:
    """SDP-1, SDP-4: connection and direction."""
    text = (
        OFFER.replace(b"t=0 0\r\n", b"t=0 0\r\na=sendonly\r\n") + b"m=audio 5000 RTP/AVP 8\r\na=inactive\r\n"
    )
    description = parse_sdp(text)
    first, second = description.media
    assert description.direction_of(first) is Direction.SENDONLY
    assert description.direction_of(second) is Direction.INACTIVE
    assert description.connection_of(second) == Connection("192.0.2.1")


def test_the_attributes_of_a_stream_are_read() -> None:
    """SDP-1, SDP-6: ptime, rtcp, rtcp-mux, fmtp."""
    text = OFFER + b"a=rtcp:53020 IN IP4 192.0.2.9\r\na=rtcp-mux\r\na=fmtp:101 0-15\r\na=maxptime:60\r\n"
    media = parse_sdp(text).media[0]
    assert (media.ptime, media.maxptime, media.rtcp, media.rtcp_mux) == (30, 60, (53020, "192.0.2.9"), True)
    assert (media.fmtp(101), media.fmtp(0)) == ("0-15", None)


@pytest.mark.parametrize(
    ("value", "ptime"), [("20.5", 20), (" 40", 40), ("0", None), ("x", None), ("9999", None)]
)
def test_a_strange_ptime_is_a_number_or_nothing(value: str, ptime: int | None) -> None:
    """SDP-8."""
    assert parse_sdp(OFFER.replace(b"ptime:30", f"ptime:{value}".encode())).media[0].ptime == ptime


@pytest.mark.parametrize("value", ["", "x", "0", "70000", "99999999"])
def test_a_damaged_rtcp_attribute_counts_as_absent(value: str) -> None:
    """SDP-1."""
    assert parse_sdp(OFFER + f"a=rtcp:{value}\r\n".encode()).media[0].rtcp is None


def test_static_payload_types_need_no_rtpmap() -> None:
    """SDP-1 (RFC 3551 §6): unknown and damaged mappings are left out."""
    text = OFFER.replace(b"AVP 0 101", b"AVP 0 8 9 13 18 97 98 99 200 x 101")
    text += b"a=rtpmap:98 opus/48000/2\r\na=rtpmap:99 bad\r\na=rtpmap:200 PCMU/8000\r\n"
    text += b"a=fmtp:98 useinbandfec=1\r\n"
    found = media_formats(parse_sdp(text).media[0])
    assert [item.rtpmap for item in found] == [
        "0 PCMU/8000",
        "8 PCMA/8000",
        "9 G722/8000",
        "13 CN/8000",
        "18 G729/8000",
        "98 opus/48000/2",
        "101 telephone-event/8000",
    ]
    assert [item.fmtp for item in found if item.fmtp] == ["useinbandfec=1"]


def test_a_format_with_long_parameters_is_read() -> None:
    """SDP-1."""
    (item, _) = media_formats(parse_sdp(OFFER + b"a=fmtp:0 " + b"x" * 200 + b"\r\n").media[0])
    assert item.fmtp == "x" * 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"v=1\r\n",
        b"hello",
        b"v=0\r\n",
        b"o=- 1 1 IN IP4 h\r\nv=0\r\n",
        b"v=0\r\no=- 1 1 IN IP4\r\n",
        b"v=0\r\no=- x 1 IN IP4 h\r\n",
        b"v=0\r\no=- " + b"9" * 5_000 + b" 1 IN IP4 h\r\n",
        OFFER.replace(b"4000", b"70000"),
        OFFER.replace(b"4000", b"-1"),
        OFFER.replace(b"4000", b"4000/x"),
        OFFER.replace(b"RTP/AVP 0 101", b"RTP/AVP"),
        OFFER.replace(b"c=IN IP4 192.0.2.1", b"c=IN 192.0.2.1"),
        OFFER + b"junk\r\n",
        OFFER + b"a=\0\r\n",
        OFFER + b"a=x\ry\r\n",
        OFFER + b"m=a 1 b 0\r\n" * 100,
        OFFER + b"a=x\n" * 3_000,
        OFFER + b"a=" + b"x" * 66_000,
    ],
)
def test_what_is_no_description_is_refused(data: bytes) -> None:
    """SDP-1, MSG-9: class, rule and the status of the answer."""
    with pytest.raises(SdpError) as caught:
        parse_sdp(data)
    assert (caught.value.error_class, caught.value.status_hint) == ("sdp", 400)
    assert caught.value.rule


def test_the_lines_of_a_section_may_stand_in_any_order() -> None:
    """SDP-1."""
    first, second = b"o=- 1 2 IN IP4 192.0.2.1\r\n", b"c=IN IP4 192.0.2.1\r\n"
    moved = OFFER.replace(first, b"").replace(second, second + first)
    assert parse_sdp(moved) == parse_sdp(OFFER)


def test_the_last_of_several_origins_counts() -> None:
    """SDP-1."""
    twice = OFFER.replace(b"s=-\r\n", b"s=-\r\no=- 7 8 IN IP4 192.0.2.7\r\n")
    assert parse_sdp(twice).origin == Origin("-", 7, 8, "192.0.2.7")
    assert parse_sdp(OFFER).origin == Origin("-", 1, 2, "192.0.2.1")


def test_sections_too_long_to_be_remembered_are_read_all_the_same() -> None:
    """SDP-1, MSG-9: calls share what is remembered of short ones; of long ones nothing is kept."""
    line = b"a=x:" + b"y" * 2_000 + b"\r\n"
    long = parse_sdp(OFFER.replace(b"t=0 0\r\n", b"t=0 0\r\n" + line) + line)
    short, again = parse_sdp(OFFER), parse_sdp(OFFER.replace(b"4000", b"4002"))
    added = (("x", "y" * 2_000),)
    assert long.attributes == added
    assert long.media[0].attributes == (*short.media[0].attributes, *added)
    assert again.media[0].attributes is short.media[0].attributes


@pytest.mark.parametrize("value", ["a\r\nb=1", "a\nb", "a\rb", "a\0", "\ud800"])
def test_a_value_that_would_start_a_line_is_not_written(value: str) -> None:
    """MSG-9."""
    description = SessionDescription(Origin("-", 1, 1, "h"), attributes=(("x", value),))
    with pytest.raises(LocalProtocolError):
        build_sdp(description)


def test_mutants_raise_nothing_but_sdp_errors() -> None:
    """MSG-9: seeded; what is accepted can be looked into and written."""
    rng = random.Random(8866)
    seeds = [item[1].encode() for item in TEXTS]
    accepted = 0
    for _ in range(3_000):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 5)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 6)] = rng.choice(
                [
                    b"",
                    b"=",
                    b"\r\n",
                    b"\n",
                    b" ",
                    b":",
                    b"/",
                    b"\xff",
                    b"99999999",
                    b"m=audio 0 RTP/AVP 0\r\n",
                    b"-",
                ]
            )
        try:
            description = parse_sdp(bytes(data))
        except SdpError:
            continue
        accepted += 1
        for media in description.media:
            _ = (
                media_formats(media),
                media.ptime,
                media.maxptime,
                media.rtcp,
                description.direction_of(media),
            )
        assert parse_sdp(build_sdp(description)).media == description.media
    assert 300 < accepted < 2_900


def test_repeat_lines_stay_with_their_time() -> None:
    """SDP-1: RFC 8866 §5.9, §5.10: r= belongs to the t= above it; z= and k= follow."""
    text = (
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=x\r\ni=y\r\nu=http://a/\r\ne=a@b\r\np=+1\r\n"
        b"c=IN IP4 192.0.2.1\r\nb=CT:128\r\nt=1 2\r\nr=7d 1h 0 25h\r\nr=1 2 3\r\nt=3 4\r\nt=8 9\r\n"
        b"r=5 6 7\r\nz=1 -1h 2 0\r\nk=prompt\r\na=x\r\n"
    )
    assert build_sdp(parse_sdp(text)) == text
    assert parse_sdp(text).times == ("1 2",)
    two = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=x\r\nt=1 2\r\nt=3 4\r\n"
    assert parse_sdp(two).times == ("1 2", "3 4")


def test_what_others_negotiate_is_carried_in_order() -> None:
    """SDP-1: fingerprint, setup, candidates, keys and unknown attributes of session and stream."""
    text = (
        b"v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:F7gI\r\n"
        b"a=fingerprint:sha-256 AB:CD\r\na=group:BUNDLE a v\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\ni=voice\r\n"
        b"c=IN IP6 2001:db8::1\r\nb=AS:64\r\nk=clear:x\r\na=setup:actpass\r\n"
        b"a=candidate:1 1 UDP 1 2001:db8::1 9 typ host\r\n"
        b"a=crypto:1 X inline:AAAA\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=x-unknown\r\na=rtcp-mux\r\n"
        b"m=video 0 RTP/AVP 96\r\na=mid:v\r\n"
    )
    read = parse_sdp(text)
    assert build_sdp(read) == text
    assert read.media[0].attribute("setup") == "actpass"
    assert (read.media[1].port, read.media[1].attribute("mid")) == (0, "v")
