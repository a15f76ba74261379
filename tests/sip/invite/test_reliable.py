"""Reliable provisional responses, both roles (RFC 3262, RFC 6337 §3.1)."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.invite import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgress,
    Failed,
    MediaNegotiated,
    OfferReceived,
    Rejected,
    TimedOut,
)
from sansio_sip.message import Request, Response
from sansio_sip.sdp import NegotiationError
from tests.sip.harness import media
from tests.sip.invite.scripts import REL, Call, agent, body_of, negotiated, rseq, sdp

REQUIRED = (("Require", "100rel"), REL[1])


# The callee (RFC 3262 §3)


def test_reliable_response_names_100rel_and_a_number_in_range() -> None:
    """RFC 3262 §3: Require 100rel and an RSeq from 1 to 2**31-1."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, reliable=True)
    progress = call.response_from_agent(183)
    assert progress.require == ("100rel",)
    assert 1 <= rseq(progress) <= 2**31 - 1
    assert "UPDATE" in progress.allow


def test_first_numbers_differ_from_call_to_call() -> None:
    """RFC 3262 §3: the first RSeq is chosen uniformly."""
    numbers = set()
    for seed in range(5):
        call = Call(agent(seed=seed))
        call.ringing_for()
        call.agent.ring(call.session, 0.0, reliable=True)
        numbers.add(rseq(call.response_from_agent(180)))
    assert len(numbers) == 5


def test_caller_that_does_not_know_100rel_hears_nothing_reliable() -> None:
    """RFC 3262 §3: MUST NOT without Supported or Require."""
    call = Call()
    call.ringing_for(extra=())
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0, reliable=True)
    call.agent.ring(call.session, 0.0, media=media())
    assert call.response_from_agent(180).get("rseq") is None


def test_caller_that_demands_100rel_hears_nothing_unreliable() -> None:
    """RFC 3262 §3: MUST be reliable with Require."""
    call = Call()
    call.ringing_for(extra=REQUIRED)
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0, reliable=False)
    call.agent.ring(call.session, 0.0)
    assert call.response_from_agent(180).require == ("100rel",)


def test_100_is_never_reliable() -> None:
    """RFC 3262 §3: only 101 to 199."""
    call = Call()
    call.ringing_for(extra=REQUIRED)
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0, 100)
    call.pass_time(0.2)
    assert call.response_from_agent(100).get("rseq") is None


def test_repeats_double_without_a_bound_until_prack() -> None:
    """RFC 3262 §3: T1 doubling for each repeat, and no T2."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, reliable=True)
    first = call.response_from_agent(180)
    times = []
    while call.now < 31.0:
        call.pass_time(call.agent.deadline or 99.0)
        for message in call.sent():
            assert message.to_bytes() == first.to_bytes()
            times.append(round(call.now, 3))
    assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_call_without_prack_is_refused_with_504() -> None:
    """RFC 3262 §3: 5xx after 64*T1."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, reliable=True)
    call.pass_time(32.0)
    assert call.lines()[-1] == "504"
    assert call.ends() == [TimedOut("PRACK")]


def test_prack_stops_the_repeats_and_gets_200() -> None:
    """RFC 3262 §3: a matching PRACK is answered with 2xx; the same again, a new one, with 481."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, reliable=True)
    progress = call.response_from_agent(180)
    call.prack(progress)
    call.response_from_agent(200)
    call.pass_time(31.0)
    assert call.lines() == []
    call.prack(progress)
    call.response_from_agent(481)


@pytest.mark.parametrize("rack", ["{other} 1 INVITE", "{number} 2 INVITE", "{number} 1 UPDATE"])
def test_prack_for_something_else_gets_481(rack: str) -> None:
    """RFC 3262 §3: number, CSeq number and method all match."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, reliable=True)
    progress = call.response_from_agent(180)
    number = rseq(progress)
    call.prack(progress, rack=rack.format(number=number, other=number + 1))
    call.response_from_agent(481)
    call.prack(progress)
    call.response_from_agent(200)


def test_prack_without_rack_changes_nothing() -> None:
    """RFC 3262 §7.2."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, reliable=True)
    progress = call.response_from_agent(180)
    call.agent_tag = progress.to_tag
    call.next("PRACK")
    call.response_from_agent(481)
    call.prack(progress, rack="one two")
    call.response_from_agent(400)
    call.prack(progress)
    call.response_from_agent(200)


def test_prack_where_nothing_is_reliable_gets_481() -> None:
    """RFC 3262 §3."""
    call = Call()
    call.incoming()
    call.next("PRACK", extra=(("RAck", "1 1 INVITE"),))
    call.response_from_agent(481)


def test_next_response_waits_for_prack_and_has_the_next_number() -> None:
    """RFC 3262 §3: one at a time; RSeq rises by exactly one."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 180, reliable=True)
    call.agent.ring(call.session, 0.0, 183, reliable=True)
    first = call.response_from_agent(180)
    call.prack(first)
    ok, second = call.sent()
    assert isinstance(ok, Response)
    assert isinstance(second, Response)
    assert {ok.status_code, second.status_code} == {200, 183}
    progress = second if second.status_code == 183 else ok
    assert rseq(progress) == rseq(first) + 1


def test_too_many_that_wait_are_refused_and_change_nothing() -> None:
    """Law 8: the queue has a bound."""
    call = Call()
    call.ringing_for()
    for _ in range(17):
        call.agent.ring(call.session, 0.0, 183, reliable=True)
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0, 183, reliable=True)
    call.quiet()


def test_2xx_waits_while_a_description_is_not_acknowledged() -> None:
    """RFC 3262 §3, §5: MUST NOT before PRACK; the 2xx repeats no description (RFC 6337 §3.1.1)."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    progress = call.response_from_agent(183)
    assert body_of(progress).media[0].port == 4000
    (early,) = negotiated(call)
    assert early is not None
    call.agent.answer(call.session, media(), 0.0)
    assert call.lines() == []
    call.prack(progress)
    prack_ok, ok = call.sent()
    assert prack_ok.cseq.method == "PRACK"
    assert isinstance(ok, Response)
    assert (ok.status_code, ok.cseq.method, ok.body) == (200, "INVITE", b"")
    call.next("ACK", cseq=1)
    assert [type(event) for event in call.events()] == [MediaNegotiated, CallConfirmed]
    call.quiet()


def test_2xx_does_not_wait_for_a_response_without_description() -> None:
    """RFC 3262 §3: MAY send the final response; the repeats end, a late PRACK is still answered."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 180, reliable=True)
    progress = call.response_from_agent(180)
    call.agent.answer(call.session, media(), 0.0)
    call.response_from_agent(200)
    call.agent_tag = progress.to_tag
    call.next("ACK", cseq=1)
    call.pass_time(10.0)
    assert call.lines() == []
    call.prack(progress)
    call.response_from_agent(200)
    call.prack(progress)
    call.response_from_agent(481)
    call.quiet()


def test_prack_after_a_refusal_is_still_answered() -> None:
    """RFC 3262 §3: MUST be prepared to process PRACK after the final response."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 180, reliable=True)
    progress = call.response_from_agent(180)
    call.agent.reject(call.session, 486, 0.0)
    call.response_from_agent(486)
    call.prack(progress, body=sdp())
    assert call.response_from_agent(200).body == b""
    call.answer_all(100.0)
    assert len(call.agent._calls) == 0


def test_call_with_a_response_that_nobody_acknowledged_ends_all_the_same() -> None:
    """RFC 3262 §3: and the wait for the PRACK ends after 64*T1."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 180, reliable=True)
    call.agent.reject(call.session, 486, 0.0)
    assert len(call.agent._calls) == 1
    call.pass_time(100.0)
    assert len(call.agent._calls) == 0


@pytest.mark.parametrize("verb", ["cancel", "bye", "hang up", "reject"])
def test_answer_that_is_held_back_can_be_taken_back(verb: str) -> None:
    """RFC 3262 §5, RFC 3261 §9.2: until the 2xx is out."""
    call = Call()
    invite = call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    progress = call.response_from_agent(183)
    call.agent.answer(call.session, media(), 0.0)
    call.agent_tag = progress.to_tag
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0)
    if verb == "cancel":
        call.send(call.request("CANCEL", branch=invite.via.branch or ""))
    elif verb == "bye":
        call.next("BYE")
    elif verb == "hang up":
        call.agent.hang_up(call.session, 0.0)
    else:
        call.agent.reject(call.session, 486, 0.0)
    expected = {"cancel": "487", "bye": "487", "hang up": "480", "reject": "486"}[verb]
    assert expected in call.lines()
    assert len(call.ends()) == 1
    call.pass_time(100.0)
    assert len(call.agent._calls) == 0


def test_answer_that_is_held_back_ends_without_prack() -> None:
    """RFC 3262 §3: 5xx after 64*T1."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.agent.answer(call.session, media(), 0.0)
    call.pass_time(32.0)
    assert call.lines()[-1] == "504"
    assert call.ends() == [TimedOut("PRACK")]


def test_invite_without_offer_gets_it_in_the_first_reliable_response() -> None:
    """RFC 3262 §5, RFC 6337 §3.1.2: the answer comes with PRACK, the 2xx has none."""
    call = Call()
    call.ringing_for(body=b"")
    call.agent.ring(call.session, 0.0, 183, media=media())
    progress = call.response_from_agent(183)
    call.prack(progress, body=sdp(5000))
    assert call.response_from_agent(200).body == b""
    (agreed,) = negotiated(call)
    assert agreed is not None
    assert agreed.remote_port == 5000
    call.agent.answer(call.session, media(), 0.0)
    assert call.response_from_agent(200).body == b""
    call.next("ACK", cseq=1)
    call.quiet()


def test_first_reliable_response_without_offer_is_a_mistake() -> None:
    """RFC 3262 §5: the offer MUST appear in it; when the peer alone demands it, it is left out."""
    call = Call()
    call.ringing_for(body=b"", extra=REQUIRED)
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0, reliable=True)
    call.agent.ring(call.session, 0.0)
    call.pass_time(61.0)
    assert "180" not in call.lines()
    call.agent.answer(call.session, media(), call.now)
    assert call.response_from_agent(200).body


def test_offer_in_an_unreliable_response_is_a_mistake() -> None:
    """RFC 3261 §13.2.1: an offer goes into a reliable message."""
    call = Call()
    call.ringing_for(body=b"", extra=())
    with pytest.raises(LocalProtocolError):
        call.agent.ring(call.session, 0.0, 183, media=media())
    call.agent.ring(call.session, 0.0)
    call.response_from_agent(180)


def test_prack_without_the_answer_leaves_the_offer_to_the_2xx() -> None:
    """RFC 3262 §5: the peer breaks a MUST; the call goes on as if nothing had been offered."""
    call = Call()
    call.ringing_for(body=b"")
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.prack(call.response_from_agent(183))
    call.response_from_agent(200)
    call.agent.answer(call.session, media(), 0.0)
    assert call.response_from_agent(200).body
    call.next("ACK", cseq=1, body=sdp())
    assert [media is not None for media in negotiated(call)] == [True]


def test_prack_with_a_wrong_answer_ends_the_call() -> None:
    """RFC 3264 §6: the number of lines is another one."""
    call = Call()
    call.ringing_for(body=b"")
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.prack(call.response_from_agent(183), body=sdp() + b"m=audio 9 RTP/AVP 0\r\n")
    assert call.lines() == ["200", "488"]
    (end,) = call.ends()
    assert isinstance(end, Failed)


def test_offer_in_prack_is_answered_in_its_2xx() -> None:
    """RFC 3262 §5: MUST place the answer in the 2xx to the PRACK."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.prack(call.response_from_agent(183), body=sdp(5000, version=2))
    ok = call.response_from_agent(200)
    assert ok.cseq.method == "PRACK"
    assert body_of(ok).media[0].port == 4000
    assert ok.contacts == []
    assert [media.remote_port for media in negotiated(call) if media] == [4000, 5000]


def test_offer_in_prack_before_the_first_exchange_is_put_off() -> None:
    """RFC 6337 §2.2: pattern 5 cannot begin a session."""
    call = Call()
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 180, reliable=True)
    call.prack(call.response_from_agent(180), body=sdp(5000, version=2))
    refused = call.response_from_agent(500)
    assert 0 <= int(refused.get("retry-after") or "") <= 10


def test_early_answer_that_may_be_lost_is_the_same_in_the_2xx() -> None:
    """RFC 6337 §3.1.1: all descriptions in responses are identical."""
    call = Call()
    call.ringing_for(extra=())
    call.agent.ring(call.session, 0.0, 183, media=media())
    progress = call.response_from_agent(183)
    call.agent.answer(call.session, media(port=9000), 0.0)
    assert call.response_from_agent(200).body == progress.body


def test_early_media_that_fits_nothing_is_a_mistake_that_changes_nothing() -> None:
    """RFC 3264 §6."""
    call = Call()
    call.ringing_for(body=sdp().replace(b" 0 101", b" 99"))
    with pytest.raises(NegotiationError):
        call.agent.ring(call.session, 0.0, 183, media=media())
    assert call.lines() == []
    call.agent.ring(call.session, 0.0)
    call.response_from_agent(180)


def test_ringing_goes_on_reliably_with_new_numbers() -> None:
    """RFC 3262 §3, RFC 3261 §13.3.1.1: proxies are kept waiting by new reliable responses."""
    call = Call()
    call.ringing_for(extra=REQUIRED)
    call.agent.ring(call.session, 0.0)
    first = call.response_from_agent(180)
    call.prack(first)
    call.sent()
    call.pass_time(60.0)
    second = call.response_from_agent(180)
    assert rseq(second) == rseq(first) + 1
    call.pass_time(61.0)
    call.sent()
    call.prack(second)
    call.pass_time(119.0)
    assert call.lines() == ["200"]


def test_ringing_reliably_does_not_pile_up() -> None:
    """RFC 3262 §3: while one waits for PRACK no other is made."""
    call = Call(agent(t1=2.0))
    call.ringing_for(extra=REQUIRED)
    call.agent.ring(call.session, 0.0)
    call.pass_time(100.0)
    assert len({rseq(message) for message in call.sent() if isinstance(message, Response)}) == 1


# The caller (RFC 3262 §4)


def reliable(call: Call, invite: Request, number: int, status: int = 183, **more: object) -> None:
    fields = (("Require", "100rel"), ("RSeq", str(number)), REL[1])
    call.respond(invite, status, extra=fields, **more)  # type: ignore[arg-type]


def test_invite_says_that_100rel_is_known() -> None:
    """RFC 3262 §4: SHOULD in all INVITEs; demanded by configuration."""
    _, invite = Call().call_from_agent()
    assert "100rel" in invite.supported
    assert invite.require == ()
    _, invite = Call(agent(require_reliable=True)).call_from_agent()
    assert invite.require == ("100rel",)


def test_reliable_response_is_acknowledged_in_its_dialog() -> None:
    """RFC 3262 §4: PRACK with RAck of RSeq, CSeq number and method."""
    call = Call()
    _, invite = call.call_from_agent()
    reliable(call, invite, 700, body=sdp())
    prack = call.request_from_agent("PRACK")
    assert prack.get("rack") == f"700 {invite.cseq.number} INVITE"
    assert prack.cseq.number == invite.cseq.number + 1
    assert prack.to_tag == "bob"
    assert prack.body == b""
    events = call.events()
    assert [type(event) for event in events] == [CallProgress, MediaNegotiated]


def test_repeated_and_disordered_responses_are_neither_acknowledged_nor_told() -> None:
    """RFC 3262 §4: MUST NOT be acknowledged, MUST NOT be processed further."""
    call = Call()
    _, invite = call.call_from_agent()
    for number in (700, 700, 702, 699, 701, 701):
        reliable(call, invite, number)
    pracks = [str(message.get("rack")).split()[0] for message in call.sent()]
    assert pracks == ["700", "701"]
    assert sum(isinstance(event, CallProgress) for event in call.events()) == 2


def test_100_with_require_is_no_reliable_response() -> None:
    """RFC 3262 §4: the option tag MUST be ignored."""
    call = Call()
    _, invite = call.call_from_agent()
    reliable(call, invite, 700, 100)
    assert call.lines() == []


def test_reliable_response_without_a_number_is_an_ordinary_one() -> None:
    """RFC 3262 §4: nothing can be acknowledged."""
    call = Call()
    _, invite = call.call_from_agent()
    call.respond(invite, 183, extra=(("Require", "100rel"),))
    call.respond(invite, 183, extra=(("Require", "100rel"), ("RSeq", "x")))
    assert call.lines() == []
    assert [type(event) for event in call.events()] == [CallProgress, CallProgress]


def test_offer_in_a_reliable_response_is_answered_in_prack() -> None:
    """RFC 3262 §5, RFC 6337 §3.1.2: MUST generate an answer in the PRACK; the ACK has none."""
    call = Call()
    call.session, invite = call.call_from_agent(late_offer=True)
    reliable(call, invite, 1, body=sdp(5000))
    prack = call.request_from_agent("PRACK")
    assert body_of(prack).media[0].port == 4000
    call.respond(prack, 200)
    call.respond(invite, 200, body=sdp(6000))
    assert call.request_from_agent("ACK").body == b""
    agreed = negotiated(call)
    assert [media.remote_port for media in agreed if media] == [5000, 5000]
    call.quiet()


def test_offer_in_a_reliable_response_that_fits_nothing_is_declined() -> None:
    """RFC 6337 §2.3: there is no status to refuse it with."""
    call = Call()
    _, invite = call.call_from_agent(late_offer=True)
    reliable(call, invite, 1, body=sdp().replace(b" 0 101", b" 99"))
    assert body_of(call.request_from_agent("PRACK")).media[0].port == 0


def test_description_that_cannot_be_read_does_not_stop_the_prack() -> None:
    """RFC 3262 §4; the final answer decides."""
    call = Call()
    _, invite = call.call_from_agent()
    reliable(call, invite, 1, body=b"nonsense")
    call.request_from_agent("PRACK")
    call.respond(invite, 200, body=sdp())
    call.request_from_agent("ACK")
    assert any(isinstance(event, CallAnswered) for event in call.events())


def test_description_after_the_answer_is_ignored() -> None:
    """RFC 6337 §3.1.1: after the answer in a reliable response any other is ignored."""
    call = Call()
    _, invite = call.call_from_agent()
    reliable(call, invite, 1, body=sdp(5000))
    reliable(call, invite, 2, body=sdp(6000))
    call.respond(invite, 200, body=sdp(7000))
    assert [media.remote_port for media in negotiated(call) if media] == [5000, 5000]


@pytest.mark.parametrize("status", [200, 404, 481, 488, 500])
def test_answer_to_prack_changes_nothing(status: int) -> None:
    """RFC 3262 §4: PRACK is like any other request; the INVITE's final answer decides."""
    call = Call()
    call.session, invite = call.call_from_agent()
    reliable(call, invite, 1)
    call.respond(call.request_from_agent("PRACK"), status)
    call.respond(invite, 486)
    call.request_from_agent("ACK")
    assert [type(end) for end in call.ends()] == [Rejected]
    call.pass_time(100.0)
    assert len(call.agent._calls) == 0


def test_prack_is_not_repeated_by_a_repeated_response_but_by_its_transaction() -> None:
    """RFC 3262 §4: SHOULD NOT retransmit the PRACK request on a repeated response."""
    call = Call()
    _, invite = call.call_from_agent()
    reliable(call, invite, 1)
    prack = call.request_from_agent("PRACK")
    reliable(call, invite, 1)
    assert call.lines() == []
    call.pass_time(0.5)
    assert call.request_from_agent("PRACK").to_bytes() == prack.to_bytes()


def test_offer_in_prack_is_asked_for_when_the_user_wants_it() -> None:
    """RFC 3262 §5; the answer is the user's."""
    call = Call(agent(offer_patience=5.0))
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.prack(call.response_from_agent(183), body=sdp(5000, version=2))
    assert call.lines() == []
    asked = [event for event in call.events() if isinstance(event, OfferReceived)]
    assert [event.method for event in asked] == ["PRACK"]
    call.agent.answer(call.session, media(), 0.0)
    assert call.lines() == []
    call.agent.answer_offer(call.session, media(port=6000), 0.0)
    prack_ok, ok = call.sent()
    assert body_of(prack_ok).media[0].port == 6000
    assert ok.cseq.method == "INVITE"


def test_call_that_ends_refuses_the_offer_that_waits() -> None:
    """RFC 3261 §15.1.2: open requests are answered 487."""
    call = Call(agent(offer_patience=5.0))
    call.ringing_for()
    call.agent.ring(call.session, 0.0, 183, media=media())
    call.prack(call.response_from_agent(183), body=sdp(5000, version=2))
    call.agent.reject(call.session, 486, 0.0)
    assert sorted(call.lines()) == ["486", "487"]
    assert isinstance(call.events()[-1], CallEnded)
