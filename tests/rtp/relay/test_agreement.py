"""When two legs agree, and what is said when they do not (BRG-8)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_rtp import LocalProtocolError
from sansio_rtp.relay import MediaRelay, RelayMismatchError
from tests.rtp.relay.legs import PHONE_A, PHONE_B, Legs, leg, leg_config, steps

L16_WIDE = {"formats": {96: "L16/16000"}, "send_payload_type": 96}


@pytest.mark.parametrize(
    ("changes", "differences"),
    [
        ({"send_payload_type": 8}, ("codec: PCMU and PCMA",)),
        (
            {"formats": {96: "L16/8000"}, "send_payload_type": 96},
            ("codec: PCMU and L16",),
        ),
        (L16_WIDE, ("codec: PCMU and L16", "clock rate: 8000 Hz and 16000 Hz")),
        (
            {"formats": {8: "PCMA"}, "send_formats": {0: "PCMU"}},
            ("codec: PCMU is sent on both legs, but not received on the second",),
        ),
    ],
)
def test_what_does_not_agree_is_named(changes: dict[str, Any], differences: tuple[str, ...]) -> None:
    """BRG-8: a typed error, and nothing has changed."""
    a, b = leg(PHONE_A, 1), leg(PHONE_B, 2, **changes)
    with pytest.raises(RelayMismatchError) as caught:
        MediaRelay(a, b)
    assert caught.value.differences == differences
    assert str(caught.value) == f"the legs of a relay do not agree: {'; '.join(differences)}"
    assert isinstance(caught.value, LocalProtocolError)


def test_one_clock_of_one_codec() -> None:
    """BRG-8: the same codec with two clocks."""
    with pytest.raises(RelayMismatchError, match="clock rate: 8000 Hz and 16000 Hz"):
        MediaRelay(
            leg(PHONE_A, 1, formats={96: "L16/8000"}, send_payload_type=96), leg(PHONE_B, 2, **L16_WIDE)
        )


def test_everything_else_may_differ() -> None:
    """BRG-8: length of packets, rate of the audio, numbers, further codecs, digits, reports."""
    changes: dict[str, Any] = {
        "formats": {97: "L16/16000", 98: "PCMU", 99: "L16/8000"},
        "send_payload_type": 98,
        "ptime_ms": 40,
        "sample_rate": 16_000,
        "rtcp": False,
        "dtmf_receive_payload_type": None,
    }
    legs = Legs(b=leg(PHONE_B, 2, **changes))
    assert {packet.payload_type for packet in legs.talk(3)} == {98}
    legs.other.payload_type = 98
    assert {packet.payload_type for packet in legs.from_b(legs.other.packet())} == {0}


def test_of_two_numbers_for_one_codec_ours_is_used() -> None:
    """BRG-8: what is sent otherwise, too."""
    legs = Legs(b=leg(PHONE_B, 2, formats={96: "PCMU", 97: "PCMU"}, send_payload_type=97))
    assert legs.talk(1)[0].payload_type == 97


def test_session_is_not_relayed_to_itself() -> None:
    """BRG-8, ERR-1."""
    session = leg(PHONE_A, 1)
    with pytest.raises(LocalProtocolError, match="to itself"):
        MediaRelay(session, session)


def test_session_has_one_relay() -> None:
    """BRG-8, ERR-1: until that is closed."""
    legs = Legs()
    third = leg(("192.0.2.3", 6_000), 3)
    for pair in ((legs.a, third), (third, legs.b)):
        with pytest.raises(LocalProtocolError, match="relayed already"):
            MediaRelay(*pair)
    assert len(legs.talk(2)) == 2
    legs.relay.close()
    MediaRelay(third, legs.b)


def test_renegotiation_to_other_numbers() -> None:
    """BRG-8: payload types of a re-INVITE hold from the next packet on."""
    legs = Legs()
    before = legs.talk(3)
    legs.b.update(leg_config(PHONE_B, formats={110: "PCMU"}, send_payload_type=110), legs.now)
    legs.relay.update()
    after = legs.talk(3)
    assert [packet.payload_type for packet in after] == [110] * 3
    assert steps([*before, *after]) == [(1, 160)] * 5


def test_renegotiation_to_another_codec_ends_the_relay() -> None:
    """BRG-8: both sessions are as without one, and the error says why."""
    legs = Legs()
    legs.talk(3)
    legs.b.update(leg_config(PHONE_B, send_payload_type=8), legs.now)
    with pytest.raises(RelayMismatchError, match="codec: PCMU and PCMA"):
        legs.relay.update()
    assert legs.relay.closed
    legs.relay.update()
    assert legs.talk(10) == []
    assert legs.a.playout(legs.now + 0.1).size == 160
    assert legs.a.statistics().packets_received == 13


def test_other_clock_after_a_renegotiation_is_another_source() -> None:
    """BRG-8, RFC 7160 §4.1: both legs change to L16 at 16 kHz; our SSRC changes with the clock."""
    legs = Legs()
    before = legs.talk(3)
    for session, remote in ((legs.a, PHONE_A), (legs.b, PHONE_B)):
        session.update(leg_config(remote, **L16_WIDE), legs.now)
    legs.relay.update()
    legs.phone.payload_type, legs.phone.units = 96, 320
    after = legs.talk(3)
    assert steps(after) == [(1, 320)] * 2
    assert before[0].ssrc != after[0].ssrc == legs.b.ssrc
