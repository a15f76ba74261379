"""The two client transactions, row by row (RFC 3261 §17.1, RFC 6026 §7.2)."""

from __future__ import annotations

import pytest

from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response, build_request, build_response, parse_message
from sansio_sip.transaction import (
    ClientInvite,
    ClientNonInvite,
    FailureResponse,
    ProvisionalResponse,
    State,
    SuccessResponse,
    TimerConfig,
    Transaction,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)

UDP = Endpoint("UDP", "192.0.2.2", 5060)
TCP = Endpoint("TCP", "192.0.2.2", 5060)


def request(method: str = "INVITE", transport: str = "UDP") -> Request:
    return build_request(
        method,
        "sip:bob@192.0.2.2",
        via=f"SIP/2.0/{transport} 192.0.2.1:5060;branch=z9hG4bKabc",
        from_="<sip:alice@example.com>;tag=a",
        to="<sip:bob@example.com>",
        call_id="call",
        cseq=7,
        routes=["<sip:proxy.example.com;lr>"],
        extra=[("Proxy-Authorization", "Digest secret")],
    )


def start(method: str = "INVITE", destination: Endpoint = UDP, now: float = 0.0) -> Transaction:
    kind = ClientInvite if method == "INVITE" else ClientNonInvite
    message = request(method, destination.transport)
    return kind(message, ("z9hG4bKabc", method), destination, now=now, timers=TimerConfig())


def answer(transaction: Transaction, status: int, now: float, tag: str = "b") -> Response:
    assert isinstance(transaction, ClientInvite | ClientNonInvite)
    response = build_response(transaction.request, status, to_tag=tag)
    transaction.receive_message(response, UDP, now)
    return response


def sent(transaction: Transaction) -> list[str]:
    methods = []
    while (transmit := transaction.next_transmit()) is not None:
        message = parse_message(transmit.data)
        methods.append(message.method if isinstance(message, Request) else str(message.status_code))
        assert transmit.destination is transaction.destination
    return methods


def told(transaction: Transaction) -> list[type]:
    kinds: list[type] = []
    while (event := transaction.next_event()) is not None:
        kinds.append(type(event))
    return kinds


def fire(transaction: Transaction, until: float) -> list[float]:
    """Run timers; return when they fired."""
    times = []
    while (deadline := transaction.deadline) is not None and deadline <= until:
        transaction.handle_timeout(deadline)
        times.append(deadline)
    return times


# INVITE


def test_invite_is_repeated_by_timer_a_until_timer_b() -> None:
    """TXN-2, TXN-5: A at 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s; B at 32 s."""
    transaction = start()
    assert fire(transaction, 100.0) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 32.0]
    assert sent(transaction) == ["INVITE"] * 7
    assert told(transaction) == [TransactionTimedOut, TransactionTerminated]
    assert transaction.closed


def test_repeats_are_the_same_octets() -> None:
    """TXN-5."""
    transaction = start()
    fire(transaction, 31.5)
    first = transaction.next_transmit()
    while (again := transaction.next_transmit()) is not None:
        assert again == first


def test_invite_over_a_reliable_transport_is_not_repeated() -> None:
    """TXN-2: no timer A."""
    transaction = start(destination=TCP)
    assert fire(transaction, 100.0) == [32.0]
    assert sent(transaction) == ["INVITE"]


def test_provisional_answer_stops_both_timers() -> None:
    """TXN-1: Calling to Proceeding, in which a phone may ring for ever."""
    transaction = start()
    answer(transaction, 100, 0.1)
    answer(transaction, 180, 0.2)
    assert transaction.state is State.PROCEEDING
    assert transaction.deadline is None
    assert told(transaction) == [ProvisionalResponse, ProvisionalResponse]
    assert sent(transaction) == ["INVITE"]


@pytest.mark.parametrize("ringing", [False, True])
@pytest.mark.parametrize("status", [300, 404, 486, 500, 603, 699])
def test_failure_is_acknowledged_told_once_and_kept_for_timer_d(status: int, ringing: bool) -> None:
    """TXN-1, TXN-2, MSG-10."""
    transaction = start()
    if ringing:
        answer(transaction, 180, 0.5)
        told(transaction)
    answer(transaction, status, 1.0)
    answer(transaction, status, 2.0)
    answer(transaction, 180, 2.0)
    answer(transaction, 200, 2.0)
    assert transaction.state is State.COMPLETED
    assert sent(transaction) == ["INVITE", "ACK", "ACK"]
    assert told(transaction) == [FailureResponse]
    assert fire(transaction, 100.0) == [33.0]
    assert told(transaction) == [TransactionTerminated]


def test_failure_over_a_reliable_transport_ends_at_once() -> None:
    """TXN-2: timer D is 0."""
    transaction = start(destination=TCP)
    answer(transaction, 486, 1.0)
    assert transaction.deadline == 1.0
    transaction.handle_timeout(1.0)
    assert transaction.closed


def test_ack_of_a_failure_belongs_to_the_invite() -> None:
    """MSG-10: RFC 3261 §17.1.1.3."""
    transaction = start()
    transaction.next_transmit()
    response = answer(transaction, 407, 1.0, tag="the-tag")
    transmit = transaction.next_transmit()
    assert transmit is not None
    ack, invite = parse_message(transmit.data), request()
    assert isinstance(ack, Request)
    assert ack.method == "ACK"
    assert ack.uri == invite.uri
    for key in ("via", "from", "call-id", "route", "proxy-authorization"):
        assert ack.get_all(key) == invite.get_all(key)
    assert ack.get("to") == response.get("to")
    assert ack.get("cseq") == "7 ACK"
    assert ack.get("max-forwards") == "70"


def test_every_2xx_of_every_branch_is_told_until_timer_m() -> None:
    """TXN-6: RFC 6026 §7.2."""
    transaction = start()
    answer(transaction, 180, 0.5)
    for tag in ("one", "one", "two"):
        answer(transaction, 200, 1.0, tag=tag)
    answer(transaction, 486, 1.0)
    answer(transaction, 180, 1.0)
    assert transaction.state is State.ACCEPTED
    assert told(transaction) == [ProvisionalResponse, *[SuccessResponse] * 3]
    assert sent(transaction) == ["INVITE"], "the ACK of a 2xx is its user's"
    assert fire(transaction, 100.0) == [33.0]
    assert told(transaction) == [TransactionTerminated]


def test_2xx_without_provisional_ends_the_repeats() -> None:
    """TXN-1, and timer M runs over reliable transports too."""
    for destination in (UDP, TCP):
        transaction = start(destination=destination)
        answer(transaction, 200, 0.2)
        assert fire(transaction, 100.0) == [32.2]
        assert sent(transaction) == ["INVITE"]


# Others


def test_other_requests_are_repeated_by_timer_e_until_timer_f() -> None:
    """TXN-2: E doubles up to T2; F at 32 s."""
    transaction = start("OPTIONS")
    assert fire(transaction, 100.0) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32.0]
    assert sent(transaction) == ["OPTIONS"] * 11
    assert told(transaction) == [TransactionTimedOut, TransactionTerminated]


def test_other_requests_over_a_reliable_transport_are_sent_once() -> None:
    """TXN-2: no timer E, and K is 0."""
    transaction = start("BYE", TCP)
    answer(transaction, 200, 1.0)
    assert fire(transaction, 100.0) == [1.0]
    assert sent(transaction) == ["BYE"]
    assert told(transaction) == [SuccessResponse, TransactionTerminated]


def test_after_a_provisional_answer_timer_e_has_the_interval_t2() -> None:
    """TXN-2: RFC 3261 §17.1.2.2; F goes on."""
    transaction = start("OPTIONS")
    answer(transaction, 100, 0.2)
    assert transaction.state is State.PROCEEDING
    assert fire(transaction, 100.0) == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5, 32.0]
    assert told(transaction) == [ProvisionalResponse, TransactionTimedOut, TransactionTerminated]


@pytest.mark.parametrize("status", [200, 302, 401, 481, 503, 600])
@pytest.mark.parametrize("provisional", [False, True])
def test_final_answer_is_told_once_and_absorbed_for_timer_k(status: int, provisional: bool) -> None:
    """TXN-1, TXN-2: K is T4."""
    transaction = start("OPTIONS")
    if provisional:
        answer(transaction, 100, 0.1)
        told(transaction)
    for when in (0.3, 0.4):
        answer(transaction, status, when)
    answer(transaction, 100, 0.4)
    assert told(transaction) == [SuccessResponse if status < 300 else FailureResponse]
    assert fire(transaction, 100.0) == [5.3]
    assert sent(transaction) == ["OPTIONS"]
    assert told(transaction) == [TransactionTerminated]


# Transport errors


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_lost_transport_ends_a_request_that_waits(method: str) -> None:
    """TXN-7: once told, then gone."""
    transaction = start(method)
    transaction.flow_failed("refused", 1.0)
    transaction.flow_failed("refused", 1.0)
    assert told(transaction) == [TransportFailed, TransactionTerminated]
    assert transaction.deadline is None


def test_lost_transport_leaves_a_ringing_invite_alone() -> None:
    """TXN-7: the peer has the request; the error is that of an old copy."""
    transaction = start()
    answer(transaction, 180, 0.5)
    told(transaction)
    transaction.flow_failed("refused", 1.0)
    assert told(transaction) == []
    assert transaction.state is State.PROCEEDING


def test_lost_transport_ends_an_invite_whose_ack_cannot_be_sent() -> None:
    """TXN-7: RFC 6026 figure 5, Completed."""
    transaction = start()
    answer(transaction, 486, 0.5)
    told(transaction)
    transaction.flow_failed("refused", 1.0)
    assert told(transaction) == [TransportFailed, TransactionTerminated]


# Time


def test_late_wake_up_does_not_repeat_what_has_expired() -> None:
    """TXN-2: a process that was suspended sends nothing for a request that is over."""
    for method in ("INVITE", "OPTIONS"):
        transaction = start(method)
        sent(transaction)
        transaction.handle_timeout(500.0)
        assert sent(transaction) == []
        assert told(transaction) == [TransactionTimedOut, TransactionTerminated]


def test_timer_values_are_configurable() -> None:
    """TXN-2: T1, T2 and T4."""
    timers = TimerConfig(t1=0.1, t2=0.4, t4=1.0)
    transaction = ClientNonInvite(request("OPTIONS"), ("k", "OPTIONS"), UDP, now=0.0, timers=timers)
    assert fire(transaction, 1.6) == pytest.approx([0.1, 0.3, 0.7, 1.1, 1.5])
    answer(transaction, 200, 1.6)
    assert transaction.deadline == pytest.approx(2.6)
    with pytest.raises(ValueError, match="t1"):
        TimerConfig(t1=0)
