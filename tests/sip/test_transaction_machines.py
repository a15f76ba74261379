"""The four transactions under any order of inputs, each against what RFC 3261 §17 says of the whole."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_response, parse_message
from sansio_sip.transaction import (
    ClientInvite,
    ClientNonInvite,
    FailureResponse,
    ProvisionalResponse,
    ServerInvite,
    ServerNonInvite,
    SuccessResponse,
    TimerConfig,
    Transaction,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from sansio_sip.transaction.client import ClientTransaction
from sansio_sip.transaction.server import ServerTransaction
from tests.sip.harness import Peer

TIMERS = TimerConfig()
PROVISIONAL = st.sampled_from([100, 180, 183])
FINAL = st.sampled_from([200, 202, 302, 404, 486, 503, 603])
PAUSE = st.sampled_from([0.0, 0.1, 0.5, 3.0, 33.0])


class TransactionMachine(RuleBasedStateMachine):
    """A transaction, the clock and the transport; subclasses have the peer and the user."""

    kind: type[Transaction]
    method: str

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.sent: list[tuple[float, Request | Response]] = []
        self.told: list[Any] = []
        self.failures = 0

    @initialize(transport=st.sampled_from(["UDP", "TCP"]))
    def begin(self, transport: str) -> None:
        self.endpoint = Endpoint(transport, "192.0.2.2", 5060)
        self.request = Peer().request(self.method)
        make: Any = self.kind
        self.machine = make(self.request, ("key",), self.endpoint, now=0.0, timers=TIMERS)
        self.drain()

    def drain(self) -> None:
        while (transmit := self.machine.next_transmit()) is not None:
            assert transmit.destination == self.endpoint
            self.sent.append((self.now, parse_message(transmit.data)))
        while (event := self.machine.next_event()) is not None:
            self.told.append(event)

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.told if isinstance(event, kinds)]

    def sent_of(self, method: str) -> list[float]:
        return [at for at, m in self.sent if isinstance(m, Request) and m.method == method]

    @rule(pause=PAUSE)
    def wait(self, pause: float) -> None:
        until = self.now + pause
        while (deadline := self.machine.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.machine.handle_timeout(self.now)
            later = self.machine.deadline
            assert later is None or later > self.now, "law 2"
            self.drain()
        self.now = until

    @rule(late=st.sampled_from([0.0, 1.0, 100.0]))
    def wake_late(self, late: float) -> None:
        if (deadline := self.machine.deadline) is not None:
            self.now = max(self.now, deadline + late)
            self.machine.handle_timeout(self.now)
            later = self.machine.deadline
            assert later is None or later > self.now, "law 2"
            self.drain()

    @rule()
    def transport_fails(self) -> None:
        self.machine.flow_failed("refused", self.now)
        self.drain()

    @rule(back=st.sampled_from([0.0, 7.0, 1e6]))
    def wake_early(self, back: float) -> None:
        deadline = self.machine.deadline
        if deadline is None or self.now < deadline:
            before = repr(self.machine), len(self.sent), len(self.told)
            self.machine.handle_timeout(self.now - back)
            self.drain()
            assert (repr(self.machine), len(self.sent), len(self.told)) == before, "laws 1 and 3"
            assert self.machine.deadline == deadline

    @invariant()
    def end_is_told_once(self) -> None:
        if hasattr(self, "machine"):
            assert len(self.of(TransactionTerminated)) == int(self.machine.closed)
            assert len(self.of(TransactionTimedOut)) <= 1
            if self.machine.closed:
                assert self.machine.deadline is None
                assert isinstance(self.told[-1], TransactionTerminated)

    @invariant()
    def state_without_a_timer_is_its_users(self) -> None:
        if hasattr(self, "machine"):
            table = self.machine.table
            owned = self.machine.state in table.user_owned or self.machine.closed
            assert self.machine.deadline is not None or owned, "law 7"

    def teardown(self) -> None:
        if hasattr(self, "machine"):
            self.finish()
            self.wait(64 * TIMERS.t1)
            self.wait(64 * TIMERS.t1)
            assert self.machine.closed, repr(self.machine)
            self.end_is_told_once()

    def finish(self) -> None:
        """Do the user's part of the end."""


class ClientMachine(TransactionMachine):
    """What a peer can do to a client transaction."""

    machine: ClientTransaction

    def answer(self, status: int) -> None:
        response = build_response(self.request, status, to_tag="peer")
        self.machine.receive_message(response, self.endpoint, self.now)
        self.drain()

    @rule(status=PROVISIONAL)
    def provisional(self, status: int) -> None:
        self.answer(status)

    @invariant()
    def what_is_told_is_in_order(self) -> None:
        """A provisional never comes after a final response; a failure or a lost transport comes once."""
        kinds = [type(event) for event in self.told]
        finals = [i for i, kind in enumerate(kinds) if kind in (SuccessResponse, FailureResponse)]
        provisionals = [i for i, kind in enumerate(kinds) if kind is ProvisionalResponse]
        assert not finals or not provisionals or max(provisionals) < min(finals)
        assert len(self.of(FailureResponse)) <= 1
        assert len(self.of(TransportFailed)) <= 1
        assert not (self.of(TransactionTimedOut) and finals)


class ClientInviteMachine(ClientMachine):
    """RFC 3261 §17.1.1, RFC 6026 §7.2."""

    kind, method = ClientInvite, "INVITE"

    @rule(status=FINAL)
    def final(self, status: int) -> None:
        open_ = not self.machine.closed
        before = len(self.of(SuccessResponse)), len(self.of(FailureResponse)), len(self.sent_of("ACK"))
        was_over = before[0] + before[1] > 0
        self.answer(status)
        told = len(self.of(SuccessResponse)), len(self.of(FailureResponse)), len(self.sent_of("ACK"))
        if not open_ or self.of(TransportFailed):
            return
        if status < 300:  # each copy is the user's, who acknowledges it; not after a failure
            assert told[0] == before[0] + (not before[1])
            assert told[2] == before[2]
        else:  # told once, acknowledged each time
            assert told[1] == before[1] + (not was_over)
            assert told[2] == before[2] + (not before[0])

    def finish(self) -> None:
        if not self.machine.closed:
            self.answer(486)  # a phone may ring for as long as its user waits

    @invariant()
    def invite_is_repeated_at_doubled_intervals_until_the_first_answer(self) -> None:
        times = self.sent_of("INVITE")
        assert len(times) <= (1 if hasattr(self, "endpoint") and self.endpoint.reliable else 7)


class ClientNonInviteMachine(ClientMachine):
    """RFC 3261 §17.1.2."""

    kind, method = ClientNonInvite, "OPTIONS"

    @rule(status=FINAL)
    def final(self, status: int) -> None:
        first = not self.machine.closed and not self.of(SuccessResponse, FailureResponse)
        before = len(self.of(SuccessResponse, FailureResponse))
        self.answer(status)
        assert len(self.of(SuccessResponse, FailureResponse)) == before + first
        assert self.sent_of("ACK") == []

    @invariant()
    def request_is_repeated_eleven_times_at_most(self) -> None:
        times = self.sent_of("OPTIONS")
        assert len(times) <= (1 if hasattr(self, "endpoint") and self.endpoint.reliable else 11)
        assert not times or times[-1] < 64 * TIMERS.t1


class ServerMachine(TransactionMachine):
    """What a peer and the user can do to a server transaction."""

    machine: ServerTransaction

    def __init__(self) -> None:
        super().__init__()
        self.last = 0  # status of what was said last
        self.final_said = False

    def respond(self, status: int) -> None:
        before = repr(self.machine), len(self.sent), len(self.told), self.machine.deadline
        may = self.may_respond(status)
        try:
            self.machine.respond(build_response(self.request, status, to_tag="me"), self.now)
        except LocalProtocolError:
            self.drain()
            assert not may
            assert (repr(self.machine), len(self.sent), len(self.told), self.machine.deadline) == before
            return
        self.drain()
        assert may or self.machine.closed
        if may:
            self.last = status
            self.final_said |= status >= 200
            assert self.statuses()[-1] == status

    def may_respond(self, status: int) -> bool:
        return not self.final_said and not self.machine.closed

    def statuses(self) -> list[int]:
        return [message.status_code for _, message in self.sent if isinstance(message, Response)]

    @rule(status=PROVISIONAL)
    def ring(self, status: int) -> None:
        self.respond(status)

    @rule(status=FINAL)
    def decide(self, status: int) -> None:
        self.respond(status)

    @rule()
    def repeat(self) -> None:
        before = len(self.sent)
        self.machine.receive_message(self.request, self.endpoint, self.now)
        self.drain()
        assert len(self.sent) - before <= 1
        assert set(self.statuses()[before:]) <= {self.last or 100}, "a repeat gets the last response"

    @rule()
    def acknowledge(self) -> None:
        before = len(self.sent), len(self.told)
        self.machine.receive_message(Peer().request("ACK"), self.endpoint, self.now)
        self.drain()
        assert (len(self.sent), len(self.told)) == before

    def finish(self) -> None:
        if not self.final_said and not self.machine.closed:
            self.respond(404)


class ServerInviteMachine(ServerMachine):
    """RFC 3261 §17.2.1, RFC 6026 §7.1."""

    kind, method = ServerInvite, "INVITE"

    def may_respond(self, status: int) -> bool:
        if self.machine.closed:
            return False
        return not self.final_said or (200 <= self.last < 300 and 200 <= status < 300)

    @precondition(lambda self: self.final_said and self.last < 300)
    @rule()
    def repeat_of_an_accepted_invite_is_absorbed(self) -> None:
        before = len(self.sent)
        self.machine.receive_message(self.request, self.endpoint, self.now)
        self.drain()
        assert len(self.sent) == before

    @invariant()
    def only_a_failure_times_out(self) -> None:
        assert not self.of(TransactionTimedOut) or self.last >= 300


class ServerNonInviteMachine(ServerMachine):
    """RFC 3261 §17.2.2, RFC 4320 §4."""

    kind, method = ServerNonInvite, "OPTIONS"

    @invariant()
    def nothing_is_repeated_by_time(self) -> None:
        assert not self.of(TransactionTimedOut)
        if self.last == 0:  # what goes out before the user says anything is the late 100
            assert all(at >= TIMERS.late_trying_delay for at, _ in self.sent)


_SETTINGS = settings(max_examples=30, stateful_step_count=25, deadline=None)
for _machine in (ClientInviteMachine, ClientNonInviteMachine, ServerInviteMachine, ServerNonInviteMachine):
    _machine.TestCase.settings = _SETTINGS

TestClientInvite = ClientInviteMachine.TestCase
TestClientInvite.__doc__ = "TXN-1, TXN-2, TXN-6, TXN-7, laws 1, 2, 3, 5, 7."
TestClientNonInvite = ClientNonInviteMachine.TestCase
TestClientNonInvite.__doc__ = "TXN-1, TXN-2, TXN-7, laws 1, 2, 3, 5, 7."
TestServerInvite = ServerInviteMachine.TestCase
TestServerInvite.__doc__ = "TXN-1, TXN-2, TXN-5, TXN-7, laws 1, 2, 3, 5, 7."
TestServerNonInvite = ServerNonInviteMachine.TestCase
TestServerNonInvite.__doc__ = "TXN-1, TXN-2, TXN-5, laws 1, 2, 3, 5, 7."
