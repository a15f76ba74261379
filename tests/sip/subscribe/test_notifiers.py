"""All subscriptions of one agent (RFC 6665 §4.2), with presence end to end (RFC 3856)."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.headers import EventType
from sansio_sip.message import Request, Response
from sansio_sip.subscribe import (
    EMPTY_STATE,
    Compositor,
    CompositorConfig,
    FixedState,
    Notifiers,
    NotifyReceived,
    PresenceDocument,
    PresenceStatus,
    Publisher,
    PublishOrder,
    StatePublished,
    SubscribeConfig,
    SubscribeEvent,
    SubscribeOrder,
    SubscriberGone,
    SubscriptionRequested,
    allow_events,
    compose,
    event_of,
    parse_pidf,
    presence_state,
    same_event,
)
from sansio_sip.transaction import TimerConfig
from tests.sip.subscribe.wire import ALICE, PACKAGES, Script, Side, Wire, order


class Serving(Side):
    """A side whose SUBSCRIBE requests go to `Notifiers`."""

    def serve(self, max_subscriptions: int = 100) -> Notifiers:
        served = Notifiers(
            self.config, PACKAGES.values(), max_subscriptions=max_subscriptions, now=self.now, ids=self.ids,
            outbound=self.outbound, registry=self.registry, outbox=self.out,
        )  # fmt: skip
        self.usages.append(served)  # type: ignore[arg-type]
        self.on_request = lambda key, request: served.receive_request(key, request, self.now)
        self.served = served
        return served

    def settle(self) -> None:
        super().settle()
        if hasattr(self, "served"):
            for notifier in list(self.served._by_name.values()):
                self.served.settle(notifier)


def subscribe(script: Script, user: str, number: int, event: str = "presence") -> list[Request | Response]:
    script.send(
        script.build("SUBSCRIBE", uri=f"sip:{user}@example.com", call_id=f"c{number}",
                     extra=[("Event", event), ("Expires", "600")])
    )  # fmt: skip
    return script.sent()


def test_change_is_told_to_all_who_watch_the_resource() -> None:
    """SRV-6: RFC 6665 §4.2.2."""
    side = Serving("alice", ALICE)
    script, served = Script(side), side.serve()
    for number, (user, event) in enumerate(
        [("alice", "presence"), ("alice", "presence"), ("bob", "presence"), ("alice", "dialog")]
    ):
        subscribe(script, user, number, event)
    names = [event.subscription for event in side.of(SubscriptionRequested)]
    assert len(set(names)) == len(served) == 4
    for name in names[:3]:
        served.find(name).accept(FixedState("text/plain", b"1"), 0.0)
    for message in script.sent():
        if isinstance(message, Request):
            script.respond(message, 200)
    assert served.notify("alice@example.com", "presence", FixedState("text/plain", b"2"), 50.0) == 2
    assert [message.body for message in script.sent()] == [b"2", b"2"]
    assert served.notify("nobody@example.com", "presence", EMPTY_STATE, 50.0) == 0


def test_limit_refuses_with_503_and_counts() -> None:
    """SRV-6, law 8."""
    side = Serving("alice", ALICE)
    script, served = Script(side), side.serve(max_subscriptions=2)
    answers = [subscribe(script, "alice", number) for number in range(4)]
    refused = [message for messages in answers for message in messages if isinstance(message, Response)]
    assert [(m.status_code, m.get("retry-after")) for m in refused] == [(503, "60"), (503, "60")]
    assert (len(served), served.refused) == (2, 2)


def test_refusal_has_the_fields_that_it_needs() -> None:
    """SRV-6: RFC 6665 §4.2.1.1, §4.4.4."""
    side = Serving("alice", ALICE)
    script, served = Script(side), side.serve()
    (answer,) = subscribe(script, "alice", 1, "conference")
    assert isinstance(answer, Response)
    assert answer.status_code == 489
    assert (("Allow-Events", answer.get("allow-events")),) == served.allow_events == allow_events(PACKAGES)
    script.send(script.build("SUBSCRIBE", extra=[("Event", "presence")], contact=""))
    script.response(400)
    assert len(served) == 0


def test_subscription_is_forgotten_when_it_is_over() -> None:
    """SRV-6: RFC 6665 §4.4.1; the timers of all are one queue."""
    side = Serving("alice", ALICE)
    script, served = Script(side), side.serve()
    subscribe(script, "alice", 1)
    (event,) = side.of(SubscriptionRequested)
    assert served.deadline == 0.5
    script.pass_time(0.5)
    assert [type(message) for message in script.sent()] == [Response, Request]
    script.pass_time(700.0)
    script.sent()
    assert len(side.of(SubscriberGone)) == 1
    assert len(served) == 0
    assert not side.registry
    with pytest.raises(LocalProtocolError):
        served.find(event.subscription)
    assert served.next_event() is None
    assert served.next_transmit() is None


def test_close_ends_all_and_refuses_new_ones() -> None:
    """SRV-6."""
    side = Serving("alice", ALICE)
    script, served = Script(side), side.serve()
    subscribe(script, "alice", 1)
    subscribe(script, "alice", 2)
    served.find(side.of(SubscriptionRequested)[0].subscription).pend(0.0)
    script.sent()
    served.close(0.0)
    served.close(0.0)
    messages = script.sent()
    assert [m.status_code for m in messages if isinstance(m, Response)] == [503]
    assert [m.get("subscription-state") for m in messages if isinstance(m, Request)] == [
        "terminated;reason=probation;retry-after=60"
    ]
    assert not served.closed
    (answer,) = subscribe(script, "alice", 3)
    assert isinstance(answer, Response)
    assert answer.status_code == 503
    script.pass_time(100.0)
    assert served.closed


def test_presence_from_publisher_to_watcher() -> None:
    """SRV-6: RFC 3856 §4, RFC 3903 §15: PUBLISH, compose, NOTIFY; the state comes and goes."""
    wire = Wire()
    agent = wire.b
    notifiers = Notifiers(agent.config, now=0.0, ids=agent.ids, outbound=agent.outbound,
                          registry=agent.registry, outbox=agent.out)  # fmt: skip
    compositor = Compositor(
        CompositorConfig(), now=0.0, ids=agent.ids, outbound=agent.outbound, outbox=agent.out
    )
    agent.usages += [notifiers, compositor]  # type: ignore[list-item]

    def composed() -> FixedState:
        published = compositor.publications("bob@192.0.2.2", "presence")
        return presence_state(compose("sip:bob@192.0.2.2", tuple(parse_pidf(one.body) for one in published)))

    def act(event: SubscribeEvent) -> None:
        if isinstance(event, SubscriptionRequested):
            notifiers.find(event.subscription).accept(composed(), wire.now)
        elif isinstance(event, StatePublished):
            notifiers.notify(event.resource, event.package, composed(), wire.now)

    agent.on_event = act
    agent.on_request = lambda key, request: (
        notifiers if request.method == "SUBSCRIBE" else compositor
    ).receive_request(key, request, wire.now)
    watcher = wire.a.watcher()
    watcher.subscribe(order(expires=3_600), 0.0)
    wire.run(10.0)
    publisher = Publisher("p", wire.a.config, now=wire.now, ids=wire.a.ids, outbound=wire.a.outbound,
                          outbox=wire.a.out)  # fmt: skip
    wire.a.usages.append(publisher)
    making = PublishOrder(
        uri="sip:bob@192.0.2.2", package="presence", from_="<sip:bob@192.0.2.2>", expires=600
    )
    busy = PresenceDocument.of("sip:bob@192.0.2.2", PresenceStatus.BUSY)
    publisher.publish(making, presence_state(busy), wire.now)
    wire.run(60.0)
    publisher.change(
        presence_state(PresenceDocument.of("sip:bob@192.0.2.2", PresenceStatus.IN_CALL)), wire.now
    )
    wire.run(120.0)
    publisher.close(wire.now)
    wire.run(180.0)
    seen = [parse_pidf(event.body).status.value for event in wire.a.of(NotifyReceived)]
    assert seen == ["offline", "busy", "in-call", "offline"]


# Small parts


def test_events_match_octet_by_octet() -> None:
    """CLI-5: RFC 6665 §8.2.1, with its own examples."""
    wanted = EventType.parse("foo; id=1234")
    assert same_event(wanted, EventType.parse("foo; param=abcd; id=1234"))
    assert not same_event(wanted, EventType.parse("foo"))
    assert not same_event(wanted, EventType.parse("Foo; id=1234"))


@pytest.mark.parametrize(
    "fields", [[], [("Event", "a"), ("Event", "a")], [("Event", "a, b")], [("Event", 'a;x="')]]
)
def test_request_without_one_event_is_a_489(fields: list[tuple[str, str]]) -> None:
    """CLI-5: RFC 6665 §3.1.2, §8.2.1, §8.3.2."""
    request = Request("SUBSCRIBE", "sip:a@b")
    for name, value in fields:
        request.add(name, value)
    with pytest.raises(ParseError) as caught:
        event_of(request)
    assert caught.value.status_hint == 489


@pytest.mark.parametrize(
    "field",
    ["max_forks", "min_refresh", "decision_time", "retry_base", "retry_max", "probation", "stable_after"],
)
def test_configuration_names_the_field_at_fault(field: str) -> None:
    """CLI-5."""
    with pytest.raises(ValueError, match=field):
        SubscribeConfig(contact="<sip:a@b>", **dict[str, Any]({field: 0}))


@pytest.mark.parametrize("kind", [SubscribeOrder, PublishOrder])
def test_order_names_the_field_at_fault(kind: type) -> None:
    """CLI-5, SRV-6."""
    event = {"event": EventType("presence")} if kind is SubscribeOrder else {"package": "presence"}
    with pytest.raises(ValueError, match="expires"):
        kind(uri="sip:a@b", from_="<sip:a@b>", expires=-1, **event)
    with pytest.raises(ValueError, match="expires"):
        kind(uri="sip:a@b", from_="<sip:a@b>", expires=2**32, **event)


@pytest.mark.parametrize(
    ("lifetime", "after"), [(3_600, 3_536), (200, 136), (100, 50), (10, 5), (9, None), (0, None)]
)
def test_refresh_leaves_time_for_a_second_try(lifetime: float, after: float | None) -> None:
    """CLI-5: RFC 6665 §4.1.2.2."""
    config = SubscribeConfig(contact="<sip:a@b>", timers=TimerConfig())
    assert config.refresh_after(lifetime) == after


def test_software_is_told_only_when_there_is_one() -> None:
    """CLI-5: RFC 3261 §20.35, §20.41."""
    config = SubscribeConfig(contact="<sip:a@b>")
    assert config.request_fields == config.answer_fields == (("Contact", "<sip:a@b>"),)
