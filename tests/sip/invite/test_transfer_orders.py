"""Transfers whose messages cross, are lost, doubled and reordered: all end quiet (SIM-2, SIM-3)."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import attrs
import pytest

from sansio_sip.agent import Agent, AgentEvent
from sansio_sip.errors import LocalProtocolError
from sansio_sip.ids import Ids
from sansio_sip.invite import (
    CallAnswered,
    CallEnded,
    CallProgress,
    IncomingCall,
    RecoveryConfig,
    ReferAccepted,
    ReferEnded,
    ReferFinished,
    ReferReceived,
    Replaced,
    SessionTimerConfig,
)
from sansio_sip.machine import Endpoint
from tests.sip.harness import ALICE, BOB, AgentPair, Phone, lossy, make_agent, media, tables
from tests.sip.invite.orders import Meeting, every_order

CAROL = Endpoint("UDP", "192.0.2.3", 5060)
TARGET = "sip:carol@192.0.2.3"


def follow(meeting: Meeting, status: int = 200) -> None:
    """Let `b` accept each REFER and report a result at once."""
    learn = meeting.b.on_event

    def act(event: AgentEvent) -> None:
        learn(event)
        if isinstance(event, ReferReceived):
            meeting.b.agent.accept_refer(event.session, event.refer, meeting.now)
            meeting.b.agent.notify_progress(event.session, event.refer, status, meeting.now)

    meeting.b.on_event = act


def refer_and_bye(meeting: Meeting) -> None:
    follow(meeting)
    meeting.establish()
    meeting.a.agent.refer(meeting.session, TARGET, 0.0)
    meeting.b.agent.hang_up(meeting.answering, 0.0)


def refer_and_own_bye(meeting: Meeting) -> None:
    follow(meeting)
    meeting.establish()
    meeting.a.agent.refer(meeting.session, TARGET, 0.0)
    meeting.a.agent.hang_up(meeting.session, 0.0)


def refer_and_refer(meeting: Meeting) -> None:
    follow(meeting)
    meeting.establish()
    meeting.a.agent.refer(meeting.session, TARGET, 0.0)
    meeting.a.agent.refer(meeting.session, TARGET, 0.0)


def quiet_refer_and_bye(meeting: Meeting) -> None:
    follow(meeting)
    meeting.establish()
    meeting.a.agent.refer(meeting.session, TARGET, 0.0, subscribe=False)
    meeting.b.agent.hang_up(meeting.answering, 0.0)


def notify_and_bye(meeting: Meeting) -> None:
    follow(meeting, 486)
    meeting.establish()
    meeting.a.agent.refer(meeting.session, TARGET, 0.0)
    meeting.collect()
    meeting.deliver()
    meeting.b.agent.hang_up(meeting.answering, 0.0)


def refer_and_reinvite(meeting: Meeting) -> None:
    follow(meeting)
    meeting.establish()
    meeting.a.agent.refer(meeting.session, TARGET, 0.0)
    meeting.b.agent.hold(meeting.answering, 0.0)


SCENES: list[Callable[[Meeting], None]] = [
    refer_and_bye,
    refer_and_own_bye,
    refer_and_refer,
    quiet_refer_and_bye,
    notify_and_bye,
    refer_and_reinvite,
]


@pytest.mark.parametrize(
    ("depth", "ticks"),
    [(6, 0), (4, 1), pytest.param(6, 1, marks=(pytest.mark.long, pytest.mark.timeout(600)))],
)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_order_of_a_transfer_ends_quiet(
    scene: Callable[[Meeting], None], depth: int, ticks: int
) -> None:
    """SIM-3, SES-13: REFER/BYE and its kin: one end of the call and one of each REFER on both sides."""
    orders = 0
    for meeting in every_order(scene, depth, ticks):
        meeting.check()
        referred = [event for event in meeting.a.events if isinstance(event, ReferEnded)]
        assert len({event.refer for event in referred}) == len(referred) == 1 + (scene is refer_and_refer)
        orders += 1
    assert orders > 1


# Random users on bad wires


class RandomTransfers:
    """One call between two agents whose users transfer, hold and hang up at any time."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.pair = AgentPair(seed=seed, fate=lossy(seed, loss=0.15, duplicate=0.1, reorder=0.3))
        for phone in (self.pair.a, self.pair.b):
            config = attrs.evolve(
                make_agent(phone.endpoint.host, phone.endpoint)._core.config,
                session_timer=SessionTimerConfig(interval=random.choice([0, 90, 120])),
                recovery=random.choice([None, RecoveryConfig(probes=2)]),
            )
            ids = Ids(Random(f"{seed} {phone.endpoint.host}").randbytes)
            phone.agent = Agent(config, now=0.0, ids=ids)
        self.sessions = {id(self.pair.a): "", id(self.pair.b): ""}
        self.refers: dict[int, list[int]] = {id(self.pair.a): [], id(self.pair.b): []}
        for phone in (self.pair.a, self.pair.b):
            phone.on_event = partial(self._hear, phone)

    def _hear(self, phone: Phone, event: AgentEvent) -> None:
        if isinstance(event, IncomingCall):
            self.sessions[id(phone)] = event.session
            phone.agent.answer(event.session, media(phone.endpoint.host), self.pair.now)
        elif isinstance(event, ReferReceived):
            self.refers[id(phone)].append(event.refer)

    def run(self) -> None:
        """Call, do a dozen things at random times, hang up, and look for what is left."""
        random, pair = self.random, self.pair
        self.sessions[id(pair.a)] = pair.a.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
        for _ in range(random.randrange(4, 20)):
            phone = random.choice([pair.a, pair.b])
            pair.at(random.random() * random.choice([1, 10, 60, 200]), partial(self._act, phone))
        for phone in (pair.a, pair.b):
            pair.at(250.0, partial(self._end, phone))
        pair.run()
        pair.assert_quiet()
        for phone in (pair.a, pair.b):
            assert len(phone.ends) == bool(self.sessions[id(phone)]), pair.ladder()
            ended = [event.refer for event in phone.events if isinstance(event, ReferEnded)]
            accepted = [event.refer for event in phone.events if isinstance(event, ReferAccepted)]
            assert len(set(ended)) == len(ended), pair.ladder()
            assert set(accepted) <= set(ended), pair.ladder()

    def _end(self, phone: Phone) -> None:
        phone.agent.hang_up(self.sessions[id(phone)], self.pair.now)
        self.pair.pump()

    def _act(self, phone: Phone) -> None:
        agent, session, now, random = phone.agent, self.sessions[id(phone)], self.pair.now, self.random
        refer = random.choice([*self.refers[id(phone)], 1])
        status = random.choice([180, 180, 183, 200, 486])
        verbs: list[Callable[[], object]] = [
            lambda: agent.refer(session, TARGET, now, subscribe=random.random() < 0.8),
            lambda: agent.accept_refer(session, refer, now),
            lambda: agent.reject_refer(session, refer, 603, now),
            lambda: agent.notify_progress(session, refer, status, now),
            lambda: agent.notify_progress(session, refer, status, now),
            lambda: agent.hold(session, now),
            lambda: agent.check_call(session, now),
        ]
        if random.random() < 0.1:
            verbs = [lambda: agent.hang_up(session, now)]
        try:
            random.choice(verbs)()
        except LocalProtocolError:
            pass
        self.pair.pump()


@pytest.mark.parametrize("block", range(6))
def test_random_transfers_end_quiet(block: int) -> None:
    """SIM-2, SES-13, DLG-7, DLG-16: law 5, law 8; every run comes again from its seed."""
    for seed in range(25 * block, 25 * (block + 1)):
        RandomTransfers(seed).run()


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_many_random_transfers_end_quiet() -> None:
    """SIM-2: the long form."""
    for seed in range(1_000, 4_000):
        RandomTransfers(seed).run()


def test_same_seed_gives_the_same_bytes() -> None:
    """SIM-1: law 4."""
    first, second = RandomTransfers(7), RandomTransfers(7)
    first.run()
    second.run()
    assert first.pair.log == second.pair.log


# Three phones


class Network:
    """Three agents that hear each other through a bad wire, in virtual time."""

    def __init__(self, seed: int, *, loss: float = 0.0) -> None:
        self.now = 0.0
        self.phones = [
            Phone(make_agent(name, endpoint, seed=seed), endpoint)
            for name, endpoint in (("alice", ALICE), ("bob", BOB), ("carol", CAROL))
        ]
        self._fate = lossy(seed, loss=loss, duplicate=loss, reorder=2 * loss)
        self._count = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self.log: list[str] = []

    def at(self, time: float, action: Callable[[], object]) -> None:
        heapq.heappush(self._queue, (time, next(self._count), action))

    def pump(self) -> None:
        busy = True
        while busy:
            busy = sum(map(self._flush, self.phones)) > 0

    def _flush(self, phone: Phone) -> bool:
        busy = False
        while (transmit := phone.agent.next_transmit()) is not None:
            busy = True
            line = transmit.data.partition(b"\r")[0].decode()
            self.log.append(f"{self.now:9.3f} {phone.endpoint.host} > {transmit.destination.host} {line}")
            for delay in self._fate(0, transmit.data):
                self.at(self.now + delay, partial(self._deliver, transmit.data, phone, transmit.destination))
        while (event := phone.agent.next_event()) is not None:
            busy = True
            phone.events.append(event)
            phone.on_event(event)
        return busy

    def _deliver(self, data: bytes, source: Phone, destination: Endpoint) -> None:
        for phone in self.phones:
            if phone.endpoint.host == destination.host:
                phone.agent.receive_datagram(data, source.endpoint, self.now)

    def run(self, until: float) -> None:
        self.pump()
        while True:
            times = [d for phone in self.phones if (d := phone.agent.deadline) is not None]
            times += [self._queue[0][0]] if self._queue else []
            if not times or min(times) > until:
                self.now = until
                return
            self.now = max(self.now, min(times))
            while self._queue and self._queue[0][0] <= self.now:
                heapq.heappop(self._queue)[2]()
                self.pump()
            for phone in self.phones:
                deadline = phone.agent.deadline
                if deadline is not None and deadline <= self.now:
                    phone.agent.handle_timeout(self.now)
            self.pump()

    def check_quiet(self) -> None:
        for phone in self.phones:
            left = {name: size for name, size in tables(phone.agent).items() if size}
            assert not left, "\n".join([str(left), *self.log])
            assert phone.agent.deadline is None


class Transfer(Network):
    """Alice talks to Bob; Bob shall talk to Carol instead; everybody does what good phones do."""

    def __init__(self, seed: int, *, loss: float = 0.0) -> None:
        super().__init__(seed, loss=loss)
        self.alice, self.bob, self.carol = self.phones
        self.following: dict[str, tuple[str, int]] = {}  # Bob's new call: the REFER that it is for
        for phone in self.phones:
            phone.on_event = partial(self._act, phone)

    def _act(self, phone: Phone, event: AgentEvent) -> None:
        agent, now = phone.agent, self.now
        match event:
            case IncomingCall(session):
                agent.ring(session, now)
                agent.answer(session, media(phone.endpoint.host), now)
            case ReferReceived(session, refer, refer_to, _, headers):
                agent.accept_refer(session, refer, now)
                call = agent.invite(refer_to.target, media(phone.endpoint.host), now, headers=headers)
                self.following[call] = (session, refer)
            case CallProgress(session, status) if session in self.following:
                agent.notify_progress(*self.following[session], status, now)
            case CallAnswered(session) if session in self.following:
                agent.notify_progress(*self.following[session], 200, now)
            case CallEnded(session, response=response) if session in self.following:
                status = 408 if response is None else response.status_code
                agent.notify_progress(*self.following[session], status, now)
            case ReferEnded(session, end=ReferFinished()):
                agent.hang_up(session, now)
            case _:
                return

    def hang_up_all(self) -> None:
        for phone in self.phones:
            for session in list(phone.agent._calls._sessions):
                phone.agent.hang_up(session, self.now)
        self.pump()

    def ends(self, phone: Phone) -> Sequence[object]:
        return [event.end for event in phone.events if isinstance(event, CallEnded)]


def test_blind_transfer_among_three_phones() -> None:
    """SES-13: RFC 3515 §4.1 with a real call: 202, NOTIFY 100, 180 and 200, BYE; Bob talks to Carol."""
    network = Transfer(1)
    session = network.alice.agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    network.at(1.0, lambda: network.alice.agent.refer(session, TARGET, network.now))
    network.run(20.0)
    (ended,) = [event for event in network.alice.events if isinstance(event, ReferEnded)]
    assert ended.end == ReferFinished(200, "OK")
    assert len(network.ends(network.alice)) == len(network.ends(network.bob)) == 1
    (incoming,) = [event for event in network.carol.events if isinstance(event, IncomingCall)]
    assert incoming.request.get("referred-by") == "<sip:alice@example.com>"
    assert len(network.bob.agent._calls) == len(network.carol.agent._calls) == 1
    network.hang_up_all()
    network.run(500.0)
    network.check_quiet()


def test_attended_transfer_among_three_phones() -> None:
    """SES-14: RFC 3891 §7: Alice connects Bob with Carol, whose call with Alice is replaced."""
    network = Transfer(2)
    agent = network.alice.agent
    one = agent.invite("sip:bob@192.0.2.2", media(), 0.0)
    two = agent.invite(TARGET, media(port=4002), 0.0)
    network.at(1.0, lambda: agent.refer_to_call(one, two, network.now))
    network.run(20.0)
    assert [event.end for event in network.alice.events if isinstance(event, ReferEnded)] == [
        ReferFinished(200, "OK")
    ]
    calls = [event for event in network.carol.events if isinstance(event, IncomingCall)]
    assert calls[1].replaces == calls[0].session
    assert network.ends(network.carol) == [Replaced(calls[1].session)]
    assert len(network.ends(network.alice)) == 2
    assert len(network.bob.agent._calls) == len(network.carol.agent._calls) == 1
    network.hang_up_all()
    network.run(500.0)
    network.check_quiet()


@pytest.mark.parametrize("block", range(5))
def test_transfers_on_a_bad_wire_end_quiet(block: int) -> None:
    """SES-13, SES-14, SIM-2: loss, duplication and reordering among three phones."""
    for seed in range(20 * block, 20 * (block + 1)):
        network = Transfer(seed, loss=0.12)
        agent = network.alice.agent
        one = agent.invite("sip:bob@192.0.2.2", media(), 0.0)
        two = agent.invite(TARGET, media(port=4002), 0.0) if seed % 2 else ""

        def transfer(network: Transfer = network, one: str = one, two: str = two) -> None:
            try:
                if two:
                    network.alice.agent.refer_to_call(one, two, network.now)
                else:
                    network.alice.agent.refer(one, TARGET, network.now)
            except LocalProtocolError:
                return  # the wire was too bad for a call to transfer

        network.at(10.0, transfer)
        network.at(150.0, network.hang_up_all)
        network.run(1_000.0)
        network.check_quiet()
        for phone in network.phones:
            ended = [event.refer for event in phone.events if isinstance(event, ReferEnded)]
            assert len(ended) <= 1
