"""Every SIP machine with somebody who plays with it: the same seed, the same play."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Protocol

import attrs

from sansio_sip.agent import Agent, AuthenticationConfig, RequestHandedOver
from sansio_sip.auth import Credentials, DigestServerConfig
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.info import InfoSupport
from sansio_sip.invite import CallBase, InviteClient, InviteConfig, InviteServer, InviteSession
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.outbound import Outbound
from sansio_sip.pager import PagerConfig
from sansio_sip.register import RegistrarConfig
from sansio_sip.resolve import AddressRecord, DnsQuestion, Record, ResolverConfig, SrvRecord
from sansio_sip.subscribe import PRESENCE, CompositorConfig
from sansio_sip.table import TableMachine
from sansio_sip.transaction import (
    AckReceived,
    ClientInvite,
    ClientNonInvite,
    LayerConfig,
    RequestReceived,
    ServerInvite,
    ServerNonInvite,
    StrayResponse,
    TimerConfig,
    Transaction,
    TransactionLayer,
)
from sansio_sip.transaction.server import ServerTransaction
from tests.sip.harness import BOB, Peer, make_agent, media, offer, tables

TCP = Endpoint("TCP", "192.0.2.2", 5060)
STATUSES = [100, 180, 180, 180, 183, 200, 200, 302, 401, 401, 407, 487, 503, 603]
METHODS = ["INVITE", "ACK", "ACK", "BYE", "BYE", "CANCEL", "OPTIONS", "INFO", "REGISTER", "FOO"]


class AnyMachine(Protocol):
    """The shape that the laws are about."""

    def next_transmit(self) -> Transmit | None: ...
    def next_event(self) -> object | None: ...
    @property
    def deadline(self) -> float | None: ...
    def handle_timeout(self, now: float) -> None: ...
    def close(self, now: float) -> None: ...
    @property
    def closed(self) -> bool: ...


class Subject:
    """A machine and its player."""

    machine: AnyMachine

    def __init__(self) -> None:
        self.peer = Peer(make_agent(seed=0))  # builds messages only
        self.sent: list[Request | Response] = []

    def act(self, random: Random, now: float) -> None:
        """Give the machine one input of any kind."""
        raise NotImplementedError

    def surroundings(self, now: float) -> None:
        """Let what stands around the machine come to ``now``, as a parent does before its children."""

    def settle(self, now: float) -> None:
        """Hand on what the machine's parent would hand on."""

    def deadlines(self) -> list[float]:
        """When the machine or what stands around it has work."""
        return [] if self.machine.deadline is None else [self.machine.deadline]

    def advance(self, now: float) -> None:
        """Let the machine and what stands around it do what is due."""
        self.surroundings(now)
        self.machine.handle_timeout(now)
        self.settle(now)

    def size(self) -> dict[str, int]:
        """The sizes of all tables."""
        return {}

    def states(self) -> list[TableMachine[object, object]]:
        """The machines with a table in it."""
        return []

    def snapshot(self) -> object:
        """All that an input could have changed."""
        states = [repr(machine) for machine in self.states()]
        return (self.machine.deadline, self.machine.closed, states, self.size())

    def drain(self) -> list[object]:
        """Pop packets and events and keep the packets to answer them."""
        log: list[object] = []
        while (transmit := self.machine.next_transmit()) is not None:
            self.sent.append(parse_message(transmit.data))
            log.append(transmit)
        while (event := self.machine.next_event()) is not None:
            log.append(repr(event))
            self.heard(event)
        return log

    def heard(self, event: object) -> None:
        """Take note of an event."""

    def give_up(self, now: float) -> None:
        """The runtime's part when all shall end: no name is found any more."""
        outbound = getattr(self, "outbound", None)
        if outbound is not None:
            for number in range(1, 1 + outbound._lookups.resolver.statistics.questions):
                outbound.dns_failed(number, now)

    def answer_to(self, random: Random) -> Response | None:
        """An answer to one of the last requests that were sent."""
        requests = [message for message in self.sent[-8:] if isinstance(message, Request)]
        if not requests:
            return None
        request = random.choice(requests)
        extra = [("Contact", random.choice(["<sip:bob@192.0.2.2>", "<sip:bob@phone.example>", "<sip:x"]))]
        extra.append(("WWW-Authenticate", f'Digest realm="r", nonce="{random.random()}"'))
        body = random.choice([b"", offer(), b"garbage"])
        return build_response(
            request,
            random.choice(STATUSES),
            to_tag=random.choice(["one", "one", "two"]),
            extra=extra,
            content_type="application/sdp" if body else None,
            body=body,
        )

    def request_from(self, random: Random) -> Request:
        """A request of a peer, in the call or beside it."""
        method = random.choice(METHODS)
        tags = [m.to_tag for m in self.sent[-8:] if isinstance(m, Response) and m.to_tag]
        mine = [m for m in self.sent[-8:] if isinstance(m, Request)]
        branch = random.choice(["", "z9hG4bKone", "z9hG4bKone", "z9hG4bKtwo", "old"])
        body = random.choice([b"", offer()])
        if mine and random.random() < 0.4:
            own = random.choice(mine)
            tag = random.choice([own.to_tag or "one", "one", "two"])
            return self.peer.request(
                method,
                to_tag=own.from_tag,
                call_id=own.call_id,
                tag=tag,
                cseq=random.randrange(9),
                body=body,
                branch=branch,
            )
        to_tag = random.choice([*tags[-2:], ""])
        return self.peer.request(
            method, to_tag=to_tag, cseq=random.choice([1, 1, 1, 2, 3]), branch=branch, body=body
        )


class TransactionSubject(Subject):
    """One transaction."""

    def __init__(self, random: Random, kind: type[Transaction]) -> None:
        super().__init__()
        method = "INVITE" if kind in (ClientInvite, ServerInvite) else "OPTIONS"
        request = self.peer.request(method)
        where = random.choice([BOB, BOB, TCP])
        make: Callable[..., Transaction] = kind
        self.transaction = make(request, ("key", method), where, now=0.0, timers=TimerConfig())
        self.request = request
        self.machine = self.transaction

    def states(self) -> list[TableMachine[object, object]]:
        return [self.transaction]  # type: ignore[list-item]

    def act(self, random: Random, now: float) -> None:
        transaction = self.transaction
        what = random.randrange(10)
        response = build_response(self.request, random.choice(STATUSES), to_tag="t")
        if what == 0 and random.random() < 0.3:
            transaction.flow_failed("refused", now)
        elif what == 1 and random.random() < 0.1:
            transaction.close(now)
        elif isinstance(transaction, ServerTransaction):
            if what < 5:
                transaction.respond(response, now)
            else:
                method = random.choice([self.request.method, "ACK"])
                transaction.receive_message(self.peer.request(method), BOB, now)
        elif isinstance(transaction, ClientInvite | ClientNonInvite):
            transaction.receive_message(random.choice([response, response, self.request]), BOB, now)


class LayerSubject(Subject):
    """The transaction layer."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.layer = TransactionLayer(LayerConfig(max_transactions=20), now=0.0)
        self.machine = self.layer
        self.keys: deque[RequestReceived] = deque(maxlen=5)

    def states(self) -> list[TableMachine[object, object]]:
        return [*self.layer._clients._by_key.values(), *self.layer._servers._by_key.values()]  # type: ignore[list-item]

    def size(self) -> dict[str, int]:
        return {"servers": len(self.layer._servers), "merges": len(self.layer._servers._merges)}

    def heard(self, event: object) -> None:
        if isinstance(event, RequestReceived):
            self.keys.append(event)

    def act(self, random: Random, now: float) -> None:
        what = random.randrange(10)
        if what < 2:
            request = self.peer.request(random.choice(["INVITE", "OPTIONS"]))
            self.layer.request(request, request.via.branch, random.choice([BOB, TCP]), now)
        elif what < 5 and self.keys:
            event = random.choice(self.keys)
            response = build_response(event.request, random.choice(STATUSES), to_tag="t")
            self.layer.respond(event.key, response, now)
        elif what < 7 and (answer := self.answer_to(random)) is not None:
            self.layer.receive_message(answer, BOB, now)
        elif what == 7 and random.random() < 0.1:
            self.layer.flow_failed(BOB, "refused", now)
        elif what == 8 and random.random() < 0.02:
            self.layer.close(now)
        elif what == 9 and self.sent and isinstance(self.sent[-1], Request):
            request = self.sent[-1]
            self.layer.cancel((request.via.branch, request.method), now)
        else:
            self.layer.receive_message(self.request_from(random), BOB, now)


class SessionSubject(Subject):
    """One side of a call over its transactions, which stand for its parent."""

    def __init__(self, random: Random, *, caller: bool) -> None:
        super().__init__()
        ids = Ids(random.randbytes)
        self.layer = TransactionLayer(LayerConfig(), now=0.0)
        questions: deque[object] = deque()
        self.outbound = Outbound(
            self.layer,
            ids=ids,
            sent_by={"UDP": ("192.0.2.1", 5060)},
            questions=questions,  # type: ignore[arg-type]
        )
        self.registry: dict[tuple[str, str, str], CallBase] = {}
        kind = InviteClient if caller else InviteServer
        users = (Credentials("alice", "secret"),)
        config = InviteConfig(contact="<sip:alice@192.0.2.1>", credentials=users)
        self.session: InviteSession = kind(
            "call", config, now=0.0, ids=ids, outbound=self.outbound, registry=self.registry
        )
        self.machine = self.session
        self.began = False

    def states(self) -> list[TableMachine[object, object]]:
        return [self.session]  # type: ignore[list-item]

    def size(self) -> dict[str, int]:
        return {"dialogs": len(self.registry), "transactions": len(self.layer)}

    def surroundings(self, now: float) -> None:
        self.layer.handle_timeout(now)
        self.settle(now)

    def deadlines(self) -> list[float]:
        return [d for d in (self.layer.deadline, self.session.deadline) if d is not None]

    def settle(self, now: float) -> None:
        session = self.session
        while (event := self.layer.next_event()) is not None:
            if isinstance(event, AckReceived):
                if isinstance(session, InviteServer) and self.began:
                    session.receive_ack(event.request, now)
            elif isinstance(event, RequestReceived):
                self._take(event, now)
            elif not isinstance(event, StrayResponse):
                self.outbound.dispatch(event, event.key, now)

    def _take(self, event: RequestReceived, now: float) -> None:
        request, session = event.request, self.session
        dialog = (request.call_id, request.to_tag, request.from_tag)
        if request.method == "INVITE" and isinstance(session, InviteServer) and not self.began:
            session.receive_invite(event.key, request, now)
            self.began = True
        elif request.method == "CANCEL" and isinstance(session, InviteServer) and self.began:
            self.layer.respond(event.key, build_response(request, 200, to_tag="c"), now)
            invite = self.layer.find_cancelled(request)
            if invite is not None:
                session.receive_cancel(invite, now)
        elif self.registry.get(dialog) is session:
            session.receive_request(event.key, request, now)
        else:
            self.layer.respond(event.key, build_response(request, 481, to_tag="x"), now)

    def act(self, random: Random, now: float) -> None:
        session, what = self.session, random.randrange(12)
        if not self.began:
            self._begin(random, now)
        elif what == 0 and random.random() < 0.7:
            random.choice([session.hang_up, session.close])(now)
        elif what < 3 and isinstance(session, InviteServer):
            verb = random.randrange(3)
            if verb == 0:
                session.ring(now, random.choice([180, 183, 200]))
            elif verb == 1:
                session.answer(random.choice([media(), None]), now)
            elif random.random() < 0.3:
                session.reject(random.choice([486, 200]), now)
        elif what < 7 and (answer := self.answer_to(random)) is not None:
            self.layer.receive_message(answer, BOB, now)
        elif what == 7 and random.random() < 0.2:
            self.layer.flow_failed(BOB, "refused", now)
        else:
            self.layer.receive_message(self.request_from(random), BOB, now)
        self.settle(now)

    def _begin(self, random: Random, now: float) -> None:
        if isinstance(self.session, InviteClient):
            late = random.random() < 0.3
            uri, from_, to = "sip:bob@192.0.2.2", "<sip:alice@example.com>", "<sip:bob@example.com>"
            self.session.invite(uri, from_=from_, to=to, media=media(), now=now, late_offer=late)
            self.began = True
        else:
            body = random.choice([b"", offer()])
            self.layer.receive_message(self.peer.request("INVITE", body=body, branch="z9hG4bKone"), BOB, now)


class AgentSubject(Subject):
    """A whole agent."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.agent: Agent = make_agent(
            seed=random.randrange(2**30),
            max_calls=10,
            max_transactions=50,
            resolver=ResolverConfig(max_lookups=5),
        )
        self.machine = self.agent
        self.calls: deque[str] = deque(maxlen=5)
        self.queries: deque[int] = deque(maxlen=9)

    def states(self) -> list[TableMachine[object, object]]:
        layer, calls = self.agent._core.layer, self.agent._calls
        machines = [
            *layer._clients._by_key.values(),
            *layer._servers._by_key.values(),
            *calls._sessions.values(),
        ]
        return machines  # type: ignore[return-value]

    def size(self) -> dict[str, int]:
        return tables(self.agent)

    def heard(self, event: object) -> None:
        if (session := getattr(event, "session", None)) is not None:
            self.calls.append(session)
        if isinstance(event, DnsQuestion):
            self.queries.append(event.question)

    def give_up(self, now: float) -> None:
        for number in range(1, 1 + self.agent._core.outbound._lookups.resolver.statistics.questions):
            self.agent.dns_failed(number, now)
        self.drain()

    def act(self, random: Random, now: float) -> None:
        agent, what = self.agent, random.randrange(14)
        call = random.choice(self.calls) if self.calls else "none"
        uri = random.choice(
            ["sip:bob@192.0.2.2", "sip:bob@phone.example", "sip:b@192.0.2.2;transport=tcp", "x"]
        )
        if what == 0:
            agent.invite(uri, random.choice([media(), None]), now, late_offer=random.random() < 0.2)
        elif what == 1:
            agent.request(random.choice(["OPTIONS", "MESSAGE", "BYE"]), uri, now)
        elif what == 2:
            random.choice([agent.ring, agent.hang_up])(call, now)
        elif what == 3:
            agent.answer(call, random.choice([media(), None]), now)
        elif what == 4 and random.random() < 0.3:
            agent.reject(call, random.choice([486, 200]), now)
        elif what == 5 and self.queries:
            query = self.queries.popleft()
            if random.random() < 0.5:
                records: list[Record] = [
                    AddressRecord("192.0.2.2"),
                    SrvRecord(1, random.randrange(3), 5060, "b.example"),
                ]
                agent.receive_dns_answer(query, records, random.choice([0.0, 60.0]), now)
            else:
                agent.dns_failed(query, now)
        elif what == 6 and random.random() < 0.2:
            agent.flow_failed(BOB, "refused", now)
        elif what == 7 and random.random() < 0.02:
            agent.close(now)
        elif what == 8:
            agent.receive_datagram(random.randbytes(random.randrange(200)), BOB, now)
        elif what < 11 and (answer := self.answer_to(random)) is not None:
            agent.receive_datagram(answer.to_bytes(), random.choice([BOB, TCP]), now)
        else:
            agent.receive_datagram(self.request_from(random).to_bytes(), random.choice([BOB, TCP]), now)


class ServingSubject(AgentSubject):
    """An agent that serves all there is: registrar, publications, messages, packages, the application."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        config = attrs.evolve(
            self.agent._core.config,
            registrar=RegistrarConfig(max_addresses=3),
            compositor=CompositorConfig(packages=(PRESENCE,), max_publications=3),
            event_packages=(PRESENCE,),
            max_subscriptions=3,
            pager=PagerConfig(max_waiting=3),
            info_packages=(InfoSupport("dtmf"),),
            handed_over=frozenset({"FOO", "NOTIFY", "*"}),
            max_handed_over=3,
            authentication=AuthenticationConfig(
                digest=DigestServerConfig(realm="r"),
                methods=frozenset({"BAR"}),
            ),
        )
        self.agent = Agent(config, now=0.0, ids=Ids(Random(random.random()).randbytes))
        self.machine = self.agent
        self.handed: deque[int] = deque(maxlen=5)

    def size(self) -> dict[str, int]:
        services = self.agent._services
        published = services.publications
        return {
            **super().size(),
            "waiting": len(services.handover),
            "letters": services.pager._letters.waiting,
            "published": 0 if published is None else len(published.compositor),
            "watchers": len(self.agent._usages.notifiers),
        }

    def heard(self, event: object) -> None:
        super().heard(event)
        if isinstance(event, RequestHandedOver):
            self.handed.append(event.request)

    def act(self, random: Random, now: float) -> None:
        agent, what = self.agent, random.randrange(12)
        call = random.choice(self.calls) if self.calls else "none"
        uri = random.choice(["sip:bob@192.0.2.2", "sip:bob@phone.example", "x"])
        if what == 0 and self.handed:
            agent.respond(self.handed.popleft(), random.choice([100, 180, 200, 404]), now)
        elif what == 1:
            agent.send_message(uri, now, body=random.choice([b"hi", b"x" * 2_000]))
        elif what == 2:
            agent.send_info(call, now, package=random.choice(["", "chat"]))
        elif what == 3:
            agent.request_in_call(call, random.choice(["FOO", "MESSAGE", "BYE"]), now)
        elif what == 4:
            agent.request("FOO", uri, now, timeout=random.choice([None, 0.0, 1.0, 40.0]))
        elif what < 8:
            agent.receive_datagram(self._order(random).to_bytes(), random.choice([BOB, TCP]), now)
        else:
            super().act(random, now)

    def _order(self, random: Random) -> Request:
        """A request for one of the services."""
        method = random.choice(["REGISTER", "PUBLISH", "SUBSCRIBE", "MESSAGE", "NOTIFY", "FOO", "BAR"])
        contact = f"<sip:b{random.randrange(3)}@192.0.2.2>;expires={random.choice([0, 60, 90])}"
        extra = [("Contact", contact), ("Event", random.choice(["presence", "foo"]))]
        body = random.choice([b"", b"<presence/>"])
        if body:
            extra.append(("Content-Type", random.choice(["application/pidf+xml", "text/plain"])))
        user = random.choice(["alice", "bob", "carol", "dave", "eve"])
        request = self.peer.request(
            method,
            uri=f"sip:{user}@192.0.2.1",
            call_id=str(random.random()),
            cseq=random.randrange(9),
            extra=extra,
        )
        request.set("To", f"<sip:{user}@example.com>")
        request.body = body
        return request


def _transaction(kind: type[Transaction]) -> Callable[[Random], Subject]:
    return lambda random: TransactionSubject(random, kind)


SUBJECTS: dict[str, Callable[[Random], Subject]] = {
    "ClientInvite": _transaction(ClientInvite),
    "ClientNonInvite": _transaction(ClientNonInvite),
    "ServerInvite": _transaction(ServerInvite),
    "ServerNonInvite": _transaction(ServerNonInvite),
    "TransactionLayer": LayerSubject,
    "InviteClient": lambda random: SessionSubject(random, caller=True),
    "InviteServer": lambda random: SessionSubject(random, caller=False),
    "Agent": AgentSubject,
    "ServingAgent": ServingSubject,
}

MISUSE = LocalProtocolError
