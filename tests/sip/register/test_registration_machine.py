"""A registration under any order of answers, verbs and time: alone, and against our registrar."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sansio_sip.auth import Credentials
from sansio_sip.errors import LocalProtocolError
from sansio_sip.message import Request
from sansio_sip.register import Registered, RegistrationFailed, RegistrationState, Unregistered
from tests.sip.register.peer import Phone
from tests.sip.register.test_both_sides import AOR, Network


def ends(events: list[object]) -> list[Unregistered]:
    """The last words; a binding may expire again and again while tries go on."""
    return [event for event in events if isinstance(event, Unregistered) and event.cause != "expired"]


PAUSES = st.sampled_from([0.0, 0.3, 3.0, 33.0, 700.0, 4_000.0])


class AloneMachine(RuleBasedStateMachine):
    """A registration and a server that answers anything, twice, late or never."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []
        self.told: list[object] = []
        self.closing = False

    @initialize(credentials=st.booleans(), outbound=st.booleans())
    def begin(self, credentials: bool, outbound: bool) -> None:
        known = (Credentials("alice", "secret"),) if credentials else ()
        flow = {"instance": "urn:uuid:1", "reg_id": 1} if outbound else {}
        self.phone = Phone(credentials=known, **flow)

    def settle(self) -> None:
        for request in self.phone.sent():
            if all(request.via.branch != other.via.branch for other in self.requests):
                self.requests.append(request)
        self.told += self.phone.events()

    @rule()
    def register(self) -> None:
        before = self.phone.state(), self.phone.deadline()
        try:
            self.phone.registration.register(self.phone.now)
        except LocalProtocolError:
            assert (self.phone.state(), self.phone.deadline()) == before
        self.settle()

    @rule(
        which=st.integers(0, 2),
        status=st.sampled_from([100, 200, 200, 200, 302, 401, 403, 404, 407, 423, 439, 480, 500, 503, 603]),
        contact=st.sampled_from([None, "", "<sip:other@192.0.2.9>;expires=9", "<sip:", "*"]),
        expires=st.sampled_from([0, 1, 60, 3_600, 2**32 - 1]),
        extra=st.sets(
            st.sampled_from(
                [
                    ("WWW-Authenticate", 'Digest realm="r", nonce="1"'),
                    ("WWW-Authenticate", 'Digest realm="r", nonce="2", stale=true'),
                    ("Min-Expires", "7200"),
                    ("Min-Expires", "x"),
                    ("Retry-After", "40"),
                    ("Retry-After", "-"),
                    ("Flow-Timer", "30"),
                    ("Require", "outbound"),
                    ("Service-Route", "<sip:p;lr>"),
                ]
            ),
            max_size=3,
        ),
    )
    def answer(
        self, which: int, status: int, contact: str | None, expires: int, extra: set[tuple[str, str]]
    ) -> None:
        if self.requests:
            request = self.requests[max(0, len(self.requests) - 1 - which)]
            self.phone.answer(request, status, sorted(extra), contact=contact, expires=expires)
            self.settle()

    @rule(pause=PAUSES)
    def wait(self, pause: float) -> None:
        until = self.phone.now + pause
        while (at := self._next()) is not None and at <= until:
            self.phone.pass_time(at)
            self.settle()
        self.phone.pass_time(until)

    def _next(self) -> float | None:
        times = [self.phone.plumbing.layer.deadline, self.phone.deadline()]
        return min((at for at in times if at is not None), default=None)

    @rule()
    def lose_the_flow(self) -> None:
        self.phone.registration.flow_failed(self.phone.now)
        self.settle()

    @rule()
    def close(self) -> None:
        self.closing = True
        self.phone.registration.close(self.phone.now)
        self.settle()

    @invariant()
    def a_request_waits_for_the_last_one(self) -> None:
        """RFC 3261 §10.2: the numbers of one Call-ID rise by one."""
        for before, after in zip(self.requests, self.requests[1:], strict=False):
            if before.call_id == after.call_id:
                assert after.cseq.number == before.cseq.number + 1

    @invariant()
    def the_end_is_told_once_and_last(self) -> None:
        last = ends(self.told)
        assert len(last) <= 1
        if last:
            assert self.told[-1] is last[0]
            assert self.phone.state() is RegistrationState.TERMINATED

    @invariant()
    def only_what_was_there_expires(self) -> None:
        bound = False
        for event in self.told:
            if isinstance(event, Unregistered):
                assert bound or event.cause != "expired"
            bound = isinstance(event, Registered) or (bound and not isinstance(event, Unregistered))

    @invariant()
    def only_known_things_are_told(self) -> None:
        assert all(isinstance(event, Registered | RegistrationFailed | Unregistered) for event in self.told)

    def teardown(self) -> None:
        if hasattr(self, "phone"):
            self.close()
            self.wait(200.0)
            assert self.phone.registration.closed
            assert self.phone.deadline() is None
            assert len(self.phone.plumbing.layer) == 0
            assert len(ends(self.told)) == 1


class BothMachine(RuleBasedStateMachine):
    """A registration and our registrar over a wire that somebody cuts."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Network(1, 0.0)

    @rule()
    def register(self) -> None:
        try:
            self.network.registration.register(self.network.now)
        except LocalProtocolError:
            return

    @rule(pause=PAUSES)
    def wait(self, pause: float) -> None:
        self.network.run(self.network.now + pause)

    @rule(loss=st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    def cut(self, loss: float) -> None:
        self.network.loss = loss

    @rule()
    def lose_the_flow(self) -> None:
        self.network.registration.flow_failed(self.network.now)

    @invariant()
    def one_contact_at_most(self) -> None:
        bound = self.network.registrar.lookup(AOR, self.network.now)
        assert [binding.contact for binding in bound] in ([], ["sip:alice@192.0.2.1"])

    @invariant()
    def who_is_registered_has_a_contact(self) -> None:
        """Over a whole wire both sides know the same."""
        registration = self.network.registration
        if registration.state is RegistrationState.REGISTERED and self.network.loss == 0.0:
            assert self.network.registrar.lookup(AOR, self.network.now) != []

    def teardown(self) -> None:
        network = self.network
        network.loss = 0.0
        network.registration.close(network.now)
        network.run(network.now + 10_000.0)
        assert network.registration.closed
        assert network.registrar.lookup(AOR, network.now) == []
        assert len(network.phone.layer) == len(network.server.layer) == 0
        assert len(ends([*network.events])) == 1


AloneMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
BothMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
TestRegistrationAlone = AloneMachine.TestCase
TestRegistrationAlone.__doc__ = "CLI-2, CLI-3, laws 2, 5."
TestRegistrationAndRegistrar = BothMachine.TestCase
TestRegistrationAndRegistrar.__doc__ = "CLI-2, SRV-5, AUTH-1, laws 2, 5, 8."
