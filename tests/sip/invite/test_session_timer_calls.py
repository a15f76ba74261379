"""Session timers in whole calls: both refreshers, re-INVITE and UPDATE, 422, and a day in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs
import pytest

from sansio_sip.agent import Agent, AgentConfig
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    CallAnswered,
    CallBase,
    CallEnded,
    Failed,
    IncomingCall,
    LocallyClosed,
    MediaNegotiated,
    Rejected,
    RemoteBye,
    SessionTimerConfig,
    TimedOut,
)
from sansio_sip.message import Request, Response
from tests.sip.harness import ALICE, BOB, AgentPair, Fate, Peer, Phone, make_agent, media, offer, tables

ASKING = SessionTimerConfig(interval=1_800)
DAY = 24 * 3_600.0
UPDATING = ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE")
TIMER = ("Supported", "timer")


def with_timer(config: AgentConfig, timer: SessionTimerConfig, seed: int = 1) -> Agent:
    return Agent(attrs.evolve(config, session_timer=timer), now=0.0, ids=Ids(Random(seed).randbytes))


def pair_of(one: SessionTimerConfig, two: SessionTimerConfig, fate: Fate | None = None) -> AgentPair:
    pair = AgentPair() if fate is None else AgentPair(fate=fate)
    pair.a = Phone(with_timer(pair.a.agent._core.config, one, 1), ALICE)
    pair.b = Phone(with_timer(pair.b.agent._core.config, two, 2), BOB)
    pair.answer_calls()
    return pair


def requests(pair: AgentPair, method: str) -> list[tuple[float, str]]:
    """When which side sent a request of a method, repeats left out."""
    start = method.encode() + b" "
    return [(sent.time, sent.source.host) for sent in pair.log if sent.data.startswith(start)]


@pytest.mark.parametrize("prefer_local", [False, True])
def test_a_day_of_a_call(prefer_local: bool) -> None:
    """DLG-16: 96 refreshes by UPDATE in 24 hours, by either side, and nothing is told of them."""
    pair = pair_of(ASKING, SessionTimerConfig(prefer_local=prefer_local))
    session = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.run(60.0)
    told = (len(pair.a.events), len(pair.b.events))
    pair.run(DAY)
    updates = requests(pair, "UPDATE")
    assert 95 <= len(updates) <= 96
    assert {host for _, host in updates} == {"192.0.2.2" if prefer_local else "192.0.2.1"}
    assert len(requests(pair, "INVITE")) == 1
    assert (len(pair.a.events), len(pair.b.events)) == told
    pair.a.agent.hang_up(session, pair.now)
    pair.run()
    assert pair.a.ends[0].end == LocallyClosed()
    assert pair.b.ends[0].end == RemoteBye()
    pair.assert_quiet()


def test_callee_asks_for_the_timer() -> None:
    """DLG-16: RFC 4028 §9: in its 2xx, without being asked; the caller refreshes."""
    pair = pair_of(SessionTimerConfig(), ASKING)
    pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.run(1_000.0)
    ((time, host),) = requests(pair, "UPDATE")
    assert (round(time), host) == (900, "192.0.2.1")


def test_no_timer_without_a_wish() -> None:
    """DLG-16: a call that nobody wants refreshed has no timer at all."""
    pair = pair_of(SessionTimerConfig(), SessionTimerConfig())
    pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.run(100.0)
    assert pair.a.agent.deadline is pair.b.agent.deadline is None
    assert not any(b"Session-Expires" in sent.data for sent in pair.log)


def test_call_ends_on_both_sides_when_the_network_is_gone() -> None:
    """DLG-16: RFC 4028 §10: the refresher when its refresh times out, the other before the expiry."""
    dead = [False]
    pair = pair_of(ASKING, SessionTimerConfig(), lambda number, data: () if dead[0] else (0.01,))
    pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.at(100.0, lambda: dead.__setitem__(0, True))
    pair.run(10_000.0)
    assert pair.a.ends[0].end == TimedOut("response")
    assert pair.b.ends[0].end == TimedOut("session refresh")
    byes = [sent for sent in pair.log if sent.data.startswith(b"BYE")]
    assert b'Reason: SIP;cause=408;text="Session expired"' in byes[-1].data
    assert min(sent.time for sent in byes if sent.source == BOB) == pytest.approx(1_768.0, abs=1)
    pair.assert_quiet()


def test_422_of_the_callee_is_met() -> None:
    """DLG-16, SES-30: RFC 4028 §6, §7.3, §7.4 through two agents."""
    pair = pair_of(SessionTimerConfig(interval=120), SessionTimerConfig(min_se=600))
    pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.run(10.0)
    invites = [sent.data for sent in pair.log if sent.data.startswith(b"INVITE")]
    assert b"Session-Expires: 120\r\n" in invites[0]
    assert b"Session-Expires: 600\r\nMin-SE: 600\r\n" in invites[1] or b"Min-SE: 600" in invites[1]
    assert b"CSeq: 2 INVITE" in invites[1]
    assert any(isinstance(event, CallAnswered) for event in pair.a.events)
    assert len([event for event in pair.b.events if isinstance(event, IncomingCall)]) == 1
    pair.run(400.0)
    assert len(requests(pair, "UPDATE")) == 1


def test_session_changes_refresh_too() -> None:
    """DLG-16: RFC 4028 §7.2: a re-INVITE for other purposes counts."""
    pair = pair_of(ASKING, SessionTimerConfig())
    session = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    pair.at(800.0, lambda: pair.a.agent.hold(session, pair.now))
    pair.run(1_600.0)
    assert requests(pair, "UPDATE") == []
    assert len(requests(pair, "INVITE")) == 2
    reinvite = [sent.data for sent in pair.log if sent.data.startswith(b"INVITE")][1]
    assert b"Session-Expires: 1800;refresher=uac" in reinvite
    pair.run(1_750.0)
    assert [time for time, _ in requests(pair, "UPDATE")] == [pytest.approx(1_700.0, abs=1)]


# One agent and a peer by hand


def calling(timer: SessionTimerConfig = ASKING) -> Peer:
    return Peer(with_timer(make_agent()._core.config, timer))


def answered(peer: Peer, *extra: tuple[str, str]) -> tuple[str, Request]:
    """A call of the agent that is answered with these fields."""
    session, invite = peer.call_from_agent()
    peer.respond(invite, 200, body=offer(), extra=extra)
    peer.request_from_agent("ACK")
    peer.events()
    return session, invite


def test_peer_without_update_is_refreshed_by_a_reinvite_with_the_same_description() -> None:
    """DLG-16: RFC 4028 §7.4: the offer has the same o= line, since nothing has changed."""
    peer = calling()
    _, invite = answered(peer)
    peer.pass_time(900.0)
    again = peer.request_from_agent("INVITE")
    assert again.body == invite.body
    assert again.get("session-expires") == "1800;refresher=uac"
    assert "timer" in again.supported
    peer.respond(again, 200, body=offer())
    peer.request_from_agent("ACK")
    assert not [event for event in peer.events() if not isinstance(event, MediaNegotiated)]
    peer.pass_time(1_800.0)
    peer.request_from_agent("INVITE")


def test_update_has_no_offer() -> None:
    """DLG-16: RFC 4028 §7.4."""
    peer = calling()
    answered(peer, UPDATING, TIMER, ("Session-Expires", "1800;refresher=uac"), ("Require", "timer"))
    peer.pass_time(900.0)
    update = peer.request_from_agent("UPDATE")
    assert update.body == b""
    peer.respond(update, 200, extra=[("Session-Expires", "600;refresher=uac")])
    assert peer.events() == []
    peer.pass_time(1_200.0)
    assert peer.request_from_agent("UPDATE").get("session-expires") == "600;refresher=uac"


def test_422_to_a_refresh_is_tried_again_at_once() -> None:
    """DLG-16, SES-30: RFC 4028 §10: a larger interval; the cap is 2."""
    peer = calling()
    session, _ = answered(peer, UPDATING)
    peer.pass_time(900.0)
    for minimum in ("3600", "4000"):
        update = peer.request_from_agent("UPDATE")
        peer.respond(update, 422, extra=[("Min-SE", minimum)])
        peer.pass_time(900.0)
    update = peer.request_from_agent("UPDATE")
    assert update.get("session-expires") == "4000;refresher=uac"
    assert update.get("min-se") == "4000"
    peer.respond(update, 422, extra=[("Min-SE", "5000")])
    peer.pass_time(910.0)
    assert peer.sent() == []
    assert peer.events() == []
    assert peer.agent.call_id(session)


@pytest.mark.parametrize(
    ("status", "end"), [(481, Failed("Call/Transaction Does Not Exist", 481)), (408, TimedOut())]
)
def test_refresh_that_finds_nobody_ends_the_call(status: int, end: object) -> None:
    """DLG-16: RFC 4028 §10."""
    peer = calling()
    answered(peer, UPDATING)
    peer.pass_time(900.0)
    peer.respond(peer.request_from_agent("UPDATE"), status)
    assert peer.ends() == [end]
    peer.respond(peer.request_from_agent("BYE"), 200)


def test_refresh_that_fails_otherwise_is_tried_again_until_the_session_expires() -> None:
    """DLG-16: RFC 4028 §10: not continuously; the BYE tells why."""
    peer = calling()
    session, _ = answered(peer, UPDATING)
    times = []
    while not (ends := peer.ends()):
        deadline = peer.agent.deadline
        assert deadline is not None
        peer.pass_time(deadline)
        for message in peer.sent():
            assert isinstance(message, Request)
            if message.method == "UPDATE":
                times.append(peer.now)
                peer.respond(message, 500)
    assert times == [900.0, 1_334.0, 1_551.0]
    assert peer.now == 1_768.0
    assert ends == [TimedOut("session refresh")]
    assert session


def test_refresh_waits_for_a_change_that_is_on_its_way() -> None:
    """DLG-16: the change refreshes the session when it succeeds."""
    peer = calling()
    session, _ = answered(peer, UPDATING)
    peer.pass_time(890.0)
    peer.agent.hold(session, 890.0)
    reinvite = peer.request_from_agent("INVITE")
    peer.respond(reinvite, 100, tag="")
    peer.pass_time(950.0)
    assert peer.sent() == []
    peer.respond(reinvite, 200, body=offer())
    peer.request_from_agent("ACK")
    peer.pass_time(1_849.0)
    assert peer.sent() == []
    peer.pass_time(1_850.0)
    peer.request_from_agent("UPDATE")


def test_change_that_fails_does_not_stop_the_refreshes() -> None:
    """DLG-16: the user hears of the failure, the timer goes on."""
    peer = calling()
    session, _ = answered(peer, UPDATING)
    peer.pass_time(890.0)
    peer.agent.hold(session, 890.0)
    reinvite = peer.request_from_agent("INVITE")
    peer.respond(reinvite, 100, tag="")
    peer.pass_time(910.0)
    peer.respond(reinvite, 488)
    assert peer.lines() == ["ACK"]
    peer.pass_time(1_334.0)
    assert peer.lines() == ["UPDATE"]


def test_callee_refuses_a_short_interval() -> None:
    """DLG-16: RFC 4028 §9: 422 with Min-SE, outside and inside of a call; nobody is told."""
    peer = calling(SessionTimerConfig(min_se=300))
    short = [TIMER, ("Session-Expires", "100")]
    peer.send(peer.request("INVITE", call_id="other", body=offer(), extra=short))
    assert peer.response_from_agent(422).get("min-se") == "300"
    assert peer.events() == []
    session, tag = peer.established_to_agent()
    for method in ("INVITE", "UPDATE"):
        peer.send(peer.request(method, to_tag=tag, cseq=5, extra=short))
        assert peer.response_from_agent(422).get("min-se") == "300"
    assert peer.events() == []
    assert peer.agent.call_id(session)


@pytest.mark.parametrize("name", ["Session-Expires", "Min-SE"])
def test_damaged_wish_is_a_bad_request(name: str) -> None:
    """DLG-16, SEC-2."""
    peer = calling()
    peer.send(peer.request("INVITE", call_id="other", body=offer(), extra=[(name, "soon")]))
    peer.response_from_agent(400)
    _, tag = peer.established_to_agent()
    for method in ("INVITE", "UPDATE"):
        peer.send(peer.request(method, to_tag=tag, cseq=5, extra=[(name, "soon")]))
        peer.response_from_agent(400)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_peer_refreshes(method: str) -> None:
    """DLG-16: RFC 4028 §9, §10: each refresh begins the interval anew; without one the call ends."""
    peer = calling(SessionTimerConfig())
    timer = [TIMER, ("Session-Expires", "600;refresher=uac")]
    peer.send(peer.request("INVITE", body=offer(), extra=timer))
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    peer.agent.answer(event.session, media(), 0.0)
    ok = peer.response_from_agent(200)
    assert ok.get("session-expires") == "600;refresher=uac"
    assert ok.require == ("timer",)
    assert "timer" in ok.supported
    peer.send(peer.request("ACK", to_tag=ok.to_tag))
    peer.pass_time(500.0)
    body = offer() if method == "INVITE" else b""
    peer.send(peer.request(method, to_tag=ok.to_tag, cseq=2, extra=timer, body=body))
    again = peer.response_from_agent(200)
    assert again.get("session-expires") == "600;refresher=uac"
    if method == "INVITE":
        peer.send(peer.request("ACK", to_tag=ok.to_tag, cseq=2))
    peer.events()
    peer.pass_time(1_067.0)
    assert peer.events() == []
    peer.pass_time(1_068.0)
    assert peer.ends() == [TimedOut("session refresh")]
    peer.respond(peer.request_from_agent("BYE"), 200)
    peer.pass_time(2_000.0)
    assert not any(tables(peer.agent).values())


def test_update_with_an_offer_refreshes_too() -> None:
    """DLG-16: RFC 4028 §7.2."""
    peer = calling(SessionTimerConfig())
    _, tag = peer.established_to_agent()
    peer.send(
        peer.request("UPDATE", to_tag=tag, cseq=2, body=offer(), extra=[TIMER, ("Session-Expires", "600")])
    )
    ok = peer.response_from_agent(200)
    assert ok.get("session-expires") == "600;refresher=uac"
    assert ok.body


def test_refusal_by_422_ends_a_call_that_was_not_told_how_long() -> None:
    """DLG-16, SES-30."""
    peer = calling()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 422)
    peer.request_from_agent("ACK")
    (ended,) = peer.events()
    assert isinstance(ended, CallEnded)
    assert isinstance(ended.end, Rejected)
    assert session


def test_first_answer_decides_about_the_timer() -> None:
    """DLG-16, DLG-6: RFC 4028 §7.2: intervals belong to dialogs; a branch that lost has none."""
    peer = calling()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 200, tag="one", body=offer(), extra=[TIMER])
    peer.respond(invite, 200, tag="two", body=offer(), extra=[("Session-Expires", "100;refresher=uac")])
    sent: Sequence[Request | Response] = peer.sent()
    assert sent
    peer.pass_time(800.0)
    assert not [m for m in peer.sent() if isinstance(m, Request) and m.method in ("INVITE", "UPDATE")]


def test_call_without_verbs_cannot_be_refreshed() -> None:
    """DLG-16: what an `InviteSession` adds; without it the timer ends the call."""
    agent = make_agent()
    core = agent._core
    call = CallBase(
        "x", core.invite_config, now=0.0, ids=core.ids, outbound=core.outbound, registry={}, outbox=None
    )
    assert not call.refresh_session(0.0)
