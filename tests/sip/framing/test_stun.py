"""STUN keep-alives over the SIP port (RFC 5626 §3.5.2); the answers are those of RFC 5769 §2.2 and §2.3."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.framing import KeepAliveAnswered, KeepAliveFailed, StunKeepAlive, answer_stun
from sansio_sip.framing.stun import is_stun_answer, read_mapped_address, stun_request
from sansio_sip.ids import Ids
from sansio_sip.machine import Endpoint

TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
IPV4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96"
)
IPV6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147"
    "0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
)


@pytest.mark.parametrize(
    ("data", "address"),
    [(IPV4, ("192.0.2.1", 32853)), (IPV6, ("2001:db8:1234:5678:11:2233:4455:6677", 32853))],
)
def test_printed_answers_are_read_and_written(data: bytes, address: tuple[str, int]) -> None:
    """NAT-1."""
    assert is_stun_answer(data, TRANSACTION)
    assert read_mapped_address(data) == address
    answer = answer_stun(stun_request(TRANSACTION), *address)
    assert answer is not None
    assert is_stun_answer(answer, TRANSACTION)
    assert read_mapped_address(answer) == address
    assert answer[20:] in data  # the attribute, as it is printed


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        stun_request(TRANSACTION)[:19],
        stun_request(TRANSACTION) + b"\0",
        IPV4,
        stun_request(TRANSACTION).replace(b"\x21\x12", b"\x21\x13"),
        b"\0\1\0\2" + stun_request(TRANSACTION)[4:] + b"\0\0",
    ],
)
def test_nothing_but_a_request_is_answered(data: bytes) -> None:
    """NAT-1, SEC-1."""
    assert answer_stun(data, "192.0.2.1", 5060) is None


def test_answer_needs_a_numeric_address_and_says_nothing_of_its_interface() -> None:
    """NAT-1."""
    assert answer_stun(stun_request(TRANSACTION), "example.com", 5060) is None
    answer = answer_stun(stun_request(TRANSACTION), "fe80::1%eth0", 5060)
    assert answer is not None
    assert read_mapped_address(answer) == ("fe80::1", 5060)


def test_answer_without_an_address_is_an_answer_all_the_same() -> None:
    """NAT-1."""
    assert read_mapped_address(IPV4[:20]) is None
    assert read_mapped_address(IPV4[:20] + b"\0\x20\0\4\0\1\0\0") is None


FAR = Endpoint("UDP", "192.0.2.9", 5060)


def keeper() -> StunKeepAlive:
    return StunKeepAlive(FAR, 29.0, now=100.0, ids=Ids(Random(1).randbytes))


def asked(machine: StunKeepAlive) -> bytes | None:
    """Let what is due be done; return what it asks."""
    assert machine.deadline is not None
    machine.handle_timeout(machine.deadline)
    transmit = machine.next_transmit()
    assert transmit is None or transmit.destination == FAR
    return None if transmit is None else transmit.data


def test_answered_keep_alive_rests_for_its_interval() -> None:
    """NAT-1: laws 1 and 2; a stranger's answer counts for nothing."""
    machine = keeper()
    machine.receive_packet(IPV4, 100.0)
    request = asked(machine)
    assert request is not None
    assert machine.deadline == 100.5
    machine.receive_packet(IPV4, 100.1)
    assert machine.next_event() is None
    answer = answer_stun(request, "198.51.100.7", 40_000)
    assert answer is not None
    machine.receive_packet(answer, 100.2)
    machine.receive_packet(answer, 100.3)
    assert machine.next_event() == KeepAliveAnswered(("198.51.100.7", 40_000))
    assert machine.next_event() is None
    assert machine.deadline is not None
    assert 100.2 + 0.8 * 29 <= machine.deadline <= 100.2 + 29


def test_unanswered_keep_alive_is_repeated_and_then_the_flow_has_failed() -> None:
    """NAT-1 (RFC 8489 §6.2.1): seven times the same request; then a rest, and a new one."""
    machine = keeper()
    sent = []
    while (request := asked(machine)) is not None:
        sent.append(request)
    assert len(sent) == 7
    assert len(set(sent)) == 1
    assert machine.next_event() == KeepAliveFailed(FAR)
    again = asked(machine)
    assert again is not None
    assert again not in sent
    machine.close(200.0)
    machine.close(200.0)
    machine.handle_timeout(300.0)
    assert machine.closed
    assert (machine.deadline, machine.next_transmit()) == (None, None)
