"""Connections of the simulated network: what TCP makes of latency, loss, cuts, deaths and new lives."""

from __future__ import annotations

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from trio_runtime.base.stream_ports import Connection, StreamListener
from trio_runtime.testing import Bandwidth, FirewallConfig, LinkConditions, NatConfig, Realm, Wire

A, B = "10.0.0.1", "10.0.0.2"


async def listening(place: Wire | Realm, host: str = B) -> StreamListener:
    return await place.environment(host).network.open_listener(host, 5060)


async def connected(
    wire: Wire, listener: StreamListener, source: Realm | None = None, host: str = A
) -> tuple[Connection, Connection]:
    """Both ends of a new connection."""
    network = (source or wire.public).environment(host).network
    ours = await network.connect(*listener.local_address)
    return ours, await listener.accept()


async def read(stream: trio.abc.Stream, octets: int) -> tuple[float, bytes]:
    """Read so many octets, and say when the last one was there."""
    data = b""
    while len(data) < octets:
        piece = await stream.receive_some()
        assert piece
        data += bytes(piece)
    return round(trio.current_time(), 6), data


async def test_connecting_takes_a_round_trip_and_octets_the_latency(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire(latency=0.1) as wire:
        ours, theirs = await connected(wire, await listening(wire))
        assert trio.current_time() == pytest.approx(0.2)
        assert (ours.peer, theirs.local, theirs.peer) == ((B, 5060), (B, 5060), ours.local)
        await ours.stream.send_all(b"hello")
        assert await read(theirs.stream, 5) == (0.3, b"hello")
        await ours.stream.aclose()
        assert await theirs.stream.receive_some() == b""
        with pytest.raises(trio.ClosedResourceError):
            await ours.stream.send_all(b"x")
        await theirs.stream.send_all(b"nobody reads this")
        await trio.sleep(1)
        with pytest.raises(trio.BrokenResourceError, match="reset"):
            await theirs.stream.send_all(b"x")


async def test_loss_shows_as_delay_and_never_as_a_gap(autojump_clock: MockClock) -> None:
    """SIM-1."""
    text = bytes(range(256)) * 400
    async with Wire(3, latency=(0.01, 0.05), loss=0.3, reorder=0.2, duplicate=0.2) as wire:
        ours, theirs = await connected(wire, await listening(wire))
        begun = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ours.stream.send_all, text)
            at, data = await read(theirs.stream, len(text))
        assert data == text
        assert at - begun > 1


async def test_a_narrow_line_takes_its_time(autojump_clock: MockClock) -> None:
    """SIM-1: 100,000 octets, and 28 for each segment, at 1 Mbit/s."""
    narrow = Bandwidth(bits_per_second=1e6, max_queued=200_000)
    async with Wire(latency=0.0, bandwidth=narrow) as wire:
        ours, theirs = await connected(wire, await listening(wire))
        begun = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ours.stream.send_all, bytes(100_000))
            at, _ = await read(theirs.stream, 100_000)
        assert at - begun == pytest.approx(0.8, rel=0.05)


async def test_who_sends_waits_for_who_reads(autojump_clock: MockClock) -> None:
    """SIM-1: a window of 64 KiB."""
    async with Wire() as wire:
        ours, theirs = await connected(wire, await listening(wire))
        with trio.move_on_after(60) as waiting:
            await ours.stream.send_all(bytes(100_000))
        assert waiting.cancelled_caught
        await read(theirs.stream, 65_536)
        with trio.fail_after(1):
            await ours.stream.wait_send_all_might_not_block()


async def test_a_partition_is_silence_and_what_was_sent_arrives_after_it(autojump_clock: MockClock) -> None:
    """SIM-1: sent again, ever more rarely."""
    async with Wire() as wire:
        ours, theirs = await connected(wire, await listening(wire))
        wire.partition(A, B)
        await ours.stream.send_all(b"1")
        await trio.sleep(20)
        await ours.stream.send_all(b"2")
        wire.heal()
        at, data = await read(theirs.stream, 2)
        assert data == b"12"
        assert 20 < at < 40


async def test_silence_for_too_long_breaks_the_connection_of_who_sends(autojump_clock: MockClock) -> None:
    """SIM-1: and only of that one: who only listens is told by nobody."""
    async with Wire() as wire:
        wire.streams.give_up = 60
        ours, theirs = await connected(wire, await listening(wire))
        wire.public.kill(B)
        await ours.stream.send_all(b"1")
        with pytest.raises(trio.BrokenResourceError, match="timed out"):
            await ours.stream.receive_some()
        assert 60 <= trio.current_time() < 130
        wire.public.revive(B)
        with trio.move_on_after(1_000) as waiting:
            await theirs.stream.receive_some()
        assert waiting.cancelled_caught


async def test_a_new_life_of_a_host_resets_connections_of_before(autojump_clock: MockClock) -> None:
    """SIM-1: once the far end says something; before, it has no way to know."""
    async with Wire() as wire:
        ours, _ = await connected(wire, await listening(wire))
        wire.public.kill(B)
        wire.public.restart(B)
        with trio.move_on_after(1_000) as waiting:
            await ours.stream.receive_some()
        assert waiting.cancelled_caught
        await ours.stream.send_all(b"anybody?")
        with pytest.raises(trio.BrokenResourceError, match="reset"):
            await ours.stream.receive_some()
        again, _ = await connected(wire, await listening(wire))
        assert again.peer == (B, 5060)


async def test_connecting_is_refused_at_a_closed_port_and_silent_at_a_dead_host(
    autojump_clock: MockClock,
) -> None:
    """SIM-1, TRN-10: the caller bounds the time, and after a minute the kernel does."""
    async with Wire() as wire:
        network = wire.environment(A).network
        wire.environment(B)
        with pytest.raises(ConnectionRefusedError):
            await network.connect(B, 5060)
        assert trio.current_time() == pytest.approx(0.02)
        wire.public.kill(B)
        with pytest.raises(TimeoutError):
            await network.connect(B, 5060)
        assert trio.current_time() == pytest.approx(63, abs=1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(network.connect, B, 5060)
            await trio.sleep(5)
            wire.public.revive(B)
            await listening(wire)
        assert trio.current_time() < 80


async def test_connections_pass_a_nat_and_a_firewall_from_inside_only(autojump_clock: MockClock) -> None:
    """SIM-1: the far end sees the NAT's address; a gate that has forgotten is silence."""
    async with Wire() as wire:
        home = wire.public.private(
            nat=NatConfig(stream_idle_timeout=300), firewall=FirewallConfig(stream_idle_timeout=600)
        )
        ours, theirs = await connected(wire, await listening(wire), home, "192.168.1.2")
        assert ours.local[0] == "192.168.1.2"
        assert theirs.peer[0] == "198.51.100.1"
        for _ in range(5):
            await trio.sleep(200)
            await theirs.stream.send_all(b"?")
            await read(ours.stream, 1)
            await ours.stream.send_all(b"!")
            await read(theirs.stream, 1)
        inner = await listening(home, "192.168.1.3")
        with pytest.raises(TimeoutError):
            await wire.environment(B).network.connect("198.51.100.1", inner.local_address[1])
        await trio.sleep(301)
        await theirs.stream.send_all(b"?")
        with trio.move_on_after(100) as waiting:
            await ours.stream.receive_some()
        assert waiting.cancelled_caught


async def test_conditions_of_connections_change_while_they_last(autojump_clock: MockClock) -> None:
    """SIM-1."""
    async with Wire(latency=0.01) as wire:
        ours, theirs = await connected(wire, await listening(wire))
        wire.set_link(A, B, LinkConditions(latency=0.5))
        begun = trio.current_time()
        await ours.stream.send_all(b"x")
        at, _ = await read(theirs.stream, 1)
        assert at - begun == pytest.approx(0.5)


async def test_the_ends_are_streams_as_trio_wants_them(autojump_clock: MockClock) -> None:
    """SIM-1: by Trio's own check of any stream; its window is what limits who sends."""
    async with Wire(latency=0.001) as wire:
        listener = await listening(wire)

        async def pair() -> tuple[trio.abc.Stream, trio.abc.Stream]:
            ours, theirs = await connected(wire, listener)
            return ours.stream, theirs.stream

        async def clogged() -> tuple[trio.abc.Stream, trio.abc.Stream]:
            ours, theirs = await connected(wire, listener)
            for end in (ours, theirs):
                await end.stream.send_all(bytes(65_536))
            return ours.stream, theirs.stream

        await trio.testing.check_two_way_stream(pair, clogged)
