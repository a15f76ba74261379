"""Two agents whose users do anything, and a server, on a wire that loses, doubles and reorders."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from functools import partial
from random import Random

from sansio_sip.agent import Agent, AgentConfig, AgentEvent
from sansio_sip.errors import LocalProtocolError
from sansio_sip.headers import EventType
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    CallEnded,
    CallProgress,
    IncomingCall,
    OfferReceived,
    RecoveryConfig,
    ReferAccepted,
    ReferEnded,
    ReferReceived,
    SessionBody,
    SessionTimerConfig,
)
from sansio_sip.machine import Endpoint, Transmit
from sansio_sip.message import build_response, parse_message
from sansio_sip.register import Registrar, RegistrarConfig, RegistrationConfig
from sansio_sip.resolve import DnsQuestion
from sansio_sip.sdp import LocalMedia
from sansio_sip.subscribe import (
    PRESENCE,
    Compositor,
    CompositorConfig,
    FixedState,
    PublicationEnded,
    PublishOrder,
    SubscribeOrder,
    SubscriberGone,
    SubscriptionEnded,
    SubscriptionRequested,
    resource_of,
)
from sansio_sip.transaction import RequestReceived
from tests.sip.harness import ALICE, BOB, Sent, lossy, media, offer, tables
from tests.sip.register.peer import Plumbing

SERVER = Endpoint("UDP", "192.0.2.10", 5060)
STATES = [FixedState("application/pidf+xml", b"<presence>%d</presence>" % number) for number in range(3)]
PASSED = SessionBody(offer())
CLOSING = 240.0
"""When both users go home, in seconds."""


class Resident:
    """An agent and its user, who keeps the names of what is open and draws what to do next."""

    def __init__(self, name: str, endpoint: Endpoint, other: Endpoint, random: Random, seed: int) -> None:
        config = AgentConfig(
            address=f"<sip:{name}@example.com>",
            contact=f"<sip:{name}@{endpoint.host}:{endpoint.port}>",
            sent_by={"UDP": (endpoint.host, endpoint.port)},
            session_timer=SessionTimerConfig(
                interval=random.choice([0, 90, 120]), prefer_local=random.random() < 0.5
            ),
            recovery=random.choice([None, RecoveryConfig(probes=2)]),
            require_reliable=random.random() < 0.2,
            accept_undecided=random.random() < 0.5,
            offer_patience=random.choice([None, 2.0]),
            event_packages=(PRESENCE,),
        )
        self.agent = Agent(config, now=0.0, ids=Ids(Random(f"{seed} {name}").randbytes))
        self.name = name
        self.endpoint = endpoint
        self.other = other
        self.random = random
        self.events: list[AgentEvent] = []
        self.calls: list[str] = []
        self.refers: list[tuple[str, int]] = [("none", 1)]
        self.usages: list[str] = []
        self.watchers: list[str] = []
        self.refused = 0

    # What the user hears

    def hear(self, event: AgentEvent, now: float) -> None:
        self.events.append(event)
        agent, random = self.agent, self.random
        match event:
            case IncomingCall(session):
                self.calls.append(session)
                early = random.random() < 0.3
                if early:  # both may change the media before there is an answer
                    self.attempt(partial(agent.ring, session, now, 183, media=self.media(), reliable=True))
                elif random.random() < 0.6:
                    self.attempt(partial(agent.ring, session, now, random.choice([180, 183])))
                if random.random() < (0.2 if early else 0.7):
                    self.attempt(partial(agent.answer, session, self.media(), now))
            case CallProgress() if random.random() < 0.3:
                self.attempt(partial(agent.hold, event.session, now))
            case OfferReceived(session):
                if event.body is not None and random.random() < 0.7:
                    self.attempt(partial(agent.answer_offer, session, PASSED, now))
                elif random.random() < 0.5:
                    self.attempt(partial(agent.answer_offer, session, self.media(), now))
                elif random.random() < 0.4:
                    self.attempt(partial(agent.reject_offer, session, 488, now))
            case ReferReceived(session, refer):
                self.refers.append((session, refer))
            case SubscriptionRequested(subscription):
                self.watchers.append(subscription)
            case DnsQuestion(question):
                agent.dns_failed(question, now)
            case _:
                return

    def media(self) -> LocalMedia:
        return media(self.endpoint.host, 4000)

    def attempt(self, verb: Callable[[], object]) -> object:
        """Do something that the state may not allow."""
        try:
            return verb()
        except LocalProtocolError:
            self.refused += 1
            return None

    # What the user does

    def call(self, now: float) -> None:
        """Call the other, with the offer or without."""
        uri = f"sip:{self.name}s-friend@{self.other.host}"
        late = self.random.random() < 0.2
        name = self.attempt(lambda: self.agent.invite(uri, self.media(), now, late_offer=late))
        if name is not None:
            self.calls.append(str(name))

    def act(self, now: float) -> None:
        """Do one thing of any kind."""
        kinds = [
            self._call,
            self._call,
            self._talk,
            self._talk,
            self._talk,
            self._refer,
            self._keep,
            self._watch,
            self._pass,
            self._pass,
        ]
        self.random.choice(kinds)(now)

    def _call(self, now: float) -> None:
        agent, random, session = self.agent, self.random, self._session()
        what = random.randrange(8)
        if what < 3:
            self.call(now)
        elif what == 3:
            self.attempt(lambda: agent.answer(session, self.media(), now))
        elif what == 4:
            self.attempt(lambda: agent.ring(session, now, 183, media=self.media()))
        elif what == 5:
            self.attempt(lambda: agent.reject(session, random.choice([486, 603]), now))
        elif what == 6:
            agent.hang_up(session, now)
        else:
            method, host = random.choice(["OPTIONS", "MESSAGE"]), random.choice([self.other, SERVER]).host
            kind, body = ("text/plain", b"hello") if method == "MESSAGE" else ("", b"")
            self.attempt(lambda: agent.request(method, f"sip:x@{host}", now, content_type=kind, body=body))

    def _talk(self, now: float) -> None:
        agent, session, late = self.agent, self._session(), self.random.random() < 0.3
        verbs: list[Callable[[], object]] = [
            lambda: agent.hold(session, now),
            lambda: agent.resume(session, now),
            lambda: agent.update_media(session, self.media(), now, late_offer=late),
            lambda: agent.answer(session, self.media(), now),
            lambda: agent.answer_offer(session, self.media(), now),
            lambda: agent.check_call(session, now),
            lambda: self._confer(session, now),
            lambda: self._confer(session, now),
        ]
        self.attempt(self.random.choice(verbs))

    def _confer(self, session: str, now: float) -> None:
        """Lead a call into a conference or out of it, mostly while a change is on its way."""
        self.attempt(lambda: self.agent.resume(session, now))
        self.agent.act_as_focus(session, self.random.choice(["sip:room@example.com", ""]), now)

    def _pass(self, now: float) -> None:
        """Do something of a call that descriptions pass through; this one may be none."""
        agent, random, session = self.agent, self.random, self._session()
        uri, body = f"sip:{self.name}s-friend@{self.other.host}", random.choice([None, PASSED])
        late, status = random.random() < 0.3, random.choice([180, 183])
        verbs: list[Callable[[], object]] = [
            lambda: self.calls.append(agent.invite_passing(uri, body, now, reliable=not late)),
            *[lambda: self.calls.append(agent.invite_passing(uri, None, now))] * 3,
            lambda: agent.pass_bodies(session, now),
            lambda: agent.pass_progress(session, now, status, body, reliable=late),
            lambda: agent.answer(session, PASSED, now),
            lambda: agent.answer_offer(session, PASSED, now),
            lambda: agent.answer_offer(session, PASSED, now),
            lambda: agent.reject_offer(session, 488, now),
            lambda: agent.update_media(session, None if late else PASSED, now, late_offer=late),
            lambda: agent.withdraw_update(session, now),
        ]
        self.attempt(random.choice(verbs))

    def _refer(self, now: float) -> None:
        agent, random, session = self.agent, self.random, self._session()
        told, refer = random.choice(self.refers)
        status, quiet = random.choice([180, 200, 486]), random.random() < 0.2
        verbs: list[Callable[[], object]] = [
            lambda: agent.refer(session, "sip:carol@192.0.2.3", now, subscribe=not quiet),
            lambda: agent.refer(session, "sip:carol@192.0.2.3", now),
            lambda: agent.accept_refer(told, refer, now),
            lambda: agent.reject_refer(told, refer, 603, now),
            lambda: agent.notify_progress(told, refer, status, now),
        ]
        self.attempt(random.choice(verbs))

    def _keep(self, now: float) -> None:
        agent, random, usage = self.agent, self.random, self._usage()
        address = f"<sip:{self.name}@192.0.2.10>"
        what = random.randrange(6)
        if what == 0 and len(self.usages) < 6:
            config = RegistrationConfig(
                address=address, contacts=(f"<sip:{self.name}@{self.endpoint.host}>",), expires=70
            )
            self._opened(self.attempt(lambda: agent.register(config, now)))
        elif what < 3 and len(self.usages) < 6:
            uri = f"sip:room@{random.choice([self.other, self.other, SERVER]).host}"
            expires = random.choice([0, 60, 100])
            order = SubscribeOrder(uri=uri, event=EventType("presence"), from_=address, expires=expires)
            self._opened(self.attempt(lambda: agent.subscribe(order, now)))
        elif what == 3 and len(self.usages) < 6:
            publish = PublishOrder(uri="sip:room@192.0.2.10", package="presence", from_=address, expires=80)
            self._opened(self.attempt(lambda: agent.publish(publish, STATES[0], now)))
        elif what == 4:
            self.attempt(lambda: agent.change_publication(usage, random.choice(STATES), now))
        else:
            agent.drop(usage, now)

    def _watch(self, now: float) -> None:
        agent, random = self.agent, self.random
        name, state = random.choice(self.watchers or ["none"]), random.choice(STATES)
        verbs: list[Callable[[], object]] = [
            lambda: agent.accept_subscription(name, state, now),
            lambda: agent.reject_subscription(name, now),
            lambda: agent.end_subscription(name, random.choice(["deactivated", "noresource"]), now),
            lambda: agent.notify(resource_of(f"sip:room@{self.endpoint.host}"), "presence", state, now),
            lambda: agent.notify(resource_of(f"sip:room@{self.endpoint.host}"), "presence", state, now),
        ]
        self.attempt(random.choice(verbs))

    def _opened(self, name: object) -> None:
        if name is not None:
            self.usages.append(str(name))

    def _session(self) -> str:
        return self.random.choice(self.calls[-3:] or ["none"])

    def _usage(self) -> str:
        return self.random.choice(self.usages or ["none"])

    def go_home(self, now: float) -> None:
        """End everything one by one, or close the agent, as the seed wants it."""
        if self.random.random() < 0.5:
            self.agent.close(now)
            return
        for session in self.calls:
            self.agent.hang_up(session, now)
        for usage in self.usages:
            self.agent.drop(usage, now)
        for watcher in self.watchers:
            self.attempt(partial(self.agent.end_subscription, watcher, "noresource", now))

    # What must have become of it

    def check(self) -> None:
        agent = self.agent
        left = {name: size for name, size in tables(agent).items() if size}
        assert not left, left
        assert agent.statistics().usages == 0
        assert agent.deadline is None
        assert agent.statistics().malformed == 0
        self._once(CallEnded, "session", {*self.calls})
        self._once(SubscriptionEnded, "subscription", set())
        self._once(SubscriberGone, "subscription", set())
        self._once(PublicationEnded, "publication", set())
        refers = [(event.session, event.refer) for event in self.events if isinstance(event, ReferEnded)]
        accepted = {(event.session, event.refer) for event in self.events if isinstance(event, ReferAccepted)}
        assert len(refers) == len(set(refers))
        assert accepted <= set(refers)

    def _once(self, kind: type, field: str, expected: set[str]) -> None:
        names = [str(getattr(event, field)) for event in self.events if isinstance(event, kind)]
        assert len(names) == len(set(names)), (kind, names)
        assert set(names) >= expected, (kind, expected - set(names))


class Office:
    """A registrar and a compositor at one address; to the rest it says 405."""

    def __init__(self, seed: int) -> None:
        self.plumbing = Plumbing(SERVER.host, seed)
        ids, outbound = self.plumbing.ids, self.plumbing.outbound
        self.registrar = Registrar(RegistrarConfig(min_expires=60), now=0.0, ids=ids, outbound=outbound)
        self.compositor = Compositor(
            CompositorConfig(packages=(PRESENCE,)), now=0.0, ids=ids, outbound=outbound
        )
        self.machines = (self.plumbing.layer, self.registrar, self.compositor)

    def settle(self, now: float) -> None:
        for event in self.plumbing.dispatch(now):
            if not isinstance(event, RequestReceived):
                continue
            if event.request.method == "REGISTER":
                self.registrar.receive_request(event.key, event.request, event.source, now)
            elif event.request.method == "PUBLISH":
                self.compositor.receive_request(event.key, event.request, now)
            else:
                refusal = build_response(event.request, 405, to_tag="office")
                self.plumbing.layer.respond(event.key, refusal, now)
        for machine in (self.registrar, self.compositor):
            while machine.next_event() is not None:
                continue


class Town:
    """One run: the same seed, the same octets at the same times.

    Args:
        seed: Decides everything.
        loss: How many datagrams of a hundred get lost; the same number is doubled.
    """

    def __init__(self, seed: int, *, loss: float = 0.12) -> None:
        self.now = 0.0
        self.random = random = Random(seed)
        self.alice = Resident("alice", ALICE, BOB, random, seed)
        self.bob = Resident("bob", BOB, ALICE, random, seed)
        self.residents = (self.alice, self.bob)
        self.office = Office(seed)
        self.log: list[Sent] = []
        self.watch: Callable[[Resident], None] = lambda resident: None
        self._fate = lossy(seed, loss=loss, duplicate=loss, reorder=2 * loss)
        self._count = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, time: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (time, next(self._count), action))

    # The wire

    def pump(self) -> None:
        busy = True
        while busy:
            self.office.settle(self.now)
            busy = self._carry(self.office.plumbing.layer.next_transmit, SERVER)
            for resident in self.residents:
                busy |= self._carry(resident.agent.next_transmit, resident.endpoint)
                while (event := resident.agent.next_event()) is not None:
                    busy = True
                    resident.hear(event, self.now)

    def _carry(self, pop: Callable[[], Transmit | None], source: Endpoint) -> bool:
        busy = False
        while (transmit := pop()) is not None:
            busy = True
            data, destination = transmit.data, transmit.destination
            delays = self._fate(len(self.log), data)
            self.log.append(Sent(self.now, source, data, len(delays)))
            for delay in delays:
                self.at(self.now + delay, partial(self._deliver, data, source, destination.host))
        return busy

    def _deliver(self, data: bytes, source: Endpoint, host: str) -> None:
        for resident in self.residents:
            if resident.endpoint.host == host:
                resident.agent.receive_datagram(data, source, self.now)
                self.watch(resident)
        if host == SERVER.host:
            self.office.plumbing.layer.receive_message(parse_message(data), source, self.now)

    def _act(self, resident: Resident, what: Callable[[float], None]) -> None:
        what(self.now)
        self.watch(resident)

    def run(self) -> Town:
        """Let both do things for four minutes and go home, and let time pass until nothing is left."""
        random = self.random
        for _ in range(random.randrange(10, 32)):
            resident = random.choice(self.residents)
            time = random.random() * random.choice([1, 10, 60, CLOSING])
            self.at(time, partial(self._act, resident, resident.act))
        for resident in self.residents:
            self.at(CLOSING + random.random(), partial(self._act, resident, resident.go_home))
        if random.random() < 0.7:
            resident = random.choice(self.residents)
            self.at(0.0, partial(self._act, resident, resident.call))
        machines = (*self.office.machines, self.alice.agent, self.bob.agent)
        for _ in range(20_000):
            self.pump()
            times = [at for machine in machines if (at := machine.deadline) is not None]
            times += [entry[0] for entry in self._queue[:1]]
            if not times:
                return self
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
                self.pump()
            for machine in machines:
                if (at := machine.deadline) is not None and at <= self.now:
                    machine.handle_timeout(self.now)
            for resident in self.residents:
                self.watch(resident)
        raise AssertionError("time does not pass")

    def check(self) -> None:
        """See that nothing is left anywhere, and that everything ended once."""
        try:
            for resident in self.residents:
                resident.check()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.ladder()}") from error
        assert len(self.office.plumbing.layer) == 0
        assert len(self.office.compositor) == 0
        for name in ("alice", "bob"):
            assert self.office.registrar.lookup(f"sip:{name}@192.0.2.10", self.now) == []

    def ladder(self) -> str:
        return "\n".join(map(str, self.log[-150:]))
