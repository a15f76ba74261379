"""UPDATE, both roles, before and after the answer (RFC 3311, RFC 6337 §4)."""

from __future__ import annotations

import pytest

from sansio_sip.invite import (
    CallAnswered,
    CallEnded,
    MediaNegotiated,
    OfferReceived,
    UpdateFailed,
    Wish,
)
from sansio_sip.message import Response
from sansio_sip.sdp import Direction
from tests.sip.harness import media
from tests.sip.invite.scripts import REL, Call, agent, body_of, direction_of, negotiated, rseq, sdp

NOTHING = sdp(version=2).replace(b" 0 101", b" 99")
RELIABLE = (("Require", "100rel"), ("RSeq", "1"), REL[1])


def early_callee(call: Call) -> Response:
    """The agent rings with early media that was acknowledged; what comes next is an UPDATE."""
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    progress = call.response_from_agent(183)
    call.prack(progress)
    call.response_from_agent(200)
    call.events()
    return progress


def early_caller(call: Call) -> None:
    """The agent calls and hears early media reliably."""
    call.session, invite = call.call_from_agent()
    call.invite = invite  # type: ignore[attr-defined]
    call.call_id, call.agent_tag, call.cseq = invite.call_id, invite.from_tag, 0
    call.respond(invite, 183, body=sdp(), extra=RELIABLE)
    call.respond(call.request_from_agent("PRACK"), 200)
    call.events()


def test_update_without_description_refreshes_the_target() -> None:
    """RFC 3311 §5.2, §5.1: UPDATE is a target refresh request; its 2xx has a Contact and Allow."""
    call = Call()
    call.outgoing()
    call.next("UPDATE", contact="<sip:bob@192.0.2.77>")
    ok = call.response_from_agent(200)
    assert ok.contacts
    assert "UPDATE" in ok.allow
    assert call.events() == []
    call.agent.hang_up(call.session, 0.0)
    assert call.request_from_agent("BYE").uri == "sip:bob@192.0.2.77"


def test_offer_in_update_is_answered_at_once() -> None:
    """RFC 3311 §5.2."""
    call = Call()
    call.outgoing()
    call.next("UPDATE", body=sdp(5000, version=2, direction=Direction.SENDONLY))
    assert direction_of(call.response_from_agent(200)) is Direction.RECVONLY
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.remote_port == 5000


def test_update_that_fits_nothing_is_refused_with_488() -> None:
    """RFC 3311 §5.2: SHOULD include a Warning; nothing is refreshed, nothing changes."""
    call = Call()
    call.outgoing()
    call.next("UPDATE", body=NOTHING, contact="<sip:bob@192.0.2.77>")
    assert call.response_from_agent(488).get("warning")
    assert call.events() == []
    call.agent.hang_up(call.session, 0.0)
    assert call.request_from_agent("BYE").uri == "sip:bob@192.0.2.2"


def test_update_during_our_own_offer_gets_491() -> None:
    """RFC 3311 §5.2: 491 with an own offer open, be it in an INVITE or an UPDATE."""
    call = Call()
    call.outgoing()
    call.agent.hold(call.session, 0.0)
    ours = call.request_from_agent("INVITE")
    call.next("UPDATE", body=sdp(version=2))
    call.response_from_agent(491)
    call.next("UPDATE")
    call.response_from_agent(200)
    call.respond(ours, 200, body=sdp())
    call.request_from_agent("ACK")


def test_update_before_our_answer_to_the_invite_is_put_off() -> None:
    """RFC 3311 §5.2: 500 with Retry-After while an offer of the peer has no answer."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 180)
    call.agent_tag = call.response_from_agent(180).to_tag
    call.next("UPDATE", body=sdp(version=2))
    refused = call.response_from_agent(500)
    assert 0 <= int(refused.get("retry-after") or "") <= 10


def test_update_before_any_exchange_is_put_off() -> None:
    """RFC 6337 §2.2: pattern 6 cannot begin a session."""
    call = Call()
    call.ringing_for(body=b"")
    call.agent.ring(call.session, 0.0, 180)
    call.agent_tag = call.response_from_agent(180).to_tag
    call.next("UPDATE", body=sdp(version=2))
    call.response_from_agent(500)


def test_update_during_our_offer_in_a_2xx_gets_491() -> None:
    """RFC 3311 §5.2."""
    call = Call()
    call.ringing_for(body=b"")
    call.agent.answer(call.session, media(), 0.0)
    call.agent_tag = call.response_from_agent(200).to_tag
    call.next("UPDATE", body=sdp(version=2))
    call.response_from_agent(491)


@pytest.mark.parametrize("body", [b"", sdp(version=3)])
def test_update_while_another_waits_is_put_off(body: bytes) -> None:
    """RFC 3311 §5.2: 500 with Retry-After before the final response to the previous UPDATE."""
    call = Call(agent(offer_patience=1.0))
    call.outgoing()
    call.next("UPDATE", body=sdp(version=2))
    call.next("UPDATE", body=body)
    refused = call.response_from_agent(500)
    assert 0 <= int(refused.get("retry-after") or "") <= 10
    call.agent.answer_offer(call.session, media(), 0.0)
    call.response_from_agent(200)


@pytest.mark.parametrize(("accept", "status"), [(True, 200), (False, 504)])
def test_user_who_does_not_decide_at_once_is_decided_for(accept: bool, status: int) -> None:
    """RFC 3311 §5.2: 504 when it cannot be decided without the user."""
    call = Call(agent(offer_patience=1.0, accept_undecided=accept))
    call.outgoing()
    call.next("UPDATE", body=sdp(5000, version=2))
    (asked,) = call.events()
    assert isinstance(asked, OfferReceived)
    assert asked.method == "UPDATE"
    call.pass_time(1.0)
    call.response_from_agent(status)
    assert len(negotiated(call)) == accept


def test_update_in_an_early_dialog_changes_early_media() -> None:
    """RFC 3311 §8: both sides before the answer; the 2xx to the INVITE has no description."""
    call = Call()
    progress = early_callee(call)
    call.next("UPDATE", body=sdp(version=2, direction=Direction.SENDONLY))
    assert direction_of(call.response_from_agent(200)) is Direction.RECVONLY
    call.agent.hold(call.session, 0.0)
    update = call.request_from_agent("UPDATE")
    assert direction_of(update) is Direction.SENDONLY
    assert update.contacts
    call.respond(update, 200, body=sdp(version=3, direction=Direction.INACTIVE))
    events = call.events()
    assert [event.early for event in events if isinstance(event, MediaNegotiated)] == [True, True]
    call.agent.answer(call.session, media(), 0.0)
    ok = call.response_from_agent(200)
    assert ok.body == b""
    assert ok.get("contact") == progress.get("contact")
    call.next("ACK", cseq=1)
    call.quiet()


def test_caller_changes_early_media() -> None:
    """RFC 3311 §5.1: after the answer in a reliable response and its PRACK."""
    call = Call()
    early_caller(call)
    call.agent.hold(call.session, 0.0)
    update = call.request_from_agent("UPDATE")
    assert direction_of(update) is Direction.SENDONLY
    call.next("UPDATE", body=sdp(version=2))
    call.response_from_agent(491)
    call.respond(update, 200, body=sdp(direction=Direction.RECVONLY))
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.direction is Direction.SENDONLY
    call.next("UPDATE", body=sdp(6000, version=3))
    assert direction_of(call.response_from_agent(200)) is Direction.SENDONLY


def test_update_waits_for_the_answer_to_prack() -> None:
    """RFC 6337 §4.1: no UPDATE with an offer before the PRACK is through."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 183, body=sdp(), extra=RELIABLE)
    prack = call.request_from_agent("PRACK")
    call.agent.hold(call.session, 0.0)
    assert call.lines() == []
    call.respond(prack, 200)
    call.request_from_agent("UPDATE")


def test_update_of_the_callee_waits_for_prack() -> None:
    """RFC 3311 §5.1: unless it has received a PRACK for the answer in a reliable response."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    progress = call.response_from_agent(183)
    call.agent.hold(call.session, 0.0)
    assert call.lines() == []
    call.prack(progress)
    assert sorted(call.lines()) == ["200", "UPDATE"]


def test_change_for_a_peer_without_update_waits_for_the_answer() -> None:
    """RFC 3311 §5.1: only when the dialog allows it."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 183, body=sdp(), extra=RELIABLE[:2])
    call.respond(call.request_from_agent("PRACK"), 200)
    call.agent.hold(call.session, 0.0)
    assert call.lines() == []
    call.respond(invite, 200)
    assert call.lines() == ["ACK", "INVITE"]


def test_2xx_waits_for_the_end_of_our_update() -> None:
    """RFC 6337 §4: one exchange at a time."""
    call = Call()
    early_callee(call)
    call.agent.hold(call.session, 0.0)
    update = call.request_from_agent("UPDATE")
    call.agent.answer(call.session, media(), 0.0)
    assert call.lines() == []
    call.respond(update, 200, body=sdp(version=2))
    assert call.response_from_agent(200).cseq.method == "INVITE"


def test_2xx_waits_for_our_answer_to_an_update() -> None:
    """RFC 6337 §4."""
    call = Call(agent(offer_patience=9.0))
    early_callee(call)
    call.next("UPDATE", body=sdp(5000, version=2))
    call.agent.answer(call.session, media(), 0.0)
    assert call.lines() == []
    call.agent.answer_offer(call.session, media(), 0.0)
    assert [message.cseq.method for message in call.sent()] == ["UPDATE", "INVITE"]


@pytest.mark.parametrize("status", [488, 500, 504])
def test_refused_update_leaves_the_session_as_it_was(status: int) -> None:
    """RFC 3311 §5.3: MUST remain unchanged."""
    call = Call()
    early_caller(call)
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("UPDATE"), status)
    (failed,) = call.events()
    assert failed == UpdateFailed(call.session, status, failed.reason)  # type: ignore[union-attr]
    call.next("UPDATE", body=sdp(version=2))
    assert direction_of(call.response_from_agent(200)) is Direction.SENDRECV


@pytest.mark.parametrize("answer", [b"", b"nonsense", NOTHING])
def test_answer_that_cannot_be_used_leaves_the_session_as_it_was(answer: bytes) -> None:
    """RFC 3264 §7."""
    call = Call()
    early_caller(call)
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("UPDATE"), 200, body=answer)
    (failed,) = call.events()
    assert isinstance(failed, UpdateFailed)
    assert failed.status_code == 488


def test_glare_of_updates_is_tried_again() -> None:
    """DLG-17: RFC 3311 §5.3."""
    call = Call()
    early_caller(call)
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("UPDATE"), 491)
    call.pass_time(2.0)
    assert call.lines() == []
    call.pass_time(4.0)
    assert direction_of(call.request_from_agent("UPDATE")) is Direction.SENDONLY


@pytest.mark.parametrize("status", [481, 408])
def test_lost_early_dialog_is_left_to_the_final_response(status: int) -> None:
    """RFC 3311 §5.3: other branches may still answer, so the call goes on."""
    call = Call()
    early_caller(call)
    call.agent.hold(call.session, 0.0)
    call.respond(call.request_from_agent("UPDATE"), status)
    assert [type(event) for event in call.events()] == [UpdateFailed]
    assert call.lines() == []


def test_call_that_is_cancelled_under_an_update_ends_quiet() -> None:
    """SES-11."""
    call = Call()
    early_caller(call)
    invite = call.invite  # type: ignore[attr-defined]
    call.agent.hold(call.session, 0.0)
    call.request_from_agent("UPDATE")
    call.agent.hang_up(call.session, 0.0)
    call.respond(call.request_from_agent("CANCEL"), 200)
    call.respond(invite, 487)
    call.request_from_agent("ACK")
    call.pass_time(100.0)
    assert len(call.agent._calls) == 0


def test_2xx_that_crosses_our_update_answers_the_invite_only() -> None:
    """RFC 6337 §4.1: the message crossing case: the UPDATE goes on."""
    call = Call()
    early_caller(call)
    invite = call.invite  # type: ignore[attr-defined]
    call.agent.hold(call.session, 0.0)
    update = call.request_from_agent("UPDATE")
    call.respond(invite, 200)
    call.request_from_agent("ACK")
    assert any(isinstance(event, CallAnswered) for event in call.events())
    call.respond(update, 200, body=sdp(direction=Direction.RECVONLY))
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.direction is Direction.SENDONLY
    call.quiet()


def test_ack_that_crosses_our_update_answers_the_invite_only() -> None:
    """RFC 6337 §4.1."""
    call = Call()
    call.ringing_for()
    call.agent.answer(call.session, media(), 0.0)
    ok = call.response_from_agent(200)
    call.agent.hold(call.session, 0.0)
    update = call.request_from_agent("UPDATE")
    call.agent_tag = ok.to_tag
    call.next("ACK", cseq=1, body=sdp(9999))
    call.events()
    call.respond(update, 200, body=sdp(5000, version=2))
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.remote_port == 5000


@pytest.mark.parametrize(("fields", "method"), [(REL[1:], "UPDATE"), ((), "INVITE")])
def test_refresh_changes_nothing_and_tells_who_wanted_it(
    fields: tuple[tuple[str, str], ...], method: str
) -> None:
    """RFC 4028 §7.4: UPDATE without description, or a re-INVITE with the same one again."""
    call = Call()
    invite = call.outgoing(extra=fields)
    heard: list[int] = []
    session = call.agent._calls.find(call.session)
    wish = Wish(None, fields=(("Session-Expires", "90"),), heard=lambda status, _: heard.append(status))
    session.refresh(wish, 0.0)
    call.agent._calls.settle(session)
    request = call.request_from_agent(method)
    assert request.get("session-expires") == "90"
    assert request.body == (b"" if method == "UPDATE" else invite.body)
    call.respond(request, 200, body=b"" if method == "UPDATE" else sdp())
    assert heard == [200]
    assert [event for event in call.events() if isinstance(event, UpdateFailed | CallEnded)] == []
    call.sent()
    session.refresh(wish, call.now)
    call.respond(call.request_from_agent(method), 422)
    assert heard == [200, 422]
    assert call.events() == []


def test_refresh_of_a_call_without_media_offers_nothing() -> None:
    """RFC 4028 §7.4, RFC 6337 §2.2: the re-INVITE leaves the offer to the peer, which is declined."""
    call = Call()
    call.session = call.agent.invite("sip:bob@192.0.2.2", None, 0.0)
    invite = call.request_from_agent("INVITE")
    call.respond(invite, 200)
    call.request_from_agent("ACK")
    session = call.agent._calls.find(call.session)
    session.refresh(Wish(None), 0.0)
    again = call.request_from_agent("INVITE")
    assert again.body == b""
    call.respond(again, 200, body=sdp())
    assert body_of(call.request_from_agent("ACK")).media[0].port == 0


def test_refresh_before_the_answer_waits_without_update() -> None:
    """RFC 3261 §14.1."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 180)
    session = call.agent._calls.find(call.session)
    session.refresh(Wish(None), 0.0)
    assert call.lines() == []
    call.respond(invite, 200, body=sdp())
    assert call.lines() == ["ACK", "INVITE"]


def test_flow_of_rfc_3311_section_8() -> None:
    """RFC 3311 §8: INVITE, 180 with answer, PRACK, two UPDATEs, 200 and ACK without description."""
    call = Call()
    progress = early_callee(call)
    assert rseq(progress)
    call.next("UPDATE", body=sdp(version=2, direction=Direction.SENDONLY))
    call.response_from_agent(200)
    call.agent.update_media(call.session, media(port=4002), 0.0)
    update = call.request_from_agent("UPDATE")
    assert body_of(update).media[0].port == 4002
    call.respond(update, 200, body=sdp(version=3))
    call.agent.answer(call.session, None, 0.0)
    assert call.response_from_agent(200).body == b""
    call.next("ACK", cseq=1)
    call.quiet()
