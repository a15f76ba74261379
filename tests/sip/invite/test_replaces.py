"""Calls that take the place of another, or want to be added to one (RFC 3891, RFC 3911)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import attrs
import pytest

from sansio_sip.agent import Agent
from sansio_sip.ids import Ids
from sansio_sip.invite import CallEnded, IncomingCall, LocallyClosed, Rejected, Replaced
from sansio_sip.message import Request, Response
from tests.sip.harness import BOB, Peer, make_agent, media, offer, tables


def quiet(peer: Peer) -> None:
    peer.pass_time(peer.now + 200.0)
    peer.sent()
    peer.events()
    assert not any(tables(peer.agent).values()), tables(peer.agent)
    assert peer.agent.deadline is None
    assert peer.agent.statistics().malformed == 0


def newcomer(peer: Peer, *extra: tuple[str, str], call_id: str = "call-2") -> Request:
    """An INVITE of somebody else with a Replaces or Join."""
    return peer.request("INVITE", call_id=call_id, tag="carol", body=offer(), extra=extra)


def told(peer: Peer) -> IncomingCall:
    (event,) = peer.events()
    assert isinstance(event, IncomingCall)
    return event


def established(peer: Peer) -> tuple[str, str]:
    """A call to the agent; return its name and the Replaces value that names it."""
    session, tag = peer.established_to_agent()
    return session, f"call-1;to-tag={tag};from-tag=bob"


# The callee of the new call


def test_confirmed_call_is_replaced_when_the_new_one_is_answered() -> None:
    """SES-14: RFC 3891 §3: 200, then BYE in the replaced dialog; nothing happens before."""
    peer = Peer()
    session, value = established(peer)
    peer.send(newcomer(peer, ("Replaces", value), ("Require", "replaces")))
    event = told(peer)
    assert event.replaces == session
    assert event.joins == ""
    peer.agent.ring(event.session, 0.0)
    peer.response_from_agent(180)
    assert peer.events() == []
    peer.agent.answer(event.session, media(), 0.0)
    ok, bye = peer.sent()
    assert isinstance(ok, Response)
    assert isinstance(bye, Request)
    assert (ok.status_code, ok.call_id) == (200, "call-2")
    assert (bye.method, bye.call_id) == ("BYE", "call-1")
    assert bye.get("reason") == 'SIP;cause=200;text="Replaced by another call"'
    assert CallEnded(session, Replaced(event.session)) in peer.events()
    peer.respond(bye, 200)
    peer.send(peer.request("ACK", call_id="call-2", tag="carol", to_tag=ok.to_tag))
    peer.agent.hang_up(event.session, 0.0)
    peer.respond(peer.request_from_agent("BYE"), 200)
    quiet(peer)


def test_early_call_of_ours_is_cancelled() -> None:
    """SES-14: RFC 3891 §3, §7.1: call pickup: Alice calls Bob's desk, Bob answers from his lab."""
    peer = Peer()
    session, invite = peer.call_from_agent()
    peer.respond(invite, 180, tag="6472")
    peer.events()
    value = f"{invite.call_id};to-tag={invite.from_tag};from-tag=6472;early-only"
    peer.send(newcomer(peer, ("Replaces", value)))
    event = told(peer)
    assert event.replaces == session
    peer.agent.answer(event.session, media(), 0.0)
    ok, cancel = peer.sent()
    assert isinstance(cancel, Request)
    assert (cancel.method, cancel.call_id) == ("CANCEL", invite.call_id)
    assert CallEnded(session, Replaced(event.session)) in peer.events()
    peer.respond(cancel, 200)
    peer.respond(invite, 487, tag="6472")
    peer.request_from_agent("ACK")
    peer.send(peer.request("ACK", call_id="call-2", tag="carol", to_tag=ok.to_tag))
    peer.agent.hang_up(event.session, 0.0)
    peer.respond(peer.request_from_agent("BYE"), 200)
    quiet(peer)


def test_cancel_of_a_replaced_call_that_nobody_answers_ends_in_time() -> None:
    """SES-14: RFC 3261 §9.1: the timer of the replaced call is known to the agent."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180, tag="x")
    peer.send(newcomer(peer, ("Replaces", f"{invite.call_id};to-tag={invite.from_tag};from-tag=x")))
    events = peer.events()
    event = events[-1]
    assert isinstance(event, IncomingCall)
    peer.agent.answer(event.session, media(), 0.0)
    peer.sent()
    peer.pass_time(100.0)
    assert tables(peer.agent)["calls"] == 0


def test_refused_newcomer_leaves_the_call_alone() -> None:
    """SES-14: RFC 3891 §3: on any failure the matched dialog is unchanged."""
    peer = Peer()
    session, value = established(peer)
    peer.send(newcomer(peer, ("Replaces", value)))
    event = told(peer)
    peer.agent.reject(event.session, 488, 0.0)
    peer.response_from_agent(488)
    (ended,) = peer.events()
    assert isinstance(ended, CallEnded)
    assert isinstance(ended.end, Rejected)
    peer.agent.hang_up(session, 0.0)
    peer.request_from_agent("BYE")
    assert peer.ends() == [LocallyClosed()]


def test_call_that_ended_meanwhile_needs_no_second_end() -> None:
    """SES-14."""
    peer = Peer()
    session, value = established(peer)
    peer.send(newcomer(peer, ("Replaces", value)))
    event = told(peer)
    peer.agent.hang_up(session, 0.0)
    peer.respond(peer.request_from_agent("BYE"), 200)
    assert peer.ends() == [LocallyClosed()]
    peer.agent.answer(event.session, media(), 0.0)
    assert peer.lines() == ["200"]
    assert peer.ends() == []


def test_held_back_answer_replaces_when_it_goes_out() -> None:
    """SES-14, TXN-9: RFC 3262 §3: the 2xx waits for the PRACK, and so does the BYE."""
    peer = Peer()
    _, value = established(peer)
    peer.send(newcomer(peer, ("Replaces", value), ("Supported", "100rel")))
    event = told(peer)
    peer.agent.ring(event.session, 0.0, 183, media=media(), reliable=True)
    progress = peer.response_from_agent(183)
    peer.agent.answer(event.session, media(), 0.0)
    assert peer.sent() == []
    rack = ("RAck", f"{progress.get('rseq')} 1 INVITE")
    prack = peer.request("PRACK", call_id="call-2", tag="carol", to_tag=progress.to_tag, cseq=2, extra=[rack])
    peer.send(prack)
    assert peer.lines() == ["200", "200", "BYE"]


# What is refused


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("call-1;to-tag={tag};from-tag=eve", 481),
        ("call-1;to-tag=x;from-tag=bob", 481),
        ("other;to-tag={tag};from-tag=bob", 481),
        ("call-1;to-tag=bob;from-tag={tag}", 481),  # the tags the wrong way round
        ("call-1;to-tag={tag};from-tag=bob;early-only", 486),
        ("call-1;to-tag={tag}", 400),
        ("call-1", 400),
    ],
)
def test_replaces_that_cannot_be_followed(value: str, status: int) -> None:
    """SES-14: RFC 3891 §3: all three must match; early-only refuses what is answered."""
    peer = Peer()
    _, tag = peer.established_to_agent()
    peer.send(newcomer(peer, ("Replaces", value.format(tag=tag))))
    peer.response_from_agent(status)
    assert peer.events() == []


def test_call_that_rings_here_is_not_replaced() -> None:
    """SES-14: RFC 3891 §3: an early dialog that this UA did not initiate."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.ring(session, 0.0)
    tag = peer.response_from_agent(180).to_tag
    peer.send(newcomer(peer, ("Replaces", f"call-1;to-tag={tag};from-tag=bob")))
    peer.response_from_agent(481)


def test_call_that_is_over_is_declined() -> None:
    """SES-14: RFC 3891 §3: 603, so that nobody rings for a call that is not wanted."""
    peer = Peer()
    session, value = established(peer)
    peer.agent.hang_up(session, 0.0)
    peer.request_from_agent("BYE")
    peer.events()
    for name in ("Replaces", "Join"):
        peer.send(newcomer(peer, (name, value), call_id=name))
        peer.response_from_agent(603)
    assert peer.events() == []


def test_branch_that_lost_the_race_is_not_the_call() -> None:
    """SES-14: RFC 3891 §3: the match is with one dialog."""
    peer = Peer()
    _, invite = peer.call_from_agent()
    peer.respond(invite, 180, tag="one")
    peer.respond(invite, 200, tag="two", body=offer())
    peer.request_from_agent("ACK")
    peer.events()
    for tag, status in (("one", 481), ("two", 0)):
        value = f"{invite.call_id};to-tag={invite.from_tag};from-tag={tag}"
        peer.send(newcomer(peer, ("Replaces", value), call_id=tag))
        if status:
            peer.response_from_agent(status)
        else:
            assert told(peer).replaces


def test_dialog_of_a_subscription_is_not_replaced() -> None:
    """SES-14: RFC 3891 §3: a dialog that no INVITE made."""
    peer = Peer()
    peer.agent._calls.registry["s", "1", "2"] = object()  # type: ignore[assignment]
    peer.send(newcomer(peer, ("Replaces", "s;to-tag=1;from-tag=2")))
    peer.response_from_agent(481)


def test_peer_without_a_tag_is_called_zero() -> None:
    """SES-14: RFC 3891 §6.1: a tag of zero matches zero and none; two matches are none."""
    peer = Peer()
    peer.send(peer.request("INVITE", tag="", body=offer()))
    one = told(peer)
    peer.agent.answer(one.session, media(), 0.0)
    tag = peer.response_from_agent(200).to_tag
    peer.send(peer.request("ACK", tag="", to_tag=tag))
    peer.events()
    peer.send(newcomer(peer, ("Replaces", f"call-1;to-tag={tag};from-tag=0")))
    assert told(peer).replaces == one.session
    registry = peer.agent._calls.registry
    registry["call-1", tag, "0"] = object()  # type: ignore[assignment]
    peer.send(newcomer(peer, ("Replaces", f"call-1;to-tag={tag};from-tag=0"), call_id="call-3"))
    peer.response_from_agent(481)


@pytest.mark.parametrize(
    "extra",
    [
        (("Replaces", "{value}"), ("Replaces", "{value}")),
        (("Replaces", "{value}"), ("Join", "{value}")),
        (("Join", "{value}"), ("Join", "{value}")),
        (("Join", "call-1"),),
    ],
)
def test_contradictions_are_refused(extra: Sequence[tuple[str, str]]) -> None:
    """SES-14: RFC 3891 §3, RFC 3911 §4: 400."""
    peer = Peer()
    _, value = established(peer)
    peer.send(newcomer(peer, *((name, text.format(value=value)) for name, text in extra)))
    peer.response_from_agent(400)
    assert peer.events() == []


@pytest.mark.parametrize("name", ["Replaces", "Join"])
@pytest.mark.parametrize("method", ["OPTIONS", "MESSAGE", "BYE", "INFO"])
def test_no_other_request_may_name_a_call(method: str, name: str) -> None:
    """SES-14: RFC 3891 §3, RFC 3911 §4: 400 for a request other than INVITE."""
    peer = Peer()
    session, tag = peer.established_to_agent()
    in_call = method in ("BYE", "INFO")
    value = f"call-1;to-tag={tag};from-tag=bob"
    peer.send(peer.request(method, to_tag=tag if in_call else "", cseq=2, extra=[(name, value)]))
    peer.response_from_agent(400)
    assert peer.agent.call_id(session)
    assert peer.events() == []


# Join


def test_join_is_told_and_the_call_stays() -> None:
    """SES-14: RFC 3911 §4: the dialog is kept; who cannot mix refuses with 488."""
    peer = Peer()
    session, value = established(peer)
    peer.send(newcomer(peer, ("Join", value)))
    event = told(peer)
    assert (event.joins, event.replaces) == (session, "")
    peer.agent.answer(event.session, media(), 0.0)
    assert peer.lines() == ["200"]
    assert peer.agent.call_id(session)


def test_join_is_refused_by_who_cannot_mix() -> None:
    """SES-14: RFC 3911 §4: 488, and the call goes on."""
    peer = Peer()
    session, value = established(peer)
    peer.send(newcomer(peer, ("Join", value)))
    peer.agent.reject(told(peer).session, 488, 0.0)
    peer.response_from_agent(488)
    assert peer.agent.call_id(session)


def test_join_of_nothing_is_refused() -> None:
    """SES-14: RFC 3911 §4: 481; and 420 for those who insist, since nobody mixes here."""
    peer = Peer()
    _, value = established(peer)
    peer.send(newcomer(peer, ("Join", "other;to-tag=1;from-tag=2")))
    peer.response_from_agent(481)
    peer.send(newcomer(peer, ("Join", value), ("Require", "join"), call_id="call-3"))
    assert peer.response_from_agent(420).get("unsupported") == "join"


def test_early_call_can_be_joined() -> None:
    """SES-14: RFC 3911 §4: no limitation on early dialogs."""
    peer = Peer()
    session, _ = peer.call_agent()
    peer.agent.ring(session, 0.0)
    tag = peer.response_from_agent(180).to_tag
    peer.send(newcomer(peer, ("Join", f"call-1;to-tag={tag};from-tag=bob")))
    assert told(peer).joins == session


# The caller of the new call


def test_call_is_made_with_replaces() -> None:
    """SES-14: RFC 3891 §4, §6.2: Supported: replaces in every call."""
    peer = Peer()
    peer.agent.invite(
        "sip:bob@192.0.2.2",
        media(),
        0.0,
        headers=[("Replaces", "a;to-tag=1;from-tag=2"), ("Require", "replaces")],
    )
    invite = peer.request_from_agent("INVITE")
    assert invite.get("replaces") == "a;to-tag=1;from-tag=2"
    assert "replaces" in invite.supported
    assert peer.endpoint == BOB


def test_agent_that_does_not_know_replaces_ignores_it() -> None:
    """SES-14: RFC 3891 §6.2: not in Supported; 420 for those who insist; the call is not touched."""
    config = attrs.evolve(make_agent()._core.config, accept_replaces=False)
    peer = Peer(Agent(config, now=0.0, ids=Ids(Random(1).randbytes)))
    session, value = established(peer)
    peer.send(newcomer(peer, ("Replaces", value), ("Require", "replaces")))
    refused = peer.response_from_agent(420)
    assert refused.get("unsupported") == "replaces"
    peer.send(newcomer(peer, ("Replaces", value), call_id="call-3"))
    event = told(peer)
    assert event.replaces == ""
    peer.agent.answer(event.session, media(), 0.0)
    ok = peer.response_from_agent(200)
    assert "replaces" not in ok.supported
    peer.send(peer.request("OPTIONS", extra=[("Replaces", value)], call_id="call-4"))
    peer.response_from_agent(200)
    assert peer.agent.call_id(session)
