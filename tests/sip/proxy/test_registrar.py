"""A proxy that is the registrar of its domains: phones register, are called by their own ways, and call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from sansio_sip.admission import AdmissionConfig
from sansio_sip.auth import AuthenticationConfig, Credentials, DigestClient, DigestServerConfig, Secret
from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, Via
from sansio_sip.proxy import ProxyBackends, Reply, RequestRefused, Target, phone_targets
from sansio_sip.register import (
    Binding,
    BindingCause,
    BindingsChanged,
    ChangeHeld,
    RegisterRefused,
    RegistrarConfig,
)
from tests.sip.proxy.bench import CALLER, Bench

DOMAIN = "sip:example.com"
BOB = "sip:bob@example.com"
PHONE = Endpoint("UDP", "192.0.2.101", 5060, "socket")
OWN = "<sip:192.0.2.10;lr>"
URN = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
OUTBOUND = [("Supported", "outbound, path")]
PASSWORDS = (
    Credentials(username="bob", password="builder"),
    Credentials(username="alice", password="wonderland"),
)


def asked(**how: Any) -> AuthenticationConfig:
    digest = DigestServerConfig(realm="example.com", algorithms=("SHA-256",))
    return AuthenticationConfig(**{"digest": digest, "users": PASSWORDS, **how})


class Office(Bench):
    """A proxy with a registrar; whom a request is for is asked there."""

    def __init__(self, *, registrar: RegistrarConfig | None = None, **config: Any) -> None:
        values: dict[str, Any] = {
            "router": lambda request, source: self.stateful.targets(request.uri),
            **config,
        }
        wanted = registrar or RegistrarConfig(domains=frozenset({"example.com"}))
        super().__init__(registrar=wanted, **values)
        self._cseqs = itertools.count(1)

    def register_request(
        self,
        contact: str = "<sip:bob@192.0.2.101>",
        *,
        uri: str = DOMAIN,
        user: str = "bob",
        via: str = "",
        extra: Sequence[tuple[str, str]] = (),
        routes: Sequence[str] = (),
    ) -> Request:
        number = next(self._cseqs)
        request = self.request(
            "REGISTER",
            uri,
            via=via and f"{via};branch=z9hG4bKr{number}",
            cseq=number,
            call_id=f"reg-{contact}",
            routes=routes,
            extra=[("Contact", contact), *extra],
        )
        request.set("From", f"<sip:{user}@example.com>;tag=r{number}")
        request.set("To", f"<sip:{user}@example.com>")
        return request

    def register(
        self, contact: str = "<sip:bob@192.0.2.101>", source: Endpoint = PHONE, **how: Any
    ) -> Response:
        self.send(self.register_request(contact, **how), source)
        return self.response()

    def calls(self, **how: Any) -> list[tuple[Request, Endpoint]]:
        """Let alice call bob; return the copies."""
        self.send(self.request(**how), CALLER)
        return [(message, to) for message, to in self.sent() if isinstance(message, Request)]


# REGISTER


def test_phone_registers_at_the_proxy_and_is_called_through_it() -> None:
    """SRV-5, SRV-7: one port: 200 with the binding by the proxy's own transaction, then an INVITE there."""
    office = Office()
    response = office.register()
    assert response.status_code == 200
    assert response.values("contact") == ["<sip:bob@192.0.2.101>;expires=3600"]
    (changed,) = office.events()
    assert isinstance(changed, BindingsChanged)
    assert (changed.aor, changed.cause) == (BOB, BindingCause.REGISTERED)
    ((invite, endpoint),) = office.calls()
    assert (invite.uri, endpoint) == ("sip:bob@192.0.2.101", Endpoint("UDP", "192.0.2.101", 5060))
    statistics = office.stateful.statistics()
    assert (statistics.registered, statistics.held, statistics.requests) == (1, 0, 1)
    assert statistics.registrar is not None
    assert statistics.registrar.accepted == 1


def test_a_register_that_comes_again_is_answered_again() -> None:
    """SRV-5, TXN-1: by the transaction; the registrar sees it once."""
    office = Office()
    request = office.register_request()
    office.send(request, PHONE)
    first = office.response().to_bytes()
    office.send(request, PHONE)
    assert office.response().to_bytes() == first
    found = office.stateful.statistics()
    assert found.registrar is not None
    assert (found.registrar.accepted, found.retransmissions_received) == (1, 1)


@pytest.mark.parametrize(
    ("uri", "routes"),
    [
        ("sip:elsewhere.example", ()),
        ("sip:bob@example.com", ()),
        ("sip:other.example", ()),
        (DOMAIN, ["<sip:192.0.2.77;lr>"]),
        ("sip:example.com;maddr=192.0.2.77", ()),
        ("tel:+1", ()),
    ],
    ids=["foreign", "with a user", "ours, but not the registrar's", "a route", "maddr", "a number"],
)
def test_a_register_that_is_not_for_the_registrar_is_routed(uri: str, routes: Sequence[str]) -> None:
    """SRV-7, RFC 3261 §10.2, §16.5: like any request."""
    office = Office(
        router=lambda request, source: [Target(uri="sip:192.0.2.77")],
        domains=frozenset({"example.com", "other.example"}),
    )
    target = "sip:elsewhere.example"
    office.send(office.register_request(uri=uri, routes=routes), PHONE)
    if uri == target:
        office.stateful.dns_failed(1, 0.0)
    else:
        ((copy, endpoint),) = office.sent()
        assert isinstance(copy, Request)
        assert (copy.method, endpoint.host) == ("REGISTER", "192.0.2.77")
    assert office.stateful.statistics().registered == 0


def test_a_register_finds_the_registrar_by_a_route_of_ours() -> None:
    """SRV-7, RFC 3261 §16.4: the phone's outbound proxy is the registrar's host."""
    assert Office().register(routes=[OWN]).status_code == 200


def test_registrar_without_domains_serves_what_the_proxy_is_responsible_for() -> None:
    """SRV-5: the domains and addresses of the proxy."""
    office = Office(registrar=RegistrarConfig())
    assert office.register().status_code == 200
    request = office.register_request(uri="sip:192.0.2.10")
    request.set("To", "<sip:bob@192.0.2.10>")
    office.send(request, PHONE)
    assert office.response().status_code == 200
    assert office.stateful.statistics().registered == 2


def test_domains_of_the_registrar_are_domains_of_the_proxy() -> None:
    """SRV-7: they need not be said twice."""
    office = Office(registrar=RegistrarConfig(domains=frozenset({"pbx.test"})), relay_foreign=False)
    request = office.register_request(uri="sip:pbx.test")
    request.set("To", "<sip:bob@pbx.test>")
    office.send(request, PHONE)
    assert office.response().status_code == 200
    ((invite, _),) = office.calls(uri="sip:bob@pbx.test")
    assert invite.uri == "sip:bob@192.0.2.101"


def test_what_every_request_must_pass_a_register_must_too() -> None:
    """SRV-7, RFC 3261 §16.3: an unknown Proxy-Require; 503 while draining; the registrar's own 4xx."""
    office = Office()
    assert office.register(extra=[("Proxy-Require", "odd")]).status_code == 420
    assert office.register("*").status_code == 400
    assert [type(event) for event in office.events()] == [RequestRefused, RegisterRefused]
    office.stateful.refuse_new_requests(0.0)
    assert office.register().status_code == 503


# The last word


def test_a_change_is_held_until_it_is_confirmed_or_refused() -> None:
    """SRV-4, SRV-5: no answer and no binding before; who waits too long gets 503, at the proxy's deadline."""
    office = Office(registrar=RegistrarConfig(hold_changes=True, patience=5.0))
    proxy = office.stateful

    def held() -> ChangeHeld:
        office.send(office.register_request(), PHONE)
        assert office.lines() == []
        (event,) = [event for event in office.events() if isinstance(event, ChangeHeld)]
        return event

    change = held()
    assert (proxy.targets(BOB), proxy.statistics().held) == ([], 1)
    proxy.refuse_registration(change.change, 403, 0.0, reason="No", headers=[("Warning", '399 h "no"')])
    response = office.response()
    assert (response.status_code, response.reason, response.get("warning")) == (403, "No", '399 h "no"')
    proxy.confirm_registration(held().change, 0.0)
    assert office.response().status_code == 200
    assert [target.uri for target in proxy.targets(BOB)] == ["sip:bob@192.0.2.101"]
    office.events()
    held()
    office.pass_time(4.99)
    assert office.lines() == ["100"]  # which says that it is worked on (RFC 4320 §4.1)
    assert proxy.deadline == 5.0
    office.pass_time(5.0)
    assert office.lines() == ["503"]


def test_verbs_of_the_registrar_need_one() -> None:
    """Architecture, section 2: misuse is told, and changes nothing."""
    proxy = Bench().stateful
    for verb in (
        lambda: proxy.lookup(BOB),
        lambda: proxy.targets(BOB),
        lambda: proxy.confirm_registration(1, 0.0),
        lambda: proxy.refuse_registration(1, 403, 0.0),
    ):
        with pytest.raises(LocalProtocolError, match="has no registrar"):
            verb()
    with pytest.raises(LocalProtocolError, match="no change 7"):
        Office().stateful.confirm_registration(7, 0.0)


def test_bindings_expire_and_closing_answers_who_waits() -> None:
    """SRV-5, SRV-7: at the proxy's deadline; afterwards a REGISTER gets 503, and nothing is owed."""
    office = Office()
    office.register(extra=[("Expires", "60")])
    office.events()
    office.pass_time(60.0)
    (gone,) = office.events()
    assert isinstance(gone, BindingsChanged)
    assert gone.cause is BindingCause.EXPIRED
    slow = Office(registrar=RegistrarConfig(hold_changes=True))
    slow.send(slow.register_request(), PHONE)
    slow.stateful.close(0.0)
    assert slow.lines() == ["503"]
    assert slow.register().status_code == 503
    slow.pass_time(64.0)
    assert slow.stateful.closed
    assert slow.stateful.deadline is None


# How phones are called


def test_phones_of_one_q_ring_together_and_those_of_a_lower_one_later() -> None:
    """SRV-5, SRV-7: RFC 3261 §16.6: parallel by q, then one after the other."""
    office = Office()
    for host, q in (("192.0.2.101", "0.9"), ("192.0.2.102", "0.9"), ("192.0.2.103", "0.5")):
        office.register(f"<sip:bob@{host}>;q={q}")
    first = office.calls()
    assert sorted(endpoint.host for _, endpoint in first) == ["192.0.2.101", "192.0.2.102"]
    for copy, _ in first:
        office.respond(copy, 486)
    later = [
        message for message, _ in office.sent() if isinstance(message, Request) and message.method == "INVITE"
    ]
    assert [copy.uri for copy in later] == ["sip:bob@192.0.2.103"]


def test_phone_behind_a_nat_is_called_where_its_register_came_from() -> None:
    """SRV-5, TRN-4: and what follows in the dialog takes the same way, by a token in Record-Route."""
    office = Office()
    mapped = Endpoint("UDP", "203.0.113.9", 31_000, "socket")
    office.register("<sip:bob@192.168.1.2:5060>", mapped, via="SIP/2.0/UDP 192.168.1.2:5060;rport")
    ((invite, endpoint),) = office.calls()
    assert (invite.uri, endpoint) == ("sip:bob@192.168.1.2:5060", mapped)
    outer, inner = invite.record_routes
    assert inner == "<sip:192.0.2.10:5060;lr>"
    assert outer.partition("@")[0] != "<sip:192.0.2.10:5060;lr>"
    # ACK and BYE of alice: to the private number, but by where the NAT is.
    for method in ("ACK", "BYE"):
        request = office.request(
            method, "sip:bob@192.168.1.2:5060", to_tag="b", routes=[inner, outer], call_id="later"
        )
        office.send(request, CALLER)
        ((copy, endpoint),) = office.sent()
        assert isinstance(copy, Request)
        assert (copy.method, endpoint) == (method, mapped)


def test_caller_behind_a_nat_is_found_again_in_its_dialog() -> None:
    """SRV-7, TRN-4: the BYE of the callee goes where the INVITE of the caller came from."""
    office = Office()
    office.register()
    mapped = Endpoint("UDP", "203.0.113.9", 31_000, "socket")
    invite = office.request(via="SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKnat")
    invite.add("Contact", "<sip:alice@10.0.0.1:5060>")
    office.send(invite, mapped)
    ((copy, _),) = [item for item in office.sent() if isinstance(item[0], Request)]
    assert isinstance(copy, Request)
    outer, inner = copy.record_routes
    bye = office.request("BYE", "sip:alice@10.0.0.1:5060", to_tag="a", routes=[outer, inner], call_id="back")
    office.send(bye, PHONE)
    ((sent, endpoint),) = office.sent()
    assert isinstance(sent, Request)
    assert endpoint == mapped


STREAM = Endpoint("TCP", "192.0.2.1", 40_000, "c")


@pytest.mark.parametrize(
    ("contact", "source", "vias", "token"),
    [
        ("<sip:alice@192.0.2.1>", CALLER, 1, ""),
        ("<sip:alice@192.0.2.1;ob>", CALLER, 1, "only"),
        ("<sip:alice@10.0.0.1;ob>", CALLER, 2, ""),
        ("<sip:alice@x.invalid;transport=tcp>", STREAM, 1, "only"),
        ("<sip:alice@192.0.2.1:5060;transport=tcp>", STREAM, 1, "usually"),
        ("<tel:+1>", CALLER, 1, ""),
        ("", CALLER, 1, ""),
        ("<sip:a", CALLER, 1, ""),
    ],
    ids=["plain", "ob", "ob behind a proxy", "invalid", "a connection", "tel", "none", "bad"],
)
def test_who_is_reached_by_its_flow_gets_a_token(
    contact: str, source: Endpoint, vias: int, token: str
) -> None:
    """SRV-7, TRN-4: RFC 5626 §5.1, RFC 7118 §5: what says so, or leads nowhere; else a connection."""
    office = Office(router=lambda request, source: [Target(uri="sip:bob@192.0.2.101")])
    request = office.request(transport=source.transport)
    for number in range(vias - 1):
        request.add("Via", f"SIP/2.0/UDP 192.0.2.55;branch=z9hG4bKup{number}")
    if contact:
        request.add("Contact", contact)
    office.send(request, source)
    (copy,) = [message for message, _ in office.sent() if isinstance(message, Request)]
    named = [value for value in copy.record_routes if "@" in value]
    assert len(named) == bool(token)
    assert ("usually." in "".join(named)) is (token == "usually")


def test_far_side_of_a_record_route_names_the_flow() -> None:
    """SRV-7: a caller with a new connection is not taken for the far side by the token of its old one."""
    office = Office(router=lambda request, source: [Target(uri="sip:bob@192.0.2.101")])
    request = office.request(transport="TCP")
    request.add("Contact", "<sip:alice@192.0.2.1:5060;transport=tcp>")
    office.send(request, STREAM)
    (copy,) = [message for message, _ in office.sent() if isinstance(message, Request)]
    outer, inner = copy.record_routes
    bye = office.request(
        "BYE", "sip:bob@192.0.2.101", transport="TCP", to_tag="b", routes=[inner, outer], call_id="x"
    )
    office.send(bye, Endpoint("TCP", "192.0.2.1", 40_001, "new"))
    ((sent, endpoint),) = office.sent()
    assert isinstance(sent, Request)
    assert (sent.method, endpoint.host) == ("BYE", "192.0.2.101")


def test_proxy_that_leaves_the_path_stays_where_it_alone_has_the_flow() -> None:
    """SRV-7: RFC 5626 §5.3: ``record_route=False`` holds for everybody else."""
    office = Office(record_route=False)
    office.register(
        "<sip:bob@192.168.1.2>", Endpoint("UDP", "203.0.113.9", 31_000), via="SIP/2.0/UDP 192.168.1.2;rport"
    )
    ((copy, _),) = office.calls()
    assert len(copy.record_routes) == 2
    plain = Office(record_route=False)
    plain.register()
    ((copy, _),) = plain.calls()
    assert copy.record_routes == []


def tcp(number: int) -> Endpoint:
    return Endpoint("TCP", "203.0.113.9", 40_000 + number, f"c{number}")


@pytest.mark.parametrize("host", ["203.0.113.9:40001", "192.168.1.2"])
def test_phone_over_tcp_is_called_by_its_connection_while_that_lasts(host: str) -> None:
    """SRV-5, TRN-4: afterwards at its Contact; what follows in the dialog does the same."""
    office = Office()
    office.register(f"<sip:bob@{host};transport=tcp>", tcp(1), via="SIP/2.0/TCP 192.168.1.2")
    ((invite, endpoint),) = office.calls()
    assert endpoint == tcp(1)

    def bye(call_id: str) -> Endpoint:
        outer, inner = invite.record_routes
        request = office.request("BYE", invite.uri, to_tag="b", routes=[inner, outer], call_id=call_id)
        office.send(request, CALLER)
        ((_, there),) = office.sent()
        return there

    assert bye("one") == tcp(1)
    office.stateful.flow_failed(tcp(1), "closed", 0.0)
    office.lines()
    assert office.stateful.statistics().registered == 1  # no outbound flow: its Contact still holds
    office.send(office.request(call_id="again"), CALLER)
    sent = [to for message, to in office.sent() if isinstance(message, Request)]
    assert [to.host for to in sent] == [host.partition(":")[0]]
    assert bye("two").host == host.partition(":")[0]


def test_flow_that_breaks_removes_its_bindings() -> None:
    """SRV-5, TRN-4: RFC 5626 §7: the phone is called by nothing else, so it is registered no more."""
    office = Office()
    contact = f'<sip:bob@192.168.1.2;transport=tcp>;+sip.instance="<{URN}>";reg-id=1'
    assert office.register(contact, tcp(1), via="SIP/2.0/TCP 192.168.1.2", extra=OUTBOUND).status_code == 200
    ((invite, endpoint),) = office.calls()
    assert endpoint == tcp(1)
    office.events()
    office.stateful.flow_failed(tcp(1), "closed", 1.0)
    assert isinstance(office.events()[0], BindingsChanged)
    assert office.stateful.lookup(BOB) == []
    # The call that was on its way has failed as well, and its flow is no route any more.
    assert office.lines()[-1] == "500"
    gone = office.answered(
        uri="sip:bob@192.168.1.2", to_tag="b", routes=[invite.record_routes[0]], call_id="x"
    )
    assert gone.status_code == 430


def two_flows(office: Office) -> None:
    for number in (1, 2):
        contact = f'<sip:bob@192.168.1.2;transport=tcp>;+sip.instance="<{URN}>";reg-id={number}'
        office.now += 1.0
        office.register(contact, tcp(number), via="SIP/2.0/TCP 192.168.1.2", extra=OUTBOUND)


@pytest.mark.parametrize("how", ["430", "broken"])
def test_second_flow_of_a_phone_is_tried_when_the_first_fails(how: str) -> None:
    """SRV-7, TRN-4: RFC 5626 §7: one flow at a time; after both 430 goes to the caller."""
    office = Office()
    two_flows(office)
    ((invite, endpoint),) = office.calls()
    assert endpoint == tcp(2)
    if how == "430":
        office.respond(invite, 430, endpoint)
    else:
        office.stateful.flow_failed(endpoint, "closed", office.now)
    copies = [(m, to) for m, to in office.sent() if isinstance(m, Request) and m.method == "INVITE"]
    ((second, endpoint),) = copies
    assert endpoint == tcp(1)
    office.respond(second, 430, endpoint)
    assert office.lines() == ["ACK", "430"]


def test_no_spare_is_tried_for_a_call_that_was_cancelled() -> None:
    """SRV-7: RFC 3261 §16.10: nothing new begins."""
    office = Office()
    two_flows(office)
    ((invite, endpoint),) = office.calls()
    office.respond(invite, 180, endpoint)
    office.send(office.request("CANCEL", branch=_branch_of(office)), CALLER)
    office.sent()
    office.respond(invite, 430, endpoint)
    assert office.lines() == ["ACK", "430"]


def _branch_of(office: Office) -> str:
    (context,) = office.stateful._core._reception.by_number.values()
    return str(context.received.via.branch)


def test_two_phones_behind_two_nats_may_have_one_private_number() -> None:
    """SRV-7: the same Contact by two flows is two targets, and by one is one."""
    uri = "sip:bob@192.168.1.2"
    for flows, copies in (((tcp(1), tcp(2)), 2), ((tcp(1), tcp(1)), 1)):
        office = Office(
            router=lambda request, source, flows=flows: [Target(uri=uri, flow=each) for each in flows]
        )
        assert len(office.calls()) == copies


def test_targets_have_what_the_bindings_say() -> None:
    """SRV-5: Path, q, and capabilities for callers that prefer some (RFC 3327 §5.3, RFC 3841)."""
    office = Office()
    office.register(
        '<sip:bob@192.0.2.101>;q=0.5;video;+sip.instance="<urn:x>"',
        extra=[("Path", "<sip:edge.example;lr>"), ("Supported", "path")],
    )
    (target,) = office.stateful.targets(BOB)
    assert (target.q, target.routes, target.flow, target.spares) == (
        0.5,
        ("<sip:edge.example;lr>",),
        None,
        (),
    )
    assert ("video", None) in target.params


def test_spares_are_the_other_ways_to_one_phone() -> None:
    """SRV-7: RFC 5626 §7: the preferred way first; without an instance each contact is a phone."""

    def bindings() -> Iterator[Binding]:
        for number, instance in enumerate(["x", "", "x", "", "y"]):
            yield Binding(
                contact=f"sip:b{number}@192.0.2.1",
                expires_at=60.0,
                updated_at=0.0,
                call_id="c",
                cseq=1,
                source=PHONE,
                instance=instance,
            )

    found = phone_targets(bindings())
    assert [target.uri[4:6] for target in found] == ["b0", "b1", "b3", "b4"]
    assert [spare.uri[4:6] for spare in found[0].spares] == ["b2"]
    assert [target.spares for target in found[1:]] == [(), (), ()]


# Passwords


def with_password(
    request: Request, challenge: Response, username: str, password: str, *, realm: str | None = None
) -> Request:
    """Return a request again, as a phone sends it that knows a password."""
    again = request.copy()
    number = request.cseq.number + 1
    again.set("CSeq", f"{number} {request.method}")
    again.set(
        "Via", f"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKagain{number}{request.method}{request.call_id}"
    )
    user = Credentials(username=username, password=password, realm=realm)
    assert DigestClient((user,)).authorize(again, challenge, cnonce="c")
    return again


def test_phone_registers_with_its_password_and_a_wrong_one_is_told() -> None:
    """SRV-5, AUTH-1: 401 by the registrar, not 407; nobody registers another's address."""
    office = Office(authentication=asked())
    request = office.register_request()
    office.send(request, PHONE)
    challenge = office.response()
    assert (challenge.status_code, challenge.get("proxy-authenticate")) == (401, None)
    office.send(with_password(request, challenge, "bob", "builder"), PHONE)
    assert office.response().status_code == 200
    (changed,) = office.events()
    assert isinstance(changed, BindingsChanged)
    assert changed.username == "bob"
    for user, password, status in (("bob", "wrong", 401), ("alice", "wonderland", 403)):
        request = office.register_request()
        office.send(request, PHONE)
        office.send(with_password(request, office.response(), user, password), PHONE)
        assert office.response().status_code == status
        (refused,) = office.events()
        assert isinstance(refused, RegisterRefused)
        assert refused.status_code == status


def challenged(office: Office, **how: Any) -> tuple[Request, Response]:
    request = office.request(**how)
    office.send(request, CALLER)
    return request, office.response()


def test_caller_of_our_domain_shows_a_password_and_calls_as_nobody_else() -> None:
    """SRV-7, AUTH-1: RFC 3261 §22.3: 407, then forwarded; another user's name in From is 403."""
    office = Office(authentication=asked())
    request, challenge = challenged(office)
    assert challenge.status_code == 407
    office.send(with_password(request, challenge, "alice", "wonderland"), CALLER)
    assert office.response().status_code == 480  # let through, and bob has no phone
    request, challenge = challenged(office, call_id="other")
    office.send(with_password(request, challenge, "bob", "builder"), CALLER)
    assert office.response().status_code == 403
    office.send(with_password(*challenged(office, call_id="wrong"), "alice", "guess"), CALLER)
    assert office.response().status_code == 407
    # The first half of every call is nothing to tell.
    refused = [event for event in office.events() if isinstance(event, RequestRefused)]
    assert [event.status_code for event in refused] == [403, 407]


@pytest.mark.parametrize(
    ("how", "source", "asks"),
    [
        ({}, CALLER, True),
        ({"method": "MESSAGE"}, CALLER, True),
        ({"method": "OPTIONS"}, CALLER, False),
        ({"method": "BYE", "to_tag": "x", "routes": [OWN]}, CALLER, False),
        ({"to_tag": "x", "routes": [OWN]}, CALLER, False),
        ({}, Endpoint("UDP", "192.0.2.200", 5060), False),
    ],
    ids=["INVITE", "MESSAGE", "OPTIONS", "BYE", "re-INVITE", "a trunk"],
)
def test_who_is_asked_for_a_password(how: dict[str, Any], source: Endpoint, asks: bool) -> None:
    """SRV-7, AUTH-1: what begins something; neither dialogs nor trusted hosts."""
    office = Office(authentication=asked(trusted_hosts=frozenset({"192.0.2.200"})))
    office.send(office.request(**how), source)
    assert (office.lines() == ["407"]) is asks


def test_stranger_calls_our_users_without_a_password_but_nobody_else_through_us() -> None:
    """SRV-7: who is of no domain of ours has no password here."""
    office = Office(authentication=asked(), relay_foreign=False)
    for uri, status in ((BOB, 480), ("sip:x@192.0.2.99", 403)):
        request = office.request(uri=uri, call_id=uri)
        request.set("From", "<sip:eve@elsewhere.example>;tag=e")
        office.send(request, CALLER)
        assert office.response().status_code == status
    request = office.request(call_id="tel")
    request.set("From", "<tel:+1>;tag=e")
    office.send(request, CALLER)
    assert office.response().status_code == 480


def test_application_asks_besides_and_its_backends_are_asked() -> None:
    """SRV-5, SRV-7: ``authorize`` has the last word; users and their addresses may be the application's."""
    asked_for: list[str] = []

    def authorize(request: Request, _source: Endpoint) -> Reply | None:
        asked_for.append(request.method)
        return Reply(403)

    def owns(username: str, address: str) -> bool:
        return (username, address) in {("bob", "sip:alice@example.com"), ("bob", BOB)}

    office = Office(
        authentication=asked(users=PASSWORDS[1:]),
        authorize=authorize,
        backends=ProxyBackends(secrets=lambda user, _: PASSWORDS_OF.get(user), owns=owns),
    )
    request, challenge = challenged(office)
    assert challenge.status_code == 407
    office.send(with_password(request, challenge, "bob", "builder"), CALLER)
    assert office.response().status_code == 403
    assert asked_for == ["INVITE"]
    open_office = Office(
        authentication=asked(users=()),
        backends=ProxyBackends(secrets=lambda user, _: PASSWORDS_OF.get(user), owns=owns),
    )
    for user, status in (("alice", 200), ("carol", 403)):
        request = open_office.register_request(user=user)
        open_office.send(request, PHONE)
        open_office.send(with_password(request, open_office.response(), "bob", "builder"), PHONE)
        assert open_office.response().status_code == status


PASSWORDS_OF = {"bob": Secret("builder")}


def test_registrar_that_asks_nobody_beside_callers_that_are_asked() -> None:
    """SRV-5, SRV-7: without REGISTER among the methods phones need no password."""
    office = Office(authentication=asked(methods=frozenset({"INVITE"})))
    assert office.register().status_code == 200
    assert challenged(office)[1].status_code == 407


def test_callers_are_asked_by_a_proxy_without_a_registrar() -> None:
    """SRV-7, AUTH-1, SEC-1: the gate stands alone; the answer to it goes no further, that to others does."""
    bench = Bench(authentication=asked())
    request = bench.request()
    bench.send(request)
    again = with_password(request, bench.response(), "alice", "wonderland")
    others = ('Digest realm="elsewhere", username="a"', "nonsense", 'Digest realm="open')
    for value in others:
        again.add("Proxy-Authorization", value)
    bench.send(again)
    ((copy, _),) = bench.sent()
    assert isinstance(copy, Request)
    assert copy.get_all("proxy-authorization") == list(others)


@pytest.mark.parametrize("how", ["comes back", "from elsewhere", "made up"])
def test_call_that_leads_back_to_the_proxy_is_not_asked_again(how: str) -> None:
    """SRV-7, AUTH-1: bob forwards to carol, who is a user of ours as well; nobody else can say so."""
    home = Endpoint("UDP", "192.0.2.10", 5060)
    bench = Bench([Target(uri="sip:carol@192.0.2.10:5060")], authentication=asked())
    request = bench.request()
    bench.send(request)
    bench.send(with_password(request, bench.response(), "alice", "wonderland"))
    ((copy, endpoint),) = bench.sent()
    assert isinstance(copy, Request)
    assert endpoint == home
    if how == "made up":
        copy.replace_via(Via.parse("SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKguess"))
    bench.routing = [Target(uri="sip:carol@192.0.2.103")]
    bench.send(copy, CALLER if how == "from elsewhere" else home)
    ((answer, _),) = bench.sent()
    if how == "comes back":
        assert isinstance(answer, Request)
        assert answer.uri == "sip:carol@192.0.2.103"
    else:
        assert isinstance(answer, Response)
        assert answer.status_code == 407


def test_who_guesses_passwords_is_banned_and_who_knows_one_is_not() -> None:
    """SEC-1, SRV-5, SRV-7: challenges of both count; a good password counts them off."""
    for register in (True, False):
        office = Office(authentication=asked(), admission=AdmissionConfig(ban_after=3))
        known = ("bob", "builder") if register else ("alice", "wonderland")

        def ask(number: int, office: Office = office, register: bool = register) -> tuple[Request, Response]:
            request = office.register_request() if register else office.request(call_id=f"c{number}")
            office.send(request, CALLER)
            return request, office.response()

        for number in range(5):
            request, challenge = ask(number)
            office.send(with_password(request, challenge, *known), CALLER)
            assert office.response().status_code in (200, 480)
        for number in range(5, 8):
            ask(number)
        office.send(office.request(call_id="more"), CALLER)
        assert office.lines() == []
