"""Offers and answers of one dialog, without messages (RFC 3264, RFC 6337)."""

from __future__ import annotations

import attrs
import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import HOLD, RESUME, OfferAnswer, OfferState, held, resumed
from sansio_sip.sdp import (
    Direction,
    LocalMedia,
    MediaFormat,
    NegotiationError,
    SessionDescription,
    parse_sdp,
)
from tests.sip.harness import media
from tests.sip.invite.scripts import sdp

OURS = media()
THEIRS = parse_sdp(sdp())
NO_CODEC = parse_sdp(sdp().replace(b"PCMU", b"XYZ1").replace(b" 0 101", b" 99 101").replace(b":0 ", b":99 "))
PCMA = MediaFormat("PCMA", 8000, 8)


def stable() -> OfferAnswer:
    negotiation = OfferAnswer(7)
    negotiation.offer(OURS)
    negotiation.receive_answer(THEIRS)
    return negotiation


def offered(negotiation: OfferAnswer, local: LocalMedia) -> SessionDescription:
    return parse_sdp(negotiation.offer(local))


def test_version_rises_by_one_with_a_change_and_stays_without() -> None:
    """SDP-2: RFC 3264 §5, §8: the o= version rises by one on change."""
    negotiation = OfferAnswer(7)
    assert offered(negotiation, OURS).origin.version == 1
    negotiation.receive_answer(THEIRS)
    assert offered(negotiation, OURS).origin.version == 1
    negotiation.receive_answer(THEIRS)
    assert offered(negotiation, held(OURS)).origin.version == 2


def test_offer_after_a_rollback_has_the_number_of_the_one_that_nobody_took() -> None:
    """SDP-2: RFC 3264 §8; the refused offer never counted."""
    negotiation = stable()
    assert offered(negotiation, held(OURS)).origin.version == 2
    negotiation.rollback()
    assert offered(negotiation, held(OURS)).origin.version == 2


def test_refused_offer_leaves_what_was_agreed() -> None:
    """SES-12: RFC 3261 §14.1: a failed re-INVITE leaves the session as it was."""
    negotiation = stable()
    agreed, before = negotiation.agreed, negotiation.media
    negotiation.offer(held(OURS))
    assert negotiation.media == before
    negotiation.rollback()
    assert negotiation.state is OfferState.STABLE
    assert (negotiation.agreed, negotiation.media) == (agreed, before)
    negotiation.receive_offer(parse_sdp(sdp(5000)))
    negotiation.rollback()
    assert (negotiation.agreed, negotiation.media) == (agreed, before)


def test_payload_types_and_lines_stay_in_later_offers() -> None:
    """SDP-2: RFC 3264 §8, §8.3.2: lines are never removed, a codec keeps its number."""
    negotiation = OfferAnswer(7)
    first = parse_sdp(sdp())
    video = first.media[0]._replace(media="video", formats=("31",), attributes=())
    negotiation.receive_offer(first._replace(media=(video, first.media[0])))
    negotiation.answer(OURS)
    wanted = attrs.evolve(OURS, formats=(PCMA, attrs.evolve(OURS.formats[0], payload_type=96)))
    second = offered(negotiation, wanted)
    assert [(line.media, line.port) for line in second.media] == [("video", 0), ("audio", OURS.port)]
    assert second.media[1].formats == ("8", "0")


def test_only_one_offer_is_open() -> None:
    """SDP-2: RFC 3264 §4: no second offer while one is open, whoever made it."""
    negotiation = stable()
    negotiation.offer(OURS)
    with pytest.raises(LocalProtocolError):
        negotiation.offer(OURS)
    with pytest.raises(LocalProtocolError):
        negotiation.answer(OURS)
    negotiation.rollback()
    negotiation.receive_offer(THEIRS)
    with pytest.raises(LocalProtocolError):
        negotiation.offer(OURS)
    with pytest.raises(LocalProtocolError):
        negotiation.receive_answer(THEIRS)


def test_preview_of_the_peer_leaves_the_offer_open_until_the_answer() -> None:
    """SDP-2: RFC 6337 §3.1.1: a description in an unreliable response is no answer yet."""
    negotiation = OfferAnswer(7)
    negotiation.offer(OURS)
    negotiation.receive_preview(THEIRS)
    assert negotiation.answerable
    assert negotiation.media is not None
    negotiation.receive_answer(parse_sdp(sdp(5000)))
    assert negotiation.media.remote_port == 5000


@pytest.mark.parametrize("previewed", [True, False])
def test_final_response_without_description_settles_what_was_previewed(previewed: bool) -> None:
    """SDP-2: a peer that answers in 183 only has answered; one that never does has no media."""
    negotiation = OfferAnswer(7)
    negotiation.offer(OURS)
    if previewed:
        negotiation.receive_preview(THEIRS)
    negotiation.conclude()
    assert negotiation.state is (OfferState.STABLE if previewed else OfferState.NONE)
    assert (negotiation.media is not None) is previewed


def test_early_answer_of_ours_is_the_answer() -> None:
    """SDP-2: RFC 6337 §3.1.1: all descriptions in responses to one INVITE are the same."""
    negotiation = OfferAnswer(7)
    negotiation.receive_offer(THEIRS)
    early = negotiation.preview(OURS)
    assert negotiation.must_answer
    assert negotiation.preview(held(OURS)) == early
    assert negotiation.answer(held(OURS)) == early
    assert negotiation.state is OfferState.STABLE


def test_forks_do_not_see_each_other() -> None:
    """DLG-5: RFC 6337 §2.2: each dialog of one INVITE has an exchange of its own."""
    first = OfferAnswer(7)
    first.offer(OURS)
    second = first.fork()
    first.receive_answer(THEIRS)
    assert second.answerable
    assert second.media is None
    second.receive_answer(parse_sdp(sdp(5000)))
    assert first.media is not None
    assert first.media.remote_port == 4000


def test_offer_that_cannot_be_refused_is_declined_line_by_line() -> None:
    """SDP-2: RFC 6337 §2.3, RFC 3264 §6: as many lines, port 0."""
    negotiation = stable()
    negotiation.receive_offer(NO_CODEC)
    with pytest.raises(NegotiationError):
        negotiation.answer(OURS)
    declined = parse_sdp(negotiation.decline())
    assert [line.port for line in declined.media] == [0]
    assert declined.origin.version == 2
    assert negotiation.media is None
    assert negotiation.local_media == OURS


def test_known_description_is_recognised() -> None:
    """RFC 3261 §14.2: version identifiers are checked to see whether anything changed."""
    negotiation = stable()
    assert negotiation.is_known(THEIRS)
    assert not negotiation.is_known(parse_sdp(sdp(version=2)))
    assert not OfferAnswer(7).is_known(THEIRS)


@pytest.mark.parametrize("direction", list(Direction))
def test_hold_stops_receiving_and_resume_takes_it_back(direction: Direction) -> None:
    """SES-12: RFC 3264 §8.4: the table of directions."""
    local = attrs.evolve(OURS, direction=direction)
    on_hold = held(local)
    assert not on_hold.direction.can_receive
    assert on_hold.direction.can_send == direction.can_send
    assert held(on_hold) == on_hold
    back = resumed(on_hold)
    assert back.direction.can_receive
    assert back.direction.can_send == direction.can_send
    assert resumed(back) == back
    assert HOLD[direction] is on_hold.direction
    assert RESUME[on_hold.direction] is back.direction
