"""Two agents over a wire in virtual time, and a peer that speaks line by line."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from sansio_sip.agent import Agent, AgentConfig, AgentEvent
from sansio_sip.auth import Credentials
from sansio_sip.ids import Ids
from sansio_sip.invite import CallEnded, IncomingCall
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.resolve import DnsQuestion, ResolverConfig
from sansio_sip.sdp import LocalMedia, MediaFormat, build_sdp, make_offer
from tests.sip.names import Zone

ALICE = Endpoint("UDP", "192.0.2.1", 5060)
BOB = Endpoint("UDP", "192.0.2.2", 5060)

Fate = Callable[[int, bytes], Sequence[float]]
"""For the number of a datagram and its octets: the delays of its copies; none means lost."""


def media(host: str = "192.0.2.1", port: int = 4000) -> LocalMedia:
    formats = (MediaFormat("PCMU", 8000, 0), MediaFormat("telephone-event", 8000, 101))
    return LocalMedia(address=host, port=port, formats=formats)


def offer(host: str = "192.0.2.2") -> bytes:
    return build_sdp(make_offer(media(host), session_id=1, version=1))


def make_agent(
    user: str = "alice",
    endpoint: Endpoint = ALICE,
    *,
    seed: int = 1,
    credentials: tuple[Credentials, ...] = (),
    outbound_proxy: str = "",
    max_calls: int = 1_000,
    max_transactions: int = 1_000,
    resolver: ResolverConfig | None = None,
) -> Agent:
    config = AgentConfig(
        address=f"<sip:{user}@example.com>",
        contact=f"<sip:{user}@{endpoint.host}:{endpoint.port}>",
        sent_by={"UDP": (endpoint.host, endpoint.port), "TCP": (endpoint.host, endpoint.port)},
        software="test",
        credentials=credentials,
        outbound_proxy=outbound_proxy,
        max_calls=max_calls,
        max_transactions=max_transactions,
        resolver=ResolverConfig() if resolver is None else resolver,
    )
    return Agent(config, now=0.0, ids=Ids(Random(f"{user} {seed}").randbytes))


def tables(agent: Agent) -> dict[str, int]:
    """The sizes of everything that an agent holds."""
    core, calls = agent._core, agent._calls
    return {
        "calls": len(calls),
        "dialogs": len(calls.registry),
        "invites": len(calls.invites),
        "transactions": len(core.layer),
        "users": len(core.outbound._users),
        "tries": len(core.outbound._deliveries),
        "lookups": core.outbound.lookups,
        "questions": len(core.outbound._lookups.resolver._questions),
        "merges": len(core.layer._servers._merges),
        "transmits": len(core.layer.out.transmits),
        "layer events": len(core.layer.out.events),
    }


class Sent(NamedTuple):
    """One datagram on the wire."""

    time: float
    source: Endpoint
    data: bytes
    copies: int

    def __str__(self) -> str:
        lost = "" if self.copies else "  LOST"
        return f"{self.time:9.3f} {self.source.host} {self.data.partition(bytes((13,)))[0].decode()}{lost}"


class Phone:
    """An agent on the wire with all that it told; `on_event` may act on it."""

    def __init__(self, agent: Agent, endpoint: Endpoint) -> None:
        self.agent = agent
        self.endpoint = endpoint
        self.events: list[AgentEvent] = []
        self.on_event: Callable[[AgentEvent], None] = lambda event: None

    @property
    def ends(self) -> list[CallEnded]:
        return [event for event in self.events if isinstance(event, CallEnded)]


class AgentPair:
    """Two agents, `a` and `b`, that hear each other through ``fate``, in virtual time."""

    def __init__(self, *, seed: int = 1, fate: Fate = lambda number, data: (0.01,)) -> None:
        self.now = 0.0
        self.a = Phone(make_agent("alice", ALICE, seed=seed), ALICE)
        self.b = Phone(make_agent("bob", BOB, seed=seed), BOB)
        self.log: list[Sent] = []
        self._fate = fate
        self._count = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Do something at a time."""
        heapq.heappush(self._queue, (time, next(self._count), action))

    def pump(self) -> None:
        """Send and hand out everything, until both have nothing more to say."""
        busy = True
        while busy:
            busy = self._flush(self.a, self.b) | self._flush(self.b, self.a)

    def _flush(self, phone: Phone, other: Phone) -> bool:
        agent, busy = phone.agent, False
        while (transmit := agent.next_transmit()) is not None:
            busy = True
            delays = self._fate(len(self.log), transmit.data)
            self.log.append(Sent(self.now, phone.endpoint, transmit.data, len(delays)))
            for delay in delays:
                self.at(self.now + delay, self._delivery(other, transmit.data, phone.endpoint))
        while (event := agent.next_event()) is not None:
            busy = True
            phone.events.append(event)
            phone.on_event(event)
        return busy

    def _delivery(self, phone: Phone, data: bytes, source: Endpoint) -> Callable[[], None]:
        return lambda: phone.agent.receive_datagram(data, source, self.now)

    def run(self, until: float = 100_000.0) -> None:
        """Let time pass until ``until``, or until nothing is left to happen."""
        self.pump()
        for _ in range(20_000):
            times = [d for p in (self.a, self.b) if (d := p.agent.deadline) is not None]
            if self._queue:
                times.append(self._queue[0][0])
            if not times or min(times) > until:
                self.now = min(until, self.now) if not times else until
                return
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
                self.pump()
            for phone in (self.a, self.b):
                deadline = phone.agent.deadline
                if deadline is not None and deadline <= self.now:
                    phone.agent.handle_timeout(self.now)
                self.pump()
        raise AssertionError(f"time does not pass\n{self.ladder()}")

    def ladder(self) -> str:
        """Every datagram, one a line."""
        return "\n".join(map(str, self.log[-200:]))

    def assert_quiet(self) -> None:
        """Nothing is left: no table entry, no timer (SIM-2)."""
        for phone in (self.a, self.b):
            left = {name: size for name, size in tables(phone.agent).items() if size}
            assert not left, f"{phone.endpoint.host} has {left}\n{self.ladder()}"
            assert phone.agent.deadline is None, self.ladder()

    def answer_calls(self, *, ring: bool = True) -> None:
        """Let `b` ring and answer whatever comes."""

        def answer(event: AgentEvent) -> None:
            if isinstance(event, IncomingCall):
                if ring:
                    self.b.agent.ring(event.session, self.now)
                self.b.agent.answer(event.session, media("192.0.2.2"), self.now)

        self.b.on_event = answer


def lossy(seed: int, *, loss: float, duplicate: float, reorder: float) -> Fate:
    """A wire that loses, doubles and delays, the same way for the same seed."""
    random = Random(seed)

    def fate(_number: int, _data: bytes) -> Sequence[float]:
        copies = 0 if random.random() < loss else 2 if random.random() < duplicate else 1
        return [0.01 + (random.random() * 0.8 if random.random() < reorder else 0.0) for _ in range(copies)]

    return fate


class Peer:
    """Plays the other side of one agent by hand."""

    def __init__(self, agent: Agent | None = None, endpoint: Endpoint = BOB) -> None:
        self.agent = make_agent() if agent is None else agent
        self.endpoint = endpoint
        self.now = 0.0
        self._numbers = itertools.count(1)
        self.log: list[str] = []

    def sent(self) -> list[Request | Response]:
        """All that the agent sends now."""
        messages: list[Request | Response] = []
        while (transmit := self.agent.next_transmit()) is not None:
            messages.append(parse_message(transmit.data))
        self.log += map(repr, messages)
        return messages

    def lines(self) -> list[str]:
        """What the agent sends now: methods and status codes."""
        return [
            message.method if isinstance(message, Request) else str(message.status_code)
            for message in self.sent()
        ]

    def request_from_agent(self, method: str) -> Request:
        """The only packet that the agent sends now, a request."""
        (message,) = self.sent()
        assert isinstance(message, Request)
        assert message.method == method
        return message

    def response_from_agent(self, status_code: int) -> Response:
        """The only packet that the agent sends now, a response."""
        (message,) = self.sent()
        assert isinstance(message, Response)
        assert message.status_code == status_code, message
        return message

    def events(self) -> list[AgentEvent]:
        """All that the agent tells now."""
        events: list[AgentEvent] = []
        while (event := self.agent.next_event()) is not None:
            events.append(event)
        return events

    def look_up(self, zone: Zone, now: float) -> list[AgentEvent]:
        """Be the DNS until nothing is asked any more; return what else the agent tells."""
        others: list[AgentEvent] = []
        while (event := self.agent.next_event()) is not None:
            if isinstance(event, DnsQuestion):
                zone.answer(self.agent, event, now)
            else:
                others.append(event)
        return others

    def ends(self) -> list[object]:
        """How calls ended, of all that the agent tells now."""
        return [event.end for event in self.events() if isinstance(event, CallEnded)]

    def send(self, message: Request | Response | bytes, source: Endpoint | None = None) -> None:
        """Let the agent receive a message."""
        data = message if isinstance(message, bytes) else message.to_bytes()
        self.agent.receive_datagram(data, source or self.endpoint, self.now)

    def respond(
        self,
        request: Request,
        status_code: int,
        *,
        tag: str = "bob",
        body: bytes = b"",
        contact: str = "<sip:bob@192.0.2.2>",
        extra: Sequence[tuple[str, str]] = (),
    ) -> Response:
        """Answer a request of the agent."""
        fields = [("Contact", contact), *extra] if contact and request.method == "INVITE" else [*extra]
        response = build_response(
            request,
            status_code,
            to_tag=tag,
            extra=fields,
            content_type="application/sdp" if body else None,
            body=body,
        )
        self.send(response)
        return response

    def pass_time(self, until: float) -> None:
        """Run the agent's timers up to a time."""
        while (deadline := self.agent.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.agent.handle_timeout(self.now)
        self.now = max(self.now, until)

    def request(
        self,
        method: str,
        *,
        to_tag: str = "",
        tag: str = "bob",
        call_id: str = "call-1",
        cseq: int = 1,
        branch: str = "",
        body: bytes = b"",
        extra: Sequence[tuple[str, str]] = (),
        contact: str = "<sip:bob@192.0.2.2>",
        uri: str = "sip:alice@192.0.2.1",
        cseq_method: str = "",
    ) -> Request:
        """Build a request to the agent; each has a branch of its own unless one is given."""
        request = Request(method, uri, body=body)
        host, port = self.endpoint.host, self.endpoint.port
        request.add("Via", f"SIP/2.0/UDP {host}:{port};branch={branch or f'z9hG4bK{next(self._numbers)}'}")
        request.add("Max-Forwards", "70")
        request.add("From", f"<sip:bob@example.com>;tag={tag}" if tag else "<sip:bob@example.com>")
        request.add("To", f"<sip:alice@example.com>;tag={to_tag}" if to_tag else "<sip:alice@example.com>")
        request.add("Call-ID", call_id)
        request.add("CSeq", f"{cseq} {cseq_method or method}")
        if contact and method == "INVITE":
            request.add("Contact", contact)
        if body:
            request.add("Content-Type", "application/sdp")
        for name, value in extra:
            request.add(name, value)
        return request

    def request_in(
        self,
        invite: Request,
        method: str,
        *,
        tag: str = "bob",
        cseq: int = 1,
        extra: Sequence[tuple[str, str]] = (),
    ) -> Request:
        """Build a request to the agent in the call that its own INVITE opened."""
        return self.request(
            method, to_tag=invite.from_tag, call_id=invite.call_id, tag=tag, cseq=cseq, extra=extra
        )

    # Whole passages

    def call_from_agent(self, *, late_offer: bool = False) -> tuple[str, Request]:
        """Let the agent call; return the name of the call and the INVITE."""
        session = self.agent.invite("sip:bob@192.0.2.2", media(), self.now, late_offer=late_offer)
        return session, self.request_from_agent("INVITE")

    def call_agent(self, *, body: bytes | None = None, branch: str = "") -> tuple[str, Request]:
        """Call the agent; return the name of the call and the INVITE."""
        invite = self.request("INVITE", body=offer() if body is None else body, branch=branch)
        self.send(invite)
        (event,) = self.events()
        assert isinstance(event, IncomingCall)
        return event.session, invite

    def tag_of(self, response: Response) -> str:
        """The agent's tag in its response."""
        return response.to_tag

    def established_from_agent(self) -> tuple[str, Request, Request]:
        """Let the agent call and answer it; return the name, the INVITE and the ACK."""
        session, invite = self.call_from_agent()
        self.respond(invite, 200, body=offer())
        ack = self.request_from_agent("ACK")
        self.events()
        return session, invite, ack

    def established_to_agent(self) -> tuple[str, str]:
        """Call the agent and let it answer; return the name of the call and the agent's tag."""
        session, _ = self.call_agent()
        self.agent.answer(session, media(), self.now)
        ok = self.response_from_agent(200)
        self.send(self.request("ACK", to_tag=ok.to_tag))
        self.events()
        return session, ok.to_tag
