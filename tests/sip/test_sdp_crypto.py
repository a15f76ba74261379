"""Keys in descriptions: the attribute by itself, and which calls are protected by it."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_sip.agent.recorded_values import decode, encode
from sansio_sip.dialog import SnapshotReader
from sansio_sip.ids import Ids
from sansio_sip.invite import Agreement
from sansio_sip.invite.snapshot_media import agreement_from_dict, agreement_to_dict
from sansio_sip.sdp import (
    CRYPTO_SUITES,
    DEFAULT_SUITES,
    CryptoAttribute,
    CryptoKey,
    Direction,
    LocalMedia,
    MediaFormat,
    NegotiatedMedia,
    NegotiationError,
    SdpError,
    SessionDescription,
    SrtpPolicy,
    apply_answer,
    build_sdp,
    crypto_of,
    make_answer,
    make_crypto,
    make_offer,
    parse_crypto,
    parse_inline,
    parse_sdp,
)
from tests.sip.vectors import load

PCMU = MediaFormat("PCMU", 8000, 0)
ALL = tuple(name for name, suite in CRYPTO_SUITES.items() if suite.usable)
FIRST = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
SECOND = "MTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5QUJjZGVm"
THIRD = "QUJjZGVmMTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5"
FROM_RFCS = {case["id"]: case["sdp"] for case in load("rfc-sdp.json")["cases"]}
SAMS_OFFER, JILLS_ANSWER = (parse_sdp(FROM_RFCS[f"rfc4568/7.1.5/{n}"].encode()) for n in (4, 5))


def keys(seed: int, *suites: str) -> tuple[CryptoAttribute, ...]:
    return make_crypto(Ids(Random(seed).randbytes).octets, suites or DEFAULT_SUITES)


def side(policy: SrtpPolicy, seed: int, *suites: str) -> LocalMedia:
    crypto = () if policy is SrtpPolicy.OFF else keys(seed, *suites)
    return LocalMedia(f"192.0.2.{seed}", 4000, (PCMU,), srtp=policy, crypto=crypto)


OFF, OPTIONAL, REQUIRED = SrtpPolicy.OFF, SrtpPolicy.OPTIONAL, SrtpPolicy.REQUIRED


def call(
    alice: LocalMedia, bob: LocalMedia, before: SessionDescription | None = None
) -> tuple[SessionDescription, SessionDescription, NegotiatedMedia, NegotiatedMedia]:
    """An offer and its answer, each as it is read on the other side."""
    offer = parse_sdp(build_sdp(make_offer(alice, session_id=1, version=1, previous=before)))
    answer, at_bob = make_answer(offer, bob, session_id=2, version=1)
    answer = parse_sdp(build_sdp(answer))
    return offer, answer, apply_answer(offer, answer, alice), at_bob


# The attribute


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|2^20|1:4 FEC_ORDER=FEC_SRTP",
            CryptoAttribute(
                1, "AES_CM_128_HMAC_SHA1_80", (CryptoKey(FIRST, 2**20, 1, 4),), ("FEC_ORDER=FEC_SRTP",)
            ),
        ),
        (
            f"2 F8_128_HMAC_SHA1_80 inline:{SECOND}|2^20|1:4;inline:{THIRD}|2^20|2:4 FEC_ORDER=FEC_SRTP",
            CryptoAttribute(
                2,
                "F8_128_HMAC_SHA1_80",
                (CryptoKey(SECOND, 2**20, 1, 4), CryptoKey(THIRD, 2**20, 2, 4)),
                ("FEC_ORDER=FEC_SRTP",),
            ),
        ),
        (
            "7 AES_CM_128_HMAC_SHA1_80 inline:YUJDZGVmZ2hpSktMbW9QUXJzVHVWd3l6MTIzNDU2|1066:4",
            CryptoAttribute(
                7,
                "AES_CM_128_HMAC_SHA1_80",
                (CryptoKey("YUJDZGVmZ2hpSktMbW9QUXJzVHVWd3l6MTIzNDU2", None, 1066, 4),),
            ),
        ),
        (
            f"0 AES_CM_128_HMAC_SHA1_32 inline:{FIRST}|1000 KDR=24 UNENCRYPTED_SRTP "
            "UNAUTHENTICATED_SRTP WSH=128 -x=y",
            CryptoAttribute(
                0,
                "AES_CM_128_HMAC_SHA1_32",
                (CryptoKey(FIRST, 1000),),
                ("KDR=24", "UNENCRYPTED_SRTP", "UNAUTHENTICATED_SRTP", "WSH=128", "-x=y"),
            ),
        ),
        ("3 OF_TOMORROW inline:AAAA", CryptoAttribute(3, "OF_TOMORROW", (CryptoKey("AAAA"),))),
        (
            f"4 AES_CM_128_HMAC_SHA1_32 inline:{FIRST}|1",
            CryptoAttribute(4, DEFAULT_SUITES[1], (CryptoKey(FIRST, 1),)),
        ),
    ],
)  # fmt: skip
def test_crypto_lines_are_read_and_written(text: str, line: CryptoAttribute) -> None:
    """SDP-10: RFC 4568 §6.1 and §7.1.5 with their examples."""
    assert parse_crypto(text) == line
    assert line.value == text


def test_parameters_have_a_meaning() -> None:
    """SDP-10: RFC 4568 §6.3."""
    plain = parse_crypto(f"1 {DEFAULT_SUITES[0]} inline:{FIRST}")
    assert (plain.kdr, plain.window_size, plain.weakened, plain.acceptable) == (0, None, False, True)
    odd = parse_crypto(f"1 {DEFAULT_SUITES[0]} inline:{FIRST} KDR=3 WSH=1024 UNENCRYPTED_SRTCP")
    assert (odd.kdr, odd.window_size, odd.weakened, odd.acceptable) == (3, 1024, True, False)


@pytest.mark.parametrize(
    ("text", "rule", "position"),
    [
        ("", "9.1", 0),
        ("1 AES_CM_128_HMAC_SHA1_80", "9.1", 0),
        (f"01 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}", "4.1", 0),
        (f"1234567890 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}", "4.1", 0),
        (f"x AES_CM_128_HMAC_SHA1_80 inline:{FIRST}", "4.1", 0),
        (f"1 AES-CM inline:{FIRST}", "9.1", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 url:{FIRST}", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 {FIRST}", "6.1", 26),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:????", "6.1", 26),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:A", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}AAAA", "6.2", None),
        (f"1 AES_256_CM_HMAC_SHA1_80 inline:{FIRST}", "6.2", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|0", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|010", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|2^49", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|281474976710657", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|2^20|1", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|2^20|1:129", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|2^20|256:1", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|0:1", "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST};inline:{SECOND}", "6.1", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|1:1;inline:{SECOND}", "6.1", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST}|1:1;inline:{SECOND}|1:2", "6.1", None),
        ("1 AES_CM_128_HMAC_SHA1_80 " + ";".join([f"inline:{FIRST}|1:1"] * 17), "6.1", 26),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} KDR=25", "6.3", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} KDR=0", "6.3", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} WSH=63", "6.3", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} FEC_ORDER=LATER", "6.3", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} FEC_KEY=inline:{SECOND}", "6.3", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} x", "6.3", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{FIRST} --x", "6.3", None),
    ],
)
def test_damaged_crypto_line_says_which_rule_it_breaks(text: str, rule: str, position: int | None) -> None:
    """SDP-10: RFC 4568 §4, §6, §9: strict, and the error names rule and place, but never a key."""
    with pytest.raises(SdpError) as caught:
        parse_crypto(text)
    assert (caught.value.rule, caught.value.position) == (f"RFC 4568 §{rule}", position)
    assert FIRST not in str(caught.value)
    assert SECOND not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: CryptoKey(""), "material"),
        (lambda: CryptoKey("A"), "material"),
        (lambda: CryptoKey(FIRST, 0), "lifetime"),
        (lambda: CryptoKey(FIRST, mki=1), "mki_length"),
        (lambda: CryptoKey(FIRST, mki_length=1), "mki_length"),
        (lambda: CryptoKey(FIRST, mki=256, mki_length=1), "mki 256"),
        (lambda: CryptoAttribute(-1, "X", (CryptoKey(FIRST),)), "tag"),
        (lambda: CryptoAttribute(1, "a b", (CryptoKey(FIRST),)), "suite"),
        (lambda: CryptoAttribute(1, "X", ()), "key"),
        (lambda: make_crypto(bytes, ["F8_128_HMAC_SHA1_80"]), "suites"),
        (lambda: make_crypto(bytes, ["NULL"]), "suites"),
    ],
)
def test_what_cannot_be_a_line_is_refused_when_it_is_made(make: Any, field: str) -> None:
    """SDP-10."""
    with pytest.raises(ValueError, match=field):
        make()


def test_keys_are_never_shown() -> None:
    """SEC: neither a line nor what was agreed prints its keys."""
    *_, media, _ = call(side(REQUIRED, 1), side(REQUIRED, 2))
    assert media.srtp is not None
    line = keys(1)[0]
    for shown in (repr(line), repr(media), repr(side(REQUIRED, 1)), str(line)):
        assert line.keys[0].material not in shown
        assert media.srtp.receive.material not in shown


def test_base64_may_come_without_its_padding() -> None:
    """SDP-10: RFC 4568 §6.1 discards the padding."""
    octets = bytes(range(28))
    text = str(CryptoKey.of(octets))
    assert parse_inline(text).octets == parse_inline(text.rstrip("=")).octets == octets


@pytest.mark.parametrize("name", ALL)
def test_fresh_keys_are_as_long_as_their_suite_wants(name: str) -> None:
    """SDP-10: RFC 4568 §6.2, RFC 6188 §3, RFC 7714 §14."""
    (line,) = keys(1, name)
    assert len(line.keys[0].octets) == {
        "AES_CM_128_HMAC_SHA1_80": 30, "AES_CM_128_HMAC_SHA1_32": 30, "AES_256_CM_HMAC_SHA1_80": 46,
        "AES_256_CM_HMAC_SHA1_32": 46, "AEAD_AES_128_GCM": 28, "AEAD_AES_256_GCM": 44,
    }[name]  # fmt: skip
    assert parse_crypto(line.value) == line


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="12 ^|:;=-AEKDRSCM_0inlinebase+/", max_size=120))
def test_no_text_raises_anything_but_an_sdp_error(text: str) -> None:
    """SDP-10: law 5."""
    for value in (text, f"1 X inline:{text}", f"1 {DEFAULT_SUITES[0]} inline:{FIRST}{text}"):
        try:
            line = parse_crypto(value)
        except SdpError:
            continue
        assert parse_crypto(line.value) == line


def test_invalid_line_counts_as_absent_and_a_second_tag_too() -> None:
    """SDP-10: RFC 4568 §4.1, §6.1."""
    media = parse_sdp(
        b"v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nt=0 0\r\nm=audio 1 RTP/SAVP 0\r\na=crypto\r\na=crypto:x\r\n"
        b"a=crypto:1 Y inline:AAAA\r\na=crypto:1 Z inline:AAAA\r\na=crypto:2 X inline:AAAA\r\n"
    ).media[0]
    assert [(line.tag, line.suite) for line in crypto_of(media)] == [(1, "Y"), (2, "X")]


# Calls


@pytest.mark.parametrize(
    ("alice", "bob", "protocol", "secure"),
    [
        (OFF, OFF, "RTP/AVP", False),
        (OFF, OPTIONAL, "RTP/AVP", False),
        (OFF, REQUIRED, "RTP/AVP", None),
        (OPTIONAL, OFF, "RTP/AVP", False),
        (OPTIONAL, OPTIONAL, "RTP/AVP", True),
        (OPTIONAL, REQUIRED, "RTP/AVP", True),
        (REQUIRED, OFF, "RTP/SAVP", None),
        (REQUIRED, OPTIONAL, "RTP/SAVP", True),
        (REQUIRED, REQUIRED, "RTP/SAVP", True),
    ],
)
def test_policies_of_both_sides_decide(
    alice: SrtpPolicy, bob: SrtpPolicy, protocol: str, secure: bool | None
) -> None:
    """SDP-10: optional falls back, required never does: 488."""
    if secure is None:
        with pytest.raises(NegotiationError) as caught:
            call(side(alice, 1), side(bob, 2))
        assert caught.value.status_hint == 488
        return
    offer, answer, at_alice, at_bob = call(side(alice, 1), side(bob, 2))
    assert offer.media[0].protocol == answer.media[0].protocol == protocol
    if not secure:
        assert at_alice.srtp is at_bob.srtp is None
        assert answer.media[0].attribute("crypto") is None
        return
    assert at_alice.srtp is not None
    assert at_bob.srtp is not None
    assert (at_alice.srtp.send, at_alice.srtp.receive) == (at_bob.srtp.receive, at_bob.srtp.send)
    assert at_alice.srtp.suite == at_bob.srtp.suite == DEFAULT_SUITES[0]


def test_offer_has_the_longer_tag_first() -> None:
    """SDP-10: the default suites."""
    offer = make_offer(side(REQUIRED, 1), session_id=1, version=1)
    assert [(line.tag, line.suite) for line in crypto_of(offer.media[0])] == [
        (1, "AES_CM_128_HMAC_SHA1_80"),
        (2, "AES_CM_128_HMAC_SHA1_32"),
    ]


@pytest.mark.parametrize("suite", ALL)
def test_each_suite_can_be_agreed_on(suite: str) -> None:
    """SDP-10: the answer has tag and suite of the offer and a key of its own (RFC 4568 §5.1.2)."""
    _, answer, at_alice, _ = call(side(REQUIRED, 1, *ALL), side(REQUIRED, 2, suite))
    (line,) = crypto_of(answer.media[0])
    assert (line.tag, line.suite) == (ALL.index(suite) + 1, suite)
    assert at_alice.srtp is not None
    assert at_alice.srtp.receive == line.keys[0]


def test_no_common_suite_is_488_or_plain() -> None:
    """SDP-10: RFC 4568 §5.1.2; only an offer of RTP/AVP may be answered in the clear."""
    with pytest.raises(NegotiationError):
        call(side(REQUIRED, 1, ALL[0]), side(REQUIRED, 2, ALL[1]))
    with pytest.raises(NegotiationError):
        call(side(REQUIRED, 1, ALL[0]), side(OPTIONAL, 2, ALL[1]))
    *_, at_bob = call(side(OPTIONAL, 1, ALL[0]), side(OPTIONAL, 2, ALL[1]))
    assert at_bob.srtp is None


@pytest.mark.parametrize(
    "params", ["KDR=1", "UNENCRYPTED_SRTP", "UNAUTHENTICATED_SRTP", "FEC_ORDER=SRTP_FEC"]
)
def test_weaker_or_stranger_srtp_is_declined(params: str) -> None:
    """SDP-10: RFC 4568 §7.1.2; the next line is taken."""
    lines = (
        f"a=crypto:1 {ALL[0]} inline:{FIRST} {params}\r\na=crypto:2 {ALL[0]} inline:{SECOND} WSH=64 -x\r\n"
    )
    text = f"v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 1 RTP/SAVP 0\r\n{lines}"
    answer, media = make_answer(parse_sdp(text.encode()), side(REQUIRED, 2), session_id=1, version=1)
    assert [line.tag for line in crypto_of(answer.media[0])] == [2]
    assert media.srtp is not None
    assert media.srtp.receive.material == SECOND


def test_the_call_of_the_rfc() -> None:
    """SDP-10: RFC 4568 §7.1.5: Jill answers Sam, and Sam reads the answer."""
    jill = LocalMedia("168.2.17.11", 32640, (PCMU,), srtp=REQUIRED, crypto=keys(1))
    answer, at_jill = make_answer(SAMS_OFFER, jill, session_id=25690844, version=8070842634)
    (line,) = crypto_of(answer.media[0])
    assert (line.tag, line.suite, answer.media[0].protocol) == (1, ALL[0], "RTP/SAVP")
    assert at_jill.srtp is not None
    assert str(at_jill.srtp.receive) == f"inline:{FIRST}|2^20|1:4"
    sam = attrs.evolve(jill, crypto=(attrs.evolve(crypto_of(SAMS_OFFER.media[0])[0], params=()),))
    at_sam = apply_answer(SAMS_OFFER, JILLS_ANSWER, sam)
    assert at_sam.srtp is not None
    assert str(at_sam.srtp.send) == f"inline:{FIRST}|2^20|1:4"
    assert str(at_sam.srtp.receive) == "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:4"


def two_lines(first: str, second: str) -> bytes:
    crypto = f"a=crypto:1 {ALL[0]} inline:{FIRST}\r\n"
    parts = {"plain": "m=audio 1000 RTP/AVP 0\r\n", "secure": f"m=audio 2000 RTP/SAVP 0\r\n{crypto}"}
    head = "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    return f"{head}{parts[first]}{parts[second]}".encode()


@pytest.mark.parametrize("order", list(itertools.permutations(["plain", "secure"])))
@pytest.mark.parametrize(("policy", "port"), [(OFF, 1000), (OPTIONAL, 2000), (REQUIRED, 2000)])
def test_protected_one_of_two_lines_goes_first(order: tuple[str, str], policy: SrtpPolicy, port: int) -> None:
    """SDP-10: phones that can do either offer both, in any order."""
    answer, media = make_answer(parse_sdp(two_lines(*order)), side(policy, 2), session_id=1, version=1)
    assert media.remote_port == port
    assert [bool(line.port) for line in answer.media] == [
        (name == "secure") == (port == 2000) for name in order
    ]


def change_answer(answer: SessionDescription, protocol: str, *crypto: str) -> SessionDescription:
    line = answer.media[0]
    kept = tuple([pair for pair in line.attributes if pair[0] != "crypto"])
    return answer._replace(
        media=(
            line._replace(protocol=protocol, attributes=(*kept, *[("crypto", value) for value in crypto])),
        )
    )


GOOD = f"1 {ALL[0]} inline:{SECOND}"


@pytest.mark.parametrize(
    ("protocol", "crypto"),
    [
        ("RTP/SAVP", []),
        ("RTP/SAVP", [f"9 {ALL[0]} inline:{SECOND}"]),
        ("RTP/SAVP", [f"2 {ALL[0]} inline:{SECOND}"]),
        ("RTP/SAVP", [GOOD, f"2 {ALL[1]} inline:{THIRD}"]),
        ("RTP/SAVP", [GOOD, "damaged"]),
        ("RTP/SAVP", ["damaged"]),
        ("RTP/SAVP", [f"{GOOD} UNENCRYPTED_SRTP"]),
        ("RTP/SAVP", [keys(1)[0].value]),
    ],
)
@pytest.mark.parametrize("policy", [OPTIONAL, REQUIRED])
def test_answer_that_does_not_pick_one_line_is_refused(
    policy: SrtpPolicy, protocol: str, crypto: list[str]
) -> None:
    """SDP-10: RFC 4568 §5.1.3, and our own key may not come back."""
    alice = side(policy, 1)
    offer, answer, *_ = call(alice, side(OPTIONAL, 2))
    assert apply_answer(offer, change_answer(answer, protocol, GOOD), alice).srtp is not None
    with pytest.raises(NegotiationError):
        apply_answer(offer, change_answer(answer, protocol, *crypto), alice)


def test_required_is_never_answered_in_the_clear() -> None:
    """SDP-10: no silent downgrade, whatever the answer calls itself."""
    alice = side(REQUIRED, 1)
    offer, answer, *_ = call(alice, side(OPTIONAL, 2))
    with pytest.raises(NegotiationError, match="SRTP"):
        apply_answer(offer, change_answer(answer, "RTP/AVP"), alice)
    lenient = apply_answer(offer, change_answer(answer, "RTP/AVP", GOOD), alice)
    assert lenient.srtp is not None  # the keys are what protects


def test_srtp_that_was_not_offered_is_refused() -> None:
    """SDP-10."""
    alice = side(OFF, 1)
    offer, answer, *_ = call(alice, side(OFF, 2))
    with pytest.raises(NegotiationError, match="not offered"):
        apply_answer(offer, change_answer(answer, "RTP/SAVP", GOOD), alice)


@pytest.mark.parametrize("policy", [OPTIONAL, REQUIRED])
def test_hold_keeps_the_keys_and_the_name_of_the_stream(policy: SrtpPolicy) -> None:
    """SDP-5, SDP-10: RFC 4568 §7.1.4; equal keys tell that SRTP goes on."""
    alice, bob = side(REQUIRED, 1), side(policy, 2)
    _, answer, at_alice, at_bob = call(alice, bob)
    # Bob, whose own offer would be RTP/AVP where SRTP is optional, holds a stream of RTP/SAVP.
    held = attrs.evolve(bob, direction=Direction.SENDONLY)
    offer, _, held_at_bob, held_at_alice = call(held, alice, before=answer)
    assert offer.media[0].protocol == "RTP/SAVP"
    assert held_at_bob.srtp == at_bob.srtp
    assert held_at_alice.srtp == at_alice.srtp
    assert held_at_alice.direction is Direction.RECVONLY


def test_new_keys_are_seen() -> None:
    """SDP-10: RFC 4568 §7.1.4: one side may change its key alone."""
    alice, bob = side(REQUIRED, 1), side(REQUIRED, 2)
    offer, _, before, _ = call(alice, bob)
    *_, after, _ = call(attrs.evolve(alice, crypto=keys(7)), bob, before=offer)
    assert before.srtp is not None
    assert after.srtp is not None
    assert after.srtp.send != before.srtp.send
    assert after.srtp.receive == before.srtp.receive


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"srtp": REQUIRED}, "crypto"),
        ({"crypto": keys(1)}, "crypto"),
        ({"srtp": OPTIONAL, "crypto": keys(1, ALL[0], ALL[0])}, "crypto"),
        ({"srtp": OPTIONAL, "crypto": keys(1, ALL[0]) + keys(1, ALL[1])}, "crypto"),
        ({"srtp": OPTIONAL, "crypto": (parse_crypto(f"{GOOD} KDR=1"),)}, "crypto"),
        ({"bandwidth": 0}, "bandwidth"),
        ({"attributes": (("a b", None),)}, "attributes"),
        ({"attributes": (("sendonly", None),)}, "attributes"),
        ({"attributes": (("rtpmap", "0 X/8000"),)}, "attributes"),
        ({"attributes": (("x", "1\r\na=y"),)}, "attributes"),
    ],
)
def test_bad_local_media_names_its_field(change: dict[str, Any], field: str) -> None:
    """SDP-8, SDP-10."""
    with pytest.raises(ValueError, match=field):
        LocalMedia("192.0.2.1", 4000, (PCMU,), **change)


def test_bandwidth_and_own_attributes_are_sent() -> None:
    """SDP-8: ``b=AS`` stands in front of the attributes, ours behind what the negotiation writes."""
    local = LocalMedia(
        "192.0.2.1", 4000, (PCMU,), ptime=30, bandwidth=80, attributes=(("label", "7"), ("x-flag", None))
    )
    text = build_sdp(make_offer(local, session_id=1, version=1)).decode()
    assert text.endswith(
        "m=audio 4000 RTP/AVP 0\r\nb=AS:80\r\na=rtpmap:0 PCMU/8000\r\na=ptime:30\r\na=sendrecv\r\n"
        "a=rtcp-mux\r\na=label:7\r\na=x-flag\r\n"
    )


# Snapshots


def test_keys_outlive_a_snapshot() -> None:
    """DLG-1, SDP-10: an imported call goes on with its keys; older snapshots have none."""
    alice = attrs.evolve(side(REQUIRED, 1), bandwidth=80, attributes=(("label", "7"), ("x", None)))
    offer, answer, at_alice, _ = call(alice, side(REQUIRED, 2))
    agreement = Agreement(offer, answer, alice, at_alice)
    data: Any = agreement_to_dict(agreement)
    assert agreement_from_dict(SnapshotReader(data)) == agreement
    for part, name in (
        ("local", "srtp"),
        ("local", "crypto"),
        ("local", "bandwidth"),
        ("local", "attributes"),
    ):
        del data[part][name]
    del data["media"]["srtp"]
    old = agreement_from_dict(SnapshotReader(data))
    assert old.local == LocalMedia(alice.address, alice.port, alice.formats)
    assert old.media == attrs.evolve(at_alice, srtp=None)


@pytest.mark.parametrize(("protocol", "policy"), [("RTP/AVPF", OPTIONAL), ("RTP/SAVPF", REQUIRED)])
def test_profiles_with_feedback_are_answered_by_their_name(protocol: str, policy: SrtpPolicy) -> None:
    """SDP-10: RFC 4585 §3.1, RFC 5124 §3.1: the profile of the answer is that of the offer."""
    text = (
        "v=0\r\no=- 1 1 IN IP4 a\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
        f"m=audio 1000 {protocol} 0\r\na=crypto:{GOOD}\r\nm=video 2000 {protocol} 96\r\n"
    )
    answer, media = make_answer(parse_sdp(text.encode()), side(policy, 2), session_id=1, version=1)
    assert [(line.media, line.protocol) for line in answer.media] == [
        ("audio", protocol),
        ("video", protocol),
    ]
    assert answer.media[1].port == 0
    assert media.srtp is not None


def test_keys_are_left_out_of_a_record_unless_wanted() -> None:
    """SIM-4, SEC-2: a record without secrets has no key in it, and takes them from whoever replays it."""
    local = side(REQUIRED, 1)
    with_keys, without = encode(local, secrets=True), encode(local, secrets=False)
    materials = [line.keys[0].material for line in local.crypto]
    assert all(text in str(with_keys) and text not in str(without) for text in materials)
    assert decode(with_keys, lambda *_: "") == local
    given = iter(materials)
    assert decode(without, lambda *_: next(given)) == local
