from __future__ import annotations

from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from trio_runtime.base import (
    Address,
    ConfigurationError,
    DatagramSocket,
    NetworkError,
    PortInUseError,
    ResolutionError,
)
from trio_runtime.observe import TraceEntry
from trio_runtime.testing import Link, LinkConditions, Wire

A, B = "10.0.0.1", "10.0.0.2"


async def signalling(wire: Wire, host: str, port: int = 5060) -> DatagramSocket:
    return await wire.environment(host).network.open_datagram(host, port, receive_buffer=1 << 20)


async def receive_all(socket: DatagramSocket, seconds: float = 10) -> list[tuple[float, bytes, Address]]:
    """Everything that arrives within the time, with the time since the start."""
    start = trio.current_time()
    seen: list[tuple[float, bytes, Address]] = []
    with trio.move_on_after(seconds):
        while True:
            await socket.wait_readable()
            while (datagram := socket.receive()) is not None:
                seen.append((round(trio.current_time() - start, 6), *datagram))
    return seen


async def test_a_datagram_arrives_after_the_latency(autojump_clock: MockClock) -> None:
    """SIM-1, TRN-8."""
    async with Wire(latency=0.25) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        assert a.send(b"hello", (B, 5060))
        assert wire.in_flight == 1
        assert await receive_all(b) == [(0.25, b"hello", (A, 5060))]
        assert (a.statistics().sent, b.statistics().received) == (1, 1)
        assert wire.in_flight == 0


async def test_without_reordering_nothing_overtakes(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire(3, latency=(0.001, 0.2)) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        for number in range(50):
            a.send(b"%d" % number, (B, 5060))
        seen = await receive_all(b)
        assert [data for _, data, _ in seen] == [b"%d" % number for number in range(50)]
        assert 0.001 <= seen[0][0] <= seen[-1][0] <= 0.2


async def test_loss_duplication_and_reordering_happen_about_as_often_as_asked(
    autojump_clock: MockClock,
) -> None:
    """SIM-1."""
    async with Wire(5, loss=0.2, duplicate=0.1, reorder=0.1) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        for number in range(1_000):
            a.send(b"%d" % number, (B, 5060))
            await trio.sleep(0.01)
        seen = [int(data) for _, data, _ in await receive_all(b)]
        assert 750 <= len(set(seen)) <= 850
        assert 50 <= len(seen) - len(set(seen)) <= 120
        assert seen != sorted(seen)
        assert sum(entry.lost for entry in wire.trace) == 1_000 - len(set(seen))


async def test_a_test_can_lose_exactly_the_second_datagram(autojump_clock: MockClock) -> None:
    """SIM-1."""
    asked: list[TraceEntry] = []

    def second(entry: TraceEntry) -> bool:
        asked.append(entry)
        return len(asked) == 2

    async with Wire(loss_for=second) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        for data in (b"1", b"2", b"3"):
            a.send(data, (B, 5060))
        assert [data for _, data, _ in await receive_all(b)] == [b"1", b"3"]
        assert [entry.lost for entry in wire.trace] == [False, True, False]
        assert (asked[1].sender, asked[1].receiver, asked[1].data) == ((A, 5060), (B, 5060), b"2")


async def busy_hour(seed: int) -> tuple[list[TraceEntry], list[bytes], list[int]]:
    """Many tasks that compete in every way that Trio's scheduler could decide."""
    order: list[int] = []
    async with Wire(seed, latency=(0.005, 0.05), loss=0.1, duplicate=0.1, reorder=0.1) as wire:
        environments = [wire.environment(A), wire.environment(B), wire.environment(A)]
        a, b = await signalling(wire, A), await signalling(wire, B)

        async def talk(number: int) -> None:
            for _ in range(5):
                await trio.sleep(0.02)
                order.append(number)
                sender, receiver = (a, B) if number % 2 else (b, A)
                sender.send(environments[number % 3].random_bytes(8), (receiver, 5060))

        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(talk, number)
        await receive_all(a)
        return list(wire.datagrams), [environment.random_bytes(4) for environment in environments], order


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    """SIM-1."""

    def run(seed: int) -> tuple[list[TraceEntry], list[bytes], list[int]]:
        return trio.run(busy_hour, seed, clock=MockClock(autojump_threshold=0))

    first, second, other = (run(seed) for seed in (7, 7, 8))
    assert first == second
    assert first[0] != other[0]
    assert len(set(first[1])) == 3, "two programs on one host must not draw the same octets"


async def test_media_is_polled_and_has_a_loss_of_its_own(autojump_clock: MockClock) -> None:
    """SIM-1, MED-2."""
    async with Wire(1, loss=1.0, media_loss=0.0) as wire:
        sending = wire.environment(A).network.open_media()
        receiving = wire.environment(B).network.open_media()
        a, b = sending.open(A, 4_000), receiving.open("0.0.0.0", 4_000)
        assert b.local_address == ("0.0.0.0", 4_000)
        assert a.send(b"rtp", (B, 4_000))
        row = bytearray(2)
        assert receiving.receive([memoryview(row)]) == []
        await trio.sleep(0.02)
        assert receiving.receive([memoryview(row)]) == [(b, 2, (A, 4_000))]
        assert row == b"rt"
        assert receiving.receive([memoryview(row)]) == []
        assert b.connect((A, 4_000))
        stranger = sending.open(A, 4_002)
        assert stranger.send(b"!", (B, 4_000))
        assert a.send(b"2", (B, 4_000))
        await trio.sleep(0.02)
        assert receiving.receive([memoryview(row)]) == [(b, 1, None)]
        assert receiving.receive([memoryview(row)]) == []
        assert b.transmit(memoryview(b"back"))
        assert not a.transmit(memoryview(b"nobody"))
        await trio.sleep(0.02)
        assert len(wire.trace) == 0
        assert [entry.data for entry in wire.datagrams] == [b"rtp", b"!", b"2", b"back"]
        sending.close()
        receiving.close()
        wire.assert_quiet()


@pytest.mark.parametrize("icmp", [True, False])
async def test_a_closed_port_is_reported_only_where_icmp_passes(
    autojump_clock: MockClock, icmp: bool
) -> None:
    """SIM-1, TRN-10."""
    async with Wire(icmp=icmp) as wire:
        a = await signalling(wire, A)
        a.send(b"x", (B, 5060))
        with trio.move_on_after(1) as scope:
            await a.wait_readable()
        assert scope.cancelled_caught is not icmp
        assert a.receive() is None
        assert a.next_error() == (((B, 5060), "Connection refused") if icmp else None)
        assert a.next_error() is None
        assert a.statistics().errors == icmp


async def test_ports_behave_like_the_kernel_s(autojump_clock: MockClock) -> None:
    """SIM-1, TRN-7."""
    async with Wire() as wire:
        network = wire.environment(A).network
        first = await signalling(wire, A)
        media = network.open_media()
        with pytest.raises(PortInUseError, match=rf"^UDP port 5060 on {A} is in use"):
            await signalling(wire, A)
        with pytest.raises(OSError, match="in use"):
            media.open("0.0.0.0", 5060)
        with pytest.raises(NetworkError, match="cannot listen on 192"):
            await network.open_datagram("192.0.2.1", 5060, receive_buffer=1)
        first.close()
        first.close()
        again = await signalling(wire, A)
        ports = [media.open(A, 0).local_address[1] for _ in range(3)]
        assert ports == [49_152, 49_153, 49_154]
        assert wire.open_sockets == [(A, 5060), *[(A, port) for port in ports]]
        again.close()
        media.close()
        wire.assert_quiet()


async def test_oversized_datagrams_and_closed_sockets_send_nothing(autojump_clock: MockClock) -> None:
    """SIM-1, TRN-1."""
    async with Wire() as wire:
        a = await signalling(wire, A)
        assert not a.send(bytes(65_508), (B, 5060))
        assert a.next_error() == ((B, 5060), "Message too long")
        a.close()
        assert not a.send(b"x", (B, 5060))
        assert a.statistics().dropped == 2
        with pytest.raises(trio.ClosedResourceError):
            await a.wait_readable()


async def test_closing_wakes_the_waiting_task(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire() as wire:
        a = await signalling(wire, A)

        async def wait() -> None:
            with pytest.raises(trio.ClosedResourceError):
                await a.wait_readable()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await wait_all_tasks_blocked()
            a.close()


async def test_a_full_inbox_drops_the_newest_and_counts(autojump_clock: MockClock) -> None:
    """SIM-1, COO-13."""
    async with Wire() as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        for _ in range(4_100):
            a.send(b"x", (B, 5060))
        await trio.sleep(1)
        assert b.statistics().dropped == 4
        assert len(await receive_all(b, 0.1)) == 4_096


async def test_an_earlier_arrival_is_not_kept_by_a_later_one(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire(2, latency=(0.0, 5.0)) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        a.send(b"to b", (B, 5060))
        await wait_all_tasks_blocked()
        b.send(b"to a", (A, 5060))
        arrivals = [entry[0] for entry in [*await receive_all(a), *await receive_all(b)]]
        assert len(arrivals) == 2


async def test_names_and_addresses_resolve(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire() as wire:
        network = wire.environment(A).network
        wire.names["bob.example"] = [B]
        assert await network.resolve("bob.example") == [B]
        assert await network.resolve(B) == [B]
        with pytest.raises(ResolutionError, match="cannot find nobody"):
            await network.resolve("nobody.example")
        assert network.local_host_for(B) == A


async def test_a_wire_that_is_not_quiet_shows_the_ladder(autojump_clock: MockClock) -> None:
    """SIM-2, OBS-1."""
    async with Wire() as wire:
        a = await signalling(wire, A)
        a.send(b"OPTIONS sip:b SIP/2.0\r\n\r\n", (B, 5060))
        with pytest.raises(
            AssertionError, match=r"open socket 10\.0\.0\.1:5060, 1 datagrams in flight"
        ) as caught:
            wire.assert_quiet()
        assert "- OPTIONS -" in str(caught.value)


async def test_what_the_block_raises_leaves_it_bare(autojump_clock: MockClock) -> None:
    """SIM-1."""
    with pytest.raises(KeyError, match="bare"):
        async with Wire():
            raise KeyError("bare")
    with trio.CancelScope() as scope:
        async with Wire():
            scope.cancel()
            await trio.sleep_forever()
    assert scope.cancelled_caught


@pytest.mark.parametrize(
    "make",
    [
        lambda: Wire(loss=1.5),
        lambda: Wire(duplicate=-0.1),
        lambda: Wire(latency=(0.2, 0.1)),
        lambda: Wire(latency=-1.0),
    ],
)
async def test_impossible_conditions_are_refused(autojump_clock: MockClock, make: Callable[[], Wire]) -> None:
    """SIM-1, ERR-1."""
    with pytest.raises(ConfigurationError):
        make()


async def test_one_probability_does_not_change_the_other_fates(autojump_clock: MockClock) -> None:
    """SIM-1."""
    calm = Link(LinkConditions(latency=(0.0, 1.0)), "seed")
    lossy = Link(LinkConditions(latency=(0.0, 1.0), loss=0.5), "seed")
    fates = [(calm.arrivals(now), lossy.arrivals(now)) for now in range(0, 1_000, 10)]
    assert all(without in ([], with_loss) for with_loss, without in fates)
    assert {len(without) for _, without in fates} == {0, 1}


async def test_the_environment_is_the_same_door_as_the_kernel_s(autojump_clock: MockClock) -> None:
    """SIM-1."""
    wire = Wire()
    environment = wire.environment(A)
    start = environment.clock.now()
    await environment.clock.sleep_until(start + 3_600)
    assert environment.clock.now() == start + 3_600
    assert environment.epoch > 1_600_000_000
    environment.close()
