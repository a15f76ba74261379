"""A registration against a registrar over a wire that loses, doubles and delays, in any order of inputs."""

from __future__ import annotations

import heapq
import itertools
from random import Random

import pytest

from sansio_sip.auth import Credentials, DigestServer, DigestServerConfig, NonceStore, Secret
from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import parse_message
from sansio_sip.register import (
    REGISTRATION_TABLE,
    Registered,
    Registrar,
    RegistrarConfig,
    Registration,
    RegistrationConfig,
    RegistrationEvent,
    RegistrationState,
    Unregistered,
)
from sansio_sip.transaction import RequestReceived, TransactionTimedOut, TransportFailed
from tests.sip.register.peer import Phone, Plumbing

PHONE = Endpoint("UDP", "192.0.2.1", 5060)
SERVER = Endpoint("UDP", "192.0.2.10", 5060)
AOR = "sip:alice@192.0.2.10"


class Network:
    """One registration and one registrar in virtual time."""

    def __init__(self, seed: int, loss: float, *, outbound: bool = False) -> None:
        self.random = Random(seed)
        self.loss = loss
        self.now = 0.0
        self.phone, self.server = Plumbing(PHONE.host, seed), Plumbing(SERVER.host, seed)
        config = RegistrationConfig(
            address=f"<{AOR}>", contacts=("<sip:alice@192.0.2.1>",), expires=30,
            credentials=(Credentials("alice", "secret"),), instance="urn:uuid:1" if outbound else "",
            reg_id=1 if outbound else None,
        )  # fmt: skip
        self.registration = Registration(
            "line", config, now=0.0, ids=self.phone.ids, outbound=self.phone.outbound
        )
        users = DigestServer(
            DigestServerConfig(realm="r"),
            lambda *_: Secret("secret"),
            NonceStore(ids=self.server.ids, lifetime=200),
        )
        self.registrar = Registrar(
            RegistrarConfig(min_expires=90, default_expires=90), now=0.0, ids=self.server.ids,
            outbound=self.server.outbound, authenticator=users,
        )  # fmt: skip
        self.events: list[RegistrationEvent] = []
        self.sent: list[bytes] = []
        self._wire: list[tuple[float, int, Plumbing, bytes, Endpoint]] = []
        self._count = itertools.count()

    def pump(self) -> None:
        for side, other, source in ((self.phone, self.server, PHONE), (self.server, self.phone, SERVER)):
            for event in side.dispatch(self.now):
                if isinstance(event, RequestReceived):
                    self.registrar.receive_request(event.key, event.request, event.source, self.now)
            while (transmit := side.layer.next_transmit()) is not None:
                self.sent.append(transmit.data)
                copies = 0 if self.random.random() < self.loss else 1 + (self.random.random() < self.loss)
                for _ in range(copies):
                    delay = 0.01 + self.random.random() * self.loss
                    heapq.heappush(
                        self._wire, (self.now + delay, next(self._count), other, transmit.data, source)
                    )
        while (event := self.registration.next_event()) is not None:
            self.events.append(event)

    def run(self, until: float) -> None:
        machines = (self.phone.layer, self.server.layer, self.registration, self.registrar)
        for _ in range(100_000):
            self.pump()
            times = [at for machine in machines if (at := machine.deadline) is not None]
            times += [entry[0] for entry in self._wire[:1]]
            if not times or min(times) > until:
                self.now = until
                return
            self.now = max(self.now, min(times))
            while self._wire and self._wire[0][0] <= self.now:
                _, _, side, data, source = heapq.heappop(self._wire)
                side.layer.receive_message(parse_message(data), source, self.now)
                self.pump()
            for machine in machines:
                if (at := machine.deadline) is not None and at <= self.now:
                    machine.handle_timeout(self.now)
                    later = machine.deadline
                    assert later is None or later > self.now or machine in machines[:2]
                self.pump()
        raise AssertionError("time does not pass")


@pytest.mark.parametrize("outbound", [False, True])
def test_six_hours_of_refreshes(outbound: bool) -> None:
    """CLI-2, SRV-5, AUTH-1: 423, 401, stale nonces; the contact is there all the time, then gone."""
    network = Network(1, 0.0, outbound=outbound)
    network.registration.register(0.0)
    network.run(1.0)
    assert network.registration.registered
    for hour in range(1, 7):
        network.run(hour * 3600.0)
        assert [binding.contact for binding in network.registrar.lookup(AOR, network.now)] == [
            "sip:alice@192.0.2.1"
        ]
    assert all(isinstance(event, Registered) for event in network.events)
    assert len(network.events) > 200
    network.registration.close(network.now)
    network.run(network.now + 100)
    assert network.events[-1] == Unregistered(registration="line", cause="removed")
    assert network.registrar.lookup(AOR, network.now) == []
    assert network.registration.closed
    assert network.phone.layer.closed
    assert network.server.layer.closed


@pytest.mark.parametrize("seed", range(40))
def test_any_wire_ends_quiet(seed: int) -> None:
    """SIM-3, CLI-2, SRV-5: loss, duplication and reordering; nothing hangs and nothing is left."""
    network = Network(seed, 0.3, outbound=seed % 2 == 0)
    network.registration.register(0.0)
    network.run(network.random.uniform(0, 2000))
    network.registration.close(network.now)
    network.run(network.now + 20_000)
    assert network.registration.closed
    assert network.registration.deadline is None
    assert network.registrar.lookup(AOR, network.now) == []
    assert network.registrar.deadline is None
    assert network.phone.outbound.closed
    assert sum(isinstance(event, Unregistered) and event.cause != "expired" for event in network.events) == 1


def test_the_same_seed_gives_the_same_octets() -> None:
    """Law 4."""

    def run(seed: int) -> list[bytes]:
        network = Network(seed, 0.3)
        network.registration.register(0.0)
        network.run(3000.0)
        return network.sent

    assert run(5) == run(5)
    assert run(5) != run(6)


@pytest.mark.parametrize("seed", range(60))
def test_any_order_of_inputs_is_survived(seed: int) -> None:
    """CLI-2, laws 1, 2, 3, 5: verbs, answers, failures, times; only misuse raises, and all ends closed."""
    random = Random(seed)
    phone = Phone(seed, credentials=(Credentials("alice", "p"),), instance="urn:x", reg_id=1)
    registration = phone.registration
    open_requests = []
    challenge = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
    for _ in range(80):
        open_requests += phone.sent()
        match random.randrange(8):
            case 0:
                try:
                    registration.register(phone.now)
                except LocalProtocolError:
                    assert registration.state not in (RegistrationState.IDLE, RegistrationState.FAILED)
            case 1:
                registration.flow_failed(phone.now - random.random())
            case 2 | 3 | 4 if open_requests:
                status = random.choice([100, 200, 200, 200, 302, 401, 403, 407, 423, 439, 500, 503, 600])
                extra = [challenge, ("Min-Expires", "7000"), ("Retry-After", "3")]
                contact = random.choice([None, "", "<sip:x@h>;expires=9", "<sip:alice@h>;expires=40", "<"])
                phone.answer(random.choice(open_requests), status, extra, contact=contact)
            case 5:
                before, deadline = registration.state, registration.deadline
                registration.handle_timeout(phone.now)
                if deadline is None or deadline > phone.now:
                    assert (registration.state, registration.deadline) == (before, deadline)
            case 6:
                phone.pass_time(phone.now + random.uniform(0, 2000))
            case _:
                key = phone.plumbing.outbound.key(registration._request)
                lost = TransactionTimedOut(key) if random.random() < 0.5 else TransportFailed(key, "x")
                if registration._open and registration.state.name.endswith("ING"):
                    phone.plumbing.layer.flow_failed(SERVER, "x", phone.now)
                    phone.plumbing.dispatch(phone.now)
                elif registration.state is RegistrationState.REGISTERED:
                    registration.transaction_event(lost, phone.now)
        phone.events()
    phone.sent()
    registration.close(phone.now)
    phone.pass_time(phone.now + 100_000)
    assert registration.closed
    assert registration.deadline is None


def test_the_table_has_no_dead_end() -> None:
    """CLI-2, law 7: every state is reached, has a timer or an owner, and knows what the network brings."""
    rows, table = REGISTRATION_TABLE.rows, REGISTRATION_TABLE
    states = {state for state, _ in rows} | {rule.state for rule in rows.values()}
    assert states == set(RegistrationState)
    inputs = {what for _, what in rows}
    for state in states - {table.final, RegistrationState.IDLE}:
        timers = {
            w
            for (s, w), rule in rows.items()
            if s == state and rule.state != state and w.name[-5:] in ("TIMER", "PIRED")
        }
        assert bool(timers) != (state in table.user_owned), state
    for state in states - {table.final}:
        for what in inputs:
            if what.name in ("SUCCESS", "AGAIN", "FAILURE", "REFUSED", "UNREGISTER", "FLOW_FAILED"):
                assert (state, what) in rows or (state, what) in table.ignored, (state, what)
    assert not set(rows) & set(table.ignored)
