"""Calls through which session descriptions pass: octets in, octets out, and who may speak when."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs
import pytest

from sansio_sip.agent import Agent, RequestHandedOver
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    AnswerReceived,
    CallAnswered,
    CallConfirmed,
    CallProgress,
    Failed,
    MediaNegotiated,
    OfferReceived,
    OfferWithdrawn,
    PassedBodies,
    SessionBody,
    TimedOut,
    UpdateFailed,
    passed_fields,
)
from sansio_sip.invite.offer_answer import OfferAnswer
from sansio_sip.message import Request, Response, build_response
from sansio_sip.sdp import parse_sdp
from tests.sip.harness import media
from tests.sip.invite.scripts import REL, Call, agent, sdp

ODD = SessionBody(b"v=0\r\no=x 1 1 IN IP4 h\r\ns=odd \r\nt=0 0\r\nm=video 9 X/Y/Z *\r\na=what\r\n")
OTHER = SessionBody(ODD.content.replace(b"odd", b"other"))
THIRD = SessionBody(ODD.content.replace(b"odd", b"third"))
RELIABLE = (("Require", "100rel"), ("RSeq", "1"), REL[1])


class Passing(Call):
    """A call of an agent through which bodies pass."""

    def calls(self, body: SessionBody | None = ODD, *, reliable: bool = True) -> Request:
        """Let the agent call."""
        self.session = self.agent.invite_passing("sip:bob@192.0.2.2", body, self.now, reliable=reliable)
        invite = self.request_from_agent("INVITE")
        self.call_id, self.agent_tag, self.cseq = invite.call_id, invite.from_tag, 0
        return invite

    def talking(self, *, extra: Sequence[tuple[str, str]] = REL[1:]) -> Request:
        """Let the agent call, and answer it."""
        invite = self.calls()
        self.respond(invite, 200, body=OTHER.content, extra=extra)
        self.request_from_agent("ACK")
        self.events()
        return invite

    def rung(self, body: bytes = ODD.content, extra: Sequence[tuple[str, str]] = REL) -> Request:
        """Call the agent, which lets bodies pass."""
        invite = self.ringing_for(body=body, extra=extra)
        self.agent.pass_bodies(self.session, self.now)
        return invite

    def taken(self) -> Request:
        """Call the agent, which answers."""
        invite = self.rung()
        self.agent.answer(self.session, OTHER, self.now)
        self.agent_tag = self.response_from_agent(200).to_tag
        self.next("ACK", cseq=1)
        self.events()
        return invite

    def heard(self, kind: type[object]) -> list[object]:
        return [event for event in self.events() if isinstance(event, kind)]

    def asked(self, body: SessionBody | None, method: str = "INVITE", *, in_response: bool = False) -> None:
        """The agent asks its user about this."""
        (event,) = self.heard(OfferReceived)
        assert event == OfferReceived(self.session, None, method, body, in_response)


# The caller


def test_offer_goes_out_and_the_answer_comes_in_as_they_are() -> None:
    """SRV-8: no line is read or written; the answer comes before the event of the answer."""
    call = Passing()
    invite = call.calls()
    assert (invite.body, invite.get("content-type")) == (ODD.content, "application/sdp")
    call.respond(invite, 200, body=OTHER.content)
    assert call.request_from_agent("ACK").body == b""
    answer, answered = call.events()
    assert answer == AnswerReceived(call.session, OTHER, early=False)
    assert isinstance(answered, CallAnswered)
    assert call.agent.peer_body(call.session) == OTHER
    call.quiet()
    assert call.agent.peer_body(call.session) is None


def test_what_describes_a_body_goes_with_it() -> None:
    """SRV-8, RFC 5621: type with parameters, disposition; other fields stay."""
    call = Passing()
    body = SessionBody(ODD.content, "application/sdp", (("Content-Disposition", "session"),))
    assert call.calls(body).get("content-disposition") == "session"
    call.agent.hang_up(call.session, 0.0)


def test_reliable_ringing_is_offered_only_if_wanted() -> None:
    """SRV-8, RFC 3262 §5."""
    assert "100rel" in Passing().calls().supported
    call = Passing(agent(require_reliable=True))
    invite = call.calls(reliable=False)
    assert "100rel" not in invite.supported
    assert invite.require == ()


@pytest.mark.parametrize("reliable", [True, False])
def test_early_answer_is_told_before_its_progress(reliable: bool) -> None:
    """SRV-8: whether it is settled says whether it came reliably; the 2xx without a body repeats it."""
    call = Passing()
    invite = call.calls()
    call.respond(invite, 183, body=OTHER.content, extra=RELIABLE if reliable else ())
    sent = call.sent()
    assert len(sent) == reliable
    answer, progress = call.events()
    assert answer == AnswerReceived(call.session, OTHER, early=True, settled=reliable)
    assert isinstance(progress, CallProgress)
    assert call.agent.peer_body(call.session) == OTHER
    for prack in sent:
        assert isinstance(prack, Request)
        call.respond(prack, 200)
    call.respond(invite, 200, body=b"")
    call.sent()
    assert call.agent.peer_body(call.session) == OTHER
    call.quiet()


def test_answer_that_never_comes_leaves_nothing() -> None:
    """SRV-8: a 2xx without an answer: the next offer is free."""
    call = Passing()
    call.respond(call.calls(), 200, extra=REL[1:])
    call.request_from_agent("ACK")
    assert not call.heard(AnswerReceived)
    assert call.agent.peer_body(call.session) is None
    call.agent.update_media(call.session, THIRD, 0.0)
    assert call.request_from_agent("INVITE").body == THIRD.content


def test_body_that_cannot_be_read_fails_the_call() -> None:
    """RFC 5621: parts without a boundary: whether there is a description among them cannot be told."""
    call = Passing()
    invite = call.calls()
    response = build_response(
        invite, 200, to_tag="bob", extra=(("Contact", "<sip:bob@192.0.2.2>"),), content_type="multipart/mixed"
    )
    response.body = OTHER.content
    call.send(response)
    assert call.lines() == ["ACK", "BYE"]
    (end,) = call.ends()
    assert isinstance(end, Failed)


# An offer in a 2xx


def test_offer_in_a_2xx_is_answered_by_the_ack_when_the_user_has_its_answer() -> None:
    """SRV-8, RFC 3261 §13.2.1: repeated 2xx get their ACK only then, and then each its copy."""
    call = Passing()
    invite = call.calls(None)
    assert invite.body == b""
    call.respond(invite, 200, body=ODD.content)
    assert call.sent() == []
    offered, answered = call.events()
    assert offered == OfferReceived(call.session, None, "INVITE", ODD, in_response=True)
    assert isinstance(answered, CallAnswered)
    assert call.agent.peer_body(call.session) == ODD
    call.respond(invite, 200, body=ODD.content)
    assert call.sent() == []
    call.agent.answer_offer(call.session, OTHER, 1.0)
    assert call.request_from_agent("ACK").body == OTHER.content
    call.respond(invite, 200, body=ODD.content)
    assert call.request_from_agent("ACK").body == OTHER.content
    with pytest.raises(LocalProtocolError):
        call.agent.answer_offer(call.session, OTHER, 1.0)
    call.quiet()


def test_refused_offer_of_a_2xx_is_an_answer_without_streams() -> None:
    """SRV-8, RFC 6337 §2.3."""
    call = Passing()
    call.respond(call.calls(None), 200, body=sdp())
    call.agent.reject_offer(call.session, 488, 0.0)
    assert parse_sdp(call.request_from_agent("ACK").body).media[0].port == 0
    call.quiet()


@pytest.mark.parametrize("what", ["hang_up", "bye", "time"])
def test_ack_of_an_offer_comes_before_the_bye(what: str) -> None:
    """SRV-8, RFC 3261 §13.2.2.4: whoever ends the call, its 2xx is acknowledged."""
    call = Passing()
    call.respond(call.calls(None), 200, body=ODD.content)
    call.events()
    if what == "bye":
        call.next("BYE")
        assert sorted(call.lines()) == ["200", "ACK"]
        return
    if what == "time":
        call.pass_time(32.0)
        assert call.ends() == [TimedOut("answer")]
    else:
        call.agent.hang_up(call.session, 1.0)
    ack, bye = call.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    assert parse_sdp(ack.body).media[0].port == 0


def test_offer_that_cannot_be_read_is_refused_without_a_body() -> None:
    """SRV-8: one that is no description in truth: there is nothing to say to it."""
    call = Passing()
    call.respond(call.calls(None), 200, body=b"v=9 what")
    call.agent.hang_up(call.session, 1.0)
    ack, _ = call.sent()
    assert isinstance(ack, Request)
    assert ack.body == b""


def test_offer_of_several_parts_is_refused_without_a_body() -> None:
    """SRV-8: no answer is made up for what has more to it than a description."""
    bodies = PassedBodies(1)
    bodies.receive_offer(SessionBody(ODD.content, "multipart/mixed;boundary=x"))
    assert bodies.decline() == b""
    assert bodies.begun


def test_offer_after_cancel_is_refused_at_once() -> None:
    """SRV-8, RFC 3261 §9.1: the 2xx and the CANCEL have crossed."""
    call = Passing()
    invite = call.calls(None)
    call.respond(invite, 180)
    call.agent.hang_up(call.session, 0.0)
    call.request_from_agent("CANCEL")
    call.respond(invite, 200, body=ODD.content)
    ack, bye = call.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    assert not call.heard(OfferReceived)


def test_branch_that_answers_later_is_refused_whatever_it_offers() -> None:
    """SRV-8, RFC 3261 §13.2.2.4: nobody is asked about a branch that has to go."""
    call = Passing()
    invite = call.calls(None)
    call.respond(invite, 200, body=ODD.content)
    call.events()
    call.respond(invite, 200, body=OTHER.content, tag="late")
    ack, bye = call.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, ack.to_tag, bye.method, bye.to_tag) == ("ACK", "late", "BYE", "late")
    assert not call.heard(OfferReceived)
    call.agent.answer_offer(call.session, THIRD, 0.0)
    assert call.request_from_agent("ACK").body == THIRD.content


# An offer in a reliable 1xx


def test_offer_in_a_reliable_response_is_answered_by_the_prack() -> None:
    """SRV-8, RFC 3262 §5: the response is repeated by its peer until the user has the answer."""
    call = Passing()
    invite = call.calls(None)
    call.respond(invite, 183, body=ODD.content, extra=RELIABLE)
    assert call.sent() == []
    offered, progress = call.events()
    assert offered == OfferReceived(call.session, None, "INVITE", ODD, in_response=True)
    assert isinstance(progress, CallProgress)
    call.respond(invite, 183, body=ODD.content, extra=RELIABLE)
    assert (call.sent(), call.events()) == ([], [])
    call.agent.answer_offer(call.session, OTHER, 1.0)
    assert call.request_from_agent("PRACK").body == OTHER.content
    call.agent.hang_up(call.session, 0.0)


def test_offer_of_a_branch_that_lost_does_not_end_the_call() -> None:
    """SRV-8: another branch has answered meanwhile; the PRACK refuses, and the call lives."""
    call = Passing()
    invite = call.calls(None)
    call.respond(invite, 183, body=ODD.content, extra=RELIABLE, tag="early")
    call.events()
    call.respond(invite, 200, body=OTHER.content)
    assert len(call.heard(OfferReceived)) == 1
    call.agent.reject_offer(call.session, 488, 1.0)  # the one that waits longest
    call.sent()
    call.agent.answer_offer(call.session, THIRD, 1.0)
    call.sent()
    call.pass_time(40.0)
    assert call.ends() == []
    call.quiet()


def test_expired_offer_of_a_branch_that_lost_is_refused_and_no_more() -> None:
    """SRV-8: only the branch that has the call can end it by waiting in vain."""
    call = Passing()
    invite = call.calls(None)
    call.respond(invite, 183, body=ODD.content, extra=RELIABLE, tag="early")
    call.respond(invite, 183, body=OTHER.content, extra=RELIABLE, tag="later")
    call.events()
    call.pass_time(32.0)
    assert call.ends() == [TimedOut("answer")]


# The callee


def test_callee_answers_with_what_was_said_elsewhere() -> None:
    """SRV-8: the offer as it came, the answer as it is."""
    call = Passing()
    call.rung()
    assert call.agent.peer_body(call.session) == ODD
    assert call.agent.takes_reliable(call.session)
    assert not call.agent.takes_reliable("nobody")
    call.agent.answer(call.session, OTHER, 0.0)
    ok = call.response_from_agent(200)
    assert (ok.body, ok.get("content-type")) == (OTHER.content, "application/sdp")
    call.agent_tag = ok.to_tag
    call.next("ACK", cseq=1)
    assert [type(event) for event in call.events()] == [CallConfirmed]
    call.quiet()


@pytest.mark.parametrize(
    ("extra", "reliable", "sent"),
    [(REL, True, True), (REL, False, False), ((), True, False), ((("Require", "100rel"),), False, True)],
)
def test_progress_passes_as_reliably_as_it_came(
    extra: Sequence[tuple[str, str]], reliable: bool, sent: bool
) -> None:
    """SRV-8: what came reliably goes so to who knows it; who demands it gets nothing else."""
    call = Passing()
    call.rung(extra=extra)
    call.agent.pass_progress(call.session, 0.0, 183, OTHER, reliable=reliable)
    progress = call.response_from_agent(183)
    assert progress.body == OTHER.content
    assert (progress.get("rseq") is not None) is sent
    if not sent:  # another branch may say something else
        call.agent.pass_progress(call.session, 0.0, 183, THIRD, reliable=reliable)
        assert call.response_from_agent(183).body == THIRD.content
    call.agent.hang_up(call.session, 0.0)


def test_progress_without_a_description_passes() -> None:
    """SRV-8: 180 with header fields."""
    call = Passing()
    call.rung()
    call.agent.pass_progress(call.session, 0.0, 180, None, reliable=True, headers=[("Subject", "x")])
    assert call.response_from_agent(180).get("subject") == "x"


def test_caller_that_left_the_offer_to_us_answers_in_its_ack() -> None:
    """SRV-8: the answer is an event; an ACK without one is none."""
    for answer in (OTHER.content, b""):
        call = Passing()
        call.rung(body=b"")
        assert call.agent.peer_body(call.session) is None
        call.agent.answer(call.session, ODD, 0.0)
        call.agent_tag = call.response_from_agent(200).to_tag
        call.next("ACK", cseq=1, body=answer)
        expected = [AnswerReceived(call.session, OTHER, early=False)] if answer else []
        assert call.events() == [*expected, CallConfirmed(call.session)]
        call.quiet()


def test_caller_that_left_the_offer_to_us_answers_in_its_prack() -> None:
    """SRV-8, RFC 3262 §5."""
    call = Passing()
    call.rung(body=b"")
    call.agent.pass_progress(call.session, 0.0, 183, ODD, reliable=True)
    call.prack(call.response_from_agent(183), body=OTHER.content)
    call.response_from_agent(200)
    assert call.events() == [AnswerReceived(call.session, OTHER, early=True)]


def test_bodies_pass_only_while_nothing_was_said() -> None:
    """SRV-8: the way may be changed until the caller was told of media, and nobody mixes the two."""
    call = Passing()
    call.rung()
    with pytest.raises(LocalProtocolError, match="no media of its own"):
        call.agent.answer(call.session, media(), 0.0)
    call.agent.pass_bodies(call.session, 0.0)
    call.agent.pass_bodies(call.session, 0.0, passes=False)
    with pytest.raises(LocalProtocolError, match="media of its own"):
        call.agent.answer(call.session, OTHER, 0.0)
    call.agent.pass_bodies(call.session, 0.0)
    call.agent.pass_progress(call.session, 0.0, 183, OTHER, reliable=False)
    with pytest.raises(LocalProtocolError, match="told of media"):
        call.agent.pass_bodies(call.session, 0.0, passes=False)
    call.agent.hang_up(call.session, 0.0)
    out = Passing()
    out.calls()
    with pytest.raises(LocalProtocolError):
        out.agent.pass_bodies(out.session, 0.0)


def test_call_that_left_the_offer_to_us_can_go_back_to_media_of_our_own() -> None:
    """SRV-8: the same without an offer."""
    call = Passing()
    call.rung(body=b"")
    call.agent.pass_bodies(call.session, 0.0, passes=False)
    call.agent.answer(call.session, media(), 0.0)
    assert parse_sdp(call.response_from_agent(200).body).media[0].port == 4000


# Changes by the peer


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_offer_of_the_peer_waits_for_its_answer(method: str) -> None:
    """SRV-8: whoever answers it, the session of the peer is as it would be with any user agent."""
    call = Passing()
    call.talking()
    call.next(method, body=THIRD.content)
    assert call.sent() == []
    call.asked(THIRD, method)
    call.agent.answer_offer(call.session, ODD, 0.0)
    assert call.response_from_agent(200).body == ODD.content
    if method == "INVITE":
        call.next("ACK", cseq=call.cseq)
    assert call.events() == []
    assert call.agent.peer_body(call.session) == THIRD
    call.quiet()


def test_wish_for_an_offer_is_answered_in_the_ack() -> None:
    """SRV-8: a re-INVITE without a description."""
    call = Passing()
    call.talking()
    call.next("INVITE")
    call.asked(None)
    call.agent.answer_offer(call.session, THIRD, 0.0)
    assert call.response_from_agent(200).body == THIRD.content
    call.next("ACK", cseq=call.cseq, body=ODD.content)
    assert call.events() == [AnswerReceived(call.session, ODD, early=False)]
    call.quiet()


def test_refusal_passes_with_what_it_says() -> None:
    """SRV-8: 488 gets no Warning of ours."""
    call = Passing()
    call.talking()
    call.next("INVITE", body=THIRD.content)
    call.agent.reject_offer(call.session, 488, 0.0, headers=[("Warning", '399 b "no"')])
    refusal = call.response_from_agent(488)
    assert refusal.values("warning") == ['399 b "no"']
    assert call.agent.peer_body(call.session) == OTHER
    call.quiet()


def test_what_the_peer_said_last_is_answered_without_asking() -> None:
    """SRV-8, RFC 4028 §7.4: a refresh asks for nothing new, whatever is wanted of undecided ones."""
    call = Passing(agent(offer_patience=2.0, accept_undecided=False))
    call.talking()
    call.next("INVITE", body=OTHER.content)
    assert call.response_from_agent(200).body == ODD.content
    call.next("ACK", cseq=call.cseq)
    assert call.events() == []
    call.quiet()


@pytest.mark.parametrize(("method", "status", "after"), [("UPDATE", 504, 24.0), ("INVITE", 480, 212.0)])
def test_offer_that_nobody_answers_is_refused_in_time(method: str, status: int, after: float) -> None:
    """SRV-8, RFC 3311 §5.2: who was asked hears that it need not answer any more."""
    call = Passing()
    call.talking()
    call.next(method, body=THIRD.content)
    call.events()
    call.pass_time(after)
    finals = [each for each in call.sent() if isinstance(each, Response) and each.status_code > 100]
    assert [each.status_code for each in finals] == [status]
    assert call.events() == [OfferWithdrawn(call.session)]
    with pytest.raises(LocalProtocolError):
        call.agent.answer_offer(call.session, ODD, after)


def test_cancelled_offer_is_withdrawn() -> None:
    """SRV-8, RFC 3261 §9.2."""
    call = Passing()
    call.talking()
    again = call.next("INVITE", body=THIRD.content)
    call.events()
    cancel = again.copy()
    cancel.method, cancel.body = "CANCEL", b""
    cancel.set("CSeq", f"{again.cseq.number} CANCEL")
    cancel.remove("content-type")
    call.send(cancel)
    assert sorted(call.lines()) == ["200", "487"]
    assert call.events() == [OfferWithdrawn(call.session)]


def test_ack_without_the_answer_ends_the_call() -> None:
    """RFC 3261 §14.2: as with any user agent."""
    call = Passing()
    call.talking()
    call.next("INVITE")
    call.agent.answer_offer(call.session, THIRD, 0.0)
    call.response_from_agent(200)
    call.events()
    call.next("ACK", cseq=call.cseq)
    assert call.ends() == [Failed("the ACK has no answer to our offer")]


# Changes of ours


@pytest.mark.parametrize("by_update", [True, False])
def test_offer_is_passed_on_by_the_method_that_it_came_with(by_update: bool) -> None:
    """SRV-8: UPDATE where the peer takes one."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, THIRD, 0.0, by_update=by_update)
    request = call.request_from_agent("UPDATE" if by_update else "INVITE")
    assert request.body == THIRD.content
    call.respond(request, 200, body=ODD.content)
    call.sent()
    assert call.events() == [AnswerReceived(call.session, ODD, early=False, ours=True)]
    call.quiet()


def test_peer_without_update_gets_a_re_invite() -> None:
    """SRV-8, RFC 3311 §4."""
    call = Passing()
    call.talking(extra=())
    call.agent.update_media(call.session, THIRD, 0.0, by_update=True)
    assert call.request_from_agent("INVITE").body == THIRD.content


@pytest.mark.parametrize("status", [488, 491, 500])
def test_refusal_is_told_with_its_response_and_never_tried_again(status: int) -> None:
    """SRV-8, RFC 3261 §14.1: who made the offer decides about another try."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, THIRD, 0.0)
    extra = (("Retry-After", "3"), ("Server", "x"), ("Warning", '399 b "no"'))
    call.respond(call.request_from_agent("INVITE"), status, extra=extra)
    call.sent()
    (failed,) = call.heard(UpdateFailed)
    assert isinstance(failed, UpdateFailed)
    assert failed.status_code == status
    assert dict(passed_fields(failed.response)) == {"Retry-After": "3", "Warning": '399 b "no"'}
    assert passed_fields(None) == ()
    call.pass_time(30.0)
    assert call.sent() == []
    call.quiet()


def test_interval_that_is_too_small_is_our_affair() -> None:
    """SRV-8, RFC 4028 §7.3: the timer is ours, so the offer is sent again with a longer one."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, THIRD, 0.0)
    call.respond(call.request_from_agent("INVITE"), 422, extra=(("Min-SE", "200"),))
    sent = call.sent()
    call.pass_time(0.1)
    again = [*sent, *call.sent()][-1]
    assert isinstance(again, Request)
    assert (again.method, again.body, again.get("min-se")) == ("INVITE", THIRD.content, "200")


def test_peer_is_asked_for_an_offer_and_its_answer_goes_with_the_ack() -> None:
    """SRV-8: the ACK waits, and meanwhile no other INVITE is taken."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, None, 0.0, late_offer=True)
    request = call.request_from_agent("INVITE")
    assert request.body == b""
    call.respond(request, 200, body=THIRD.content, extra=REL[1:])
    assert call.sent() == []
    call.asked(THIRD, in_response=True)
    call.respond(request, 200, body=THIRD.content)
    assert call.sent() == []
    call.next("INVITE", body=ODD.content)
    call.response_from_agent(491)
    call.agent.answer_offer(call.session, ODD, 0.0)
    assert call.request_from_agent("ACK").body == ODD.content
    call.respond(request, 200, body=THIRD.content)
    assert call.request_from_agent("ACK").body == ODD.content
    call.quiet()


def test_peer_that_is_asked_for_an_offer_and_makes_none_has_refused() -> None:
    """RFC 3261 §14.2: the 2xx to a re-INVITE without a description has the offer."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, None, 0.0, late_offer=True)
    call.respond(call.request_from_agent("INVITE"), 200)
    call.request_from_agent("ACK")
    assert call.heard(UpdateFailed) == [UpdateFailed(call.session, 488, "the response has no offer")]


def test_offer_that_comes_when_the_call_is_over_is_refused() -> None:
    """SRV-8: the 2xx of a re-INVITE crosses our BYE."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, None, 0.0, late_offer=True)
    request = call.request_from_agent("INVITE")
    call.agent.hang_up(call.session, 0.0)
    call.request_from_agent("BYE")
    call.events()
    call.respond(request, 200, body=sdp())
    assert parse_sdp(call.request_from_agent("ACK").body).media[0].port == 0


@pytest.mark.parametrize("proceeding", [True, False])
def test_re_invite_is_taken_back(proceeding: bool) -> None:
    """SRV-8, RFC 3261 §9.1: a CANCEL waits for a provisional response."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, THIRD, 0.0)
    request = call.request_from_agent("INVITE")
    if proceeding:
        call.respond(request, 100)
    call.agent.withdraw_update(call.session, 0.0)
    if not proceeding:
        assert call.sent() == []
        call.respond(request, 100)
        call.respond(request, 100)
    call.request_from_agent("CANCEL")
    call.agent.withdraw_update(call.session, 0.0)
    call.respond(request, 487)
    call.request_from_agent("ACK")
    (failed,) = call.heard(UpdateFailed)
    assert isinstance(failed, UpdateFailed)
    assert failed.status_code == 487
    call.agent.withdraw_update(call.session, 0.0)
    assert (call.sent(), call.events()) == ([], [])


def test_update_cannot_be_taken_back() -> None:
    """RFC 3261 §9.1: only an INVITE can be cancelled."""
    call = Passing()
    call.talking()
    call.agent.update_media(call.session, THIRD, 0.0, by_update=True)
    request = call.request_from_agent("UPDATE")
    call.agent.withdraw_update(call.session, 0.0)
    call.respond(request, 200, body=ODD.content)
    assert call.events() == [AnswerReceived(call.session, ODD, early=False, ours=True)]


def test_change_that_waits_is_taken_back_at_once() -> None:
    """SRV-8: a wish that could not be sent yet, and one that waits for the end of a glare."""
    call = Passing()
    call.talking()
    call.next("INVITE", body=THIRD.content)
    call.events()
    call.agent.update_media(call.session, ODD, 0.0)
    call.agent.withdraw_update(call.session, 0.0)
    assert call.events() == [UpdateFailed(call.session, 487, "withdrawn")]
    own = Call()
    own.outgoing()
    own.agent.update_media(own.session, media(port=5000), 0.0)
    own.respond(own.request_from_agent("INVITE"), 491)
    own.sent()
    own.agent.withdraw_update(own.session, 0.0)
    assert own.events() == [UpdateFailed(own.session, 487, "withdrawn")]
    own.pass_time(10.0)
    assert own.sent() == []


@pytest.mark.parametrize("extra", [REL[1:], ()])
def test_refresh_says_nothing_new(extra: Sequence[tuple[str, str]]) -> None:
    """SRV-8, RFC 4028 §7.4: an UPDATE without a body, else a re-INVITE with the last one; nobody is told."""
    call = Passing()
    invite = call.calls()
    session = ("Session-Expires", "90;refresher=uac")
    call.respond(invite, 200, body=OTHER.content, extra=(*extra, session, ("Require", "timer")))
    call.request_from_agent("ACK")
    call.events()
    call.pass_time(45.0)
    refresh = call.request_from_agent("UPDATE" if extra else "INVITE")
    assert refresh.body == (b"" if extra else ODD.content)
    call.respond(refresh, 200, body=b"" if extra else OTHER.content, extra=(session,))
    call.sent()
    assert call.events() == []
    call.quiet()


@pytest.mark.parametrize("extra", [REL[1:], ()])
def test_dialog_is_refreshed_without_a_word(extra: Sequence[tuple[str, str]]) -> None:
    """SRV-8, RFC 3311 §5.1: our Contact is told anew; one that meets another change is tried again by us."""
    call = Passing()
    call.talking(extra=extra)
    call.agent.update_media(call.session, None, 0.0)
    method = "UPDATE" if extra else "INVITE"
    refresh = call.request_from_agent(method)
    assert refresh.body == (b"" if extra else ODD.content)
    call.respond(refresh, 491)
    call.sent()
    call.pass_time(5.0)
    again = {each.cseq.number for each in call.sent() if isinstance(each, Request)}
    assert again == {refresh.cseq.number + 1}
    assert call.events() == []


def test_changes_say_what_the_call_says() -> None:
    """SRV-8: a body only where bodies pass, media only where they do not."""
    call = Passing()
    call.talking()
    with pytest.raises(LocalProtocolError):
        call.agent.update_media(call.session, media(), 0.0)
    with pytest.raises(LocalProtocolError):
        call.agent.hold(call.session, 0.0)
    own = Call()
    own.outgoing()
    with pytest.raises(LocalProtocolError):
        own.agent.update_media(own.session, ODD, 0.0)
    assert own.agent.peer_body(own.session) is None


def test_such_a_call_is_not_taken_down() -> None:
    """SES-27: what passes through it is known to another call as well."""
    call = Passing()
    call.talking()
    call.pass_time(40.0)
    with pytest.raises(LocalProtocolError, match="another one"):
        call.agent.export_call(call.session, 40.0)


# Who may speak


def test_bodies_alone_hold_the_rules_of_offers_and_answers() -> None:
    """SDP-4, RFC 3264 §4: one offer at a time, no answer without one."""
    bodies = PassedBodies(1)
    assert (bodies.said, bodies.peer_body, bodies.barren, bodies.local_media) == (None, None, False, None)
    for verb in (bodies.receive_answer, bodies.receive_preview, bodies.answer, bodies.preview):
        with pytest.raises(LocalProtocolError):
            verb(ODD)
    with pytest.raises(LocalProtocolError):
        bodies.decline()
    assert bodies.offer(ODD) == ODD
    with pytest.raises(LocalProtocolError):
        bodies.offer(ODD)
    assert bodies.open_body == ODD
    fork = bodies.fork()
    fork.receive_answer(OTHER)
    assert (fork.said, fork.peer_body, fork.news) == (ODD, OTHER, OTHER)
    assert fork.is_known(OTHER)
    bodies.receive_preview(THIRD)
    bodies.conclude()
    assert bodies.peer_body == THIRD
    bodies.conclude()
    bodies.receive_offer(ODD)
    bodies.conclude()  # nobody answers it any more
    assert bodies.peer_body == THIRD
    assert OfferAnswer(1).open_body is OfferAnswer(1).news is None


def test_own_descriptions_are_told_as_ever() -> None:
    """SDP-4: where nothing passes, nothing has changed."""
    call = Call()
    call.session, invite = call.call_from_agent()
    call.respond(invite, 183, body=sdp())
    progress, negotiated = call.events()
    assert isinstance(progress, CallProgress)
    assert isinstance(negotiated, MediaNegotiated)


# INFO


def test_info_of_calls_is_handed_over_and_answered_by_the_user() -> None:
    """SRV-8, MSG-11, RFC 6086: any package, then; outside of calls there is none (481)."""
    made = agent()
    config = attrs.evolve(made._core.config, handed_over=frozenset({"INFO"}))
    call = Passing(Agent(config, now=0.0, ids=Ids(Random(1).randbytes)))
    call.talking()
    call.next("INFO", body=b"x", extra=(("Info-Package", "odd"),))
    (event,) = call.events()
    assert isinstance(event, RequestHandedOver)
    assert (event.session, event.message.get("info-package")) == (call.session, "odd")
    assert call.sent() == []
    call.agent.respond(event.request, 202, 0.0)
    call.response_from_agent(202)
    call.send(call.request("INFO", call_id="other"))
    call.response_from_agent(481)
    call.quiet()
