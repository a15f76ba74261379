"""The callee: ringing, answers, the repeated 2xx, CANCEL and BYE (RFC 3261 §13.3, §9.2, §15)."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from sansio_sip.errors import LocalProtocolError, RemoteProtocolError
from sansio_sip.invite import (
    CallConfirmed,
    CallEnded,
    Cancelled,
    Failed,
    IncomingCall,
    InfoReceived,
    InviteServer,
    LocallyClosed,
    MediaNegotiated,
    Rejected,
    RemoteBye,
    TimedOut,
)
from sansio_sip.message import Request, Response
from sansio_sip.sdp import NegotiationError, parse_sdp
from tests.sip.harness import Peer, media, offer, tables

BAD_ANSWER = offer().replace(b"m=audio 4000 RTP/AVP 0 101", b"m=audio 0 RTP/AVP 0")


def quiet(peer: Peer) -> None:
    """Let all timers run; nothing may be left, and nobody hears of a second end."""
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    assert peer.ends() == []
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None
    assert peer.agent.statistics().malformed == 0


# Ringing and the answer


def test_incoming_call_is_told_with_its_offer() -> None:
    """DLG-2, SES-5."""
    peer = Peer()
    invite = peer.request("INVITE", body=offer())
    peer.send(invite)
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    assert event.offer == parse_sdp(offer())
    assert event.request.call_id == "call-1"
    assert peer.agent.call_id(event.session) == "call-1"
    assert peer.sent() == []


def test_100_goes_out_when_the_user_is_slow() -> None:
    """TXN-1."""
    peer = Peer()
    peer.call_agent()
    peer.pass_time(0.2)
    assert not peer.response_from_agent(100).to_tag


def test_ringing_and_answer_carry_tag_contact_and_routes() -> None:
    """DLG-2, MSG-5: §12.1.1, §13.3.1.4."""
    peer = Peer()
    routes = [("Record-Route", "<sip:p1.example.com;lr>"), ("Record-Route", "<sip:p2.example.com;lr>")]
    peer.send(peer.request("INVITE", body=offer(), extra=routes))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    peer.agent.ring(event.session, 0.1)
    peer.agent.ring(event.session, 0.1, 183)
    peer.agent.answer(event.session, media(), 0.1, headers=[("X-Own", "1")])
    answers = peer.sent()
    assert [a.status_code for a in answers if isinstance(a, Response)] == [180, 183, 200]
    for response in answers:
        assert response.to_tag == answers[0].to_tag != ""
        assert response.record_routes == [value for _, value in routes]
        assert str(response.contacts[0].uri) == "sip:alice@192.0.2.1:5060"
    ok = answers[-1]
    assert parse_sdp(ok.body).media[0].port == 4000
    assert ok.content_type == "application/sdp"
    assert "BYE" in ok.allow
    assert ok.get("x-own") == "1"
    assert ok.get("server") == "test"
    assert ok.get("user-agent") is None


def test_answered_call_is_confirmed_by_its_ack() -> None:
    """SES-5, SDP-6."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.1)
    ok = peer.response_from_agent(200)
    (negotiated,) = peer.events()
    assert isinstance(negotiated, MediaNegotiated)
    assert negotiated.media is not None
    assert negotiated.media.remote_address == "192.0.2.2"
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    assert peer.events() == [CallConfirmed(session)]


def test_a_confirmed_call_lets_go_of_its_invite() -> None:
    """DLG-2, SES-5: a held call keeps what its dialog and media need, and nothing else of the INVITE."""
    peer = Peer()
    peer.send(peer.request("INVITE", body=offer()))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    invite = event.request
    peer.agent.answer(event.session, media(), 0.1)
    ok = peer.response_from_agent(200)
    assert any(isinstance(holder, InviteServer) for holder in gc.get_referrers(invite))
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    assert not any(isinstance(holder, InviteServer) for holder in gc.get_referrers(invite))
    peer.send(peer.request("ACK", to_tag=ok.to_tag))  # a repeat still finds its number
    peer.pass_time(100.0)
    assert peer.agent.statistics().calls == 1


def test_ringing_is_repeated_every_minute() -> None:
    """TXN-5: §13.3.1.1: or a proxy gives the call up."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.pass_time(0.1)
    peer.agent.ring(session, 0.1)
    peer.sent()
    peer.pass_time(60.0)
    assert peer.sent() == []
    peer.pass_time(181.0)
    assert peer.lines() == ["180", "180", "180"]
    peer.agent.answer(session, media(), 181.0)
    assert peer.lines() == ["200"]


def test_2xx_is_repeated_from_t1_to_t2_until_its_ack() -> None:
    """TXN-5: §13.3.1.4."""
    peer = Peer()
    session, invite = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    ok = peer.sent()[0]
    times = []
    while peer.now < 16.0:
        deadline = peer.agent.deadline
        assert deadline is not None
        peer.pass_time(deadline)
        times.append(peer.now)
        (again,) = peer.sent()
        assert again.to_bytes() == ok.to_bytes()
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5]
    peer.send(invite)
    assert peer.sent() == [], "a repeated INVITE is absorbed (RFC 6026)"
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    peer.pass_time(30.0)
    assert peer.sent() == []


def test_2xx_without_ack_ends_the_call_with_bye_at_64_t1() -> None:
    """TXN-5: §13.3.1.4."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    peer.pass_time(31.9)
    assert peer.lines() == ["200"] * 11
    assert peer.ends() == []
    peer.pass_time(32.0)
    bye = peer.request_from_agent("BYE")
    assert bye.uri == "sip:bob@192.0.2.2"
    assert bye.from_tag
    assert bye.to_tag == "bob"
    assert peer.ends() == [TimedOut("ACK")]
    peer.respond(bye, 481)
    quiet(peer)


def test_late_wake_up_after_the_answer_ends_the_call_and_repeats_nothing() -> None:
    """TXN-5, law 2: a process that was suspended over timer L."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    peer.sent()
    peer.agent.handle_timeout(100.0)
    assert peer.lines() == ["BYE"]
    assert peer.ends() == [TimedOut("ACK")]


@pytest.mark.parametrize("ringing", [False, True])
@pytest.mark.parametrize("status", [302, 404, 480, 486, 488, 500, 603])
def test_rejected_call_ends_with_the_status(status: int, ringing: bool) -> None:
    """SES-10, MSG-12."""
    peer = Peer()
    session, invite = peer.call_agent()
    if ringing:
        peer.agent.ring(session, 0.1)
        peer.sent()
    peer.agent.reject(session, status, 0.2, reason="Own Words", headers=[("Retry-After", "3")])
    refused = peer.response_from_agent(status)
    assert refused.reason == "Own Words"
    assert refused.get("retry-after") == "3"
    assert peer.ends() == [Rejected(status, "Own Words", by_remote=False)]
    ack = peer.request("ACK", to_tag=refused.to_tag, branch=invite.via.branch)
    peer.send(ack)
    quiet(peer)


@pytest.mark.parametrize("ringing", [False, True])
def test_hang_up_without_a_decision_is_480(ringing: bool) -> None:
    """SES-5, SES-11."""
    peer = Peer()
    session, _ = peer.call_agent()
    if ringing:
        peer.agent.ring(session, 0.1)
    peer.sent()
    peer.agent.hang_up(session, 0.2)
    peer.response_from_agent(480)
    assert peer.ends() == [LocallyClosed()]
    quiet(peer)


@pytest.mark.parametrize("ringing", [False, True])
def test_invitation_that_expires_is_refused_with_487(ringing: bool) -> None:
    """SES-5, TXN-1: §13.3.1; an answer in time stops the clock, and a damaged value is none."""
    peer = Peer()
    peer.send(peer.request("INVITE", body=offer(), extra=[("Expires", "10")]))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    if ringing:
        peer.agent.ring(event.session, 0.0)
    peer.pass_time(9.9)
    peer.sent()
    peer.pass_time(10.0)
    peer.response_from_agent(487)
    assert peer.ends() == [Cancelled(by_remote=True)]
    quiet(peer)


@pytest.mark.parametrize("expires", ["", "soon", "99999999999"])
@pytest.mark.parametrize("ringing", [False, True])
def test_invitation_that_nobody_answers_expires_by_itself(expires: str, ringing: bool) -> None:
    """SES-5, SIM-1: its caller may have died with it; without a limit it rang for ever."""
    peer = Peer()
    extra = [("Expires", expires)] if expires else []
    peer.send(peer.request("INVITE", body=offer(), extra=extra))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    if ringing:
        peer.agent.ring(event.session, 0.0)
    peer.pass_time(599.9)
    assert peer.ends() == []
    peer.sent()
    peer.pass_time(600.0)
    peer.response_from_agent(487)
    assert peer.ends() == [Cancelled(by_remote=True)]
    quiet(peer)


@pytest.mark.parametrize("expires", ["10", "soon", "99999999999"])
def test_invitation_that_is_answered_in_time_does_not_expire(expires: str) -> None:
    """SES-5: §13.3.1."""
    peer = Peer()
    peer.send(peer.request("INVITE", body=offer(), extra=[("Expires", expires)]))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    peer.agent.ring(event.session, 0.0)
    peer.pass_time(9.0)
    peer.agent.answer(event.session, media(), peer.now)
    ok = peer.sent()[-1]
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    peer.pass_time(100.0)
    assert peer.ends() == []


# Offer and answer


def test_invite_without_offer_gets_ours_and_the_ack_answers_it() -> None:
    """SDP-2: §13.2.1, delayed offer, callee's side."""
    peer = Peer()
    session, _ = peer.call_agent(body=b"")
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    assert parse_sdp(ok.body).media[0].port == 4000
    assert peer.events() == []
    peer.send(peer.request("ACK", to_tag=ok.to_tag, body=offer()))
    negotiated, confirmed = peer.events()
    assert isinstance(negotiated, MediaNegotiated)
    assert negotiated.media is not None
    assert negotiated.media.remote_address == "192.0.2.2"
    assert isinstance(confirmed, CallConfirmed)


@pytest.mark.parametrize("body", [BAD_ANSWER, b"garbage"])
def test_bad_answer_in_the_ack_ends_the_call_with_bye(body: bytes) -> None:
    """SDP-2."""
    peer = Peer()
    session, _ = peer.call_agent(body=b"")
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    for _ in range(2):
        peer.send(peer.request("ACK", to_tag=ok.to_tag, body=body))
    bye = peer.request_from_agent("BYE")
    (end,) = peer.ends()
    assert isinstance(end, Failed)
    peer.respond(bye, 200)
    quiet(peer)


def test_offer_without_common_codec_leaves_the_call_waiting() -> None:
    """SDP-2, SES-10: the user decides, usually for 488."""
    peer = Peer()
    session, _ = peer.call_agent(body=offer().replace(b"PCMU/8000", b"X/8000").replace(b" 0 101", b" 99"))
    with pytest.raises(NegotiationError) as caught:
        peer.agent.answer(session, media(), 0.0)
    assert isinstance(caught.value, RemoteProtocolError)
    assert caught.value.status_hint == 488
    assert peer.sent() == []
    peer.agent.reject(session, 488, 0.0)
    peer.response_from_agent(488)


@pytest.mark.parametrize("body", [b"garbage", b"v=0\r\no=-\r\n"])
def test_invite_with_a_broken_description_gets_400(body: bytes) -> None:
    """SDP-1."""
    peer = Peer()
    peer.send(peer.request("INVITE", body=body))
    peer.response_from_agent(400)
    assert peer.ends() == []
    quiet(peer)


def test_answer_without_media_is_a_call() -> None:
    """SES-5: signalling only."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, None, 0.0)
    assert peer.response_from_agent(200).body == b""


# Misuse


def test_misuse_changes_nothing() -> None:
    """SES-4: an answered call cannot be rung, answered or refused, and goes on repeating its 200."""
    peer = Peer()
    session, _ = peer.call_agent()
    mistakes: list[Callable[[], None]] = [
        lambda: peer.agent.ring(session, 0.0, 100),
        lambda: peer.agent.ring(session, 0.0, 200),
        lambda: peer.agent.reject(session, 200, 0.0),
        lambda: peer.agent.reject(session, 486, 0.0, reason="a\r\nb"),
        lambda: peer.agent.reject(session, 486, 0.0, headers=[("X", "a\nb")]),
        lambda: peer.agent.answer(session, media(), 0.0, headers=[("X", "a\r\nb")]),
        lambda: peer.agent.answer(session, media(), 0.0, headers=[("X Y", "a")]),
    ]
    for misuse in mistakes:
        with pytest.raises(LocalProtocolError):
            misuse()
    assert peer.sent() == []
    assert peer.events() == []
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    assert ok.body.startswith(b"v=0")
    assert b"a=sendrecv" in ok.body or b"RTP/AVP 0 101" in ok.body
    peer.events()
    mistakes = [
        lambda: peer.agent.ring(session, 0.1),
        lambda: peer.agent.answer(session, media(), 0.1),
        lambda: peer.agent.reject(session, 486, 0.1),
    ]
    for misuse in mistakes:
        with pytest.raises(LocalProtocolError):
            misuse()
    peer.pass_time(0.5)
    assert peer.response_from_agent(200).to_bytes() == ok.to_bytes()


def test_verbs_of_a_callee_are_not_for_a_caller() -> None:
    """SES-4."""
    peer = Peer()
    session, _ = peer.call_from_agent()
    with pytest.raises(LocalProtocolError, match="outgoing"):
        peer.agent.answer(session, media(), 0.0)
    with pytest.raises(LocalProtocolError, match="no call"):
        peer.agent.ring("x", 0.0)
    with pytest.raises(LocalProtocolError, match="no call"):
        peer.agent.reject("x", 486, 0.0)
    peer.agent.hang_up("x", 0.0)  # a call that is gone is no error
    assert peer.agent.call_id("x") == ""


# CANCEL


@pytest.mark.parametrize("ringing", [False, True])
def test_cancel_is_answered_and_the_invite_gets_487(ringing: bool) -> None:
    """TXN-4: §9.2; both answers have one tag."""
    peer = Peer()
    session, invite = peer.call_agent()
    if ringing:
        peer.agent.ring(session, 0.1)
        peer.sent()
    peer.send(peer.request("CANCEL", branch=invite.via.branch))
    for_cancel, for_invite = peer.sent()
    assert isinstance(for_cancel, Response)
    assert isinstance(for_invite, Response)
    assert (for_cancel.status_code, for_invite.status_code) == (200, 487)
    assert for_cancel.to_tag == for_invite.to_tag
    assert for_cancel.cseq.method == "CANCEL"
    assert peer.ends() == [Cancelled(by_remote=True)]
    peer.send(peer.request("CANCEL", branch=invite.via.branch))
    peer.response_from_agent(200)
    peer.send(peer.request("ACK", to_tag=for_invite.to_tag, branch=invite.via.branch))
    quiet(peer)


def test_cancel_after_the_answer_has_no_effect() -> None:
    """TXN-4: §9.2: it crossed the 200."""
    peer = Peer()
    session, invite = peer.call_agent()
    peer.agent.answer(session, media(), 0.1)
    ok = peer.response_from_agent(200)
    peer.send(peer.request("CANCEL", branch=invite.via.branch))
    peer.response_from_agent(200)
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    assert peer.ends() == []
    peer.send(peer.request("BYE", to_tag=ok.to_tag, cseq=2))
    peer.response_from_agent(200)
    assert peer.ends() == [RemoteBye()]
    quiet(peer)


def test_cancel_after_the_refusal_is_answered() -> None:
    """TXN-4: §9.2."""
    peer = Peer()
    session, invite = peer.call_agent()
    peer.agent.reject(session, 486, 0.1)
    peer.sent()
    peer.events()
    peer.send(peer.request("CANCEL", branch=invite.via.branch))
    peer.response_from_agent(200)
    assert peer.ends() == []
    quiet(peer)


@pytest.mark.parametrize("wrong", ["branch", "sent-by"])
def test_cancel_of_nothing_gets_481(wrong: str) -> None:
    """TXN-4: §9.2."""
    peer = Peer()
    _, invite = peer.call_agent()
    cancel = peer.request("CANCEL", branch="z9hG4bKother" if wrong == "branch" else invite.via.branch)
    if wrong == "sent-by":
        cancel.set("Via", str(cancel.get("via")).replace("192.0.2.2:5060", "192.0.2.2:5061"))
    peer.send(cancel)
    assert peer.response_from_agent(481).to_tag
    assert peer.ends() == []


# BYE and hang-up


def test_bye_before_the_ack_ends_the_call_and_the_repeats() -> None:
    """SES-11: the ACK was lost, or comes later."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    peer.send(peer.request("BYE", to_tag=ok.to_tag, cseq=2))
    peer.response_from_agent(200)
    assert peer.ends() == [RemoteBye()]
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    assert peer.events() == []
    quiet(peer)


def test_bye_before_the_answer_ends_the_call_with_487() -> None:
    """SES-11: §15.1.2, an early dialog."""
    for ringing in (False, True):
        peer = Peer()
        session, _ = peer.call_agent()
        tag = "unknown"
        if ringing:
            peer.agent.ring(session, 0.0)
            tag = peer.response_from_agent(180).to_tag
        peer.send(peer.request("BYE", to_tag=tag, cseq=2))
        assert peer.lines() == (["200", "487"] if ringing else ["481"])
        assert peer.ends() == ([RemoteBye()] if ringing else [])


@pytest.mark.parametrize("ended_by", ["ack", "time", "bye", "bad answer"])
def test_hang_up_before_the_ack_waits_for_it(ended_by: str) -> None:
    """SES-11: §15: no BYE before the ACK came or the 2xx timed out."""
    peer = Peer()
    session, _ = peer.call_agent(body=b"")
    peer.agent.answer(session, media(), 0.0)
    ok = peer.response_from_agent(200)
    peer.agent.hang_up(session, 0.1)
    peer.agent.hang_up(session, 0.1)
    assert peer.sent() == []
    assert peer.ends() == [LocallyClosed()]
    peer.pass_time(0.5)
    peer.response_from_agent(200)
    if ended_by == "time":
        peer.pass_time(32.0)
    elif ended_by == "bye":
        peer.send(peer.request("BYE", to_tag=ok.to_tag, cseq=2))
        peer.response_from_agent(200)
        quiet(peer)
        return
    else:
        peer.send(peer.request("ACK", to_tag=ok.to_tag, body=offer() if ended_by == "ack" else b"garbage"))
    bye = next(m for m in peer.sent() if isinstance(m, Request))
    assert bye.method == "BYE"
    assert peer.events() == [], "nothing is told after the end"
    peer.respond(bye, 200)
    quiet(peer)


def test_hang_up_of_a_call_sends_bye() -> None:
    """SES-11."""
    peer = Peer()
    session, tag = peer.established_to_agent()
    peer.agent.hang_up(session, 1.0)
    bye = peer.request_from_agent("BYE")
    assert bye.from_tag == tag
    assert bye.to_tag == "bob"
    assert peer.ends() == [LocallyClosed()]
    peer.respond(bye, 200)
    quiet(peer)


def test_byes_that_cross_end_the_call_once() -> None:
    """SES-11."""
    peer = Peer()
    session, tag = peer.established_to_agent()
    peer.agent.hang_up(session, 1.0)
    own = peer.request_from_agent("BYE")
    peer.send(peer.request("BYE", to_tag=tag, cseq=2))
    peer.response_from_agent(200)
    peer.respond(own, 200)
    assert peer.ends() == [LocallyClosed()]
    quiet(peer)


def test_bye_with_an_old_number_is_refused() -> None:
    """DLG-4: §12.2.2."""
    peer = Peer()
    _, tag = peer.established_to_agent()
    peer.send(peer.request("INFO", to_tag=tag, cseq=5))
    peer.sent()
    peer.events()
    peer.send(peer.request("BYE", to_tag=tag, cseq=4))
    peer.response_from_agent(500)
    assert peer.ends() == []
    peer.send(peer.request("BYE", to_tag=tag, cseq=6))
    peer.response_from_agent(200)
    assert peer.ends() == [RemoteBye()]


# Requests inside the call


def test_second_invite_before_the_answer_gets_500_with_retry_after() -> None:
    """DLG-17: §14.2."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.ring(session, 0.0)
    tag = peer.response_from_agent(180).to_tag
    peer.send(peer.request("INVITE", to_tag=tag, cseq=2, body=offer()))
    refused = peer.response_from_agent(500)
    assert 0 <= int(refused.get("retry-after") or "x") <= 10
    assert peer.ends() == []


def test_invite_before_the_ack_that_owes_us_the_answer_gets_491() -> None:
    """DLG-17: §14.2; our offer in the first 2xx is open."""
    peer = Peer()
    session, _ = peer.call_agent(body=b"")
    peer.agent.answer(session, media(), 0.0)
    tag = peer.response_from_agent(200).to_tag
    peer.send(peer.request("INVITE", to_tag=tag, cseq=2, body=offer()))
    peer.response_from_agent(491)


def test_invite_before_the_ack_is_taken_when_nothing_is_open() -> None:
    """DLG-17: §14.2; the ACK was lost or overtaken, the first exchange is through."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    tag = peer.response_from_agent(200).to_tag
    peer.send(peer.request("INVITE", to_tag=tag, cseq=2, body=offer()))
    peer.response_from_agent(200)


def test_info_is_told_whenever_the_call_lives() -> None:
    """SES-15: also when only the ACK is lost."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    tag = peer.response_from_agent(200).to_tag
    peer.events()
    peer.send(peer.request("INFO", to_tag=tag, cseq=2))
    peer.response_from_agent(200)
    assert [type(event) for event in peer.events()] == [InfoReceived]


def test_ack_for_another_invite_confirms_nothing() -> None:
    """MSG-10, DLG-17: that of a refused re-INVITE."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.answer(session, media(), 0.0)
    tag = peer.response_from_agent(200).to_tag
    peer.events()
    peer.send(peer.request("ACK", to_tag=tag, cseq=2))
    peer.send(peer.request("ACK", to_tag="wrong"))
    assert peer.events() == []
    peer.send(peer.request("ACK", to_tag=tag))
    assert peer.events() == [CallConfirmed(session)]


def test_every_end_is_told_once() -> None:
    """SES-11: whatever comes after it."""
    peer = Peer()
    session, invite = peer.call_agent()
    peer.send(peer.request("CANCEL", branch=invite.via.branch))
    peer.agent.hang_up(session, 0.1)
    peer.send(peer.request("BYE", to_tag="x", cseq=2))
    assert sum(isinstance(event, CallEnded) for event in peer.events()) == 1
