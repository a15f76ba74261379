"""How the simulated network delays, loses, queues and cuts."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from trio_runtime.base import ConfigurationError, DatagramSocket
from trio_runtime.testing import (
    Bandwidth,
    BurstLoss,
    ConstantLatency,
    FirewallConfig,
    Latency,
    Link,
    LinkConditions,
    LogNormalLatency,
    NatConfig,
    NormalLatency,
    UniformLatency,
    Wire,
    bursts_of,
)

A, B, C = "10.0.0.1", "10.0.0.2", "10.0.1.3"


async def signalling(wire: Wire, host: str, port: int = 5060) -> DatagramSocket:
    return await wire.environment(host).network.open_datagram(host, port, receive_buffer=1 << 20)


async def heard(socket: DatagramSocket, seconds: float = 10) -> list[tuple[float, bytes]]:
    """What arrives within the time, with the time since the start."""
    start, seen = trio.current_time(), []
    with trio.move_on_after(seconds):
        while True:
            await socket.wait_readable()
            while (datagram := socket.receive()) is not None:
                seen.append((round(trio.current_time() - start, 6), datagram[0]))
    return seen


@pytest.mark.parametrize(
    ("latency", "least", "median", "mean", "greatest"),
    [
        (ConstantLatency(0.02), 0.02, 0.02, 0.02, 0.02),
        (UniformLatency(0.01, 0.03), 0.01, 0.02, 0.02, 0.03),
        (NormalLatency(0.05, 0.01, least=0.04), 0.04, 0.05, 0.0508, 0.0809),
        (LogNormalLatency(0.03, 0.5, least=0.02), 0.02, 0.03, 0.0313, 0.0669),
    ],
)
def test_distributions_of_delay_have_the_shape_that_they_say(
    latency: Latency, least: float, median: float, mean: float, greatest: float
) -> None:
    """SIM-1: measured at a link, with nothing overtaken because nothing is near."""
    link = Link(LinkConditions(latency=latency), "seed")
    delays = [link.arrivals(float(now))[0] - now for now in range(20_000)]
    assert min(delays) >= least - 1e-9
    assert statistics.median(delays) == pytest.approx(median, rel=0.02)
    assert statistics.mean(delays) == pytest.approx(mean, rel=0.02)
    assert latency.greatest == pytest.approx(greatest, rel=0.01)
    assert sum(delay > latency.greatest + 1e-9 for delay in delays) <= 40


def test_another_distribution_of_delay_changes_no_other_fate() -> None:
    """SIM-1: one draw a datagram decides, whatever the distribution."""
    near = Link(LinkConditions(loss=0.3, duplicate=0.2), "seed")
    far = Link(LinkConditions(loss=0.3, duplicate=0.2, latency=LogNormalLatency(0.2, 1.0)), "seed")
    fates = [(len(near.arrivals(now)), len(far.arrivals(now))) for now in range(0, 5_000, 5)]
    assert all(one == other for one, other in fates)
    assert {one for one, _ in fates} == {0, 1, 2}


def lost_runs(link: Link, datagrams: int) -> list[int]:
    """The lengths of the runs of losses."""
    runs, run = [], 0
    for now in range(datagrams):
        if link.arrivals(float(now)):
            runs += [run] if run else []
            run = 0
        else:
            run += 1
    return runs


@pytest.mark.parametrize(("loss", "length"), [(0.02, 5.0), (0.1, 3.0), (0.05, 1.0)])
def test_losses_in_bursts_have_the_share_and_the_length_that_were_asked_for(
    loss: float, length: float
) -> None:
    """SIM-1: the model of Gilbert and Elliott, over 200,000 datagrams."""
    model = bursts_of(loss, length)
    assert model.mean_loss == pytest.approx(loss)
    runs = lost_runs(Link(LinkConditions(bursts=model), "seed"), 200_000)
    assert sum(runs) / 200_000 == pytest.approx(loss, rel=0.1)
    assert statistics.mean(runs) == pytest.approx(length, rel=0.1)


def test_bursts_change_no_other_fate() -> None:
    """SIM-1: their state draws from a source of its own."""
    calm = Link(LinkConditions(duplicate=0.2), "seed")
    bad = Link(LinkConditions(duplicate=0.2, bursts=BurstLoss(begin=0.1, end=0.3, loss_bad=0.9)), "seed")
    fates = [(len(calm.arrivals(now)), len(bad.arrivals(now))) for now in range(0, 5_000, 5)]
    assert all(with_bursts in (0, without) for without, with_bursts in fates)
    assert {with_bursts for _, with_bursts in fates} == {0, 1, 2}


async def test_a_narrow_line_sends_one_datagram_after_the_other(autojump_clock: MockClock) -> None:
    """SIM-1: 1,000 octets with 28 of headers take 82.24 ms at 100 kbit/s."""
    async with Wire(latency=0.0, bandwidth=Bandwidth(bits_per_second=100_000)) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        for _ in range(3):
            a.send(bytes(1_000), (B, 5060))
        assert [time for time, _ in await heard(b)] == [0.08224, 0.16448, 0.24672]


async def test_a_full_queue_drops_what_comes_last_and_media_shares_it(autojump_clock: MockClock) -> None:
    """SIM-1: what waits has a limit in octets, for signalling and media together."""
    narrow = Bandwidth(bits_per_second=100_000, max_queued=3_000)
    async with Wire(latency=0.0, bandwidth=narrow) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        media = wire.environment(A).network.open_media().open(A, 4_000)
        for number in range(5):
            a.send(bytes([number]) * 1_000, (B, 5060))
        media.send(bytes(1_000), (B, 5060))
        assert {data[0] for _, data in await heard(b, 1)} == {0, 1}
        assert wire.statistics().lost == 4
        a.send(b"!" * 10, (B, 5060))
        assert len(await heard(b)) == 1


async def test_conditions_change_for_some_hosts_while_the_wire_runs(autojump_clock: MockClock) -> None:
    """SIM-1: by address, by network, one way or both."""
    async with Wire(latency=0.01) as wire:
        a, b, c = await signalling(wire, A), await signalling(wire, B), await signalling(wire, C)
        wire.set_link(A, "10.0.1.0/24", LinkConditions(latency=0.5))
        wire.set_link(A, [B], LinkConditions(loss=1.0), one_way=True)
        for socket, peer in ((a, B), (a, C), (b, A), (c, A)):
            socket.send(b"x", (peer, 5060))
        assert [time for time, _ in await heard(c, 1)] == [0.5]
        assert b.receive() is None
        assert [a.receive(), a.receive(), a.receive()] == [(b"x", (B, 5060)), (b"x", (C, 5060)), None]
        wire.set_link("*", "*", LinkConditions(latency=0.02))
        a.send(b"y", (B, 5060))
        assert [time for time, _ in await heard(b)] == [0.02]


async def test_a_partition_stops_all_between_two_sides_until_it_heals(autojump_clock: MockClock) -> None:
    """SIM-1: what is under way arrives, what is sent then does not; others are not touched."""
    async with Wire() as wire:
        a, b, c = await signalling(wire, A), await signalling(wire, B), await signalling(wire, C)
        a.send(b"before", (B, 5060))
        cut = wire.partition([A], [B])
        a.send(b"lost", (B, 5060))
        b.send(b"lost", (A, 5060))
        a.send(b"aside", (C, 5060))
        assert [data for _, data in await heard(b, 1)] == [b"before"]
        assert (a.receive(), c.receive()) == (None, (b"aside", (A, 5060)))
        wire.heal(cut)
        a.send(b"after", (B, 5060))
        assert [data for _, data in await heard(b, 1)] == [b"after"]
        assert wire.statistics().cut == 2
        assert [entry.lost for entry in wire.trace] == [False, True, True, False, False]


async def test_a_dead_host_hears_and_says_nothing_and_goes_on_when_it_lives_again(
    autojump_clock: MockClock,
) -> None:
    """SIM-1: no error tells of it, sockets and memory stay; those of an earlier life stay deaf for ever."""
    async with Wire(icmp=True) as wire:
        a, b = await signalling(wire, A), await signalling(wire, B)
        wire.public.kill(B)
        a.send(b"1", (B, 5060))
        assert b.send(b"into nothing", (A, 5060))
        await trio.sleep(1)
        assert (a.receive(), a.next_error(), b.receive()) == (None, None, None)
        assert wire.open_sockets == [(A, 5060)]
        wire.public.revive(B)
        a.send(b"2", (B, 5060))
        assert [data for _, data in await heard(b, 1)] == [b"2"]
        wire.public.restart(B)
        again = await signalling(wire, B)
        a.send(b"3", (B, 5060))
        assert b.send(b"a ghost", (A, 5060))
        assert [data for _, data in await heard(again, 1)] == [b"3"]
        assert (a.receive(), b.receive()) == (None, None)
        b.close()
        assert wire.open_sockets == [(A, 5060), (B, 5060)]
        assert wire.statistics().dead == 3


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: UniformLatency(0.2, 0.1), "greatest"),
        (lambda: NormalLatency(-1, 0.1), "mean"),
        (lambda: LogNormalLatency(0.1, 9), "spread"),
        (lambda: LogNormalLatency(0.1, least=0.2), "least"),
        (lambda: LinkConditions(latency="slow"), "latency"),  # type: ignore[arg-type]
        (lambda: BurstLoss(begin=1.1, end=0.5), "begin"),
        (lambda: bursts_of(1.0, 3), "loss"),
        (lambda: bursts_of(0.1, 0.5), "datagrams"),
        (lambda: bursts_of(0.9, 2), "datagrams"),
        (lambda: Bandwidth(bits_per_second=0), "bits_per_second"),
        (lambda: FirewallConfig(idle_timeout=0), "idle_timeout"),
        (lambda: FirewallConfig(open_ports=frozenset({70_000})), "open_ports"),
        (lambda: NatConfig(kind="cone"), "kind"),
        (lambda: NatConfig(ports=(9, 8)), "ports"),
        (lambda: Wire().public.private(), "nat"),
        (lambda: Wire().set_link("10.0.0.0/x", "*", LinkConditions()), "hosts"),
    ],
)
def test_impossible_networks_are_refused_and_the_field_is_named(
    make: Callable[[], object], field: str
) -> None:
    """SIM-1, ERR-1."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert caught.value.field == field


def test_an_address_belongs_to_one_host_or_one_nat() -> None:
    """SIM-1, ERR-1."""
    wire = Wire()
    wire.environment("198.51.100.1")
    with pytest.raises(ConfigurationError, match=r"somebody has 198\.51\.100\.1"):
        wire.public.private(nat=NatConfig())
    wire.public.private(nat=NatConfig(public_host="198.51.100.2"))
    with pytest.raises(ConfigurationError, match="stands for a private network"):
        wire.environment("198.51.100.2")
