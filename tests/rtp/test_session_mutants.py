"""Damaged and hostile datagrams: nothing but typed errors, no state without end, and the call goes on."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sansio_rtp import Address, RtpSession
from sansio_rtp.codec import PCMU
from sansio_rtp.dtmf import TelephoneEvent
from sansio_rtp.errors import PacketError
from sansio_rtp.packet import RtpPacket, parse_rtp
from sansio_rtp.rtcp import parse_rtcp
from tests.rtp.mutants import mutated

Make = Callable[..., RtpSession]
Load = Callable[[str], Any]
FULL = 1_000_000
PEER: Address = ("192.0.2.2", 5000)
STRANGERS = [("192.0.2.2", 5002), ("198.51.100.7", 9), ("203.0.113.66", 1)]
PERIOD = 80
SOUND = PCMU.decode(bytes(range(0, 3 * PERIOD, 3)) * 2)
SHIFTED = [np.roll(SOUND, shift) for shift in range(PERIOD)]
MAX_BLOCKS = 2_000  # of memory; a stream in use has some thousand


@pytest.fixture
def seeds(vectors: Load) -> tuple[list[bytes], list[bytes]]:
    """RTP and RTCP of every kind."""
    cases = vectors("rtp-rtcp.json")
    rtp, rtcp = ([bytes.fromhex(case["bytes"]) for case in cases[kind]] for kind in ("rtp", "rtcp"))
    events = [
        RtpPacket(101, number, 800, 9, TelephoneEvent(5, number == 3, 10, 160 * number).to_bytes()).to_bytes()
        for number in range(1, 4)
    ]
    return [*filter(None, rtp), *events, good(1), good(2)], [*filter(None, rtcp)]


def good(number: int, ssrc: int = 7) -> bytes:
    return RtpPacket(0, number & 0xFFFF, number * 160, ssrc, PCMU.encode(SOUND)).to_bytes()


def blocks() -> int:
    """How many blocks of memory Python has allocated."""
    gc.collect()
    return sys.getallocatedblocks()


def drain(session: RtpSession) -> None:
    while session.next_transmit() is not None:
        continue
    while session.next_event() is not None:
        continue


def hears_the_sound_again(session: RtpSession, now: float) -> bool:
    """Whether a stream that begins now is heard, within two seconds, from any sample on."""
    for number in range(100):
        session.receive_packet(good(number, 0xABCD), PEER, now + number * 0.02)
        heard = session.playout(now + number * 0.02)
        if any(np.array_equal(heard, sound) for sound in SHIFTED):
            return True
    return False


@pytest.mark.parametrize("inputs", [10_000, pytest.param(FULL, marks=pytest.mark.long)])
def test_mutants_are_read_or_refused_with_a_packet_error(
    seeds: tuple[list[bytes], list[bytes]], inputs: int
) -> None:
    """MED-5, MED-6: 10**6 in the long form; what is read as RTP is written again."""
    chance, read = random.Random(1), 0
    for _ in range(inputs // 2):
        try:
            packet = parse_rtp(mutated(seeds[0], chance))
        except PacketError:
            pass
        else:
            read += 1
            again = parse_rtp(packet.to_bytes())
            assert (again.sequence, again.ssrc, again.payload) == (
                packet.sequence,
                packet.ssrc,
                packet.payload,
            )
        for reduced_size in (False, True):
            try:
                read += bool(parse_rtcp(mutated(seeds[1], chance), reduced_size=reduced_size))
            except PacketError:
                continue
    assert read > inputs // 10


@pytest.mark.parametrize(
    "inputs", [10_000, pytest.param(FULL, marks=(pytest.mark.long, pytest.mark.timeout(1_200)))]
)
def test_a_session_takes_mutants_and_goes_on(
    make_session: Make, seeds: tuple[list[bytes], list[bytes]], inputs: int
) -> None:
    """MED-5, MED-6, MED-13: 10**6 in the long form, of the peer and of others, and no state without end."""
    chance = random.Random(2)
    session = make_session(remote=PEER, max_sources=8)
    now, grown_from = 0.0, 0
    for number in range(inputs):
        source = chance.choice((PEER, PEER, *STRANGERS))
        if chance.random() < 0.5:
            session.receive_packet(mutated(seeds[0], chance), source, now)
        else:
            receive = chance.choice((session.receive_packet, session.receive_rtcp))
            receive(mutated(seeds[1], chance), source, now)
        if number % 5 == 0:
            now += 0.02
            assert session.playout(now).shape == (160,)
            session.send_frame(SOUND, now)
            session.handle_timeout(now)
            drain(session)
        if number == inputs // 2:
            grown_from = blocks()
    assert blocks() - grown_from < MAX_BLOCKS
    statistics = session.statistics()
    assert statistics.malformed > inputs // 20
    assert statistics.strangers > inputs // 20
    assert hears_the_sound_again(session, now + 3)


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("source", [PEER, STRANGERS[1]], ids=["the address of the peer", "another address"])
def test_a_flood_of_sources_costs_bounded_memory_and_no_sample(
    make_session: Make, source: Address, count: int
) -> None:
    """MED-5, MED-27: each packet of the flood has an SSRC of its own, a hundred for each one of the peer."""
    session = make_session(remote=PEER, max_sources=8)
    heard: list[Any] = []
    before = 0
    for number in range(count // 100):
        now = number * 0.02
        session.receive_packet(good(number), PEER, now)
        for stray in range(100):
            session.receive_packet(good(stray, 1_000 + 100 * number + stray), source, now)
        heard.append(session.playout(now))
        session.handle_timeout(now)
        drain(session)
        if number == count // 200:
            before = blocks()
    assert blocks() - before < MAX_BLOCKS
    statistics = session.statistics()
    strays = statistics.strangers if source != PEER else statistics.other_sources
    assert strays > 0.9 * count
    assert (statistics.lost, statistics.late, statistics.discarded) == (0, 0, 0)
    assert all(np.array_equal(frame, SOUND) for frame in heard[count // 200 :])
