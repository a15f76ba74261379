"""Calls that lead into a conference say so in their Contact (RFC 4579)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.agent import Agent, AuthenticationConfig, ResponseReceived, Sender
from sansio_sip.auth import DigestServerConfig
from sansio_sip.errors import LocalProtocolError, NoSuchCallError
from sansio_sip.invite import CallAnswered, IncomingCall
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.outbound import OwnAddress
from sansio_sip.subscribe import (
    NotifyFailed,
    ReferRequested,
    RemotelyUnsubscribed,
    SubscriberGone,
    SubscriptionClosed,
    SubscriptionExpired,
)
from sansio_sip.subscribe.conference import is_focus
from tests.sip.agent.net import Net, Station, agent_of, left_over, peer_of
from tests.sip.harness import ALICE, BOB, Peer, media

ROOM = "sip:room@voice.example"
AT_US = "sip:room@192.0.2.1:5060"


def sent(agent: Agent) -> Request | Response:
    """The last message that goes out now."""
    data = [transmit.data for transmit in iter(agent.next_transmit, None)]
    return parse_message(data[-1])


@pytest.mark.parametrize(
    ("options", "from_"),
    [
        ({}, f"<{ROOM}>"),
        ({"from_": "<sip:desk@example.com>"}, "<sip:desk@example.com>"),
        ({"sender": Sender(address="<sip:sales@example.com>")}, "<sip:sales@example.com>"),
    ],
)
def test_conference_that_calls_is_in_from_and_contact(options: dict[str, Any], from_: str) -> None:
    """BRG-6, SRV-6: RFC 4579 §5.2; From is whoever else was named."""
    alice = agent_of()
    alice.invite("sip:bob@192.0.2.2", None, 0.0, focus=ROOM, **options)
    invite = sent(alice)
    assert (invite.get("from") or "").partition(";")[0] == from_
    (contact,) = invite.contacts
    assert is_focus(contact)
    assert str(contact.uri) == "sip:room@192.0.2.1:5060"
    with pytest.raises(LocalProtocolError, match="cannot stand in From"):
        alice.invite("sip:bob@192.0.2.2", None, 0.0, focus="no uri>")


def test_call_that_is_answered_by_a_focus_learns_it() -> None:
    """BRG-6, SRV-6: RFC 4579 §5.1; other calls of the same agent are what they were."""
    alice, bob = agent_of(), agent_of("bob", BOB)
    for focus in (ROOM, ""):
        alice.invite("sip:bob@192.0.2.2", None, 0.0)
        bob.receive_message(sent(alice), ALICE, 0.0)
        session = next(e.session for e in iter(bob.next_event, None) if isinstance(e, IncomingCall))
        if focus:
            bob.act_as_focus(session, focus, 0.0)
        bob.ring(session, 0.0)
        ringing = sent(bob)
        bob.answer(session, None, 0.0)
        for message in (ringing, sent(bob)):
            (contact,) = message.contacts
            assert is_focus(contact) is bool(focus)
            assert str(contact.uri) == f"sip:{'room' if focus else 'bob'}@192.0.2.2:5060"


def test_mistakes_change_nothing() -> None:
    """BRG-6, ERR-1."""
    alice, bob = agent_of(), agent_of("bob", BOB)
    alice.invite("sip:bob@192.0.2.2", None, 0.0)
    bob.receive_message(sent(alice), ALICE, 0.0)
    session = next(e.session for e in iter(bob.next_event, None) if isinstance(e, IncomingCall))
    with pytest.raises(NoSuchCallError):
        bob.act_as_focus("nobody", ROOM, 0.0)
    with pytest.raises(LocalProtocolError, match="cannot stand in From"):
        bob.act_as_focus(session, "no uri>", 0.0)
    bob.ring(session, 0.0)
    (contact,) = sent(bob).contacts
    assert not is_focus(contact)


# A call that lasts


def talking(**bob: Any) -> tuple[Net, Station, Station, str, str]:
    """Alice has called bob, who has answered; the names of the call at either side."""
    net = Net(Station(agent_of(), ALICE), Station(agent_of("bob", BOB, **bob), BOB))
    alice, callee = net.stations.values()

    def answer(event: object) -> None:
        if isinstance(event, IncomingCall):
            callee.agent.answer(event.session, media("192.0.2.2"), net.now)

    callee.on_event = answer
    session = alice.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    net.run(1.0)
    (incoming,) = callee.heard(IncomingCall)
    return net, alice, callee, session, incoming.session


def last_contact(net: Net, method: str) -> str:
    requests = [message for _, _, message in net.log if isinstance(message, Request)]
    (contact,) = [message for message in requests if message.method == method][-1].contacts
    return str(contact)


def test_call_that_is_put_into_a_conference_tells_its_peer() -> None:
    """BRG-6: RFC 4579 §4.2: an UPDATE has the new Contact, and later the one of before."""
    net, alice, bob, session, theirs = talking()
    assert bob.agent.remote_focus(theirs) == ""
    alice.agent.act_as_focus(session, ROOM, net.now)
    alice.agent.act_as_focus(session, ROOM, net.now)  # it does already
    net.run(2.0)
    assert net.lines()[-2:] == ["1 UPDATE", "2 200"]
    assert last_contact(net, "UPDATE") == f"<{AT_US}>;isfocus"
    assert bob.agent.remote_focus(theirs) == AT_US
    assert alice.agent.remote_focus(session) == ""
    alice.agent.act_as_focus(session, "", net.now)
    net.run(3.0)
    assert last_contact(net, "UPDATE") == "<sip:alice@192.0.2.1:5060>"
    assert bob.agent.remote_focus(theirs) == ""
    assert len([line for line in net.lines() if line == "1 UPDATE"]) == 2
    alice.agent.hang_up(session, net.now)
    net.run(40.0)
    assert bob.agent.remote_focus(theirs) == ""
    net.close()


def test_contact_that_has_to_wait_for_a_change_of_ours_follows_it() -> None:
    """BRG-6: while a re-INVITE is open no other request may change the dialog."""
    net, alice, bob, session, theirs = talking()
    alice.agent.hold(session, net.now)
    for focus in (ROOM, "", ROOM):
        alice.agent.act_as_focus(session, focus, net.now)
    assert net.lines()[-1] == "1 ACK"
    net.run(2.0)
    assert [line for line in net.lines() if line.startswith("1 ")][-3:] == ["1 INVITE", "1 ACK", "1 UPDATE"]
    assert bob.agent.remote_focus(theirs) == AT_US
    net.close()


def test_contact_that_waits_when_the_call_ends_is_not_told() -> None:
    """BRG-6: nothing is sent after the BYE."""
    net, alice, _, session, _ = talking()
    alice.agent.hold(session, net.now)
    alice.agent.act_as_focus(session, ROOM, net.now)
    alice.agent.hang_up(session, net.now)
    net.run(40.0)
    assert "1 UPDATE" not in net.lines()
    alice.agent.close(net.now)
    assert left_over(alice.agent) == {}
    net.close()


def test_call_of_ours_learns_by_the_answer_that_it_leads_into_a_conference() -> None:
    """BRG-6: RFC 4579 §4.2; what another agent takes over, it knows as well."""
    net = Net(Station(agent_of(), ALICE), Station(agent_of("bob", BOB), BOB))
    alice, bob = net.stations.values()

    def answer(event: object) -> None:
        if isinstance(event, IncomingCall):
            bob.agent.act_as_focus(event.session, ROOM, net.now)
            bob.agent.answer(event.session, media("192.0.2.2"), net.now)

    bob.on_event = answer
    session = alice.agent.invite("sip:room@192.0.2.2", media(), 0.0)
    assert alice.agent.remote_focus(session) == ""  # nobody has answered
    net.run(1.0)
    assert len(alice.heard(CallAnswered)) == 1
    assert alice.agent.remote_focus(session) == "sip:room@192.0.2.2:5060"
    net.run(40.0)
    data = alice.agent.export_call(session, net.now)
    other = agent_of(seed=2)
    assert other.remote_focus(other.import_call(data, net.now)) == "sip:room@192.0.2.2:5060"
    alice.agent.hang_up(session, net.now)
    net.run(80.0)
    net.close()


def test_damaged_contact_names_no_focus() -> None:
    """BRG-6: the call is one like any other, and what cannot be read at all is refused."""
    peer = Peer()
    peer.send(peer.request("INVITE", contact='<sip:bob@192.0.2.2>;isfocus;audio="#"'))
    (incoming,) = [event for event in peer.events() if isinstance(event, IncomingCall)]
    assert peer.agent.remote_focus(incoming.session) == ""
    peer.agent.answer(incoming.session, media(), 0.0)
    (answer, *_) = peer.sent()
    assert isinstance(answer, Response)
    for cseq, contact in enumerate(("<sip:bob@192.0.2.2>;isfocus", "<sip:bob@192.0.2.2;isfocus"), 2):
        peer.send(peer.request("INFO", to_tag=answer.to_tag, cseq=cseq, extra=[("Contact", contact)]))
        assert bool(peer.agent.remote_focus(incoming.session)) is contact.endswith(">;isfocus")


# Where a conference is


def test_options_at_a_conference_says_that_it_is_one() -> None:
    """BRG-6, CLI-3: RFC 4579 §5.13: at its URI and at the Contact of its calls, while it is there."""
    net = Net(Station(agent_of(), ALICE), Station(agent_of("bob", BOB), BOB))
    alice, bob = net.stations.values()
    bob.agent.open_focus("sip:ro%6Fm@Voice.example", net.now)
    with pytest.raises(LocalProtocolError, match="already"):
        bob.agent.open_focus(ROOM, net.now)

    def asked(uri: str) -> str:
        alice.agent.request("OPTIONS", uri, net.now, headers=[("Route", "<sip:192.0.2.2;lr>")])
        net.run(net.now + 1.0)
        (contact,) = alice.heard(ResponseReceived)[-1].response.contacts
        return str(contact)

    for uri in (ROOM, "sip:room@192.0.2.2", "sip:room@192.0.2.2:5080;transport=tcp"):
        assert asked(uri) == "<sip:ro%6Fm@192.0.2.2:5060>;isfocus"
    for uri in ("sip:bob@192.0.2.2", "sip:room@elsewhere.example", "sip:voice.example"):
        assert asked(uri) == "<sip:bob@192.0.2.2:5060>"
    bob.agent.close_focus("sip:room@192.0.2.2", net.now)  # none of its URIs that it was opened with
    assert bob.agent.focus_at(ROOM) == "sip:ro%6Fm@Voice.example"
    bob.agent.close_focus(ROOM, net.now)
    bob.agent.close_focus(ROOM, net.now)
    bob.agent.close_focus("no uri", net.now)
    assert asked(ROOM) == "<sip:bob@192.0.2.2:5060>"
    assert bob.agent.focus_at("no uri") == bob.agent.focus_at("tel:+1") == ""
    net.close()


def test_conferences_of_one_name_in_two_domains_are_two() -> None:
    """BRG-6, ERR-1: and there is an end to how many there can be."""
    addresses = (OwnAddress(transport="TCP", host="[2001:db8::1]", port=5060),)
    agent = agent_of(max_foci=2, own_addresses=addresses)
    agent.open_focus("sip:room@a.example", 0.0)
    agent.open_focus("sip:room@b.example", 0.0)
    assert agent.focus_at("sip:room@b.example") == "sip:room@b.example"
    assert agent.focus_at("sip:room@[2001:DB8::1]") == "sip:room@a.example"  # the older one
    for uri, why in (("sip:other@a.example", "2 conferences"), ("tel:+1", "cannot be"), ("x", "cannot be")):
        with pytest.raises(LocalProtocolError, match=why):
            agent.open_focus(uri, 0.0)
    agent.close_focus("sip:room@a.example", 0.0)
    assert len(agent._core.foci) == 1
    assert agent.focus_at("sip:room@192.0.2.1") == "sip:room@b.example"
    assert agent_of(contact="<urn:uuid:1>").focus_at("sip:room@192.0.2.1") == ""


# REFER outside of calls


def refer(peer: Peer, *extra: tuple[str, str]) -> Request:
    """A REFER of the peer to the conference."""
    fields = extra or (("Refer-To", "<sip:carol@192.0.2.3>"),)
    contact = ("Contact", "<sip:bob@192.0.2.2>")
    request = peer.request("REFER", uri="sip:room@192.0.2.1", extra=(contact, *fields))
    peer.send(request)
    return request


def wanted(peer: Peer) -> ReferRequested:
    (event,) = [event for event in peer.events() if isinstance(event, ReferRequested)]
    return event


def test_refer_to_a_conference_is_accepted_and_its_end_is_told() -> None:
    """BRG-6, SES-13: RFC 3515 §2.4: 202, then NOTIFY 100, 180 and, with the end of the subscription, 200."""
    peer = peer_of(refers=True)
    by = "<sip:bob@example.com>"
    refer(
        peer,
        ("Refer-To", "<sip:carol@192.0.2.3?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3>"),
        ("Referred-By", by),
    )
    event = wanted(peer)
    assert event.referral.refer_to.target == "sip:carol@192.0.2.3"
    assert event.referral.headers == (("Replaces", "1;to-tag=2;from-tag=3"), ("Referred-By", by))
    assert not event.referral.silent
    peer.agent.accept_referral(event.subscription, 0.0)
    accepted, notify = peer.sent()
    assert isinstance(accepted, Response)
    assert (accepted.status_code, accepted.get("expires")) == (202, None)
    assert isinstance(notify, Request)
    assert notify.get("subscription-state") == "active;expires=180"
    assert (notify.get("event"), notify.get("content-type")) == ("refer", "message/sipfrag;version=2.0")
    assert notify.body == b"SIP/2.0 100 Trying\r\n"
    peer.respond(notify, 200)
    peer.agent.report_referral(event.subscription, 180, 2.0)
    ringing = peer.request_from_agent("NOTIFY")
    assert ringing.body == b"SIP/2.0 180 Ringing\r\n"
    peer.respond(ringing, 200)
    peer.agent.report_referral(event.subscription, 200, 2.1, reason="Here")
    last = peer.request_from_agent("NOTIFY")
    assert last.body == b"SIP/2.0 200 Here\r\n"
    assert last.get("subscription-state") == "terminated;reason=noresource"
    peer.respond(last, 200)
    (gone,) = peer.events()
    assert gone == SubscriberGone(event.subscription, SubscriptionClosed("noresource"))
    peer.agent.report_referral(event.subscription, 200, 3.0)  # nobody is there any more
    assert peer.sent() == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ((("Refer-To", "<http://x.example>"),), 416),
        ((("Subject", "nothing"),), 400),
        ((("Refer-To", "<sip:a@b>"), ("Refer-To", "<sip:a@c>")), 400),
        ((("Refer-To", "<sip:a@b>"), ("Refer-Sub", "maybe")), 400),
    ],
)
def test_damaged_refer_is_refused(fields: tuple[tuple[str, str], ...], status: int) -> None:
    """ERR-1: RFC 3515 §2.4.2; the application does not hear of it."""
    peer = peer_of(refers=True)
    refer(peer, *fields)
    peer.response_from_agent(status)
    assert not [event for event in peer.events() if isinstance(event, ReferRequested)]


def test_refer_that_nobody_decides_about_is_pending() -> None:
    """BRG-6: RFC 3515 §2.4.2: its transaction waits for nobody; a late refusal is told with its status."""
    peer = peer_of(refers=True)
    refer(peer)
    event = wanted(peer)
    with pytest.raises(LocalProtocolError, match="no status"):
        peer.agent.report_referral(event.subscription, 700, 0.0)
    with pytest.raises(LocalProtocolError, match="TERMINATE"):
        peer.agent.report_referral(event.subscription, 200, 0.0)
    peer.agent.report_referral(event.subscription, 180, 0.0)  # it says nothing before it is accepted
    peer.agent.handle_timeout(peer.agent.deadline or 0.0)
    accepted, notify = peer.sent()
    assert isinstance(accepted, Response)
    assert accepted.status_code == 202
    assert (notify.get("subscription-state") or "").startswith("pending")
    assert notify.body == b"SIP/2.0 100 Trying\r\n"
    peer.agent.reject_subscription(event.subscription, 1.0, 603)
    last = peer.request_from_agent("NOTIFY")
    assert last.get("subscription-state") == "terminated;reason=rejected"
    assert last.body == b"SIP/2.0 603 Decline\r\n"


def test_refer_can_be_refused() -> None:
    """BRG-6: with a status of the user's choice, and nothing is kept."""
    peer = peer_of(refers=True)
    refer(peer)
    peer.agent.reject_subscription(wanted(peer).subscription, 0.0, 403)
    peer.response_from_agent(403)
    assert peer.agent.statistics().usages == 0


@pytest.mark.parametrize("decided", [True, False])
def test_sender_that_wants_no_reports_gets_none(decided: bool) -> None:
    """BRG-6: RFC 4488 §4: 202 with Refer-Sub: false, and no subscription, even if nobody decides."""
    peer = peer_of(refers=True)
    refer(peer, ("Refer-To", "<sip:carol@192.0.2.3>"), ("Refer-Sub", "false"))
    event = wanted(peer)
    assert event.referral.silent
    if decided:
        peer.agent.accept_referral(event.subscription, 0.0)
    else:
        peer.agent.handle_timeout(peer.agent.deadline or 0.0)
    assert peer.response_from_agent(202).get("refer-sub") == "false"
    assert peer.events() == [SubscriberGone(event.subscription, SubscriptionClosed())]
    peer.agent.report_referral(event.subscription, 200, 1.0)
    assert peer.sent() == []
    assert peer.agent.statistics().usages == 0


def test_reports_end_with_their_time_and_with_a_receiver_that_is_gone() -> None:
    """BRG-6: RFC 3515 §3.4, RFC 6665 §4.2.2."""
    for gone, end in ((False, SubscriptionExpired()), (True, NotifyFailed(481, ""))):
        peer = peer_of(refers=True)
        refer(peer)
        event = wanted(peer)
        peer.agent.accept_referral(event.subscription, 0.0)
        _, notify = peer.sent()
        assert isinstance(notify, Request)
        peer.respond(notify, 481 if gone else 200)
        peer.sent()
        if not gone:
            peer.agent.handle_timeout(200.0)
        (over,) = [each for each in peer.events() if isinstance(each, SubscriberGone)]
        assert type(over.end) is type(end)
        assert not isinstance(over.end, RemotelyUnsubscribed)


def test_agent_that_takes_no_refers_says_so() -> None:
    """BRG-6: 481 as for all that belongs into a dialog; strangers are asked for a password first."""
    peer = peer_of()
    refer(peer)
    peer.response_from_agent(481)
    asks = AuthenticationConfig(digest=DigestServerConfig(realm="example.com"))
    peer = peer_of(refers=True, authentication=asks)
    refer(peer)
    peer.response_from_agent(401)
