"""A server of agents: one registers, one publishes, one watches; over any wire and to the end."""

from __future__ import annotations

import pytest

from sansio_sip.agent import AuthenticationConfig
from sansio_sip.auth import Credentials, DigestServerConfig
from sansio_sip.errors import LocalProtocolError
from sansio_sip.headers import EventType
from sansio_sip.message import Request
from sansio_sip.pager import MessageDelivered, MessageReceived, PagerConfig
from sansio_sip.register import (
    BindingCause,
    BindingsChanged,
    Registered,
    RegistrarConfig,
    RegistrationConfig,
    Unregistered,
)
from sansio_sip.subscribe import (
    PRESENCE,
    CompositorConfig,
    FixedState,
    NotifyReceived,
    PresenceDocument,
    PresenceStatus,
    PublicationUpdated,
    PublishOrder,
    StatePublished,
    SubscribeOrder,
    SubscriptionRequested,
    parse_pidf,
    presence_state,
)
from tests.sip.agent.net import SERVER, Net, Station, agent_of
from tests.sip.harness import ALICE, BOB, Fate, lossy

USERS = (Credentials("alice", "wonderland"), Credentials("bob", "builder"))
RESOURCE = "alice@192.0.2.10"


def state(status: PresenceStatus, device: str = "phone") -> FixedState:
    return presence_state(PresenceDocument.of(f"sip:{RESOURCE}", status, id=device))


def network(seed: int = 1, fate: Fate | None = None, *, notify: bool = True) -> tuple[Net, ...]:
    server = agent_of(
        "server",
        SERVER,
        seed=seed,
        registrar=RegistrarConfig(domains=frozenset({SERVER.host})),
        compositor=CompositorConfig(packages=(PRESENCE,)),
        event_packages=(PRESENCE,),
        pager=PagerConfig(),
        notify_published=notify,
        authentication=AuthenticationConfig(digest=DigestServerConfig(realm="r"), users=USERS),
    )
    alice = agent_of("alice", ALICE, seed=seed, credentials=USERS[:1])
    bob = agent_of("bob", BOB, seed=seed, credentials=USERS[1:])
    stations = [Station(server, SERVER), Station(alice, ALICE), Station(bob, BOB)]
    return (Net(*stations) if fate is None else Net(*stations, fate=fate),)


def start(net: Net) -> tuple[Station, Station, Station, str]:
    """Alice registers and publishes, bob watches her."""
    server, alice, bob = net.stations.values()
    phone = RegistrationConfig(
        address=f"<sip:{RESOURCE}>", contacts=(f"<sip:alice@{ALICE.host}>",), credentials=USERS[:1]
    )
    alice.agent.register(phone, net.now)
    order = PublishOrder(uri=f"sip:{RESOURCE}", package="presence", from_=f"<sip:{RESOURCE}>")
    publication = alice.agent.publish(order, state(PresenceStatus.AVAILABLE), net.now)
    watch = SubscribeOrder(uri=f"sip:{RESOURCE}", event=EventType("presence"), from_="<sip:bob@example.com>")
    net.at(2.0, lambda: bob.agent.subscribe(watch, net.now))
    return server, alice, bob, publication


def shown(bob: Station) -> list[PresenceStatus]:
    return [parse_pidf(event.body).status for event in bob.heard(NotifyReceived) if event.body]


def test_one_registers_one_publishes_and_one_watches() -> None:
    """SRV-4, SRV-6, AUTH-1, CLI-8: all challenged, the names in the events, PUBLISH becomes NOTIFY."""
    (net,) = network()
    server, alice, bob, publication = start(net)
    net.run(10.0)
    assert [binding.contact for binding in server.agent.lookup(f"sip:{RESOURCE}")] == ["sip:alice@192.0.2.1"]
    (bound,) = server.heard(BindingsChanged)
    assert (bound.username, bound.cause) == ("alice", BindingCause.REGISTERED)
    (published,) = server.heard(StatePublished)
    assert (published.resource, published.username) == (RESOURCE, "alice")
    (wanted,) = server.heard(SubscriptionRequested)
    assert wanted.username == "bob"
    assert shown(bob) == [PresenceStatus.AVAILABLE]
    net.at(20.0, lambda: alice.agent.change_publication(publication, state(PresenceStatus.BUSY), net.now))
    net.run(40.0)
    assert shown(bob) == [PresenceStatus.AVAILABLE, PresenceStatus.BUSY]
    assert len(alice.heard(PublicationUpdated)) == 2
    statistics = server.agent.statistics()
    assert (statistics.registered, statistics.published, statistics.usages) == (1, 1, 1)
    assert statistics.challenged == 3  # two PUBLISH and SUBSCRIBE; a registrar counts its own
    net.at(50.0, lambda: alice.agent.close(net.now))
    net.run(120.0)
    assert len(alice.heard(Unregistered)) == 1
    assert server.agent.lookup(f"sip:{RESOURCE}") == []
    assert server.heard(StatePublished)[-1].publications == ()
    assert bob.heard(NotifyReceived)[-1].body == b""  # nobody says anything any more
    net.close()


def test_published_state_ends_with_its_time_and_its_watchers_hear_it() -> None:
    """SRV-6: the publisher is gone without a word; the registration runs out too."""
    (net,) = network()
    server, _, bob, _ = start(net)
    net.run(10.0)
    del net.stations[ALICE.host]
    net.run(8_000.0)
    assert server.heard(StatePublished)[-1].publications == ()
    assert server.heard(BindingsChanged)[-1].cause is BindingCause.EXPIRED
    assert bob.heard(NotifyReceived)[-1].body == b""
    net.close()


def test_application_decides_who_sees_what() -> None:
    """SRV-6: without `notify_published` it is told and does both itself."""
    (net,) = network(notify=False)
    server, _, bob, _ = start(net)

    def decide(event: object) -> None:
        if isinstance(event, SubscriptionRequested):
            (known,) = server.agent.publications(RESOURCE, "presence")
            server.agent.accept_subscription(
                event.subscription, FixedState(known.content_type, known.body), net.now
            )

    server.on_event = decide
    net.run(10.0)
    assert shown(bob) == [PresenceStatus.AVAILABLE]
    net.close()


def test_state_of_several_devices_is_one_document() -> None:
    """SRV-6: RFC 3903 §10.3."""
    (net,) = network()
    _, alice, bob, _ = start(net)
    order = PublishOrder(uri=f"sip:{RESOURCE}", package="presence", from_=f"<sip:{RESOURCE}>")
    other = state(PresenceStatus.DO_NOT_DISTURB, "desk")
    net.at(20.0, lambda: alice.agent.publish(order, other, net.now))
    net.run(40.0)
    last = parse_pidf(bob.heard(NotifyReceived)[-1].body)
    assert [item.id for item in last.tuples] == ["phone", "desk"]
    assert last.status is PresenceStatus.DO_NOT_DISTURB
    broken = FixedState("application/pidf+xml", b"<presence")
    net.at(50.0, lambda: alice.agent.publish(order, broken, net.now))
    net.run(90.0)
    assert bob.heard(NotifyReceived)[-1].body == b"<presence"
    net.close()


def test_stranger_can_neither_register_nor_publish_for_another() -> None:
    """AUTH-1, SRV-6: bob's password opens bob's address only."""
    (net,) = network()
    server, _, bob = net.stations.values()
    phone = RegistrationConfig(
        address=f"<sip:{RESOURCE}>", contacts=("<sip:b@192.0.2.2>",), credentials=USERS[1:]
    )
    bob.agent.register(phone, 0.0)
    order = PublishOrder(uri=f"sip:{RESOURCE}", package="presence", from_="<sip:bob@example.com>")
    bob.agent.publish(order, state(PresenceStatus.BUSY), 0.0)
    net.run(5.0)
    assert "10 403" in net.lines()
    assert net.lines().count("10 403") == 2
    assert server.agent.lookup(f"sip:{RESOURCE}") == []
    assert server.agent.publications(RESOURCE, "presence") == ()
    net.close()


def test_messages_between_users_of_the_server() -> None:
    """CLI-4: two to one address go one after the other, each challenged once at most."""
    (net,) = network()
    server, alice, _ = net.stations.values()
    numbers = [
        alice.agent.send_message(f"sip:{SERVER.host}", 0.0, body=text) for text in (b"one", b"two", b"three")
    ]
    net.run(5.0)
    assert [(event.body, event.username) for event in server.heard(MessageReceived)] == [
        (b"one", "alice"),
        (b"two", "alice"),
        (b"three", "alice"),
    ]
    assert [event.message for event in alice.heard(MessageDelivered)] == numbers
    sent = [m for _, host, m in net.log if host == ALICE.host and isinstance(m, Request)]
    assert all(message.get("contact") is None for message in sent)
    net.close()


@pytest.mark.parametrize("seed", range(8))
def test_any_wire_ends_quiet(seed: int) -> None:
    """SIM-1, SIM-2: loss, copies and disorder with every service on."""
    (net,) = network(seed, lossy(seed, loss=0.25, duplicate=0.2, reorder=0.3))
    server, alice, bob, publication = start(net)
    alice.agent.send_message(f"sip:{SERVER.host}", 0.0, body=b"one")
    alice.agent.send_message(f"sip:{SERVER.host}", 0.0, body=b"two")
    net.at(60.0, lambda: _change(alice, publication, net.now))
    net.run(200.0)
    assert len(alice.heard(Registered)) >= 1
    assert server.agent.lookup(f"sip:{RESOURCE}")
    assert [event.body for event in server.heard(MessageReceived)] in ([b"one", b"two"], [b"one"], [b"two"])
    assert shown(bob)[-1] is PresenceStatus.BUSY
    net.close()


def _change(alice: Station, publication: str, now: float) -> None:
    alice.agent.change_publication(publication, state(PresenceStatus.BUSY), now)


def test_same_seed_gives_the_same_messages() -> None:
    """Law 4."""
    logs = []
    for _ in range(2):
        (net,) = network(3, lossy(3, loss=0.2, duplicate=0.1, reorder=0.2))
        start(net)
        net.run(30.0)
        logs.append([(time, host, message.to_bytes()) for time, host, message in net.log])
    assert logs[0] == logs[1]
    assert len(logs[0]) > 15


def test_agent_without_registrar_knows_nobody() -> None:
    """SRV-4."""
    agent = agent_of()
    with pytest.raises(LocalProtocolError, match="no registrar"):
        agent.lookup("sip:alice@example.com")
    assert agent.publications("alice@example.com", "presence") == ()
