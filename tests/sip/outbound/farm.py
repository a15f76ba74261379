"""One agent that calls a domain with several servers, played by hand, and its DNS."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from sansio_sip.agent import Agent, AgentConfig, AgentEvent
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.resolve import ResolverConfig
from tests.sip.harness import media, offer
from tests.sip.names import Zone

ONE, TWO, THREE = (Endpoint("UDP", f"192.0.2.{number}", 5060) for number in (11, 12, 13))
URI = "sip:bob@example.com"

HOSTS = {f"s{number}.example.com": [f"192.0.2.1{number}"] for number in (1, 2, 3)}


def zone(*priorities: int, ttl: float = 3_600.0, tcp: bool = False) -> Zone:
    """Three servers, or as many as there are priorities, with UDP and perhaps TCP."""
    rows = [(priority, 1, 5060, f"s{number}.example.com") for number, priority in enumerate(priorities, 1)]
    services = {"_sip._udp.example.com": rows}
    if tcp:
        services["_sip._tcp.example.com"] = rows
    return Zone(HOSTS, services, ttl=ttl)


class Out(NamedTuple):
    """One request of the agent and where it goes."""

    to: Endpoint
    message: Request


class Farm:
    """An agent and what it says; answers to it are made here."""

    def __init__(
        self, names: Zone | None = None, *, seed: object = 1, tcp: bool = True, **config: Any
    ) -> None:
        self.zone = zone(1, 2, 3) if names is None else names
        sent_by = {"UDP": ("192.0.2.1", 5060), **({"TCP": ("192.0.2.1", 5060)} if tcp else {})}
        config = {"resolver": ResolverConfig(families=("A",)), **config}
        settings = AgentConfig(
            address="<sip:alice@example.com>", contact="<sip:alice@192.0.2.1>", sent_by=sent_by, **config
        )
        self.agent = Agent(settings, now=0.0, ids=Ids(Random(str(seed)).randbytes))
        self.now = 0.0
        self.events: list[AgentEvent] = []

    def out(self) -> list[Out]:
        """The requests that go out now, after the DNS has spoken; responses are not expected."""
        found: list[Out] = []
        busy = True
        while busy:
            busy = False
            while (transmit := self.agent.next_transmit()) is not None:
                message = parse_message(transmit.data)
                assert isinstance(message, Request)
                found.append(Out(transmit.destination, message))
            while (event := self.agent.next_event()) is not None:
                busy = True
                self.events.append(event)
                self.zone.answer_event(self.agent, event, self.now)
        return found

    def one(self, to: Endpoint, method: str) -> Request:
        """The only request that goes out now."""
        (sent,) = self.out()
        assert (sent.to, sent.message.method) == (to, method)
        return sent.message

    def call(self) -> str:
        return self.agent.invite(URI, media(), self.now)

    def respond(
        self,
        request: Request,
        status: int,
        *,
        extra: Sequence[tuple[str, str]] = (),
        contact: str = "<sip:bob@192.0.2.99>",
    ) -> Response:
        body = offer() if status == 200 and request.method == "INVITE" else b""
        fields = [("Contact", contact), *extra] if request.method in ("INVITE", "SUBSCRIBE") else [*extra]
        response = build_response(
            request,
            status,
            to_tag="" if status == 100 else "bob",
            extra=fields,
            content_type="application/sdp" if body else None,
            body=body,
        )
        self.receive(response)
        return response

    def receive(self, message: Request | Response) -> None:
        self.agent.receive_datagram(message.to_bytes(), ONE, self.now)

    def fail(self, where: Endpoint, cause: str = "refused") -> None:
        self.agent.flow_failed(where, cause, self.now)

    def wait(self, seconds: float) -> list[Out]:
        """Let time pass; return what goes out meanwhile, repeats left out."""
        until, found, seen = self.now + seconds, self.out(), set[bytes]()
        while (deadline := self.agent.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.agent.handle_timeout(self.now)
            found += [out for out in self.out() if out.message.to_bytes() not in seen]
            seen.update(out.message.to_bytes() for out in found)
        self.now = until
        return found

    def told(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]
