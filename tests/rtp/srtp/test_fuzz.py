"""Mutated packets: nothing but typed errors, and no state."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from sansio_rtp.errors import PacketError
from sansio_rtp.srtp import SUITES, SrtpConfig, SrtpError, SrtpReceiver, SrtpSender, SrtpStatus
from sansio_rtp.srtp.batch import SrtpReceiverBatch

Make = Callable[..., SrtpConfig]
Packet = Callable[..., bytes]
FULL = 1_000_000


def mutated(packet: bytes, chance: random.Random) -> bytes:
    """Return another packet: bits flipped, cut, grown, with a wild header, or noise altogether."""
    kind = chance.randrange(5)
    if kind == 0:
        return packet[: chance.randrange(len(packet))]
    if kind == 1:
        return packet + chance.randbytes(chance.randrange(1, 30))
    if kind == 2:
        return chance.randbytes(chance.randrange(80))
    changed = bytearray(packet)
    if kind == 3:
        changed[:12] = bytes([0x80 | chance.randrange(64)]) + chance.randbytes(11)
    for _ in range(chance.randrange(1, 4)):
        changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
    return bytes(changed)


@pytest.mark.parametrize("inputs", [10_000, pytest.param(FULL, marks=pytest.mark.long)])
def test_mutated_packets_leave_nothing_behind(
    make_config: Make, rtp: Packet, rtcp: Packet, inputs: int
) -> None:
    """MED-24: 10**6 inputs in the long form, of every suite, RTP and RTCP, while two keys are in force."""
    chance = random.Random(7)
    for suite in SUITES:
        sender, receiver = SrtpSender(make_config(suite)), SrtpReceiver(make_config(suite))
        for sequence in (65_000, 65_535, 65_536):
            receiver.unprotect(sender.protect(rtp(sequence)))
        secured, report = sender.protect(rtp(65_537)), sender.protect_rtcp(rtcp())
        receiver.rekey(make_config(suite, 2))
        before, refused = receiver.snapshot(), 0
        for _ in range(inputs // len(SUITES) // 2):
            for read, packet in ((receiver.unprotect, secured), (receiver.unprotect_rtcp, report)):
                damaged = mutated(packet, chance)
                if damaged == packet:
                    continue
                with pytest.raises((SrtpError, PacketError)):
                    read(damaged)
                refused += 1
        assert receiver.snapshot() == before
        assert receiver.statistics().packets == 3
        assert receiver.unprotect(secured) == rtp(65_537)
        assert refused > inputs // len(SUITES) * 0.9


@pytest.mark.parametrize("inputs", [10_000, pytest.param(FULL, marks=pytest.mark.long)])
def test_mutated_rows_leave_nothing_behind(make_config: Make, rtp: Packet, inputs: int) -> None:
    """MED-24, MED-26: the same, a thousand rows at a time."""
    chance = random.Random(8)
    table = SrtpReceiverBatch(max_contexts=200)
    secured: list[bytes] = []
    for number in range(200):
        config = make_config(list(SUITES)[number % len(SUITES)], number, mkis=(b"\1",))
        sender, receiver = SrtpSender(config), SrtpReceiver(config)
        receiver.unprotect(sender.protect(rtp(1)))
        table.add(receiver)
        secured.append(sender.protect(rtp(2)))
    rows, lengths = np.zeros((1000, 128), np.uint8), np.zeros(1000, np.int64)
    contexts = np.arange(1000) % 200
    for _ in range(inputs // 1000):
        for row in range(1000):
            packet = secured[row % 200]
            damaged = mutated(packet, chance)
            damaged = damaged if damaged != packet else b""
            rows[row, : len(damaged)] = np.frombuffer(damaged, np.uint8)
            lengths[row] = len(damaged)
        assert not (table.unprotect(rows, lengths, contexts) == SrtpStatus.OK).any()
    for number in range(200):
        assert table.statistics(number).packets == table.statistics(number).sources == 1
        assert table.remove(number).unprotect(secured[number]) == rtp(2)
