"""Call flows as printed in an RFC, replayed: two agents play the telephones, the RFC's text all others."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from sansio_sip.agent import Agent, AgentConfig, AgentEvent
from sansio_sip.auth import Credentials
from sansio_sip.ids import Ids
from sansio_sip.invite import CallEnded, IncomingCall, OfferReceived
from sansio_sip.machine import Endpoint
from sansio_sip.message import NameAddr, Request, Response, parse_message
from sansio_sip.resolve import DnsQuestion, ResolverConfig
from sansio_sip.sdp import LocalMedia, MediaFormat, SessionDescription, parse_sdp
from tests.sip.harness import tables
from tests.sip.names import Zone
from tests.sip.vectors import Vector, octets

Message = Request | Response

_WHAT = re.compile(
    r"(?P<what>.+?) (?P<source>Alice|Bob|Proxy \d|Proxy|SIP ALG|Redirect \w+|SIP Server) -> (?P<to>.+)"
)

ADDRESSES = {
    "client.atlanta.example.com": "192.0.2.101",
    "client.biloxi.example.com": "192.0.2.201",
    "client.chicago.example.com": "192.0.2.100",
    "biloxi.example.com": "192.0.2.222",
    "chicago.example.com": "192.0.2.233",
    "ss1.atlanta.example.com": "192.0.2.111",
    "ss2.biloxi.example.com": "192.0.2.222",
    "ss3.chicago.example.com": "192.0.2.233",
    "alg1.atlanta.example.com": "192.0.2.128",
}
"""The DNS of RFC 3665 §1.1."""


class Step(NamedTuple):
    """One message of a flow: who sends it to whom, and the RFC's text of it."""

    label: str
    what: str
    source: str
    destination: str
    transport: str
    data: bytes

    @classmethod
    def of(cls, vector: Vector) -> Step:
        match = _WHAT.fullmatch(vector["what"])
        assert match is not None, vector["what"]
        data = octets(vector)
        transport = b"TCP" if b"SIP/2.0/TCP" in data else b"UDP"
        return cls(vector["step"], match["what"], match["source"], match["to"], transport.decode(), data)

    @property
    def message(self) -> Message:
        return parse_message(self.data)


def media_of(message: Message, fallback: LocalMedia) -> LocalMedia:
    """The telephone that a printed description describes."""
    if not message.body:
        return fallback
    sdp = parse_sdp(message.body)
    connection = sdp.connection
    assert connection is not None
    return LocalMedia(
        address=connection.address,
        port=sdp.media[0].port,
        formats=(MediaFormat("PCMU", 8000, 0),),
        rtcp_mux=False,
    )


class Telephone:
    """An agent with the name, address and password that the RFC gives to Alice or Bob."""

    def __init__(self, user: str, aor_host: str, host: str, transport: str, media: LocalMedia) -> None:
        suffix = ";transport=tcp" if transport == "TCP" else ""
        self.agent = Agent(
            AgentConfig(
                address=f"{user.title()} <sip:{user}@{aor_host}>",
                contact=f"<sip:{user}@{host}{suffix}>",
                sent_by={"UDP": (host, 5060), "TCP": (host, 5060)},
                resolver=ResolverConfig(transports=("TCP",) if transport == "TCP" else ("UDP", "TCP")),
                credentials=(
                    Credentials(user, "zanzibar", realm="atlanta.example.com"),
                    Credentials(user, "zanzibar", realm="biloxi.example.com"),
                ),
            ),
            now=0.0,
            ids=Ids(_numbers(user)),
        )
        self.user = user
        self.address = ADDRESSES[host]
        self.media = media
        self.session = ""
        self.asked = False  # for a change of media
        self.zone = Zone({name: [address] for name, address in ADDRESSES.items()})
        self.events: list[AgentEvent] = []
        self.outgoing: deque[Message] = deque()
        self.now = 0.0

    @property
    def ends(self) -> list[object]:
        return [event.end for event in self.events if isinstance(event, CallEnded)]

    def settle(self) -> None:
        """Take what the agent says, and be its DNS."""
        while (event := self.agent.next_event()) is not None:
            self.events.append(event)
            if isinstance(event, IncomingCall):
                self.session = event.session
            elif isinstance(event, OfferReceived):
                self.asked = True
            elif isinstance(event, DnsQuestion):
                self.zone.answer(self.agent, event, self.now)
        while (transmit := self.agent.next_transmit()) is not None:
            self.outgoing.append(parse_message(transmit.data))

    def receive(self, data: bytes, source: Endpoint) -> None:
        self.agent.receive_datagram(data, source, self.now)
        self.settle()

    def act(self, step: Step) -> None:
        """Do what its user does so that the step follows."""
        agent, expected = self.agent, step.message
        if isinstance(expected, Response):
            if expected.status_code < 200:
                agent.ring(self.session, self.now, expected.status_code)
            elif self.asked:
                self.asked = False
                agent.answer_offer(self.session, media_of(expected, self.media), self.now)
            elif expected.status_code < 300:
                agent.answer(self.session, media_of(expected, self.media), self.now)
            else:
                agent.reject(self.session, expected.status_code, self.now, reason=expected.reason)
        elif expected.method == "INVITE":
            self.call(expected)
        else:
            agent.hang_up(self.session, self.now)
        self.settle()

    def call(self, expected: Request) -> None:
        kept = [("Route", value) for value in expected.get_all("route")]
        kept += [("Proxy-Authorization", value) for value in expected.get_all("proxy-authorization")]
        self.session = self.agent.invite(
            expected.uri,
            media_of(expected, self.media),
            self.now,
            headers=kept,
            late_offer=not expected.body,
        )

    def pass_time(self, until: float) -> None:
        while (deadline := self.agent.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.agent.handle_timeout(self.now)
            self.settle()
        self.now = until


def _numbers(user: str) -> Callable[[int], bytes]:
    """Random octets that differ from call to call and from user to user, and never by chance."""
    count = 0

    def random_bytes(size: int) -> bytes:
        nonlocal count
        count += 1
        return (user.encode() + count.to_bytes(4, "big")).rjust(size, b"\0")[-size:]

    return random_bytes


class Identifiers:
    """What stands in our messages for the branches, tags and Call-ID that are printed."""

    def __init__(self) -> None:
        self._found: dict[bytes, bytes] = {}

    def learn(self, printed: Message, actual: Message) -> None:
        pairs = [
            (printed.call_id, actual.call_id),
            (printed.from_tag, actual.from_tag),
            (printed.to_tag, actual.to_tag),
            (printed.via.branch, actual.via.branch),
        ]
        self._found |= {old.encode(): new.encode() for old, new in pairs if old and new}

    def apply(self, data: bytes) -> bytes:
        """The printed message with our identifiers."""
        head, blank, body = data.partition(b"\r\n\r\n")
        for old, new in self._found.items():
            head = re.sub(rb"(?<=[= ])" + re.escape(old) + rb"(?=[ ;\r\n]|\Z)", new, head)
        return head + blank + body


def description(message: Message) -> tuple[str, int, tuple[str, ...]] | None:
    if not message.body:
        return None
    sdp: SessionDescription = parse_sdp(message.body)
    connection = sdp.media[0].connection or sdp.connection
    assert connection is not None
    return connection.address, sdp.media[0].port, tuple(sdp.media[0].formats)


def features(message: Message, like: Message) -> dict[str, object]:
    """What of a message the flow fixes; ``like`` is the printed one, which may leave things out."""
    found: dict[str, object] = {
        "start": (message.method, message.uri) if isinstance(message, Request) else message.status_code,
        "cseq": message.cseq,
        "from": str(message.from_.uri),
        "to": str(message.to.uri),
        "call-id": message.call_id,
        "from-tag": message.from_tag,
        "sent-by": [via.sent_by for via in message.vias],
        "branches": [via.branch for via in message.vias],
        "route": [str(NameAddr.parse(value).uri) for value in message.routes],
        "description": description(message),
    }
    if like.to_tag:
        found["to-tag"] = message.to_tag
    if like.get("contact") is not None:
        found["contact"] = [str(contact.uri) for contact in message.contacts]
    if like.get("record-route") is not None:
        found["record-route"] = message.record_routes
    if like.get("proxy-authorization") is not None:
        found["realms"] = [
            re.findall('realm="(.*?)"', value) for value in message.get_all("proxy-authorization")
        ]
    return found


def source_of(step: Step) -> Endpoint:
    """Where a message comes from; of a response nobody looks."""
    message = step.message
    host = ADDRESSES[message.via.host] if isinstance(message, Request) else "192.0.2.250"
    return Endpoint(step.transport, host, 5060)


class Flow:
    """Replays the messages of one section.

    Args:
        steps: Its messages in order.
        alice: The caller.
        bob: The callee.
        slips: For a step's label, what the RFC prints wrong there and is not compared.
        gone: For a telephone the label from which on the RFC's text plays it.
        before: For a label what happens before its step.
    """

    def __init__(
        self,
        steps: list[Step],
        alice: Telephone,
        bob: Telephone,
        *,
        slips: dict[str, set[str]] | None = None,
        gone: dict[str, str] | None = None,
        before: dict[str, Callable[[Flow], None]] | None = None,
    ) -> None:
        self.steps = steps
        self.telephones = {"Alice": alice, "Bob": bob}
        self.alice, self.bob = alice, bob
        self.identifiers = Identifiers()
        self.slips = slips or {}
        self.gone = gone or {}
        self.before = before or {}

    def run(self) -> None:
        for step in self.steps:
            for name in [name for name, label in self.gone.items() if label == step.label]:
                del self.telephones[name]
            if step.label in self.before:
                self.before[step.label](self)
            self.play(step)
        for phone in self.telephones.values():
            assert not phone.outgoing, [repr(message) for message in phone.outgoing]

    def play(self, step: Step) -> None:
        if step.source in self.telephones:
            phone = self.telephones[step.source]
            if not phone.outgoing:
                phone.act(step)
            assert phone.outgoing, f"{step.label}: {step.source} does not send {step.what}"
            message = phone.outgoing.popleft()
            self.compare(step, message)
            data = message.to_bytes()
        else:
            data = self.identifiers.apply(step.data)
        receiver = self.telephones.get(step.destination)
        if receiver is not None:
            receiver.receive(data, source_of(step))

    def compare(self, step: Step, message: Message) -> None:
        printed = step.message
        self.identifiers.learn(printed, message)
        expected = features(parse_message(self.identifiers.apply(step.data)), printed)
        found = features(message, printed)
        for name in self.slips.get(step.label, set()):
            expected.pop(name, None)
            found.pop(name, None)
        assert found == expected, f"{step.label} {step.what}"

    def assert_quiet(self) -> None:
        for phone in (self.alice, self.bob):
            phone.agent.close(phone.now)  # where the flow leaves a call standing
            phone.settle()
            phone.pass_time(phone.now + 500.0)
            left = {name: size for name, size in tables(phone.agent).items() if size}
            assert not left, f"{phone.user} has {left}"
            assert phone.agent.deadline is None
