"""Media sockets under a capture behave as without one, and everything that passes is shown once."""

from __future__ import annotations

import pytest
from trio.testing import MockClock

from sansio_rtp.packet import RtpPacket
from sansio_rtp.srtp import MasterKey, SrtpConfig, SrtpSender
from trio_runtime.api import kernel_environment
from trio_runtime.base.environment import Environment
from trio_runtime.base.types import Address
from trio_runtime.media.captured import CapturedIO
from trio_runtime.media.srtp_backend import open_srtp_backend
from trio_runtime.observe import TraceEntry
from trio_runtime.observe.decryption import Decryption, MediaKeys
from trio_runtime.testing import Wire

Shown = tuple[Address, Address, bytes, int, bool]


class Tap:
    """Remembers what it is shown."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.times: list[float] = []

    def __call__(
        self, time: float, source: Address, destination: Address, data: bytes, *, port: int, sent: bool
    ) -> None:
        self.times.append(time)
        self.shown.append((source, destination, data, port, sent))


def rows() -> list[memoryview]:
    return [memoryview(bytearray(100)) for _ in range(4)]


async def exchange(environment: Environment, host: str, port: int) -> None:
    """Send between a captured pair of sockets in every way there is, and look at what was shown."""
    tap, wait = Tap(), environment.clock
    one, other = (CapturedIO(environment.network.open_media(), host, wait, tap) for _ in range(2))
    a, b = one.open(host, port), one.open(host, port + 1)
    assert (a.local_address, a.peer, one.timed) == ((host, port), None, other.timed)
    assert b.send(b"first", (host, port))
    await one.wait_readable()
    ((socket, octets, source),) = one.receive(rows())
    assert (socket, octets, source) == (a, 5, (host, port + 1))
    assert a.connect((host, port + 1))
    assert a.peer == (host, port + 1)
    assert a.transmit(memoryview(b"second"))
    await one.wait_readable()
    arrivals, ages = one.receive_late(rows())
    assert [arrival[:2] for arrival in arrivals] == [(b, 6)]
    assert len(ages) == 1
    other.adopt(a)
    assert b.send(b"third", (host, port))
    await other.wait_readable()
    assert [arrival[:2] for arrival in other.receive(rows())] == [(a, 5)]
    ends = (host, port), (host, port + 1)
    assert tap.shown == [
        (ends[1], ends[0], b"first", port, True),
        (ends[1], ends[0], b"first", port, False),
        (ends[0], ends[1], b"second", port, True),
        (ends[0], ends[1], b"second", port, False),
        (ends[1], ends[0], b"third", port, True),
        (ends[1], ends[0], b"third", port, False),
    ]
    assert not a.connect(None) or a.peer is None
    assert not a.transmit(memoryview(b"to nobody"))
    assert len(tap.shown) == 6
    b.close()
    one.close()
    other.close()


async def test_simulated_sockets_are_shown(autojump_clock: MockClock) -> None:
    """OBS-2."""
    wire = Wire()
    async with wire:
        await exchange(wire.environment("10.0.0.1"), "10.0.0.1", 10_000)
    assert wire.open_sockets == []


def free_pair(environment: Environment) -> int:
    """An even port that is free, with the odd one above it."""
    for _ in range(100):
        probes = environment.network.open_media()
        try:
            port = probes.open("127.0.0.1", 0).local_address[1]
            probes.open("127.0.0.1", port ^ 1)
        except OSError:
            continue
        finally:
            probes.close()
        return port & ~1
    pytest.fail("no pair of ports is free")


async def test_sockets_of_the_kernel_are_shown() -> None:
    """OBS-2: over the loopback interface."""
    environment = kernel_environment()
    port = free_pair(environment)
    try:
        await exchange(environment, "127.0.0.1", port)
    finally:
        environment.close()


def srtp(key: int, generation: int = 0) -> SrtpConfig:
    return SrtpConfig(
        suite="AES_CM_128_HMAC_SHA1_80",
        keys=(MasterKey(bytes([key]) * 30),),
        backend=open_srtp_backend(),
        generation=generation,
    )


def entry(data: bytes) -> TraceEntry:
    return TraceEntry(0.0, ("10.0.0.1", 4_000), ("10.0.0.2", 6_000), data)


def packet(number: int) -> bytes:
    return RtpPacket(0, number & 0xFFFF, number * 160, 7, b"voice").to_bytes()


@pytest.mark.parametrize("sent", [True, False])
def test_a_roll_over_and_a_hold_do_not_lose_the_count(sent: bool) -> None:
    """OBS-2: the same keys agreed on again go on with the roll-over counter (RFC 3711 §3.3.1)."""
    decryption, sender = Decryption(), SrtpSender(srtp(1))
    keys = MediaKeys(4_000, srtp(1), srtp(2)) if sent else MediaKeys(4_000, srtp(2), srtp(1))
    decryption.change(keys)
    for number in range(65_530, 65_542):
        sealed = sender.protect(packet(number))
        assert decryption.open(entry(sealed), 4_000, sent=sent).data == packet(number)
        if number == 65_538:
            decryption.change(keys)
    assert decryption.failed == 0


def test_new_keys_open_what_follows_and_none_leave_it_alone() -> None:
    """OBS-2: what cannot be opened stays as it was, and is counted."""
    decryption, before, after = Decryption(), SrtpSender(srtp(1)), SrtpSender(srtp(3))
    decryption.change(MediaKeys(4_000, srtp(1), None))
    sealed = before.protect(packet(1))
    assert decryption.open(entry(sealed), 4_000, sent=False).data == sealed
    assert decryption.open(entry(sealed), 4_002, sent=True).data == sealed
    assert decryption.open(entry(b"\0\1stun"), 4_000, sent=True).data == b"\0\1stun"
    assert decryption.failed == 0
    decryption.change(MediaKeys(4_000, srtp(3), None))
    assert decryption.open(entry(after.protect(packet(2))), 4_000, sent=True).data == packet(2)
    damaged = after.protect(packet(3))[:-1] + b"?"
    assert decryption.open(entry(damaged), 4_000, sent=True).data == damaged
    assert decryption.failed == 1
    decryption.change(MediaKeys(4_000, None, None))
    assert decryption.open(entry(damaged), 4_000, sent=True).data == damaged
    assert decryption.failed == 1


def test_another_generation_begins_its_counter_anew() -> None:
    """OBS-2: RFC 4568 §7.1.4; a context that went on would expect the second round of sequence numbers."""
    decryption, before = Decryption(), SrtpSender(srtp(1))
    decryption.change(MediaKeys(4_000, srtp(1), None))
    for number in (65_535, 65_536):
        assert decryption.open(entry(before.protect(packet(number))), 4_000, sent=True).data == packet(number)
    decryption.change(MediaKeys(4_000, srtp(2, generation=1), None))
    sealed = SrtpSender(srtp(2)).protect(packet(40_000))
    assert decryption.open(entry(sealed), 4_000, sent=True).data == packet(40_000)


def test_only_so_many_streams_are_remembered() -> None:
    """OBS-2, law 8: the oldest keys are forgotten."""
    decryption, sender = Decryption(max_streams=1), SrtpSender(srtp(1))
    for port in (4_000, 4_002):
        decryption.change(MediaKeys(port, srtp(1), None))
    sealed = sender.protect(packet(1))
    assert decryption.open(entry(sealed), 4_000, sent=True).data == sealed
    assert decryption.open(entry(sealed), 4_002, sent=True).data == packet(1)
