"""From whom media is taken, and where ours goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sansio_rtp import Address, Component, RtpSession, Transmit
from sansio_rtp.packet import RtpPacket
from sansio_rtp.rtcp import Goodbye, ReceiverReport, build_compound
from sansio_rtp.session import GoodbyeReceived, MediaStarted, SourceChanged, SourceLatched

Make = Callable[..., RtpSession]
SIGNALLED: Address = ("192.0.2.2", 5000)
NAT: Address = ("198.51.100.7", 61_234)
THIEF: Address = ("203.0.113.66", 7)


def packet(sequence: int, ssrc: int = 0xB0B, payload_type: int = 0, payload: bytes = bytes(160)) -> bytes:
    number = sequence % 65536
    return RtpPacket(payload_type, number, sequence * 160 % 2**32, ssrc, payload).to_bytes()


def next_report(session: RtpSession) -> Transmit:
    # The timer may be reconsidered a few times before it fires (RFC 3550 §6.3.6).
    while (transmit := session.next_transmit()) is None:
        assert session.deadline is not None
        session.handle_timeout(session.deadline)
    return transmit


def events(session: RtpSession) -> list[Any]:
    return list(iter(session.next_event, None))


def test_the_signalled_address_is_accepted_at_once(make_session: Make) -> None:
    """MED-27"""
    session = make_session(remote=SIGNALLED)
    session.receive_packet(packet(1), SIGNALLED, 0.0)
    assert events(session) == [MediaStarted(0xB0B, 0)]
    assert session.statistics().packets_received == 1
    assert session.destination == SIGNALLED


def test_a_peer_behind_a_nat_is_latched_after_two_packets_and_loses_none(make_session: Make) -> None:
    """MED-27: symmetric RTP."""
    session = make_session(remote=SIGNALLED)
    session.receive_packet(packet(1), NAT, 0.0)
    assert (session.destination, session.statistics().strangers) == (SIGNALLED, 1)
    session.receive_packet(packet(2), NAT, 0.02)
    assert session.destination == NAT
    assert events(session) == [SourceLatched(NAT), MediaStarted(0xB0B, 0)]
    statistics = session.statistics()
    assert (statistics.packets_received, statistics.lost, statistics.strangers) == (2, 0, 0)


def test_after_latching_everybody_else_is_a_stranger(make_session: Make) -> None:
    """MED-27"""
    session = make_session(remote=SIGNALLED)
    for number in (1, 2):
        session.receive_packet(packet(number), NAT, 0.0)
    for number in range(10):
        session.receive_packet(packet(number, 0xBAD), THIEF, 10.0 + number)
    assert session.destination == NAT
    assert session.statistics().strangers == 10
    assert session.statistics().packets_received == 2


def test_nobody_is_latched_once_the_signalled_address_has_spoken(make_session: Make) -> None:
    """MED-27: RTP from a stranger: counted, call unharmed."""
    session = make_session(remote=SIGNALLED)
    session.receive_packet(packet(1), SIGNALLED, 0.0)
    for number in range(100):
        session.receive_packet(packet(number, 0xBAD), THIEF, 0.02 * number)
        session.receive_packet(packet(number, 0xB0B), ("192.0.2.2", 5002), 0.02 * number)
    assert session.destination == SIGNALLED
    assert session.statistics().strangers == 200
    assert SourceLatched(THIEF) not in events(session)


def test_the_signalled_address_takes_the_stream_back(make_session: Make) -> None:
    """MED-27: a thief that was faster does not keep the call."""
    session = make_session(remote=SIGNALLED)
    for number in (1, 2):
        session.receive_packet(packet(number, 0xBAD), THIEF, 0.0)
    assert session.destination == THIEF
    for number in range(6):
        session.receive_packet(packet(100 + number), SIGNALLED, 0.1 + 0.02 * number)
        session.receive_packet(packet(3 + number, 0xBAD), THIEF, 0.1 + 0.02 * number)
    assert session.destination == SIGNALLED
    found = events(session)
    assert SourceLatched(SIGNALLED) in found
    assert SourceChanged(0xB0B) in found
    assert session.statistics().strangers == 6


@pytest.mark.parametrize(
    "stray",
    [
        [packet(1), packet(3), packet(5), packet(9)],
        [packet(1, 1), packet(2, 2), packet(3, 3)],
        [packet(1), packet(1), packet(1)],
        [packet(1, payload_type=77), packet(2, payload_type=77), packet(3, payload_type=77)],
        [b"\x80", b"", bytes(172), b"\xff" * 172, packet(1)[:11]],
    ],
    ids=["out of sequence", "changing ssrc", "the same again", "unknown payload type", "no rtp"],
)
def test_what_proves_nothing_is_not_latched(make_session: Make, stray: list[bytes]) -> None:
    """MED-27"""
    session = make_session(remote=SIGNALLED)
    for data in stray:
        session.receive_packet(data, THIEF, 0.0)
    assert session.destination == SIGNALLED
    assert events(session) == []
    statistics = session.statistics()
    assert statistics.strangers + statistics.malformed + statistics.ignored == len(stray)
    assert statistics.packets_received == 0


def test_the_table_of_candidates_is_bounded(make_session: Make) -> None:
    """MED-27: law 8: a flood of addresses costs no memory, and a peer that goes on is latched."""
    session = make_session(remote=SIGNALLED, max_sources=4)
    for port in range(1, 1001):
        session.receive_packet(packet(1), ("203.0.113.66", port), 0.0)
    assert len(session._parts.latch._candidates) == 4
    assert session._parts.latch.evicted == 996
    for number in (1, 2):
        session.receive_packet(packet(number), NAT, 0.1)
    assert session.destination == NAT


def test_a_new_address_from_signalling_counts_and_the_same_one_changes_nothing(
    make_session: Make, make_config: Callable[..., Any]
) -> None:
    """MED-27: re-INVITE."""
    session = make_session(remote=SIGNALLED)
    for number in (1, 2):
        session.receive_packet(packet(number), NAT, 0.0)
    session.update(make_config(remote=SIGNALLED, send_payload_type=8), 0.1)
    assert session.destination == NAT
    moved: Address = ("192.0.2.9", 9000)
    session.update(make_config(remote=moved), 0.2)
    assert session.destination == moved
    session.receive_packet(packet(3), NAT, 0.3)
    assert session.statistics().strangers == 1
    session.receive_packet(packet(4), moved, 0.3)
    assert session.destination == moved


def test_without_a_signalled_address_the_first_proven_one_is_the_peer(make_session: Make) -> None:
    """MED-27: early media before the answer."""
    session = make_session(remote=None)
    assert session.destination is None
    for number in (1, 2):
        session.receive_packet(packet(number), NAT, 0.0)
    assert session.destination == NAT


@pytest.mark.parametrize(
    ("silence", "source", "latched"),
    [(4.9, ("192.0.2.2", 61_234), False), (5.1, ("192.0.2.2", 61_234), True), (60.0, THIEF, False)],
)
def test_a_new_port_of_the_peers_host_is_found_after_a_silence_if_that_is_allowed(
    make_session: Make, silence: float, source: Address, latched: bool
) -> None:
    """MED-27, SEC-1: another host is not, however long a call is on hold."""
    session = make_session(remote=SIGNALLED, relatch_after_s=5.0)
    session.receive_packet(packet(1), SIGNALLED, 0.0)
    for number in (2, 3):
        session.receive_packet(packet(number), source, silence)
    assert (session.destination == source) is latched


def test_a_peer_behind_a_nat_is_found_at_its_new_port(make_session: Make) -> None:
    """MED-27: its host is not the one that was signalled."""
    session = make_session(remote=SIGNALLED, relatch_after_s=5.0)
    for number in (1, 2):
        session.receive_packet(packet(number), NAT, 0.0)
    rebound = (NAT[0], 61_235)
    for number in (3, 4):
        session.receive_packet(packet(number), rebound, 6.0)
    assert session.destination == rebound


def test_rtcp_is_taken_from_the_peers_host_only(make_session: Make) -> None:
    """MED-6, MED-27"""
    session = make_session(remote=SIGNALLED, remote_rtcp=("192.0.2.3", 6000))
    bye = build_compound([ReceiverReport(0xB0B), Goodbye((0xB0B,), "spoofed")])
    session.receive_rtcp(bye, THIEF, 0.0)
    assert events(session) == []
    assert session.statistics().strangers == 1
    session.receive_rtcp(bye, ("192.0.2.3", 6000), 0.0)
    assert events(session) == [GoodbyeReceived(0xB0B, "spoofed")]


@pytest.mark.parametrize(
    ("changes", "heard_from", "destination", "flow"),
    [
        ({}, None, ("192.0.2.2", 5001), Component.RTCP),
        ({"remote_rtcp": ("192.0.2.3", 9)}, None, ("192.0.2.3", 9), Component.RTCP),
        ({"remote_rtcp": ("192.0.2.3", 9)}, ("192.0.2.3", 10), ("192.0.2.3", 9), Component.RTCP),
        ({}, ("192.0.2.2", 777), ("192.0.2.2", 777), Component.RTCP),
        ({"rtcp_mux": True}, None, SIGNALLED, Component.RTP),
    ],
)
def test_reports_go_where_rtcp_lives(
    make_session: Make,
    changes: dict[str, Any],
    heard_from: Address | None,
    destination: Address,
    flow: Component,
) -> None:
    """MED-6: rtcp attribute, rtcp-mux, symmetric RTCP."""
    session = make_session(remote=SIGNALLED, **changes)
    if heard_from:
        session.receive_rtcp(build_compound([ReceiverReport(0xB0B)]), heard_from, 0.0)
    transmit = next_report(session)
    assert (transmit.destination, transmit.flow) == (destination, flow)


def test_reports_follow_the_media_behind_a_nat(make_session: Make) -> None:
    """MED-6, MED-27"""
    session = make_session(remote=SIGNALLED, remote_rtcp=("192.0.2.2", 5001))
    for number in (1, 2):
        session.receive_packet(packet(number), NAT, 0.0)
    transmit = next_report(session)
    assert transmit.destination == (NAT[0], NAT[1] + 1)
