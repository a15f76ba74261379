"""Re-INVITE, both roles (RFC 3261 §14, RFC 6141, RFC 6337 §2.3)."""

from __future__ import annotations

import attrs
import pytest

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import (
    CallEnded,
    Failed,
    LocallyClosed,
    MediaNegotiated,
    OfferReceived,
    RemoteBye,
    TimedOut,
    UpdateFailed,
)
from sansio_sip.message import Request, Response
from sansio_sip.sdp import Direction, NegotiationError
from tests.sip.harness import media
from tests.sip.invite.scripts import (
    REL,
    Call,
    agent,
    body_of,
    directed,
    direction_of,
    negotiated,
    sdp,
)

NOTHING = sdp(version=2).replace(b" 0 101", b" 99")


def failures(call: Call) -> list[UpdateFailed]:
    return [event for event in call.events() if isinstance(event, UpdateFailed)]


# Ours (§14.1)


def test_hold_and_resume_are_offers_in_the_dialog() -> None:
    """SES-12: §14.1, RFC 3264 §8.4: sendonly, and back; the version rises with each."""
    call = Call()
    invite = call.outgoing()
    versions = [body_of(invite).origin.version]
    for verb, direction, answer in (
        (call.agent.hold, Direction.SENDONLY, Direction.RECVONLY),
        (call.agent.resume, Direction.SENDRECV, Direction.SENDRECV),
    ):
        verb(call.session, call.now)
        again = call.request_from_agent("INVITE")
        assert direction_of(again) is direction
        versions.append(body_of(again).origin.version)
        assert (again.to_tag, again.call_id) == ("bob", invite.call_id)
        call.respond(again, 200, body=sdp(direction=answer))
        ack = call.request_from_agent("ACK")
        assert ack.cseq.number == again.cseq.number
        (agreed,) = negotiated(call)
        assert agreed is not None
        assert agreed.direction is direction
    assert versions == [1, 2, 3]
    call.quiet()


def test_our_side_of_the_agreement_can_be_asked_for() -> None:
    """SDP-5: it follows what the peer has agreed to, and nothing before."""
    call = Call()
    call.outgoing()
    before = call.agent.local_media(call.session)
    assert before.direction is Direction.SENDRECV
    call.agent.hold(call.session, 0.0)
    assert call.agent.local_media(call.session) == before
    call.respond(call.request_from_agent("INVITE"), 200, body=sdp())
    assert call.agent.local_media(call.session).direction is Direction.SENDONLY
    with pytest.raises(LocalProtocolError, match="no call"):
        call.agent.local_media("nobody")


def test_reinvite_is_acknowledged_again_for_each_repeated_2xx() -> None:
    """RFC 3261 §13.2.2.4, §14.1."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.respond(again, 200, body=sdp())
    first = call.request_from_agent("ACK")
    call.respond(again, 200, body=sdp())
    assert call.request_from_agent("ACK").to_bytes() == first.to_bytes()
    assert len(negotiated(call)) == 1


@pytest.mark.parametrize("status", [488, 400, 503, 603, 302])
def test_refused_change_leaves_the_session_as_it_was(status: int) -> None:
    """RFC 3261 §14.1: as if no re-INVITE had been issued."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), status)
    call.request_from_agent("ACK")
    assert [event.status_code for event in failures(call)] == [status]
    call.next("INVITE", body=sdp(version=2))
    assert direction_of(call.response_from_agent(200)) is Direction.SENDRECV
    call.next("ACK", cseq=call.cseq)
    call.quiet()


@pytest.mark.parametrize(
    ("status", "end"), [(481, Failed("Call/Transaction Does Not Exist", 481)), (408, TimedOut())]
)
def test_481_and_408_end_the_dialog(status: int, end: object) -> None:
    """RFC 3261 §14.1, §12.2.1.2."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), status)
    assert call.lines() == ["ACK", "BYE"]
    assert call.ends() == [end]


def test_reinvite_without_any_answer_ends_the_dialog() -> None:
    """RFC 3261 §14.1: no response at all counts as 408."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.pass_time(32.0)
    assert call.lines()[-1] == "BYE"
    assert call.ends() == [TimedOut()]


@pytest.mark.parametrize("owner", [True, False])
def test_glare_is_tried_again_after_a_random_time(owner: bool) -> None:
    """DLG-17: RFC 3261 §14.1: 2.1 to 4.0 s for the owner of the Call-ID, 0 to 2.0 s for the other."""
    delays = []
    for seed in range(20):
        call = Call(agent(seed=seed))
        if owner:
            call.outgoing()
        else:
            call.incoming()
        call.agent.hold(call.session, 0.0)
        first = call.request_from_agent("INVITE")
        call.respond(first, 491)
        call.request_from_agent("ACK")
        while not (sent := [m for m in call.sent() if isinstance(m, Request)]):
            call.pass_time(call.agent.deadline or 9.0)
        assert sent[0].body == first.body
        assert sent[0].cseq.number == first.cseq.number + 1
        delays.append(call.now)
    low, high = (2.1, 4.0) if owner else (0.0, 2.0)
    assert all(low <= delay <= high and round(delay, 2) == round(delay, 6) for delay in delays)
    assert len(set(delays)) > 10


def test_glare_without_end_is_given_up() -> None:
    """SES-30: 491 cap 3."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    tries = 0
    while call.agent.deadline is not None and call.now < 30:
        for message in call.sent():
            if isinstance(message, Request) and message.method == "INVITE":
                tries += 1
                call.respond(message, 491)
        call.pass_time(call.agent.deadline or 99.0)
    assert tries == 4
    assert [event.status_code for event in failures(call)] == [491]


@pytest.mark.parametrize(("value", "again"), [("3", True), ("99", False), ("soon", False), ("", False)])
def test_request_that_is_put_off_is_tried_again(value: str, again: bool) -> None:
    """RFC 3261 §14.2: the 500 for overlapping INVITEs says when."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    fields = (("Retry-After", value),) if value else ()
    call.respond(call.request_from_agent("INVITE"), 500, extra=fields)
    call.request_from_agent("ACK")
    assert bool(failures(call)) is not again
    call.pass_time(3.0)
    assert ("INVITE" in call.lines()) is again


def test_hold_that_is_wanted_no_more_is_not_tried_again() -> None:
    """RFC 3261 §14.1: if it still desires; the newest wish takes the place of the one that waits."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), 491)
    call.request_from_agent("ACK")
    call.agent.update_media(call.session, directed(Direction.RECVONLY), 0.0)
    call.pass_time(4.0)
    assert direction_of(call.request_from_agent("INVITE")) is Direction.RECVONLY


def test_bye_during_the_back_off_ends_it() -> None:
    """RFC 3261 §14.1: if the call was hung up, the re-INVITE does not take place."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), 491)
    call.request_from_agent("ACK")
    call.next("BYE")
    call.response_from_agent(200)
    call.pass_time(100.0)
    assert "INVITE" not in call.lines()
    assert len(call.agent._calls) == 0


def test_second_change_while_one_is_on_its_way_is_a_mistake() -> None:
    """RFC 3261 §14.1: MUST NOT initiate a new INVITE while another is in progress."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    with pytest.raises(LocalProtocolError):
        call.agent.resume(call.session, 0.0)


def test_change_without_a_call_or_media_is_a_mistake() -> None:
    """RFC 3261 §14."""
    call = Call()
    with pytest.raises(LocalProtocolError):
        call.agent.hold("nobody", 0.0)
    call.session, invite = call.call_from_agent()
    with pytest.raises(LocalProtocolError):
        call.agent.update_media(call.session, media(), 0.0)
    with pytest.raises(LocalProtocolError):
        call.agent.hold(call.session, 0.0)
    call.respond(invite, 486)
    with pytest.raises(LocalProtocolError):
        call.agent.update_media(call.session, media(), 0.0)


def test_change_waits_for_the_ack_of_our_2xx() -> None:
    """RFC 3261 §14.1: until the INVITE server transaction is confirmed; the peer knows no UPDATE."""
    call = Call()
    call.ringing_for(extra=())
    call.agent.answer(call.session, media(), 0.0)
    ok = call.response_from_agent(200)
    call.agent.hold(call.session, 0.0)
    assert call.lines() == []
    call.agent_tag = ok.to_tag
    call.next("ACK", cseq=1)
    assert direction_of(call.request_from_agent("INVITE")) is Direction.SENDONLY


def test_offer_may_be_left_to_the_peer() -> None:
    """RFC 3261 §14.1: no description in the re-INVITE; the answer goes into the ACK."""
    call = Call()
    call.outgoing()
    call.agent.update_media(call.session, directed(Direction.SENDRECV, 4444), 0.0, late_offer=True)
    again = call.request_from_agent("INVITE")
    assert again.body == b""
    call.respond(again, 200, body=sdp(5000, version=2))
    assert body_of(call.request_from_agent("ACK")).media[0].port == 4444
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert (agreed.local_port, agreed.remote_port) == (4444, 5000)


@pytest.mark.parametrize("answer", [b"", b"nonsense", NOTHING])
def test_answer_that_cannot_be_used_leaves_the_session_as_it_was(answer: bytes) -> None:
    """RFC 3264 §7: the 2xx is acknowledged all the same."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), 200, body=answer)
    call.request_from_agent("ACK")
    assert [event.status_code for event in failures(call)] == [488]
    call.agent.hold(call.session, 0.0)
    call.request_from_agent("INVITE")


def test_reinvite_answers_a_challenge_and_its_ack_has_the_credentials() -> None:
    """AUTH-1: RFC 3261 §22.1, §14.1."""
    call = Call(agent(credentials=(Credentials("alice", "secret"),)))
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    first = call.request_from_agent("INVITE")
    call.respond(first, 401, extra=(("WWW-Authenticate", 'Digest realm="r", nonce="n"'),))
    ack, again = call.sent()
    assert isinstance(again, Request)
    assert (ack.cseq.method, again.cseq.number) == ("ACK", first.cseq.number + 1)
    call.respond(again, 200, body=sdp())
    assert call.request_from_agent("ACK").get("authorization") == again.get("authorization")


def test_target_and_abilities_are_taken_from_the_2xx() -> None:
    """DLG-3: RFC 3261 §12.2.1.2, RFC 6141 §4.7."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), 200, body=sdp(), contact="<sip:bob@192.0.2.77>")
    assert call.request_from_agent("ACK").uri == "sip:bob@192.0.2.77"


def test_reliable_response_to_a_reinvite_is_acknowledged() -> None:
    """RFC 3262, RFC 6337 §2.2: pattern 3 changes an established session before the 2xx."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    fields = (("Require", "100rel"), ("RSeq", "9"))
    call.respond(again, 183, body=sdp(direction=Direction.RECVONLY), extra=fields)
    prack = call.request_from_agent("PRACK")
    assert prack.get("rack") == f"9 {again.cseq.number} INVITE"
    call.respond(again, 183, body=sdp(), extra=fields)
    assert call.lines() == []
    call.respond(prack, 200)
    call.respond(again, 200)
    call.request_from_agent("ACK")
    assert [agreed.direction for agreed in negotiated(call) if agreed] == [Direction.SENDONLY] * 2


def test_refusal_of_a_change_that_was_executed_is_repaired() -> None:
    """RFC 6141 §3.4: a new offer brings both back to what held before."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.respond(again, 183, body=sdp(), extra=(("Require", "100rel"), ("RSeq", "9")))
    call.respond(call.request_from_agent("PRACK"), 200)
    call.respond(again, 488)
    ack, repair = call.sent()
    assert ack.cseq.method == "ACK"
    assert isinstance(repair, Request)
    assert direction_of(repair) is Direction.SENDRECV
    assert [event.status_code for event in failures(call)] == [488]


def test_reinvite_that_only_proceeds_is_cancelled() -> None:
    """RFC 3261 §9.1, §14.1: after three minutes; 487 is its end."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.respond(again, 100)
    call.pass_time(180.0)
    cancel = call.request_from_agent("CANCEL")
    call.respond(cancel, 200)
    call.respond(again, 487)
    call.request_from_agent("ACK")
    assert [event.status_code for event in failures(call)] == [487]
    call.quiet()


@pytest.mark.parametrize("status", [200, 491])
def test_answer_that_crosses_the_cancel_counts(status: int) -> None:
    """RFC 3261 §9.1: a CANCEL has no effect after the final response."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.respond(again, 100)
    call.pass_time(180.0)
    call.respond(call.request_from_agent("CANCEL"), 200)
    call.respond(again, status, body=sdp() if status == 200 else b"")
    call.request_from_agent("ACK")
    event = call.events()[-1]
    assert isinstance(event, MediaNegotiated if status == 200 else UpdateFailed)
    call.quiet()


@pytest.mark.parametrize("late_offer", [False, True])
def test_reinvite_that_even_cancel_does_not_end_ends_the_call(late_offer: bool) -> None:
    """RFC 3261 §9.1, §14.1: no final response at all counts as 408."""
    call = Call()
    call.outgoing()
    call.agent.update_media(call.session, media(port=4444), 0.0, late_offer=late_offer)
    call.respond(call.request_from_agent("INVITE"), 100)
    call.pass_time(300.0)
    assert call.ends() == [TimedOut()]
    call.answer_all(400.0)
    assert len(call.agent._calls) == 0


@pytest.mark.parametrize("final", [0, 200, 487, 491])
def test_call_that_ends_under_a_reinvite_ends_quiet(final: int) -> None:
    """SES-11: §15: BYE at once; whatever becomes of the re-INVITE, it is acknowledged and gone."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.respond(again, 100)
    call.agent.hang_up(call.session, 0.0)
    call.respond(call.request_from_agent("BYE"), 200)
    assert call.ends() == [LocallyClosed()]
    if final:
        call.respond(again, final, body=sdp() if final == 200 else b"")
        call.request_from_agent("ACK")
    call.pass_time(200.0)
    assert call.lines() == []
    assert len(call.agent._calls) == 0


def test_challenge_after_the_end_is_not_answered() -> None:
    """RFC 3261 §15: nothing more is wanted."""
    call = Call(agent(credentials=(Credentials("alice", "secret"),)))
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.agent.hang_up(call.session, 0.0)
    call.request_from_agent("BYE")
    call.respond(again, 401, extra=(("WWW-Authenticate", 'Digest realm="r", nonce="n"'),))
    assert call.lines() == ["ACK"]


def test_reliable_response_after_the_end_is_not_acknowledged() -> None:
    """RFC 3261 §15."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    again = call.request_from_agent("INVITE")
    call.agent.hang_up(call.session, 0.0)
    call.request_from_agent("BYE")
    call.respond(again, 183, extra=(("Require", "100rel"), ("RSeq", "9")))
    assert call.lines() == []


# The peer's (§14.2)


def test_hold_of_the_peer_is_answered_and_told() -> None:
    """SES-12: §14.2, RFC 3264 §6.1: directions mirrored; resumed by the next offer."""
    call = Call()
    call.outgoing()
    for direction, ours in (
        (Direction.SENDONLY, Direction.RECVONLY),
        (Direction.INACTIVE, Direction.INACTIVE),
        (Direction.RECVONLY, Direction.SENDONLY),
        (Direction.SENDRECV, Direction.SENDRECV),
    ):
        call.next("INVITE", body=sdp(version=call.cseq + 2, direction=direction))
        ok = call.response_from_agent(200)
        assert direction_of(ok) is ours
        assert ok.contacts
        call.next("ACK", cseq=call.cseq)
        (agreed,) = negotiated(call)
        assert agreed is not None
        assert agreed.direction is ours
    call.quiet()


def test_our_own_hold_survives_the_peers_offer() -> None:
    """RFC 3264 §8.4: both on hold is inactive; our wish stands until we take it back."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("INVITE"), 200, body=sdp(direction=Direction.RECVONLY))
    call.request_from_agent("ACK")
    call.next("INVITE", body=sdp(version=5, direction=Direction.SENDONLY))
    assert direction_of(call.response_from_agent(200)) is Direction.INACTIVE
    call.next("ACK", cseq=call.cseq)
    call.next("INVITE", body=sdp(version=6))
    assert direction_of(call.response_from_agent(200)) is Direction.SENDONLY


def test_2xx_is_repeated_until_the_ack() -> None:
    """RFC 3261 §13.3.1.4, §14.2: T1 doubling up to T2."""
    call = Call()
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    first = call.response_from_agent(200)
    times = []
    while call.now < 15.0:
        call.pass_time(call.agent.deadline or 99.0)
        for message in call.sent():
            assert message.to_bytes() == first.to_bytes()
            times.append(round(call.now, 3))
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5]
    call.next("ACK", cseq=call.cseq)
    call.pass_time(60.0)
    assert call.lines() == []


def test_2xx_that_is_never_acknowledged_ends_the_call_with_bye() -> None:
    """RFC 3261 §14.2."""
    call = Call()
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    call.pass_time(32.0)
    assert call.lines()[-1] == "BYE"
    assert call.ends() == [TimedOut("ACK")]


def test_ack_of_another_invite_stops_no_repeats() -> None:
    """RFC 3261 §13.3.1.4."""
    call = Call()
    call.incoming()
    call.next("INVITE", body=sdp(version=2))
    call.response_from_agent(200)
    call.next("ACK", cseq=1)
    call.pass_time(0.5)
    call.response_from_agent(200)


def test_reinvite_without_offer_gets_one_and_the_ack_answers_it() -> None:
    """RFC 3261 §14.2: the offer overlaps with the previous description."""
    call = Call()
    call.outgoing()
    call.next("INVITE")
    ok = call.response_from_agent(200)
    assert body_of(ok).media[0].formats == ("0", "101")
    call.next("ACK", cseq=call.cseq, body=sdp(7000, version=2))
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.remote_port == 7000
    call.quiet()


@pytest.mark.parametrize("answer", [b"", NOTHING, b"nonsense"])
def test_ack_without_a_usable_answer_ends_the_call(answer: bytes) -> None:
    """RFC 3261 §14.2: nobody knows any more what was agreed."""
    call = Call()
    call.outgoing()
    call.next("INVITE")
    call.response_from_agent(200)
    call.next("ACK", cseq=call.cseq, body=answer)
    assert call.lines() == ["BYE"]
    (end,) = call.ends()
    assert isinstance(end, Failed)


def test_offer_that_fits_nothing_is_refused_with_488_and_a_warning() -> None:
    """RFC 3261 §14.2: SHOULD include a Warning; the session stays as it was."""
    call = Call()
    call.outgoing()
    call.next("INVITE", body=NOTHING)
    refused = call.response_from_agent(488)
    assert (refused.get("warning") or "").startswith("304 ")
    assert call.events() == []
    call.next("ACK", cseq=call.cseq)
    call.next("INVITE", body=sdp(version=3))
    call.response_from_agent(200)


def test_description_that_cannot_be_read_is_refused_with_400() -> None:
    """RFC 3261 §8.2.3."""
    call = Call()
    call.outgoing()
    call.next("INVITE", body=b"nonsense")
    call.response_from_agent(400)
    assert call.events() == []


def test_call_without_media_takes_none() -> None:
    """RFC 3261 §14.2."""
    call = Call()
    call.session = call.agent.invite("sip:bob@192.0.2.2", None, 0.0)
    invite = call.request_from_agent("INVITE")
    call.call_id, call.agent_tag, call.cseq = invite.call_id, invite.from_tag, 0
    call.respond(invite, 200)
    call.request_from_agent("ACK")
    call.next("INVITE", body=sdp(version=2))
    call.response_from_agent(488)


def test_second_invite_before_the_final_response_is_put_off() -> None:
    """RFC 3261 §14.2: 500 with Retry-After from 0 to 10 s."""
    call = Call(agent(offer_patience=30.0))
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    assert call.lines() == []
    call.next("INVITE", body=sdp(version=3))
    refused = call.response_from_agent(500)
    assert 0 <= int(refused.get("retry-after") or "") <= 10
    call.agent.answer_offer(call.session, media(), 0.0)
    call.response_from_agent(200)


def test_invite_while_our_own_is_in_progress_gets_491() -> None:
    """DLG-17: RFC 3261 §14.2."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    ours = call.request_from_agent("INVITE")
    call.next("INVITE", body=sdp(version=2))
    call.response_from_agent(491)
    call.next("INVITE")
    call.response_from_agent(491)
    call.respond(ours, 200, body=sdp(direction=Direction.RECVONLY))
    call.request_from_agent("ACK")
    assert [type(event) for event in call.events()] == [MediaNegotiated]


def test_next_reinvite_is_taken_while_the_2xx_waits_for_its_ack() -> None:
    """RFC 3261 §14.2: the ACK was lost; the first exchange is through all the same."""
    call = Call()
    call.outgoing()
    call.next("INVITE", body=sdp(version=2, direction=Direction.SENDONLY))
    call.response_from_agent(200)
    call.next("INVITE", body=sdp(version=3))
    call.response_from_agent(200)
    call.next("ACK", cseq=call.cseq - 1)
    call.next("ACK", cseq=call.cseq)
    call.pass_time(60.0)
    assert call.lines() == []
    call.quiet()


def test_our_change_waits_for_the_peers() -> None:
    """RFC 3261 §14.1: MUST NOT while an INVITE server transaction is in progress."""
    call = Call(agent(offer_patience=30.0))
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    call.agent.hold(call.session, 0.0)
    assert call.lines() == []
    call.agent.answer_offer(call.session, media(), 0.0)
    call.response_from_agent(200)
    call.next("ACK", cseq=call.cseq)
    assert direction_of(call.request_from_agent("INVITE")) is Direction.SENDONLY


def test_target_is_refreshed_by_what_was_accepted_only() -> None:
    """DLG-3: RFC 6141 §4.6: by a 2xx to the re-INVITE, not by a refused one."""
    call = Call()
    call.outgoing()
    call.next("INVITE", body=NOTHING, contact="<sip:bob@192.0.2.66>")
    call.response_from_agent(488)
    call.next("INVITE", body=sdp(version=3), contact="<sip:bob@192.0.2.77>")
    call.response_from_agent(200)
    call.next("ACK", cseq=call.cseq)
    call.agent.hang_up(call.session, 0.0)
    assert call.request_from_agent("BYE").uri == "sip:bob@192.0.2.77"


def test_same_description_again_is_no_news() -> None:
    """RFC 3261 §14.2: the version says that nothing changed: nobody is asked, nothing is told."""
    call = Call(agent(offer_patience=30.0))
    call.outgoing()
    call.next("INVITE", body=sdp())
    call.response_from_agent(200)
    call.next("ACK", cseq=call.cseq)
    assert call.events() == []


def test_user_is_asked_and_decides() -> None:
    """RFC 3261 §14.2: possibly after asking the user for confirmation."""
    call = Call(agent(offer_patience=30.0))
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    (asked,) = call.events()
    assert isinstance(asked, OfferReceived)
    assert (asked.session, asked.method) == (call.session, "INVITE")
    assert asked.offer is not None
    with pytest.raises(LocalProtocolError):
        call.agent.reject_offer(call.session, 200, 0.0)
    with pytest.raises(NegotiationError):
        formats = tuple(attrs.evolve(item, name="XYZ") for item in media().formats)
        call.agent.answer_offer(call.session, attrs.evolve(media(), formats=formats), 0.0)
    call.agent.reject_offer(call.session, 603, 0.0)
    call.response_from_agent(603)
    with pytest.raises(LocalProtocolError):
        call.agent.answer_offer(call.session, media(), 0.0)


@pytest.mark.parametrize(("accept", "status"), [(True, 200), (False, 480)])
def test_user_who_does_not_decide_is_decided_for(accept: bool, status: int) -> None:
    """RFC 3261 §14.2: as the configuration says."""
    call = Call(agent(offer_patience=0.0, accept_undecided=accept))
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    assert call.lines() == []
    call.pass_time(call.now)
    call.response_from_agent(status)


def test_reinvite_can_be_cancelled_while_the_user_thinks() -> None:
    """RFC 3261 §9.2, RFC 6141 §3.8: 487, and the session stays as it was; too late after the 2xx."""
    call = Call(agent(offer_patience=30.0))
    call.outgoing()
    again = call.next("INVITE", body=sdp(version=2))
    cancel = call.request(
        "CANCEL",
        to_tag=call.agent_tag,
        call_id=call.call_id,
        cseq=call.cseq,
        branch=again.via.branch or "",
    )
    call.send(cancel)
    assert call.lines() == ["200", "487"]
    call.next("ACK", cseq=call.cseq)
    again = call.next("INVITE", body=sdp(version=3))
    call.agent.answer_offer(call.session, media(), 0.0)
    call.response_from_agent(200)
    cancel = call.request(
        "CANCEL",
        to_tag=call.agent_tag,
        call_id=call.call_id,
        cseq=call.cseq,
        branch=again.via.branch or "",
    )
    call.send(cancel)
    call.response_from_agent(200)
    call.next("ACK", cseq=call.cseq)
    call.quiet()


@pytest.mark.parametrize("how", ["bye", "hang up"])
def test_reinvite_that_waits_is_refused_with_487_at_the_end(how: str) -> None:
    """RFC 3261 §15.1.2: open requests are answered 487."""
    call = Call(agent(offer_patience=30.0))
    call.outgoing()
    call.next("INVITE", body=sdp(version=2))
    if how == "bye":
        call.next("BYE")
    else:
        call.agent.hang_up(call.session, 0.0)
    assert "487" in call.lines()
    call.answer_all(200.0)
    assert len(call.agent._calls) == 0


def test_bye_before_the_ack_of_a_reinvite_ends_the_repeats() -> None:
    """RFC 3261 §15."""
    call = Call()
    call.outgoing()
    call.next("INVITE")
    call.response_from_agent(200)
    call.next("BYE")
    call.response_from_agent(200)
    assert [type(end) for end in call.ends()] == [RemoteBye]
    call.pass_time(100.0)
    assert call.lines() == []
    assert len(call.agent._calls) == 0


def test_repeated_reinvite_gets_the_same_answer_and_no_second_change() -> None:
    """RFC 3261 §17.2.1."""
    call = Call()
    call.outgoing()
    again = call.next("INVITE", body=sdp(5000, version=2))
    call.response_from_agent(200)
    call.send(again)
    assert len(negotiated(call)) == 1


def test_reinvite_before_the_first_answer_is_put_off() -> None:
    """RFC 3261 §14.2: also when our answer is held back."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.agent_tag = call.response_from_agent(183).to_tag
    call.agent.answer(call.session, media(), 0.0)
    call.next("INVITE", body=sdp(version=2))
    call.response_from_agent(500)


def test_lost_dialog_before_the_ack_waits_with_the_bye() -> None:
    """RFC 3261 §15: no BYE before the ACK, also when an UPDATE found nobody."""
    call = Call()
    call.ringing_for()
    call.agent.answer(call.session, media(), 0.0)
    ok = call.response_from_agent(200)
    call.agent.hold(call.session, 0.0)
    update = call.request_from_agent("UPDATE")
    call.respond(update, 481)
    assert call.lines() == []
    assert isinstance(call.events()[-1], CallEnded)
    call.agent_tag = ok.to_tag
    call.next("ACK", cseq=1)
    assert call.lines() == ["BYE"]


def test_response_of_an_unknown_kind_is_read_as_its_class() -> None:
    """RFC 3261 §8.1.3.2: 299 counts as a success."""
    call = Call()
    call.outgoing(extra=REL[1:])
    call.agent.hold(call.session, 0.0)
    response = call.respond(call.request_from_agent("INVITE"), 299, body=sdp())
    assert isinstance(response, Response)
    call.request_from_agent("ACK")
    assert len(negotiated(call)) == 1
