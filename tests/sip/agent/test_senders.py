"""One agent that speaks for several, and the ways that its registrations give it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sansio_sip.agent import Agent, Sender, contact_for
from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.headers import EventType
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, build_response, parse_message
from sansio_sip.outbound import OwnAddress
from sansio_sip.register import Registered, RegistrationConfig, RegistrationFailed
from sansio_sip.subscribe import FixedState, PublishOrder, SubscribeOrder
from tests.sip.agent.net import agent_of, left_over

SALES = "<sip:sales@example.org>"
ALICE = "<sip:alice@example.com>"
SECRET = Credentials("sales", "secret")
EDGES = ("192.0.2.11", "192.0.2.12")
URN = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
BOB = "sip:bob@192.0.2.2"
TCP = OwnAddress(transport="TCP", host="192.0.2.1", port=5070)
UDP = OwnAddress(transport="UDP", host="192.0.2.1", port=5060)


class Line:
    """An agent, and whoever it sends something to, by hand."""

    def __init__(self, **settings: Any) -> None:
        self.agent: Agent = agent_of(**settings)
        self.ways: list[Endpoint] = []
        self.now = 0.0

    def sent(self) -> list[Request]:
        """The requests that go out now; `ways` has where to."""
        requests: list[Request] = []
        self.ways = []
        while (transmit := self.agent.next_transmit()) is not None:
            message = parse_message(transmit.data)
            if isinstance(message, Request):
                requests.append(message)
                self.ways.append(transmit.destination)
        return requests

    def request(self) -> Request:
        (request,) = self.sent()
        return request

    def answer(
        self, request: Request, way: Endpoint, status: int = 200, extra: Sequence[tuple[str, str]] = ()
    ) -> None:
        fields = [("Contact", str(c.with_param("expires", "600"))) for c in request.contacts]
        response = build_response(request, status, to_tag="r", extra=[*fields, *extra])
        self.agent.receive_message(parse_message(response.to_bytes()), way, self.now)

    def register(self, *, extra: Sequence[tuple[str, str]] = (), flow: str = "", **settings: Any) -> str:
        """Register the sales line with success."""
        contact = contact_for(self.agent._core.config, SALES)
        values = {"address": SALES, "contacts": (contact,), "registrar": "sip:192.0.2.10"}
        name = self.agent.register(RegistrationConfig(**{**values, **settings}), self.now)
        request = self.request()
        self.answer(request, self.ways[0]._replace(flow=flow or None), extra=extra)
        return name

    def events(self, kind: type[Any]) -> list[Any]:
        return [event for event in iter(self.agent.next_event, None) if isinstance(event, kind)]

    def pass_time(self, until: float) -> None:
        while (deadline := self.agent.deadline) is not None and deadline <= until:
            self.agent.handle_timeout(deadline)
        self.now = until


def test_sender_has_an_address_a_contact_and_a_proxy_of_its_own() -> None:
    """CLI-8: From, Contact and Route of a call; the agent's own calls stay as they are."""
    line = Line()
    sender = Sender(address=SALES, outbound_proxy="sip:192.0.2.77")
    assert sender.uri == "sip:sales@example.org"
    line.agent.invite(BOB, None, 0.0, sender=sender)
    invite = line.request()
    assert (invite.get("from") or "").startswith(f"{SALES};tag=")
    assert invite.get("contact") == "<sip:sales@192.0.2.1:5060>"
    assert invite.routes == ["<sip:192.0.2.77;lr>"]
    assert line.ways[0].host == "192.0.2.77"
    line.agent.invite(BOB, None, 0.0)
    own = line.request()
    assert own.get("contact") == "<sip:alice@192.0.2.1:5060>"
    assert own.routes == []


def begin(line: Line, method: str, sender: Sender | None) -> str:
    """Begin what the method stands for, and return the name of the usage."""
    agent = line.agent
    if method == "SUBSCRIBE":
        order = SubscribeOrder(uri=BOB, event=EventType("presence"), from_=ALICE, fields=(("X-A", "1"),))
        return agent.subscribe(order, 0.0, sender=sender)
    if method == "PUBLISH":
        publication = PublishOrder(uri=BOB, package="presence", from_=ALICE, fields=(("X-A", "1"),))
        return agent.publish(publication, FixedState("text/plain", b"here"), 0.0, sender=sender)
    agent.send_message(BOB, 0.0, body=b"hi", headers=[("X-A", "1")], sender=sender)
    return ""


@pytest.mark.parametrize("method", ["SUBSCRIBE", "PUBLISH", "MESSAGE"])
def test_subscriptions_publications_and_messages_have_a_sender(method: str) -> None:
    """CLI-8, CLI-4, CLI-5: From, way and password are his; without one the agent's own, as before."""
    line = Line(credentials=(Credentials("alice", "other"),))
    begin(line, method, Sender(address=SALES, credentials=(SECRET,), outbound_proxy="sip:192.0.2.77"))
    request = line.request()
    assert request.method == method
    assert (request.get("from") or "").startswith(f"{SALES};tag=")
    assert request.routes == ["<sip:192.0.2.77;lr>"]
    assert request.get("x-a") == "1"
    if method == "SUBSCRIBE":
        assert request.get("contact") == "<sip:sales@192.0.2.1:5060>"
    challenge = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
    line.answer(request, line.ways[0], 401, [challenge])
    assert 'username="sales"' in (line.sent()[-1].get("authorization") or "")
    own = Line()
    begin(own, method, None)
    plain = own.request()
    assert (plain.get("from") or "").startswith("<sip:alice@")
    assert plain.routes == []


def test_subscription_is_refreshed_on_demand() -> None:
    """CLI-5, RFC 6665 §5.3.2: after a gap in partial states."""
    line = Line()
    name = begin(line, "SUBSCRIBE", None)
    request = line.request()
    line.answer(request, line.ways[0], extra=[("Expires", "3600")])
    line.agent.refresh_subscription(name, 0.0)
    assert line.sent() == []  # the first NOTIFY is still to come, and tells all
    to_us = Request("NOTIFY", "sip:alice@192.0.2.1:5060")
    for field, value in (
        ("Via", "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKn"),
        ("From", f"<{BOB}>;tag=r"),
        ("To", request.get("from") or ""),
        ("Call-ID", request.call_id),
        ("CSeq", "1 NOTIFY"),
        ("Max-Forwards", "70"),
        ("Contact", f"<{BOB}>"),
        ("Event", "presence"),
        ("Subscription-State", "active;expires=3600"),
    ):
        to_us.add(field, value)
    line.agent.receive_message(parse_message(to_us.to_bytes()), Endpoint("UDP", "192.0.2.2", 5060), 0.0)
    line.sent()
    line.agent.refresh_subscription(name, 1.0)
    again = line.request()
    assert (again.method, again.to_tag, again.get("expires")) == ("SUBSCRIBE", "r", "3600")
    with pytest.raises(LocalProtocolError, match="no subscription or publication"):
        line.agent.refresh_subscription("gone", 1.0)
    with pytest.raises(LocalProtocolError, match="of that kind"):
        line.agent.change_publication(name, FixedState("text/plain", b"x"), 1.0)


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_challenge_is_answered_with_the_senders_password(method: str) -> None:
    """CLI-8, AUTH-1: the agent's own credentials are none of its business."""
    line = Line(credentials=(Credentials("alice", "other"),))
    sender = Sender(address=SALES, credentials=(SECRET,))
    if method == "INVITE":
        line.agent.invite(BOB, None, 0.0, sender=sender)
    else:
        line.agent.request(method, BOB, 0.0, sender=sender)
    request = line.request()
    challenge = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
    line.answer(request, line.ways[0], 401, [challenge])
    again = line.sent()[-1]
    assert again.method == method
    assert 'username="sales"' in (again.get("authorization") or "")


def test_calls_go_by_the_service_route_of_a_registration() -> None:
    """CLI-2, RFC 3608 §6.1: behind the edge that the registration goes through, while it is up."""
    line = Line()
    edge = f"<sip:{EDGES[0]};lr>"
    name = line.register(route=(edge,), extra=[("Service-Route", "<sip:192.0.2.30;lr>")])
    sender = Sender(address=SALES, outbound_proxy="sip:192.0.2.77", registrations=("gone", name))
    line.agent.invite(BOB, None, 0.0, sender=sender)
    assert line.request().routes == [edge, "<sip:192.0.2.30;lr>"]
    line.agent.request("OPTIONS", "tel:+123", 0.0, sender=sender)  # the route knows where to
    assert line.request().routes == [edge, "<sip:192.0.2.30;lr>"]
    line.agent.drop(name, 0.0)
    line.sent()
    line.agent.invite(BOB, None, 0.0, sender=sender)
    assert line.request().routes == ["<sip:192.0.2.77;lr>"]


def test_edge_that_begins_the_service_route_is_named_once() -> None:
    """CLI-2."""
    line = Line()
    route = ("Service-Route", f"<sip:{EDGES[0]};lr>, <sip:192.0.2.30;lr>")
    name = line.register(route=(f"<sip:{EDGES[0]};lr>",), extra=[route])
    line.agent.invite(BOB, None, 0.0, sender=Sender(address=SALES, registrations=(name,)))
    assert line.request().routes == [f"<sip:{EDGES[0]};lr>", "<sip:192.0.2.30;lr>"]


def test_dialog_stays_on_the_flow_where_the_edge_keeps_it() -> None:
    """NAT-1, RFC 5626 §4.3: ``ob`` in the Contact once outbound was granted."""
    line = Line()
    outbound: dict[str, Any] = {"instance": URN, "reg_id": 1, "route": (f"<sip:{EDGES[0]};lr>",)}
    name = line.register(extra=[("Require", "outbound")], **outbound)
    line.agent.invite(BOB, None, 0.0, sender=Sender(address=SALES, registrations=(name,)))
    assert line.request().get("contact") == "<sip:sales@192.0.2.1:5060;ob>"


def test_lost_connection_is_replaced_at_once() -> None:
    """CLI-2, TRN-10, RFC 5626 §4.5: whichever name the runtime calls the connection by."""
    line = Line(own_addresses=(UDP, TCP))
    line.register(registrar="sip:192.0.2.10;transport=tcp", flow="tcp-1")
    (registered,) = line.events(Registered)
    assert registered.flow == Endpoint("TCP", "192.0.2.10", 5060, "tcp-1")
    line.agent.flow_failed(registered.flow._replace(flow="tcp-9"), "another one", 1.0)
    assert line.sent() == []
    line.agent.flow_failed(registered.flow, "reset", 1.0)
    request = line.request()
    assert request.method == "REGISTER"
    assert request.cseq.number == 2
    line.agent.flow_failed(registered.flow._replace(flow=None), "refused", 1.0)
    (failed,) = line.events(RegistrationFailed)
    assert failed.status_code == 503
    assert failed.retry_in is not None
    assert line.sent() == []  # not for ever: now it waits


def test_failed_connection_concerns_registrations_only() -> None:
    """TRN-10: a subscription has no flow of its own to replace."""
    line = Line()
    line.agent.flow_failed(Endpoint("UDP", "192.0.2.10", 5060), "gone", 0.0)
    assert line.sent() == []


def test_other_flows_of_a_phone_make_one_patient() -> None:
    """NAT-1, RFC 5626 §4.5: a flow waits longer while another is up, and all are forgotten in the end."""
    line = Line()
    names = [
        line.register(instance=URN, reg_id=number, route=(f"<sip:{edge};lr>",))
        for number, edge in enumerate(EDGES, 1)
    ]
    line.events(Registered)
    waits: list[float] = []
    for edge in EDGES:
        line.agent.flow_failed(Endpoint("UDP", edge, 5060), "gone", 1.0)
        line.agent.flow_failed(Endpoint("UDP", edge, 5060), "still gone", 1.0)
        (failed,) = line.events(RegistrationFailed)
        waits.append(failed.retry_in)
    assert waits[0] >= 90  # the other one was up; both bindings are there still
    for name in names:
        line.agent.drop(name, 2.0)
    for request, way in zip(line.sent(), list(line.ways), strict=True):
        if request.expires == 0:
            line.answer(request, way)
    line.pass_time(200.0)
    assert left_over(line.agent) == {}


def test_registration_is_refreshed_when_asked_for() -> None:
    """CLI-2: at once, once, and not after its end."""
    line = Line()
    name = line.register()
    line.agent.refresh_registration(name, 1.0)
    line.agent.refresh_registration(name, 1.0)
    request = line.request()
    assert request.method == "REGISTER"
    line.answer(request, line.ways[0])
    assert [event.refreshed for event in line.events(Registered)] == [False, True]
    line.agent.drop(name, 2.0)
    with pytest.raises(LocalProtocolError, match="cannot register"):
        line.agent.refresh_registration(name, 2.0)
    with pytest.raises(LocalProtocolError, match="no registration"):
        line.agent.refresh_registration("none", 2.0)


def test_register_names_the_address_of_its_way() -> None:
    """TRN-7: and what the registrar granted is found by it."""
    line = Line(own_addresses=(UDP, TCP))
    line.register(registrar="sip:192.0.2.10;transport=tcp")
    (registered,) = line.events(Registered)
    assert registered.bindings == ("<sip:sales@192.0.2.1:5070;transport=tcp>;expires=600",)
    assert registered.expires == 600


@pytest.mark.parametrize(
    ("field", "value"), [("address", "<sip:a@h>;tag=1"), ("address", "<"), ("outbound_proxy", "no uri")]
)
def test_sender_that_cannot_be_sent_is_refused(field: str, value: str) -> None:
    """API: a bad value fails when it is given, and names the field."""
    values: dict[str, Any] = {"address": SALES, field: value}
    with pytest.raises(ValueError, match=field):
        Sender(**values)


def test_contact_of_an_address_without_a_user_part() -> None:
    """CLI-8: what has no user cannot lend one."""
    config = Line().agent._core.config
    assert contact_for(config, "<sip:example.org>") == "<sip:192.0.2.1:5060>"
    assert contact_for(config, "<tel:+123>") == "<sip:alice@192.0.2.1:5060>"


def test_message_of_a_sender_ends_with_its_transaction() -> None:
    """CLI-4: nothing of it is left when all timers have run."""
    line = Line()
    line.agent.send_message(
        BOB,
        0.0,
        body=b"hello",
        content_type="text/plain",
        sender=Sender(address=SALES, credentials=(SECRET,)),
    )
    line.answer(line.request(), line.ways[0])
    line.pass_time(60.0)
    assert line.agent.statistics().transactions == 0


@pytest.mark.parametrize("hops", ["256", "-1", "many"])
def test_impossible_number_of_hops_is_refused(hops: str) -> None:
    """ERR-1: RFC 3261 §20.22."""
    line = Line()
    with pytest.raises(LocalProtocolError, match="Max-Forwards"):
        line.agent.invite(BOB, None, 0.0, headers=[("Max-Forwards", hops)])
    assert line.sent() == []
