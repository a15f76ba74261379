"""The two server transactions, row by row (RFC 3261 §17.2, RFC 6026 §7.1)."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, build_request, build_response, parse_message
from sansio_sip.transaction import (
    ServerInvite,
    ServerNonInvite,
    State,
    TimerConfig,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from sansio_sip.transaction.server import ServerTransaction

UDP = Endpoint("UDP", "192.0.2.2", 5060)
TCP = Endpoint("TCP", "192.0.2.2", 5060)


def request(method: str = "INVITE") -> Request:
    return build_request(
        method,
        "sip:alice@192.0.2.1",
        via="SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKabc",
        from_="<sip:bob@example.com>;tag=b",
        to="<sip:alice@example.com>",
        call_id="call",
        cseq=7,
    )


def start(method: str = "INVITE", destination: Endpoint = UDP) -> ServerTransaction:
    kind = ServerInvite if method == "INVITE" else ServerNonInvite
    return kind(request(method), ("key",), destination, now=0.0, timers=TimerConfig())


def respond(transaction: ServerTransaction, status: int, now: float) -> None:
    method = "INVITE" if isinstance(transaction, ServerInvite) else "OPTIONS"
    transaction.respond(build_response(request(method), status, to_tag="a"), now)


def receive(transaction: ServerTransaction, method: str, now: float) -> None:
    transaction.receive_message(request(method), UDP, now)


def sent(transaction: ServerTransaction) -> list[int]:
    codes = []
    while (transmit := transaction.next_transmit()) is not None:
        message = parse_message(transmit.data)
        assert not isinstance(message, Request)
        codes.append(message.status_code)
    return codes


def told(transaction: ServerTransaction) -> list[type]:
    kinds: list[type] = []
    while (event := transaction.next_event()) is not None:
        kinds.append(type(event))
    return kinds


def fire(transaction: ServerTransaction, until: float) -> list[float]:
    times = []
    while (deadline := transaction.deadline) is not None and deadline <= until:
        transaction.handle_timeout(deadline)
        times.append(deadline)
    return times


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_request_is_let_go_with_the_final_answer(method: str) -> None:
    """TXN-2: what waits for 32 s holds no more than it needs."""
    transaction = start(method)
    respond(transaction, 180, 0.0)
    assert transaction.request is not None
    respond(transaction, 486, 1.0)
    assert transaction.request is None


# INVITE


def test_100_is_sent_when_the_user_takes_200_ms() -> None:
    """TXN-1: RFC 3261 §17.2.1."""
    transaction = start()
    assert fire(transaction, 100.0) == [0.2]
    assert sent(transaction) == [100]
    receive(transaction, "INVITE", 1.0)
    assert sent(transaction) == [100]


def test_no_100_when_the_user_is_quicker() -> None:
    """TXN-1."""
    transaction = start()
    respond(transaction, 180, 0.1)
    assert transaction.deadline is None
    assert sent(transaction) == [180]


def test_repeated_invite_gets_the_last_provisional_answer() -> None:
    """TXN-5."""
    transaction = start()
    receive(transaction, "INVITE", 0.05)
    assert sent(transaction) == []
    respond(transaction, 180, 0.1)
    respond(transaction, 183, 0.2)
    receive(transaction, "INVITE", 0.5)
    receive(transaction, "ACK", 0.5)
    assert sent(transaction) == [180, 183, 183]


def test_failure_is_repeated_by_timer_g_until_timer_h() -> None:
    """TXN-2: G doubles up to T2; H at 32 s, and the user is told."""
    transaction = start()
    respond(transaction, 486, 0.1)
    times = [round(time - 0.1, 6) for time in fire(transaction, 100.0)]
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32.0]
    assert sent(transaction) == [486] * 11
    assert told(transaction) == [TransactionTimedOut, TransactionTerminated]


def test_failure_over_a_reliable_transport_waits_for_its_ack_only() -> None:
    """TXN-2: no timer G; H all the same; I is 0."""
    transaction = start(destination=TCP)
    respond(transaction, 486, 0.0)
    assert transaction.deadline == 32.0
    receive(transaction, "ACK", 1.0)
    assert fire(transaction, 1.0) == [1.0]
    assert sent(transaction) == [486]
    assert told(transaction) == [TransactionTerminated]


def test_repeated_invite_gets_the_failure_again_and_ack_ends_that() -> None:
    """TXN-1, TXN-2: Confirmed absorbs for T4."""
    transaction = start()
    respond(transaction, 486, 0.1)
    receive(transaction, "INVITE", 0.3)
    receive(transaction, "ACK", 0.4)
    assert transaction.state is State.CONFIRMED
    receive(transaction, "ACK", 0.5)
    receive(transaction, "INVITE", 0.5)
    assert sent(transaction) == [486, 486]
    assert fire(transaction, 100.0) == [5.4]
    assert told(transaction) == [TransactionTerminated]


def test_2xx_is_repeated_by_the_user_only_and_absorbs_the_invite_for_timer_l() -> None:
    """TXN-1: RFC 6026 §7.1."""
    for destination in (UDP, TCP):
        transaction = start(destination=destination)
        respond(transaction, 200, 0.1)
        receive(transaction, "INVITE", 0.5)
        receive(transaction, "ACK", 0.5)
        assert transaction.state is State.ACCEPTED
        respond(transaction, 200, 0.6)
        assert sent(transaction) == [200, 200]
        assert fire(transaction, 100.0) == [32.1]
        assert told(transaction) == [TransactionTerminated]


@pytest.mark.parametrize("first", [200, 486])
@pytest.mark.parametrize("second", [180, 200, 486])
def test_second_final_answer_of_an_invite_is_a_local_mistake(first: int, second: int) -> None:
    """TXN-1: nothing changes; only a repeated 2xx is allowed."""
    transaction = start()
    respond(transaction, first, 0.1)
    sent(transaction)
    if (first, second) == (200, 200):
        return
    before = (transaction.state, transaction.deadline)
    with pytest.raises(LocalProtocolError):
        respond(transaction, second, 0.2)
    assert (transaction.state, transaction.deadline) == before
    assert sent(transaction) == []


def test_server_that_cannot_send_keeps_an_invite() -> None:
    """TXN-7: RFC 6026 §7.1, or the repeated INVITE would be a new call."""
    for statuses, state in (((), "PROCEEDING"), ((200,), "ACCEPTED"), ((486,), "COMPLETED")):
        transaction = start()
        for status in statuses:
            respond(transaction, status, 0.1)
        deadline = transaction.deadline
        transaction.flow_failed("unreachable", 0.15)
        assert transaction.state.name == state
        assert transaction.deadline == deadline
        assert told(transaction) == [TransportFailed]


def test_confirmed_invite_does_not_care_for_the_transport() -> None:
    """TXN-7."""
    transaction = start()
    respond(transaction, 486, 0.1)
    receive(transaction, "ACK", 0.2)
    transaction.flow_failed("unreachable", 0.3)
    assert told(transaction) == []


# Others


def test_repeats_before_any_answer_are_absorbed() -> None:
    """TXN-1."""
    transaction = start("OPTIONS")
    receive(transaction, "OPTIONS", 0.5)
    assert sent(transaction) == []


@pytest.mark.parametrize("destination", [UDP, TCP])
def test_100_to_another_request_than_invite_waits_until_timer_e_is_at_t2(destination: Endpoint) -> None:
    """TXN-2: RFC 4320 §4.1: not before, and then without regard to the transport; once, and repeated."""
    transaction = start("OPTIONS", destination)
    assert fire(transaction, 3.4) == []
    assert sent(transaction) == []
    assert fire(transaction, 100.0) == [3.5]
    assert sent(transaction) == [100]
    assert transaction.deadline is None
    receive(transaction, "OPTIONS", 101.0)
    assert sent(transaction) == [100]


@pytest.mark.parametrize(
    ("t1", "t2", "delay"), [(0.5, 4.0, 3.5), (1.0, 4.0, 3.0), (2.0, 2.0, 0.0), (0.5, 5.0, 7.5)]
)
def test_late_trying_follows_from_t1_and_t2(t1: float, t2: float, delay: float) -> None:
    """TXN-2: RFC 4320 §4.1."""
    assert TimerConfig(t1=t1, t2=t2).late_trying_delay == delay


def test_answer_in_time_needs_no_100() -> None:
    """TXN-2: RFC 4320 §4.1."""
    for status in (100, 200, 404):
        transaction = start("OPTIONS")
        respond(transaction, status, 1.0)
        fire(transaction, 100.0)
        assert sent(transaction) == [status]


@pytest.mark.parametrize("status", [200, 404, 600])
@pytest.mark.parametrize("provisional", [False, True])
def test_answer_is_repeated_for_each_repeat_until_timer_j(status: int, provisional: bool) -> None:
    """TXN-2, TXN-5."""
    transaction = start("OPTIONS")
    if provisional:
        respond(transaction, 183, 0.1)
        receive(transaction, "OPTIONS", 0.1)
        respond(transaction, 183, 0.1)
        assert sent(transaction) == [183, 183, 183]
    respond(transaction, status, 1.0)
    receive(transaction, "OPTIONS", 2.0)
    assert sent(transaction) == [status, status]
    assert fire(transaction, 100.0) == [33.0]
    assert told(transaction) == [TransactionTerminated]


def test_timer_j_is_0_over_a_reliable_transport() -> None:
    """TXN-2."""
    transaction = start("OPTIONS", TCP)
    respond(transaction, 200, 1.0)
    assert fire(transaction, 1.0) == [1.0]
    assert transaction.closed


def test_second_final_answer_is_a_local_mistake() -> None:
    """TXN-1."""
    transaction = start("OPTIONS")
    respond(transaction, 200, 1.0)
    for status in (183, 200, 404):
        with pytest.raises(LocalProtocolError, match="not possible"):
            respond(transaction, status, 2.0)
    assert sent(transaction) == [200]


def test_lost_transport_ends_a_request_other_than_invite() -> None:
    """TXN-7: RFC 3261 §17.2.4."""
    for statuses in ((), (183,), (200,)):
        transaction = start("OPTIONS")
        for status in statuses:
            respond(transaction, status, 0.1)
        transaction.flow_failed("unreachable", 0.2)
        assert told(transaction) == [TransportFailed, TransactionTerminated]
        assert transaction.deadline is None
