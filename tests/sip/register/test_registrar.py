"""The registrar: what it keeps, what it answers, and what it refuses."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from sansio_sip.auth import Credentials, DigestClient, DigestServer, DigestServerConfig, NonceStore, Secret
from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.register import (
    Binding,
    BindingCause,
    BindingsChanged,
    MemoryBindingStore,
    RegisterRefused,
    Registrar,
    RegistrarConfig,
    StoreError,
    address_of_record,
    one_per_instance,
)
from tests.sip.register.peer import Plumbing

PHONE = Endpoint("UDP", "192.0.2.1", 5060, "socket")
AOR = "sip:alice@example.com"
URN = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


class Desk:
    """A registrar and whoever writes to it."""

    def __init__(
        self, store: MemoryBindingStore | None = None, authenticator: bool = False, **settings: Any
    ) -> None:
        self.plumbing = Plumbing("192.0.2.10")
        self.now = 0.0
        self.registrar = Registrar(
            RegistrarConfig(**settings),
            now=0.0,
            ids=self.plumbing.ids,
            outbound=self.plumbing.outbound,
            store=store,
            authenticator=self._authenticator() if authenticator else None,
        )
        self._branches = itertools.count()

    def _authenticator(self) -> DigestServer:
        users = {"alice": Secret("secret"), "bob@example.com": Secret("secret")}
        config = DigestServerConfig(realm="example.com")
        return DigestServer(config, lambda user, _: users.get(user), NonceStore(ids=self.plumbing.ids))

    def request(
        self,
        *contacts: str,
        cseq: int = 1,
        call_id: str = "c1",
        to: str = f"<{AOR}>",
        extra: Sequence[tuple[str, str]] = (),
        uri: str = "sip:example.com",
        hops: int = 1,
    ) -> Request:
        request = Request("REGISTER", uri)
        number = next(self._branches)
        for hop in range(hops):
            request.add("Via", f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{number}.{hop};rport")
        request.add("From", f"{to};tag=f{number}")
        request.add("To", to)
        request.add("Call-ID", call_id)
        request.add("CSeq", f"{cseq} REGISTER")
        for contact in contacts:
            request.add("Contact", contact)
        for name, value in extra:
            request.add(name, value)
        return request

    def send(self, request: Request, source: Endpoint = PHONE) -> Response:
        """The answer to a request."""
        self.plumbing.layer.receive_message(parse_message(request.to_bytes()), source, self.now)
        (event,) = self.plumbing.dispatch(self.now)
        self.registrar.receive_request(event.key, event.request, event.source, self.now)
        transmit = self.registrar.next_transmit()
        assert transmit is not None
        response = parse_message(transmit.data)
        assert isinstance(response, Response)
        assert response.to_tag
        assert response.get("record-route") is None
        return response

    def register(self, *contacts: str, **how: Any) -> Response:
        source = how.pop("source", PHONE)
        return self.send(self.request(*contacts, **how), source)

    def status(self, *contacts: str, **how: Any) -> int:
        return self.register(*contacts, **how).status_code

    def contacts(self, uri: str = AOR) -> list[str]:
        return [binding.contact for binding in self.registrar.lookup(uri, self.now)]

    def events(self) -> list[object]:
        events: list[object] = []
        while (event := self.registrar.next_event()) is not None:
            events.append(event)
        return events

    def deadline(self) -> float | None:
        return self.registrar.deadline

    def closed(self) -> bool:
        return self.registrar.closed

    def pass_time(self, until: float) -> None:
        while (deadline := self.registrar.deadline) is not None and deadline <= until:
            self.now = deadline
            self.registrar.handle_timeout(self.now)
            later = self.registrar.deadline
            assert later is None or later > deadline
        self.now = until


def flow(reg_id: int = 1, urn: str = URN) -> str:
    return f'<sip:alice@192.0.2.1:5060>;+sip.instance="<{urn}>";reg-id={reg_id}'


OUTBOUND = [("Supported", "outbound, path, gruu")]


def test_a_contact_is_bound_and_told() -> None:
    """SRV-5, RFC 3261 §10.3, steps 7 and 8: the 200 has every contact with the time chosen."""
    desk = Desk(epoch=1_443_208_345.0, software="registrar/1")
    response = desk.register("<sip:alice@192.0.2.1>;q=0.5;expires=600;x=1")
    assert response.status_code == 200
    assert response.values("contact") == ["<sip:alice@192.0.2.1>;q=0.5;x=1;expires=600"]
    assert response.get("date") == "Fri, 25 Sep 2015 19:12:25 GMT"
    assert response.get("server") == "registrar/1"
    assert response.get("require") is None
    (event,) = desk.events()
    assert isinstance(event, BindingsChanged)
    assert (event.aor, event.removed, event.cause) == (AOR, (), BindingCause.REGISTERED)
    (binding,) = event.bindings
    assert (binding.q, binding.expires_at, binding.call_id, binding.cseq) == (0.5, 600.0, "c1", 1)
    assert binding.source == PHONE
    assert "addresses=1" in repr(desk.registrar)


def test_all_bindings_are_in_the_answer_with_what_remains() -> None:
    """SRV-5, RFC 3261 §10.3, step 8: the preferred first; also for a request without Contact (§10.2.3)."""
    desk = Desk()
    desk.register("<sip:a@192.0.2.1>;q=0.2;expires=600")
    desk.now = 100.25
    desk.register("<sip:b@192.0.2.2>;expires=700, <sip:c@192.0.2.3>;q=0.7;expires=700", call_id="c2")
    desk.events()
    desk.now = 200.25
    response = desk.register(call_id="c3")
    assert response.values("contact") == [
        "<sip:b@192.0.2.2>;expires=600",
        "<sip:c@192.0.2.3>;q=0.7;expires=600",
        "<sip:a@192.0.2.1>;q=0.2;expires=399",
    ]
    assert desk.events() == []


def test_lookup_is_ordered_by_preference() -> None:
    """SRV-5: live-contact lookup by q, then the newer one; an unknown user is nowhere."""
    desk = Desk()
    desk.register("<sip:a@192.0.2.1>;q=0.2", cseq=1)
    desk.register("<sip:b@192.0.2.2>;q=0.9", cseq=2)
    desk.now = 1.0
    desk.register("<sip:c@192.0.2.3>;q=0.9", cseq=3)
    desk.register("<sip:d@192.0.2.4>;q=2", cseq=4)  # damaged: as good as none
    assert desk.contacts() == ["sip:d@192.0.2.4", "sip:c@192.0.2.3", "sip:b@192.0.2.2", "sip:a@192.0.2.1"]
    assert desk.contacts("sip:bob@example.com") == []
    for wrong in ("tel:+1", "x"):
        with pytest.raises(LocalProtocolError):
            desk.contacts(wrong)


@pytest.mark.parametrize(
    ("contact", "extra", "granted"),
    [
        ("<sip:a@h>;expires=600", [("Expires", "700")], 600),
        ("<sip:a@h>", [("Expires", "700")], 700),
        ("<sip:a@h>", [], 1800),
        ("<sip:a@h>;expires=99999", [], 7200),
        ("<sip:a@h>;expires=99999999999", [], 7200),
        ("<sip:a@h>;expires=x", [], 3600),
        ("<sip:a@h>", [("Expires", "x")], 3600),
        ("<sip:a@h>;expires=60", [], 60),
    ],
)
def test_how_long_a_binding_holds(contact: str, extra: list[tuple[str, str]], granted: int) -> None:
    """SRV-5, RFC 3261 §10.2, §10.3, step 7: parameter, header, default; damaged is 3600; a maximum."""
    response = Desk(default_expires=1800).register(contact, extra=extra)
    assert response.contacts[0].param("expires") == str(granted)


def test_a_brief_interval_is_refused() -> None:
    """SRV-5, RFC 3261 §10.3, step 7: 423 with Min-Expires, and nothing is bound, not even the good one."""
    desk = Desk(min_expires=120)
    response = desk.register("<sip:a@h>;expires=600, <sip:b@h>;expires=119")
    assert response.status_code == 423
    assert response.get("min-expires") == "120"
    assert desk.contacts() == []
    (event,) = desk.events()
    assert isinstance(event, RegisterRefused)
    assert event.status_code == 423


def test_an_hour_is_never_too_brief() -> None:
    """SRV-5, RFC 3261 §10.3, step 7: smaller than one hour AND less than the minimum."""
    desk = Desk(min_expires=4000, default_expires=4000)
    assert desk.status("<sip:a@h>;expires=3600") == 200
    assert desk.status("<sip:a@h>;expires=3599", cseq=2) == 423


def test_a_refresh_replaces_the_binding() -> None:
    """SRV-5, RFC 3261 §10.3, step 7: found by URI comparison, whatever the spelling."""
    desk = Desk()
    desk.register("<sip:alice@PHONE.example.com;x=1>;expires=600")
    desk.now = 50.0
    response = desk.register("<sip:%61lice@phone.example.com>;expires=600", cseq=2)
    assert response.values("contact") == ["<sip:%61lice@phone.example.com>;expires=600"]


def test_a_contact_is_removed_by_expires_zero() -> None:
    """SRV-5, RFC 3261 §10.2.2: the others stay."""
    desk = Desk()
    desk.register("<sip:a@h>, <sip:b@h>")
    desk.events()
    response = desk.register("<sip:a@h>;expires=0", cseq=2)
    assert [c.uri.__str__() for c in response.contacts] == ["sip:b@h"]
    (event,) = desk.events()
    assert isinstance(event, BindingsChanged)
    assert [binding.contact for binding in event.removed] == ["sip:a@h"]
    assert desk.status("<sip:gone@h>;expires=0", cseq=3) == 200


def test_the_same_contact_twice_in_one_request_counts_once() -> None:
    """SRV-5: the later one."""
    desk = Desk()
    response = desk.register("<sip:a@h>;q=0.1, <sip:a@h>;q=0.2")
    assert [contact.param("q") for contact in response.contacts] == ["0.2"]


def test_star_removes_everything() -> None:
    """SRV-5, RFC 3261 §10.3, step 6."""
    desk = Desk()
    desk.register("<sip:a@h>, <sip:b@h>")
    desk.register(flow(), call_id="c2", extra=OUTBOUND)
    response = desk.register("*", cseq=2, extra=[("Expires", "0")])
    assert (response.status_code, response.values("contact")) == (200, [])
    assert desk.contacts() == []


@pytest.mark.parametrize(
    ("contacts", "expires"),
    [
        (("*",), None),
        (("*",), "1"),
        (("*",), "x"),
        (("*", "<sip:a@h>"), "0"),
        (("*, <sip:a@h>",), "0"),
        (("*, *",), "0"),
    ],
)
def test_star_stands_alone_with_expires_zero(contacts: tuple[str, ...], expires: str | None) -> None:
    """SRV-5, RFC 3261 §10.3, step 6: anything else is 400 and changes nothing."""
    desk = Desk()
    desk.register("<sip:a@h>")
    extra = [] if expires is None else [("Expires", expires)]
    assert desk.status(*contacts, cseq=2, extra=extra) == 400
    assert desk.contacts() == ["sip:a@h"]


@pytest.mark.parametrize("contact", ["<sip:a@h>;q=0.1", "<sip:a@h>;expires=0", "<sip:n@h>, <sip:a@h>", "*"])
@pytest.mark.parametrize("cseq", [4, 5])
def test_an_older_request_changes_nothing(contact: str, cseq: int) -> None:
    """SRV-5, RFC 3261 §10.3, steps 6 and 7: same Call-ID needs a higher CSeq; and all or nothing."""
    desk = Desk()
    desk.register("<sip:a@h>", cseq=5)
    extra = [("Expires", "0")] if contact == "*" else []
    assert desk.status(contact, cseq=cseq, extra=extra) == 500
    assert desk.contacts() == ["sip:a@h"]
    assert desk.status(contact, cseq=cseq, call_id="other", extra=extra) == 200


def test_an_answer_that_was_lost_is_repeated_without_a_second_look() -> None:
    """SRV-5: retransmissions never reach the registrar, so that their CSeq is not old."""
    desk = Desk()
    request = desk.request("<sip:a@h>")
    desk.send(request)
    desk.plumbing.layer.receive_message(parse_message(request.to_bytes()), PHONE, 0.1)
    assert desk.plumbing.dispatch(0.1) == []
    assert desk.registrar.next_transmit() is not None


def test_the_address_is_canonical() -> None:
    """SRV-5, RFC 3261 §10.3, step 5: parameters gone, escapes undone, host in lower case."""
    desk = Desk()
    desk.register("<sip:a@h>", to="<sip:%61lice@EXAMPLE.com;user=phone;x=y>")
    assert desk.contacts() == ["sip:a@h"]
    from sansio_sip.message import parse_uri

    texts = {
        "sip:u:p@H:5070;a=b?c=d": "sip:u@h:5070",
        "sips:[2001:DB8::1]": "sips:[2001:db8::1]",
        "sip:a%40b@h": "sip:a@b@h",
    }
    for text, canonical in texts.items():
        assert address_of_record(parse_uri(text)) == canonical


@pytest.mark.parametrize(
    ("uri", "to", "status"),
    [
        ("sip:example.com", "<sip:a@example.com>", 200),
        ("sip:EXAMPLE.com", "<sip:a@Example.com>", 200),
        ("sip:other.com", "<sip:a@example.com>", 404),
        ("sip:example.com", "<sip:a@other.com>", 404),
        ("sip:example.com", "<tel:+123>", 400),
        ("tel:+123", "<sip:a@example.com>", 404),
    ],
)
def test_only_own_domains_are_served(uri: str, to: str, status: int) -> None:
    """SRV-5, RFC 3261 §10.3, steps 1 and 5."""
    desk = Desk(domains=frozenset({"example.com"}))
    request = desk.request("<sip:a@h>", uri=uri, to="<sip:a@example.com>")
    request.set("To", to)
    assert desk.send(request).status_code == status


def test_an_unknown_extension_is_refused() -> None:
    """SRV-5, RFC 3261 §10.3, step 2; outbound, path and gruu are known (RFC 5627 §5.1)."""
    desk = Desk()
    response = desk.register("<sip:a@h>", extra=[("Require", "path, foo, gruu, bar")])
    assert response.status_code == 420
    assert response.get("unsupported") == "foo, bar"
    assert desk.status("<sip:a@h>", extra=[("Require", "path, outbound, gruu")]) == 200


def test_contacts_may_have_any_scheme() -> None:
    """RFC 3261 §10.2.1; but one with an instance is a SIP address (RFC 5627 §5.1)."""
    desk = Desk()
    response = desk.register("<tel:+123>, <mailto:alice@example.com>")
    assert [str(contact.uri) for contact in response.contacts] == ["tel:+123", "mailto:alice@example.com"]
    assert desk.status(f'<tel:+1>;+sip.instance="<{URN}>"', cseq=2) == 403
    assert desk.status("alice@example.com", cseq=3) == 400


@pytest.mark.parametrize("contact", ["<sip:alice@example.com>", "<sip:alice@EXAMPLE.com;gr=x>"])
def test_a_contact_that_leads_back_is_refused(contact: str) -> None:
    """RFC 5627 §5.1: the address itself, or a GRUU of it."""
    assert Desk().status(f'{contact};+sip.instance="<{URN}>"') == 403


@pytest.mark.parametrize("contact", ["<sip:a@h", "<sip:@>", '"', "<sip:a@h>;;;"])
def test_a_damaged_contact_is_a_bad_request(contact: str) -> None:
    """SRV-5, law 5."""
    assert Desk().status(contact) == 400


# Path and Service-Route


def test_path_is_kept_in_order_and_given_back() -> None:
    """RFC 3327 §5.3: stored with the binding, copied into the 200; RFC 3608 §6.3."""
    desk = Desk(service_route=("<sip:home1;lr>", "<sip:home2;lr>"))
    extra = [("Supported", "path"), ("Path", "<sip:p3;lr>,<sip:p1;lr>"), ("Path", "<sip:p0;lr>")]
    response = desk.register("<sip:a@h>", extra=extra)
    path = ["<sip:p3;lr>", "<sip:p1;lr>", "<sip:p0;lr>"]
    assert response.values("path") == path
    assert response.values("service-route") == ["<sip:home1;lr>", "<sip:home2;lr>"]
    (binding,) = desk.registrar.lookup(AOR, 0.0)
    assert list(binding.path) == path
    assert desk.register(call_id="fetch").values("service-route") == ["<sip:home1;lr>", "<sip:home2;lr>"]


def test_path_without_support_is_refused_unless_forgiven() -> None:
    """RFC 3327 §5.3: 420 is the recommended policy."""
    extra = [("Path", "<sip:p1;lr>")]
    response = Desk().register("<sip:a@h>", extra=extra)
    assert (response.status_code, response.get("unsupported")) == (420, "path")
    damaged = [("Supported", "path"), ("Path", "<sip:p1;lr> x")]
    assert Desk().status("<sip:a@h>", extra=damaged) == 400
    assert Desk(require_path_support=False).status("<sip:a@h>", extra=extra) == 200


# Outbound and GRUU


def test_a_flow_is_bound_by_instance_and_reg_id() -> None:
    """RFC 5626 §6: not by URI; Require: outbound and Flow-Timer in the 200."""
    desk = Desk(flow_timer=120)
    response = desk.register(flow(1), extra=OUTBOUND)
    assert response.get("require") == "outbound"
    assert response.get("flow-timer") == "120"
    second = Endpoint("TCP", "192.0.2.1", 40000, "other")
    desk.register(flow(2), extra=OUTBOUND, call_id="c2", source=second)
    assert len(desk.contacts()) == 2
    moved = flow(1).replace("192.0.2.1", "192.0.2.99")
    desk.register(moved, extra=OUTBOUND, cseq=2)
    bindings = desk.registrar.lookup(AOR, 0.0)
    assert {(b.contact, b.reg_id, b.outbound) for b in bindings} == {
        ("sip:alice@192.0.2.99:5060", 1, True),
        ("sip:alice@192.0.2.1:5060", 2, True),
    }
    assert {b.source for b in bindings} == {PHONE, second}
    assert len(one_per_instance(bindings)) == 1  # §7
    assert one_per_instance([]) == []


def test_several_phones_are_all_tried() -> None:
    """RFC 5626 §7: one contact for each instance; those without one all."""
    desk = Desk()
    desk.register("<sip:a@h>, <sip:b@h>")
    desk.register(flow(1, "urn:x:1"), extra=OUTBOUND, call_id="c2")
    desk.register(flow(2, "urn:x:1"), extra=OUTBOUND, call_id="c3")
    desk.register(flow(1, "urn:x:2"), extra=OUTBOUND, call_id="c4")
    assert len(one_per_instance(desk.registrar.lookup(AOR, 0.0))) == 4


def test_a_flow_that_failed_takes_its_bindings_along() -> None:
    """RFC 5626 §7: regardless of the address; others stay."""
    desk = Desk()
    desk.register(flow(), extra=OUTBOUND)
    desk.register(flow(), extra=OUTBOUND, to="<sip:bob@example.com>", call_id="c2")
    desk.register("<sip:plain@h>", call_id="c3")
    desk.events()
    desk.registrar.flow_failed(PHONE, 1.0)
    desk.registrar.flow_failed(PHONE, 1.0)
    assert desk.contacts() == ["sip:plain@h"]
    assert desk.contacts("sip:bob@example.com") == []
    causes = [event.cause for event in desk.events() if isinstance(event, BindingsChanged)]
    assert causes == [BindingCause.FLOW_FAILED] * 2
    assert desk.registrar.statistics.flows_failed == 2


@pytest.mark.parametrize(
    ("path", "supported", "status", "outbound"),
    [
        (["<sip:edge;lr;ob>"], "path, outbound", 200, True),
        (["<sip:core;lr>", "<sip:edge;lr;ob>"], "path, outbound", 200, True),
        (["<sip:edge;lr>"], "path, outbound", 439, False),
        (["<tel:+1>"], "path, outbound", 439, False),
        ([], "path, outbound", 439, False),
        (["<sip:edge;lr>"], "path", 200, False),
    ],
)
def test_the_first_hop_has_to_support_outbound(
    path: list[str], supported: str, status: int, outbound: bool
) -> None:
    """RFC 5626 §6: two Vias, so the edge's Path decides: 439, or reg-id is ignored."""
    desk = Desk()
    extra = [("Supported", supported), *(("Path", value) for value in path)]
    response = desk.register(flow(), extra=extra, hops=2)
    assert response.status_code == status
    assert (response.get("require") == "outbound") is outbound


def test_reg_id_without_instance_is_ignored() -> None:
    """RFC 5626 §6: and one without the option tag is bound, but not announced."""
    desk = Desk()
    response = desk.register("<sip:a@h>;reg-id=1", extra=OUTBOUND)
    assert response.get("require") is None
    assert [b.reg_id for b in desk.registrar.lookup(AOR, 0.0)] == [None]
    response = desk.register(flow(), call_id="c2")
    assert (response.status_code, response.get("require")) == (200, None)


def test_one_flow_is_registered_for_one_contact() -> None:
    """RFC 5626 §6: 400; but it may remove others."""
    desk = Desk()
    desk.register("<sip:old@h>", call_id="old")
    assert desk.status(flow(), "<sip:b@h>", extra=OUTBOUND) == 400
    assert desk.status(flow(), "<sip:old@h>;expires=0", extra=OUTBOUND) == 200
    assert desk.contacts() == ["sip:alice@192.0.2.1:5060"]


def test_outbound_can_be_switched_off() -> None:
    """RFC 5626 §6: reg-id does not count then."""
    desk = Desk(outbound=False)
    assert desk.register(flow(), extra=OUTBOUND).get("require") is None
    assert desk.status(flow(2), extra=OUTBOUND, cseq=2) == 200
    assert len(desk.contacts()) == 1


def test_a_phone_with_an_instance_gets_a_public_gruu() -> None:
    """RFC 5627 §5.1, §5.2: made by us; what the phone suggests is ignored; it leads to that phone."""
    desk = Desk()
    contact = f'<sip:a@h>;+sip.instance="<{URN}>";pub-gruu="sip:evil@h;gr";temp-gruu="sip:t@h;gr"'
    response = desk.register(contact, "<sip:b@h>", extra=[("Supported", "gruu")])
    with_instance = next(c for c in response.contacts if c.param("+sip.instance"))
    gruu = with_instance.param("pub-gruu")
    assert gruu == f"sip:alice@example.com;gr={URN}"
    assert with_instance.param("temp-gruu") is None
    assert with_instance.param("+sip.instance") == f"<{URN}>"
    assert [c.param("pub-gruu") for c in response.contacts if c is not with_instance] == [None]
    assert desk.contacts(gruu) == ["sip:a@h"]
    assert desk.contacts("sip:alice@example.com;gr=urn:other") == []
    plain = desk.register(call_id="c2")
    assert all(c.param("pub-gruu") is None for c in plain.contacts)


def test_a_strange_instance_makes_a_gruu_that_can_be_read() -> None:
    """RFC 5627 §5.4, law 5."""
    desk = Desk()
    response = desk.register('<sip:a@h>;+sip.instance="<a;b> é\\">"', extra=[("Supported", "gruu")])
    gruu = response.contacts[0].param("pub-gruu")
    assert gruu is not None
    assert desk.contacts(gruu) == ["sip:a@h"]


# Time


def test_bindings_end_by_themselves() -> None:
    """SRV-5: expiry sweep by deadline; each address is told once."""
    desk = Desk()
    desk.register("<sip:a@h>;expires=100, <sip:b@h>;expires=200")
    desk.events()
    assert desk.deadline() == 100.0
    desk.registrar.handle_timeout(99.0)
    assert desk.events() == []
    desk.pass_time(150.0)
    assert desk.contacts() == ["sip:b@h"]
    (event,) = desk.events()
    assert isinstance(event, BindingsChanged)
    assert event.cause is BindingCause.EXPIRED
    assert [binding.contact for binding in event.removed] == ["sip:a@h"]
    desk.pass_time(1000.0)
    assert desk.contacts() == []
    assert desk.deadline() is None
    assert desk.registrar.statistics.expired == 2
    assert "addresses=0" in repr(desk.registrar)


def test_what_has_ended_is_not_looked_up_even_before_the_sweep() -> None:
    """SRV-5: live contacts only; nor does it stand in the way of a new one."""
    desk = Desk(max_bindings=1)
    desk.register("<sip:a@h>;expires=100", cseq=9)
    desk.now = 100.0
    assert desk.contacts() == []
    assert desk.status("<sip:b@h>") == 200
    assert desk.contacts() == ["sip:b@h"]


def test_time_that_goes_back_changes_nothing() -> None:
    """Law 3."""
    desk = Desk()
    desk.now = 100.0
    desk.register("<sip:a@h>;expires=100")
    desk.registrar.handle_timeout(5.0)
    assert [b.expires_at for b in desk.registrar.lookup(AOR, 5.0)] == [200.0]


def test_many_refreshes_leave_nothing_behind() -> None:
    """Law 8: the queue of ends is bounded by the addresses."""
    desk = Desk()
    for number in range(1, 2000):
        desk.now = float(number)
        desk.register("<sip:a@h>;expires=600", cseq=number)
    assert len(desk.registrar._locations._queue._heap) <= 2 + 64
    assert desk.registrar.deadline == 1999.0 + 600


# Limits and failures


def test_contacts_and_addresses_are_limited() -> None:
    """SRV-5, law 8: 403 and 503; what is there can be refreshed and removed."""
    desk = Desk(max_bindings=2, max_addresses=1, retry_after=7)
    assert desk.status("<sip:a@h>, <sip:b@h>") == 200
    assert desk.status("<sip:c@h>", cseq=2) == 403
    assert desk.status("<sip:a@h>, <sip:b@h>", cseq=3) == 200
    assert desk.status("<sip:c@h>, <sip:b@h>;expires=0", cseq=4) == 200
    response = desk.register("<sip:x@h>", to="<sip:bob@example.com>")
    assert (response.status_code, response.get("retry-after")) == (503, "7")
    assert desk.status(to="<sip:bob@example.com>", cseq=2) == 200
    assert desk.registrar.statistics.refused == 2


class BrokenStore(MemoryBindingStore):
    """Fails when told to."""

    broken = False

    def load(self, aor: str) -> tuple[Binding, ...]:
        return super().load(aor)

    def save(self, aor: str, bindings: tuple[Binding, ...]) -> None:
        if self.broken:
            raise StoreError("disk full")
        super().save(aor, bindings)


def test_a_store_that_fails_changes_nothing() -> None:
    """SRV-5, RFC 3261 §10.3, step 7: 500, and the old bindings stand; the sweep tries again later."""
    store = BrokenStore()
    desk = Desk(store)
    desk.register("<sip:a@h>;expires=100")
    desk.register(flow(), extra=OUTBOUND, call_id="c2")
    desk.events()
    store.broken = True
    assert desk.status("<sip:b@h>", cseq=2) == 500
    assert len(desk.contacts()) == 2
    desk.registrar.flow_failed(PHONE, 1.0)
    desk.pass_time(105.0)
    assert len(desk.contacts()) == 1
    assert [type(event) for event in desk.events()] == [RegisterRefused]
    store.broken = False
    desk.pass_time(150.0)
    (event,) = desk.events()
    assert isinstance(event, BindingsChanged)
    assert [binding.contact for binding in event.removed] == ["sip:a@h"]


def test_a_sweep_that_finds_nothing_to_do_tells_nothing() -> None:
    """SRV-5: after the store worked again."""
    store = BrokenStore()
    desk = Desk(store)
    desk.register(flow() + ";expires=600", extra=OUTBOUND)
    desk.events()
    store.broken = True
    desk.registrar.flow_failed(PHONE, 1.0)
    store.broken = False
    desk.pass_time(20.0)
    assert desk.events() == []
    assert desk.registrar.deadline == 600.0


def test_bindings_of_a_store_are_taken_over() -> None:
    """SRV-5: after a restart, with their ends and flows."""
    store = MemoryBindingStore()
    desk = Desk(store)
    desk.register(flow() + ";expires=600", extra=OUTBOUND)
    again = Desk(store)
    assert again.registrar.deadline == 600.0
    again.registrar.flow_failed(PHONE, 1.0)
    assert again.contacts() == []
    assert len(store) == 0


def test_closing_refuses_new_registrations() -> None:
    """SRV-5: 503 with Retry-After; bindings stay."""
    desk = Desk()
    desk.register("<sip:a@h>")
    assert not desk.closed()
    desk.registrar.close(1.0)
    desk.registrar.close(1.0)
    assert desk.closed()
    assert desk.status("<sip:b@h>", cseq=2) == 503
    assert desk.contacts() == ["sip:a@h"]


def test_only_register_is_answered() -> None:
    """SRV-5."""
    desk = Desk()
    with pytest.raises(LocalProtocolError):
        desk.registrar.receive_request(("x",), Request("INVITE", "sip:a"), PHONE, 0.0)


# Authentication


def authorized(desk: Desk, user: str, password: str, request: Request) -> Response:
    """The answer to a request after its challenge was met."""
    challenged = desk.send(request)
    assert challenged.status_code == 401
    again = request.copy()
    again.set("Via", f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx{user}{password}")
    again.set("CSeq", f"{request.cseq.number + 1} REGISTER")
    assert DigestClient([Credentials(user, password)]).authorize(again, challenged, cnonce="c")
    return desk.send(again)


def test_users_prove_who_they_are() -> None:
    """SRV-5, AUTH-1, RFC 3261 §10.3, steps 3 and 4: 401, 200; a wrong password is told to the log."""
    desk = Desk(authenticator=True)
    assert authorized(desk, "alice", "secret", desk.request("<sip:a@h>")).status_code == 200
    desk.events()
    assert desk.registrar.statistics.challenged == 1
    assert authorized(desk, "alice", "wrong", desk.request("<sip:a@h>", cseq=3)).status_code == 401
    (event,) = desk.events()
    assert event == RegisterRefused(f"<{AOR}>", 401, "unknown user or wrong password", "alice")


@pytest.mark.parametrize(
    ("user", "to", "status"),
    [
        ("alice", "<sip:bob@example.com>", 403),
        ("alice", "<sip:example.com>", 403),
        ("alice", "<tel:+1>", 400),
        ("bob@example.com", "<sip:b%6fb@example.com>", 200),
    ],
)
def test_nobody_registers_for_another(user: str, to: str, status: int) -> None:
    """SRV-5, RFC 3261 §10.3, step 4: 403."""
    desk = Desk(authenticator=True)
    assert authorized(desk, user, "secret", desk.request("<sip:a@h>", to=to)).status_code == status


def test_who_may_register_what_can_be_told() -> None:
    """SRV-5, RFC 3261 §10.3, step 4: third-party registration."""
    desk = Desk(authenticator=True)
    asked: list[tuple[str, str]] = []

    def may(username: str, aor: str) -> bool:
        asked.append((username, aor))
        return True

    desk.registrar._admission._may_register = may
    request = desk.request("<sip:a@h>", to="<sip:bob@example.com>")
    assert authorized(desk, "alice", "secret", request).status_code == 200
    assert asked == [("alice", "sip:bob@example.com")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"min_expires": 0}, "max_expires"),
        ({"min_expires": 4000}, "max_expires"),
        ({"default_expires": 8000}, "max_expires"),
        ({"service_route": ("<",)}, "service_route"),
        ({"max_bindings": 0}, "max_bindings"),
        ({"max_addresses": 0}, "max_addresses"),
        ({"flow_timer": 0}, "flow_timer"),
        ({"retry_after": -1}, "retry_after"),
    ],
)
def test_a_bad_configuration_names_its_field(change: dict[str, Any], field: str) -> None:
    """SRV-5."""
    with pytest.raises(ValueError, match=field):
        RegistrarConfig(**change)
