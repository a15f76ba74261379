"""Every order in which the first messages between two agents can arrive (SIM-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sansio_sip.agent import AgentEvent
from sansio_sip.invite import CallEnded, IncomingCall, MediaNegotiated
from sansio_sip.machine import Endpoint
from sansio_sip.sdp import Direction
from tests.sip.harness import ALICE, BOB, Phone, make_agent, media, tables


class Flight(NamedTuple):
    """A message on its way."""

    phone: Phone
    data: bytes
    source: Endpoint


class Meeting:
    """Two agents whose messages arrive when, and in which order, the test says."""

    def __init__(self, seed: int = 1) -> None:
        self.now = 0.0
        self.a = Phone(make_agent("alice", ALICE, seed=seed), ALICE)
        self.b = Phone(make_agent("bob", BOB, seed=seed), BOB)
        self.session = ""
        self.answering = ""
        self.flights: list[Flight] = []
        self.log: list[str] = []
        self.b.on_event = self._learn

    def _learn(self, event: AgentEvent) -> None:
        if isinstance(event, IncomingCall):
            self.answering = event.session

    def collect(self) -> None:
        """Take what both have to say."""
        for phone, other in ((self.a, self.b), (self.b, self.a)):
            while (transmit := phone.agent.next_transmit()) is not None:
                self.flights.append(Flight(other, transmit.data, phone.endpoint))
            while (event := phone.agent.next_event()) is not None:
                phone.events.append(event)
                phone.on_event(event)

    def deliver(self, index: int = 0) -> None:
        """Let one message arrive."""
        flight = self.flights.pop(index)
        self.log.append(f"{self.now:8.2f} {flight.source.host} {flight.data.split(bytes((13,)))[0].decode()}")
        flight.phone.agent.receive_datagram(flight.data, flight.source, self.now)
        self.collect()

    def deliver_all(self) -> None:
        """Let all messages arrive in the order in which they were sent, at once."""
        self.collect()
        while self.flights:
            self.deliver()

    @property
    def deadline(self) -> float | None:
        """The next timer of both."""
        return min((d for p in (self.a, self.b) if (d := p.agent.deadline) is not None), default=None)

    def tick(self) -> None:
        """Let the next timer run while messages are on their way."""
        self.now = max(self.now, self.deadline or 0.0)
        for phone in (self.a, self.b):
            phone.agent.handle_timeout(self.now)
        self.collect()

    def pass_time(self, until: float) -> None:
        """Let messages arrive in order and timers run, up to a time."""
        self.deliver_all()
        while (deadline := self.deadline) is not None and deadline <= until:
            self.tick()
            self.deliver_all()
        self.now = max(self.now, until)

    # Passages

    def call(self) -> None:
        """Let `a` call `b`."""
        self.session = self.a.agent.invite("sip:bob@192.0.2.2", media(), self.now)
        self.deliver_all()

    def ring(self) -> None:
        """Let `b` ring."""
        self.b.agent.ring(self.answering, self.now)
        self.deliver_all()

    def ring_reliably(self) -> None:
        """Let `b` answer early, acknowledged by PRACK."""
        self.b.agent.ring(self.answering, self.now, 183, media=media(BOB.host), reliable=True)
        self.deliver_all()

    def establish(self) -> None:
        """Let `a` call and `b` answer."""
        self.call()
        self.b.agent.answer(self.answering, media(BOB.host), self.now)
        self.deliver_all()

    def hang_up(self) -> None:
        """Let `a` end whatever is left."""
        self.a.agent.hang_up(self.session, self.now)
        self.pass_time(self.now + 200.0)

    # What must hold

    def check(self) -> None:
        """Both know the same media, and nothing is left of the call."""
        log = "\n".join(self.log)
        both = [self._direction(phone) for phone in (self.a, self.b)]
        if both[0] is not None and both[1] is not None:
            assert both[0].mirrored is both[1], log
        self.hang_up()
        for phone in (self.a, self.b):
            assert len([event for event in phone.events if isinstance(event, CallEnded)]) == 1, log
            left = {name: size for name, size in tables(phone.agent).items() if size}
            assert not left, f"{phone.endpoint.host} has {left}\n{log}"
            assert phone.agent.deadline is None, log

    @staticmethod
    def _direction(phone: Phone) -> Direction | None:
        if phone.ends:
            return None
        agreed = [event.media for event in phone.events if isinstance(event, MediaNegotiated)]
        return agreed[-1].direction if agreed and agreed[-1] is not None else None


def every_order(start: Callable[[Meeting], None], depth: int = 6, ticks: int = 1) -> Iterator[Meeting]:
    """Run a scene once for each order of its first messages, each to its end.

    Args:
        start: Brings both agents to the moment from which on orders count.
        depth: How many steps are ordered: arrivals, and timers that run before them; what comes later
            keeps its order.
        ticks: How often timers may run while messages are on their way.
    """
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        prefix = waiting.pop()
        meeting = Meeting()
        start(meeting)
        meeting.collect()
        ticked = 0
        for step in range(depth):
            if not meeting.flights:
                break
            choice = prefix[step] if step < len(prefix) else 0
            if step >= len(prefix):
                others = len(meeting.flights) + (ticked < ticks and meeting.deadline is not None)
                waiting += [(*prefix, other) for other in range(1, others)]
                prefix = (*prefix, 0)
            if choice == len(meeting.flights):
                meeting.tick()
                ticked += 1
            else:
                meeting.deliver(choice)
        meeting.pass_time(meeting.now + 60.0)
        yield meeting
