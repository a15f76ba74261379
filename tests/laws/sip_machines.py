"""The rest of the SIP machines with somebody who plays with them, and which machine lives in which."""

from __future__ import annotations

import ast
import gc
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import sansio_sip
from sansio_sip.agent import AgentConfig, RecordingAgent
from sansio_sip.errors import LocalProtocolError
from sansio_sip.framing import StunKeepAlive, answer_stun
from sansio_sip.ids import Ids
from sansio_sip.invite import RestoredCall, restore_call
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response
from sansio_sip.proxy import Later, Proxy, Reply, Routing, RoutingNeeded, Target
from sansio_sip.proxy.branch import Branch
from sansio_sip.register import ChangeHeld, Registrar, RegistrarConfig, Registration, RegistrationConfig
from sansio_sip.resolve import (
    AddressRecord,
    DnsQuestion,
    NaptrRecord,
    Record,
    Resolver,
    ResolverConfig,
    SrvRecord,
    TargetsFound,
)
from sansio_sip.table import Table, TableMachine
from sansio_sip.transaction import RequestReceived
from tests.laws.sip_subjects import SUBJECTS, AgentSubject, SessionSubject, Subject
from tests.sip.harness import ALICE, BOB, Peer, make_agent
from tests.sip.proxy.bench import Bench
from tests.sip.subscribe.subjects import USAGES, UsageSubject


class RegistrationSubject(UsageSubject):
    """A registration; what a registrar could answer, and nonsense."""

    def make(self) -> None:
        config = RegistrationConfig(
            address="<sip:alice@192.0.2.2>",
            contacts=("<sip:bob@192.0.2.2>",),  # what the peer's answers list
            expires=600,
            credentials=self.config.credentials,
        )
        self.registration = Registration("r", config, **self.common)
        self.machine = self.registration

    def states(self) -> list[TableMachine[object, object]]:
        return [self.registration]  # type: ignore[list-item]

    def verb(self, random: Random, now: float) -> None:
        if random.random() < 0.1:
            self.registration.flow_failed(now)
        else:
            self.registration.register(now)


class RegistrarSubject(UsageSubject):
    """A registrar; what telephones could send, and nonsense."""

    holds = False

    def make(self) -> None:
        config = RegistrarConfig(max_addresses=3, max_bindings=2, hold_changes=self.holds, max_held=4)
        self.registrar = Registrar(config, **self.common)
        self.machine = self.registrar
        self.changes: list[int] = []

    def take_first(self, event: RequestReceived, now: float) -> bool:
        if event.request.method != "REGISTER":
            return False
        self.registrar.receive_request(event.key, event.request, event.source, now)
        return True

    def size(self) -> dict[str, int]:
        held = {"held": self.registrar.held, "open": len(self.registrar._held._open)}
        return {**super().size(), "addresses": len(self.registrar._locations), **held}

    def heard(self, event: object) -> None:
        super().heard(event)
        if isinstance(event, ChangeHeld):
            self.changes.append(event.change)

    def request_from(self, random: Random) -> Request:
        extra = [
            ("Contact", random.choice(["<sip:a@192.0.2.2>", "<sip:b@192.0.2.2>;expires=70", "*", "<sip:x"])),
            ("Expires", random.choice(["600", "60", "0", "0", "3", "x"])),
            ("Require", random.choice(["path", "odd"])),
        ]
        extra = [field for field in extra if random.random() < (0.8 if field[0] != "Require" else 0.1)]
        request = self.peer.request(
            random.choice(["REGISTER"] * 5 + ["OPTIONS"]),
            call_id=random.choice(["one", "two"]),
            cseq=random.randrange(1, 40),
            extra=extra,
        )
        number = random.randrange(5)
        request.set("To", f"<sip:u{number}@example.com>")
        return request

    def verb(self, random: Random, now: float) -> None:
        if random.random() < 0.2:
            self.registrar.flow_failed(BOB, now)
        else:
            self.registrar.lookup(f"sip:u{random.randrange(5)}@example.com", now)


class HoldingRegistrarSubject(RegistrarSubject):
    """A registrar whose user has the last word, and gives it in any order, or not."""

    holds = True

    def verb(self, random: Random, now: float) -> None:
        change = random.choice(self.changes[-4:] or [0])
        what = random.randrange(5)
        if what < 3:
            self.registrar.confirm(change, now)
        elif what == 3:
            self.registrar.refuse(change, random.choice([500, 403, 200]), now)
        else:
            super().verb(random, now)


NAMES = ["h.example", "s.example", "_sip._udp.h.example", "192.0.2.7", ".", ""]


class ResolverSubject(Subject):
    """A resolver; a DNS that says anything, late or never."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        config = ResolverConfig(max_lookups=4, max_cached=6, max_blacklisted=4, timeout=5.0)
        self.resolver = Resolver(config, now=0.0, ids=Ids(random.randbytes))
        self.machine = self.resolver
        self.questions: deque[int] = deque(maxlen=9)
        self.targets: deque[Endpoint] = deque(maxlen=9)
        self.queries = 1

    def states(self) -> list[TableMachine[object, object]]:
        return list(self.resolver._lookups.values())  # type: ignore[arg-type]

    def size(self) -> dict[str, int]:
        resolver = self.resolver
        sizes = {"lookups": len(resolver._lookups), "cached": len(resolver._cache)}
        return {**sizes, "bad": len(resolver._blacklist)}

    def heard(self, event: object) -> None:
        if isinstance(event, DnsQuestion):
            self.questions.append(event.question)
        elif isinstance(event, TargetsFound):
            self.targets += [target.endpoint for target in event.targets]

    def act(self, random: Random, now: float) -> None:
        resolver, what = self.resolver, random.randrange(12)
        question = random.choice([*self.questions, 0])
        if what < 4:
            uri = random.choice(["sip:h.example", "sips:h.example", "sip:s.example;transport=tcp", "tel:1"])
            self.queries = resolver.resolve(uri, now, size=random.choice([0, 0, 2_000]))
        elif what < 9:
            resolver.receive_answer(question, self._records(random), random.choice([0.0, 3.0, 60.0]), now)
        elif what == 9:
            resolver.question_failed(question, now)
        elif what == 10 and self.targets:
            target = random.choice(self.targets)
            if random.random() < 0.7:
                resolver.target_failed(target, now, retry_after=random.choice([None, 5.0]))
            else:
                resolver.target_answered(target)
        elif random.random() < 0.1:
            resolver.close(now)
        else:
            resolver.cancel(random.randrange(self.queries + 1), now)

    def _records(self, random: Random) -> list[Record]:
        name = random.choice(NAMES)
        kinds: list[Record] = [
            AddressRecord(random.choice(["192.0.2.1", "192.0.2.2", "2001:db8::1", "x"])),
            SrvRecord(random.randrange(2), random.randrange(3), random.choice([5060, 0, 70_000]), name),
            NaptrRecord(random.randrange(2), 1, random.choice("sau"), random.choice(["SIP+D2U", "x"]), name),
        ]
        return [random.choice(kinds) for _ in range(random.randrange(4))]


TARGETS = ["sip:b@192.0.2.2", "sip:c@192.0.2.3", "sip:d@phone.example", "sips:e@192.0.2.4", "tel:+1"]


class ProxySubject(Subject):
    """A proxy, with state or without: any request, any answer, any names."""

    def __init__(self, random: Random, *, stateless: bool, **config: Any) -> None:
        super().__init__()
        self.routings = Random(random.randrange(2**30))
        self.bench = Bench(
            router=lambda request, source: self._routing(),
            stateless=stateless,
            max_contexts=8,
            max_transactions=40,
            max_targets=4,
            **config,
        )
        self.proxy = self.bench.proxy
        self.machine = self.proxy
        self.queries: list[int] = []
        self.contexts: list[int] = []

    def _routing(self) -> Routing | Later:
        random = self.routings
        if random.random() < 0.15:
            others: list[Routing | Later] = [Later(), Reply(404), []]
            return random.choice(others)
        return [
            Target(uri=uri, q=random.choice([1.0, 0.5]), ring_time=random.choice([None, 3.0]))
            for uri in random.sample(TARGETS, random.randrange(1, 4))
        ]

    def states(self) -> list[TableMachine[object, object]]:
        if not isinstance(self.proxy, Proxy):
            return []
        contexts = self.proxy._core._reception.by_number.values()
        branches = [branch for context in contexts for branch in context._branches]
        parts: list[Any] = [*contexts, *branches]
        return [part for part in parts if not waits_for_its_transaction(part)]

    def size(self) -> dict[str, int]:
        if isinstance(self.proxy, Proxy):
            statistics = self.proxy.statistics()
            return {"contexts": statistics.contexts, "transactions": statistics.transactions}
        return {}

    def heard(self, event: object) -> None:
        if isinstance(event, DnsQuestion):
            self.queries.append(event.question)
        elif isinstance(event, RoutingNeeded):
            self.contexts.append(event.context)

    def act(self, random: Random, now: float) -> None:
        proxy, what = self.proxy, random.randrange(16)
        if what < 5:
            request = self.bench.request(
                random.choice(["INVITE", "INVITE", "OPTIONS", "CANCEL", "ACK", "BYE"]),
                branch=random.choice(["", "z9hG4bKone", "z9hG4bKtwo"]),
                call_id=random.choice("ab"),
            )
            proxy.receive_datagram(request.to_bytes(), ALICE, now)
        elif what < 12:
            requests = [message for message in self.sent[-12:] if isinstance(message, Request)]
            if requests:
                status = random.choice([100, 180, 200, 302, 404, 486, 487, 503, 603])
                answer = build_response(random.choice(requests), status, to_tag=random.choice("ab"))
                proxy.receive_datagram(answer.to_bytes(), BOB, now)
        elif what == 12 and self.queries:
            if random.random() < 0.5:
                proxy.receive_dns_answer(self.queries.pop(), [AddressRecord(BOB.host)], 60.0, now)
            else:
                proxy.dns_failed(self.queries.pop(), now)
        elif what == 13 and random.random() < 0.3 and isinstance(proxy, Proxy):
            proxy.flow_failed(BOB, "refused", now)
        elif what == 14 and self.contexts and isinstance(proxy, Proxy):
            proxy.route(self.contexts.pop(), self._routing_now(random), now)
        elif random.random() < 0.05:
            proxy.close(now)
        else:
            proxy.receive_datagram(random.randbytes(random.randrange(200)), BOB, now)

    def give_up(self, now: float) -> None:
        self.drain()
        while self.queries:  # an answer may lead to the next question
            self.proxy.dns_failed(self.queries.pop(), now)
            self.drain()
        for context in self.contexts:
            assert isinstance(self.proxy, Proxy)
            try:
                self.proxy.route(context, [], now)
            except LocalProtocolError:
                continue  # it has its route, or is over
        self.drain()

    @staticmethod
    def _routing_now(random: Random) -> Routing:
        routings: list[Routing] = [[], [Target(uri=TARGETS[0])], Reply(480)]
        return random.choice(routings)


class RegisteringProxySubject(ProxySubject):
    """A proxy that holds registrations: phones come and go, its user confirms, refuses or forgets."""

    def __init__(self, random: Random) -> None:
        wanted = RegistrarConfig(max_addresses=3, max_bindings=2, hold_changes=True, max_held=4)
        super().__init__(random, stateless=False, registrar=wanted)
        self.changes: list[int] = []

    def _routing(self) -> Routing | Later:
        if self.routings.random() < 0.5:
            return self.bench.stateful.targets(f"sip:u{self.routings.randrange(4)}@example.com")
        return super()._routing()

    def size(self) -> dict[str, int]:
        statistics = self.bench.stateful.statistics()
        return {**super().size(), "held": statistics.held, "addresses": statistics.registered}

    def heard(self, event: object) -> None:
        super().heard(event)
        if isinstance(event, ChangeHeld):
            self.changes.append(event.change)

    def act(self, random: Random, now: float) -> None:
        proxy, what = self.bench.stateful, random.randrange(10)
        if what < 3:
            user = f"sip:u{random.randrange(4)}@example.com"
            extra = [
                ("Contact", f'<sip:{random.choice("ab")}@192.0.2.2>;+sip.instance="<urn:x>"'),
                ("Expires", random.choice(["600", "60", "0", "x"])),
            ]
            request = self.bench.request(
                "REGISTER", "sip:example.com", cseq=random.randrange(40), extra=extra, branch=""
            )
            request.set("To", f"<{user}>")
            proxy.receive_datagram(request.to_bytes(), BOB, now)
        elif what == 3:
            change = random.choice(self.changes[-4:] or [0])
            if random.random() < 0.7:
                proxy.confirm_registration(change, now)
            else:
                proxy.refuse_registration(change, random.choice([500, 403, 200]), now)
        else:
            super().act(random, now)


def waits_for_its_transaction(part: object) -> bool:
    """Timer C is for INVITEs (RFC 3261 §16.6 item 11); of other requests timer F of the transaction tells."""
    return isinstance(part, Branch) and part.request.method != "INVITE"


class RecordingSubject(AgentSubject):
    """An agent that writes down what goes into it."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.lines: list[str] = []
        config = make_agent(max_calls=10, max_transactions=50)._core.config
        ids = Ids(Random(random.randrange(2**30)).randbytes)
        self.agent = RecordingAgent(config, now=0.0, ids=ids, sink=self.lines.append)
        self.machine = self.agent


class StunSubject(Subject):
    """A keep-alive by STUN; answers, and what others send."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.keeper = StunKeepAlive(BOB, 29.0, now=0.0, ids=Ids(random.randbytes))
        self.machine = self.keeper
        self.asked = bytes(20)

    def act(self, random: Random, now: float) -> None:
        answer = answer_stun(self.asked, "192.0.2.7", 5060) or b""
        self.keeper.receive_packet(random.choice([answer, self.asked, random.randbytes(32)]), now)

    def drain(self) -> list[object]:
        log: list[object] = []
        while (transmit := self.keeper.next_transmit()) is not None:
            self.asked = transmit.data
            log.append(transmit)
        while (event := self.keeper.next_event()) is not None:
            log.append(event)
        return log


class RestoredSubject(SessionSubject):
    """A call that another agent began."""

    def __init__(self, random: Random) -> None:
        super().__init__(random, caller=True)
        peer = Peer(make_agent(seed=random.randrange(2**30)))
        name, invite, ack = peer.established_from_agent()
        peer.pass_time(64.0)  # until its transactions are over
        data = peer.agent.export_call(name, 0.0)
        restored = RestoredCall(
            name,
            self.session.config,
            now=0.0,
            ids=Ids(random.randbytes),
            outbound=self.outbound,
            registry=self.registry,
        )
        restore_call(restored, data)
        self.session = restored
        self.machine = restored
        self.began = True
        self.sent += [invite, ack]  # so that the player knows the dialog


MORE: dict[str, Callable[[Random], Subject]] = {
    "Registration": RegistrationSubject,
    "Registrar": RegistrarSubject,
    "HoldingRegistrar": HoldingRegistrarSubject,
    "Resolver": ResolverSubject,
    "Proxy": lambda random: ProxySubject(random, stateless=False),
    "RegisteringProxy": RegisteringProxySubject,
    "StatelessProxy": lambda random: ProxySubject(random, stateless=True),
    "RecordingAgent": RecordingSubject,
    "RestoredCall": RestoredSubject,
    "StunKeepAlive": StunSubject,
}

PLAYED = {**SUBJECTS, **USAGES, **MORE}

PARTS: dict[str, str] = {
    "Branch": "Proxy",
    "Calls": "Town",
    "ClientRequest": "ServingAgent",
    "DialogRecovery": "Town",
    "Handover": "ServingAgent",
    "Lookup": "Resolver",
    "Lookups": "ServingAgent",
    "Modifier": "Town",
    "NotifyQueue": "Town",
    "OfferInResponse": "Town",
    "OfferServer": "Town",
    "Outbound": "ServingAgent",
    "ProxyCore": "Proxy",
    "Publications": "ServingAgent",
    "ReferClient": "Town",
    "ReferServer": "Town",
    "ReinviteServer": "Town",
    "ReliableResponses": "Town",
    "Requests": "ServingAgent",
    "ResponseContext": "Proxy",
    "Services": "ServingAgent",
    "SessionTimer": "Town",
    "Subscription": "Watcher",
    "TargetRefresh": "Town",
    "Transfers": "Town",
    "Usages": "Town",
}
"""Machines that live in another and have no packets and events of their own, and where they are met."""


# Finding machines


@cache
def _classes_and_calls() -> tuple[dict[str, tuple[set[str], set[str], bool]], set[str]]:
    """Every class of the package with its members, its bases, and whether it is a shape; names called."""
    classes: dict[str, tuple[set[str], set[str], bool]] = {}
    called: set[str] = set()
    for file in sorted(Path(sansio_sip.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                members = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
                bases = {ast.unparse(base).partition("[")[0] for base in node.bases}
                classes[node.name] = (members, bases, "Protocol" in bases)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called.add(node.func.id)
    return classes, called


@cache
def machine_classes() -> frozenset[str]:
    """The classes with timers that can be made: those that are called, and those that nothing is based on."""
    classes, made = _classes_and_calls()

    def has_timers(name: str) -> bool:
        if name not in classes:
            return False
        members, bases, _ = classes[name]
        return "handle_timeout" in members or any(map(has_timers, bases))

    based_on = set().union(*(bases for _, bases, _ in classes.values()))
    return frozenset(
        name
        for name, (_, _, is_shape) in classes.items()
        if has_timers(name) and not is_shape and (name in made or name not in based_on)
    )


def inside(root: object) -> Iterator[object]:
    """Everything of the package that hangs on a machine, itself included, nearest first; no messages."""
    seen, waiting = {id(root)}, deque([root])
    while waiting:
        item = waiting.popleft()
        yield item
        for inner in gc.get_referents(item):
            kind = type(inner)
            ours = kind in _CONTAINERS or (kind not in _LEAVES and kind.__module__.startswith("sansio_sip"))
            if ours and id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)


_CONTAINERS = frozenset({dict, list, tuple, deque})
_LEAVES = frozenset({AgentConfig, Request, Response, Table})


def parts_of(root: object) -> list[Any]:
    """Every machine that hangs on another, itself included."""
    names = machine_classes()
    return [item for item in inside(root) if type(item).__name__ in names]
