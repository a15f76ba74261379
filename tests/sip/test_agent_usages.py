"""Registrations, subscriptions and publications of a whole agent."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.agent import Agent, AgentConfig, AgentEvent
from sansio_sip.errors import LocalProtocolError
from sansio_sip.headers import EventType
from sansio_sip.ids import Ids
from sansio_sip.message import Request
from sansio_sip.register import Registered, RegistrationConfig, Unregistered
from sansio_sip.subscribe import (
    PRESENCE,
    FixedState,
    NotifyReceived,
    PublicationEnded,
    PublicationUpdated,
    PublishOrder,
    SubscribeOrder,
    SubscriberGone,
    SubscriptionEnded,
    SubscriptionRequested,
    resource_of,
)

from .harness import ALICE, BOB, AgentPair, Peer, lossy, make_agent

OPEN = FixedState("application/pidf+xml", b"<presence>open</presence>")
CLOSED = FixedState("application/pidf+xml", b"<presence>closed</presence>")
ORDER = SubscribeOrder(uri="sip:bob@192.0.2.2", event=EventType("presence"), from_="<sip:alice@example.com>")


def notifying_agent(seed: int) -> Agent:
    config = AgentConfig(
        address="<sip:bob@example.com>",
        contact=f"<sip:bob@{BOB.host}:{BOB.port}>",
        sent_by={"UDP": (BOB.host, BOB.port)},
        event_packages=(PRESENCE,),
    )
    return Agent(config, now=0.0, ids=Ids(Random(f"notifier {seed}").randbytes))


def watching_pair(seed: int, **wire: float) -> tuple[AgentPair, list[AgentEvent], list[AgentEvent]]:
    """Alice, and bob who lets everybody watch."""
    pair = AgentPair(seed=seed, fate=lossy(seed, **wire)) if wire else AgentPair(seed=seed)
    pair.b.agent = notifying_agent(seed)
    to_alice: list[AgentEvent] = []
    to_bob: list[AgentEvent] = []

    def bob_hears(event: AgentEvent) -> None:
        to_bob.append(event)
        if isinstance(event, SubscriptionRequested):
            pair.b.agent.accept_subscription(event.subscription, OPEN, pair.now)

    pair.a.on_event = to_alice.append
    pair.b.on_event = bob_hears
    return pair, to_alice, to_bob


def test_a_subscription_lives_and_ends_between_two_agents() -> None:
    """CLI-5, RFC 6665 §4.1, §4.2: SUBSCRIBE, immediate NOTIFY, a change, unsubscribe; nothing is left."""
    pair, to_alice, to_bob = watching_pair(1)
    name = pair.a.agent.subscribe(ORDER, 0.0)
    resource = resource_of("sip:bob@192.0.2.2")

    def change() -> None:
        assert pair.b.agent.notify(resource, "presence", CLOSED, pair.now) == 1

    pair.at(20.0, change)
    pair.at(40.0, lambda: pair.a.agent.drop(name, pair.now))
    pair.run()
    bodies = [event.body for event in to_alice if isinstance(event, NotifyReceived)]
    assert bodies[0] == OPEN.body
    assert CLOSED.body in bodies
    assert sum(isinstance(event, SubscriptionEnded) for event in to_alice) == 1
    assert sum(isinstance(event, SubscriberGone) for event in to_bob) == 1
    pair.assert_quiet()


@pytest.mark.parametrize("seed", range(40))
def test_subscriptions_over_a_bad_wire_always_end(seed: int) -> None:
    """SIM-2: loss, duplicates and reordering; both agents end quiet."""
    pair, to_alice, _ = watching_pair(seed, loss=0.2, duplicate=0.1, reorder=0.1)
    name = pair.a.agent.subscribe(ORDER, 0.0)
    pair.at(60.0, lambda: pair.a.agent.drop(name, pair.now))
    pair.at(200.0, lambda: pair.b.agent.close(pair.now))
    pair.run()
    assert sum(isinstance(event, SubscriptionEnded) for event in to_alice) == 1
    assert len(pair.a.agent._usages) == len(pair.b.agent._usages) == 0


def test_closing_agents_unsubscribe() -> None:
    """CLI-5: close ends what we keep elsewhere, and `closed` waits for it."""
    pair, _, to_bob = watching_pair(2)
    pair.a.agent.subscribe(ORDER, 0.0)
    pair.at(10.0, lambda: pair.a.agent.close(pair.now))
    pair.run()
    assert pair.a.agent.closed
    assert sum(isinstance(event, SubscriberGone) for event in to_bob) == 1
    with pytest.raises(LocalProtocolError, match="closing"):
        pair.a.agent.subscribe(ORDER, pair.now)


def test_without_packages_subscribe_is_not_allowed() -> None:
    """SRV-3: a phone that serves no events says so, and what it does serve (RFC 6665 §4.4.4)."""
    peer = Peer(make_agent("bob", BOB), endpoint=ALICE)
    peer.send(peer.request("SUBSCRIBE"))
    assert peer.response_from_agent(405).get("allow") is not None
    offering = Peer(notifying_agent(1), endpoint=ALICE)
    offering.send(offering.request("OPTIONS"))
    answer = offering.response_from_agent(200)
    assert answer.get("allow-events") == "presence"
    assert "SUBSCRIBE" in answer.allow


def test_a_stray_notify_is_refused() -> None:
    """RFC 6665 §4.1.3: no subscription: 481."""
    peer = Peer(make_agent("bob", BOB), endpoint=ALICE)
    peer.send(peer.request("NOTIFY"))
    assert peer.response_from_agent(481).status_code == 481


def test_an_agent_registers_refreshes_and_unregisters() -> None:
    """CLI-2, RFC 3261 §10.2: the binding lives until it is dropped."""
    peer = Peer()
    config = RegistrationConfig(
        address="<sip:alice@example.com>",
        registrar=f"sip:{BOB.host}",
        contacts=("<sip:alice@192.0.2.1:5060>",),
        expires=60,
    )
    name = peer.agent.register(config, 0.0)
    first = peer.request_from_agent("REGISTER")
    peer.respond(first, 200, extra=(("Contact", "<sip:alice@192.0.2.1:5060>;expires=60"),))
    assert [type(event) for event in peer.events()] == [Registered]
    peer.pass_time(59.0)
    second = next(message for message in peer.sent() if isinstance(message, Request))
    assert second.call_id == first.call_id
    assert second.cseq.number == first.cseq.number + 1
    peer.respond(second, 200, extra=(("Contact", "<sip:alice@192.0.2.1:5060>;expires=60"),))
    peer.agent.drop(name, 60.0)
    last = peer.request_from_agent("REGISTER")
    assert last.get("expires") == "0" or "expires=0" in (last.get("contact") or "")
    peer.respond(last, 200)
    assert Unregistered in [type(event) for event in peer.events()]
    peer.pass_time(200.0)
    assert peer.agent.statistics().usages == 0


def test_a_publication_is_kept_changed_and_removed() -> None:
    """SRV-6, RFC 3903 §4: the entity-tag goes along."""
    peer = Peer()
    order = PublishOrder(uri=f"sip:bob@{BOB.host}", package="presence", from_="<sip:alice@example.com>")
    name = peer.agent.publish(order, OPEN, 0.0)
    first = peer.request_from_agent("PUBLISH")
    peer.respond(first, 200, extra=(("SIP-ETag", "a1"), ("Expires", "3600")))
    peer.agent.change_publication(name, CLOSED, 1.0)
    second = peer.request_from_agent("PUBLISH")
    assert (second.get("sip-if-match"), second.body) == ("a1", CLOSED.body)
    peer.respond(second, 200, extra=(("SIP-ETag", "a2"), ("Expires", "3600")))
    peer.agent.drop(name, 2.0)
    third = peer.request_from_agent("PUBLISH")
    assert (third.get("sip-if-match"), third.get("expires"), third.body) == ("a2", "0", b"")
    peer.respond(third, 200, extra=(("SIP-ETag", "a3"), ("Expires", "0")))
    kinds = [type(event) for event in peer.events()]
    assert kinds.count(PublicationUpdated) == 2
    assert kinds[-1] is PublicationEnded
    with pytest.raises(LocalProtocolError, match="TERMINATED"):
        peer.agent.change_publication(name, OPEN, 3.0)
