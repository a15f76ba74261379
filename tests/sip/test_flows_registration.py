"""The registrations of RFC 3665 §2, played by the machines of both sides."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.auth import (
    Credentials,
    DigestServer,
    DigestServerConfig,
    NonceStore,
    Secret,
    parse_challenge,
)
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, parse_message
from sansio_sip.register import (
    Registered,
    Registrar,
    RegistrarConfig,
    Registration,
    RegistrationConfig,
    RegistrationFailed,
)
from sansio_sip.transaction import RequestReceived
from tests.sip.names import Zone
from tests.sip.register.peer import Plumbing
from tests.sip.vectors import EXAMPLES, octets

PHONE = Endpoint("TLS", "192.0.2.201", 5061)
SERVER = Endpoint("TLS", "192.0.2.222", 5061)
ZONE = Zone({"ss2.biloxi.example.com": [SERVER.host]})
AOR = "sips:bob@biloxi.example.com"
CONTACT = "sips:bob@client.biloxi.example.com"
MAIL = "mailto:bob@biloxi.example.com"

SECTIONS: dict[str, list[Request | Response]] = {
    section: [
        parse_message(octets(vector))
        for vector in EXAMPLES
        if str(vector["id"]).startswith("rfc3665/") and vector["section"] == section
    ]
    for section in ("2.1", "2.2", "2.3", "2.4", "2.5")
}


class Server:
    """A registrar of biloxi.example.com, which asks for the password where the flow does."""

    def __init__(self, *, password: str = "") -> None:
        self.plumbing = Plumbing("ss2.biloxi.example.com")
        users = DigestServer(
            DigestServerConfig(realm="atlanta.example.com"),
            lambda *_: Secret(password),
            NonceStore(ids=self.plumbing.ids),
        )
        self.registrar = Registrar(
            RegistrarConfig(),
            now=0.0,
            ids=self.plumbing.ids,
            outbound=self.plumbing.outbound,
            authenticator=users if password else None,
        )

    def answer(self, request: Request) -> Response:
        self.plumbing.layer.receive_message(request, PHONE, 0.0)
        for event in self.plumbing.dispatch(0.0):
            assert isinstance(event, RequestReceived)
            self.registrar.receive_request(event.key, event.request, event.source, 0.0)
        transmit = self.plumbing.layer.next_transmit()
        assert transmit is not None
        response = parse_message(transmit.data)
        assert isinstance(response, Response)
        return response

    def contacts(self) -> list[str]:
        return [binding.contact for binding in self.registrar.lookup(AOR, 0.0)]


class Phone:
    """Bob's telephone."""

    def __init__(self, password: str) -> None:
        self.plumbing = Plumbing("client.biloxi.example.com")
        config = RegistrationConfig(
            address=f"Bob <{AOR}>",
            contacts=(f"<{CONTACT}>",),
            registrar="sips:ss2.biloxi.example.com",
            credentials=(Credentials("bob", password),),
        )
        self.registration = Registration(
            "line", config, now=0.0, ids=self.plumbing.ids, outbound=self.plumbing.outbound
        )

    def sent(self) -> list[Request]:
        ZONE.answer_queue(self.plumbing.outbound, self.plumbing.questions, 0.0)
        requests = []
        while (transmit := self.plumbing.layer.next_transmit()) is not None:
            request = parse_message(transmit.data)
            assert isinstance(request, Request)
            requests.append(request)
        return requests

    def receive(self, response: Response) -> None:
        self.plumbing.layer.receive_message(response, SERVER, 0.0)
        self.plumbing.dispatch(0.0)

    def events(self) -> list[Any]:
        events = []
        while (event := self.registration.next_event()) is not None:
            events.append(event)
        return events


def features(message: Request | Response) -> dict[str, object]:
    """What of a message the flow fixes."""
    return {
        "start": (message.method, message.uri) if isinstance(message, Request) else message.status_code,
        "from": str(message.from_.uri),
        "to": str(message.to.uri),
        "cseq": message.cseq,
        "sent-by": message.via.sent_by,
        "contacts": sorted(str(contact.uri) for contact in message.contacts),
        "authorized": message.get("authorization") is not None,
        "realms": {parse_challenge(value).realm for value in message.get_all("www-authenticate")},
    }


def play(section: str, phone: Phone, server: Server) -> None:
    """Let both sides talk, and compare every message with the printed one."""
    phone.registration.register(0.0)
    for printed in SECTIONS[section]:
        if isinstance(printed, Request):
            (request,) = phone.sent()
            assert features(request) == features(printed)
        else:
            response = server.answer(request)
            assert features(response) == features(printed)
            phone.receive(response)
    assert phone.sent() == []


def test_all_five_sections_are_there() -> None:
    """TST-4: each has a test below."""
    assert [len(messages) for messages in SECTIONS.values()] == [4, 2, 2, 2, 4]


def test_2_1_successful_new_registration() -> None:
    """CLI-2, SRV-5, AUTH-1 (RFC 3665 §2.1): 401, then 200 with the contact for an hour."""
    phone, server = Phone("zanzibar"), Server(password="zanzibar")
    play("2.1", phone, server)
    (event,) = phone.events()
    assert isinstance(event, Registered)
    assert event.expires == 3600
    assert event.bindings == (f"<{CONTACT}>;expires=3600",)
    assert server.contacts() == [CONTACT]


def test_2_5_unsuccessful_registration() -> None:
    """CLI-2, SRV-5, AUTH-1 (RFC 3665 §2.5): a wrong password is tried once and given up."""
    phone, server = Phone("wrong"), Server(password="zanzibar")
    play("2.5", phone, server)
    (event,) = phone.events()
    assert isinstance(event, RegistrationFailed)
    assert (event.status_code, event.retry_in, event.bound) == (401, None, False)
    assert server.contacts() == []


@pytest.mark.parametrize(
    ("section", "before", "after"),
    [
        ("2.2", [CONTACT], [CONTACT, MAIL]),
        ("2.3", [CONTACT, MAIL], [CONTACT, MAIL]),
        ("2.4", [CONTACT, MAIL], []),
    ],
)
def test_2_2_to_2_4_the_printed_request_changes_and_lists_the_contacts(
    section: str, before: list[str], after: list[str]
) -> None:
    """SRV-5 (RFC 3665 §2.2, §2.3, §2.4): another contact, a query, and ``*`` with Expires 0."""
    server = Server()
    printed, answer = SECTIONS[section]
    assert isinstance(printed, Request)
    for number, contact in enumerate(before):
        first = printed.copy()
        first.set("Contact", f"<{contact}>")
        first.remove("expires")
        first.set("Call-ID", f"before-{number}")
        first.set("Via", f"SIP/2.0/TLS client.biloxi.example.com;branch=z9hG4bKbefore{number}")
        assert server.answer(first).status_code == 200
    response = server.answer(printed)
    assert features(response) == features(answer)
    assert sorted(server.contacts()) == sorted(after)


def test_2_2_phone_that_adds_a_contact_is_told_of_all() -> None:
    """CLI-2 (RFC 3665 §2.2): the printed 200 lists a contact of somebody else beside ours."""
    phone = Phone("zanzibar")
    phone.registration.register(0.0)
    (request,) = phone.sent()
    printed = SECTIONS["2.2"][1].copy()
    for name, value in (
        ("Via", str(request.via)),
        ("Call-ID", request.call_id),
        ("From", str(request.from_)),
    ):
        printed.set(name, value)
    phone.receive(parse_message(printed.to_bytes()))  # type: ignore[arg-type]
    (event,) = phone.events()
    assert isinstance(event, Registered)
    assert len(event.bindings) == 2
    assert event.expires == 3600
