"""Whole phones behind NAT boxes and firewalls: signalling, media, and what keeps the way open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.audio import find_tone, trim_silence
from sansio_sip.invite import LocallyClosed, RemoteBye
from trio_runtime import Call, IncomingCall, SessionCoordinator
from trio_runtime.base import FlowConfig, MediaConfig
from trio_runtime.testing import FirewallConfig, NatConfig, NatKind, Realm, Simulation, Wire

HOME, NAT, SERVER = "192.168.1.2", "198.51.100.1", "203.0.113.5"
KINDS = list(NatKind)


def tone(hz: float, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    time = np.arange(int(8_000 * seconds)) / 8_000
    return (8_000 * np.sin(2 * np.pi * hz * time)).astype(np.int16)


async def hear(call: Call, frames: list[np.ndarray[tuple[int], np.dtype[np.int16]]]) -> None:
    frames.extend([frame async for frame in call.audio])


def heard_hz(frames: list[np.ndarray[tuple[int], np.dtype[np.int16]]]) -> float:
    return find_tone(trim_silence(np.concatenate(frames), 8_000), 8_000).frequency_hz


@pytest.mark.parametrize("kind", KINDS, ids=[kind.value for kind in KINDS])
async def test_a_phone_behind_a_nat_calls_a_public_one_and_both_hear_and_both_can_hang_up(
    sim: Simulation, autojump_clock: MockClock, kind: NatKind
) -> None:
    """SIM-1, NAT-1: rport and received bring the answers home, symmetric RTP the audio, BYE the flow."""
    wire = sim.wire(7)
    home = wire.public.private(nat=NatConfig(kind=kind))
    at_server: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
    ends: list[object] = []

    async def sing(call: IncomingCall) -> None:
        await call.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hear, call, at_server)
            await call.play(tone(440, 1))
            if "hang-up" in call.headers.get("Subject", ""):
                await trio.sleep(0.5)
                call.hang_up()
            ends.append(await call.ended())

    async with (
        wire,
        sim.phone(wire, "server", SERVER) as server,
        sim.phone(home, "alice", HOME) as alice,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, sing)
        for subject, ours, theirs in (
            ("hang-up", RemoteBye(), LocallyClosed()),
            ("", LocallyClosed(), RemoteBye()),
        ):
            frames: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
            headers = [("Subject", subject)] if subject else []
            async with alice.make_call(f"sip:server@{SERVER}", headers=headers) as call:
                await call.answered()
                nursery.start_soon(hear, call, frames)
                await call.play(tone(1_004, 1))
                with trio.move_on_after(1.5):
                    await call.ended()
            await trio.sleep(1)
            assert (call.end, ends.pop()) == (ours, theirs)
            assert heard_hz(frames) == pytest.approx(440, abs=2)
        assert heard_hz(at_server) == pytest.approx(1_004, abs=2)
        nursery.cancel_scope.cancel()
    seen = {entry.sender for entry in wire.datagrams if entry.receiver[0] == SERVER}
    assert {host for host, _ in seen} == {NAT}
    assert all(port >= 20_000 for _, port in seen)
    sim.assert_quiet()


@pytest.mark.parametrize("kind", KINDS, ids=[kind.value for kind in KINDS])
async def test_a_phone_behind_a_nat_is_called_by_the_address_that_the_server_has_seen(
    sim: Simulation, autojump_clock: MockClock, kind: NatKind
) -> None:
    """SIM-1, NAT-1: the ACK and the BYE go where the 200 came from, not to the private Contact in it."""
    wire = sim.wire(7)
    home = wire.public.private(nat=NatConfig(kind=kind))
    ends: list[object] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        ends.append(await call.ended())

    async with (
        wire,
        sim.phone(wire, "server", SERVER) as server,
        sim.phone(home, "alice", HOME) as alice,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(alice.serve, answer)
        await alice.options(f"sip:server@{SERVER}")
        host, port = next(entry.sender for entry in wire.trace if entry.receiver[0] == SERVER)
        async with server.make_call(f"sip:alice@{host}:{port}") as call:
            await call.answered()
            await trio.sleep(3)
            statistics = call.statistics()
            assert statistics is not None
            assert statistics.rtp is not None
            assert statistics.rtp.packets_received >= 2 * 50
        await trio.sleep(1)
        assert ends == [RemoteBye()]
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def held_call(sim: Simulation, place: Realm, wire: Wire, keep_alive: float | None) -> tuple[Call, Call]:
    """Alice, inside, calls the server, which hangs up after 10 s; return both sides of the call."""
    calls: list[Call] = []

    async def hold(call: IncomingCall) -> None:
        calls.append(call)
        await call.answer()
        await trio.sleep(10)

    async with (
        wire,
        sim.phone(wire, "server", SERVER) as server,
        sim.phone(
            place,
            "alice",
            HOME if place.nat else "203.0.113.80",
            outbound_proxy=f"sip:{SERVER};lr",
            flows=FlowConfig(datagram_keep_alive=keep_alive),
        ) as alice,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, hold)
        async with alice.make_call(f"sip:server@{SERVER}") as call:
            await call.answered()
            with trio.move_on_after(45):
                await call.ended()
        await trio.sleep(2)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    return call, calls[0]


@pytest.mark.parametrize("gate", ["firewall", "symmetric NAT"])
@pytest.mark.parametrize("keep_alive", [2.5, None])
async def test_keep_alives_hold_the_way_for_signalling_open_and_rtp_that_for_audio(
    sim: Simulation, autojump_clock: MockClock, gate: str, keep_alive: float | None
) -> None:
    """SIM-1, NAT-1: without them the server's BYE is lost at the gate; audio never is."""
    wire = sim.wire(3)
    place = (
        wire.public.private(firewall=FirewallConfig(idle_timeout=4))
        if gate == "firewall"
        else wire.public.private(nat=NatConfig(kind="symmetric", idle_timeout=4))
    )
    ours, theirs = await held_call(sim, place, wire, keep_alive)
    assert theirs.end == LocallyClosed()
    assert ours.end == (RemoteBye() if keep_alive else LocallyClosed())
    for call in (ours, theirs):
        statistics = call.statistics()
        assert statistics is not None
        assert statistics.rtp is not None
        assert statistics.rtp.packets_received >= 10 * 50 - 10
        assert statistics.rtp.lost == 0


async def test_a_phone_whose_nat_was_rebooted_is_heard_again(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SIM-1, NAT-1: another port of a known host is latched after a silence, and audio flows again."""
    wire = sim.wire(5)
    home = wire.public.private(nat=NatConfig(kind="port-restricted"))
    calls: list[Call] = []

    async def hold(call: IncomingCall) -> None:
        calls.append(call)
        await call.answer()
        await call.ended()

    def packets(call: Call) -> int:
        statistics = call.statistics()
        assert statistics is not None
        assert statistics.rtp is not None
        return statistics.rtp.packets_received

    media = MediaConfig(relatch_after=2)
    async with (
        wire,
        sim.phone(wire, "server", SERVER, media=media) as server,
        sim.phone(home, "alice", HOME, media=media) as alice,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, hold)
        async with alice.make_call(f"sip:server@{SERVER}") as call:
            await call.answered()
            await trio.sleep(5)
            assert home.nat is not None
            home.nat.reboot()
            await trio.sleep(4)
            before = [packets(each) for each in (call, calls[0])]
            await trio.sleep(5)
            assert [packets(each) - then for each, then in zip((call, calls[0]), before, strict=True)] == [
                pytest.approx(250, abs=2)
            ] * 2
        await trio.sleep(1)
        assert calls[0].end == RemoteBye()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


@asynccontextmanager
async def over_tcp(sim: Simulation, wire: Wire) -> AsyncIterator[tuple[SessionCoordinator, list[Call]]]:
    """Alice, inside of a NAT, and a server that answers; both speak TCP."""
    home = wire.public.private(nat=NatConfig(kind="symmetric"))
    calls: list[Call] = []

    async def hold(call: IncomingCall) -> None:
        calls.append(call)
        await call.answer()
        await call.ended()

    flows = FlowConfig(keep_alive=20, pong_timeout=5)
    async with (
        wire,
        sim.phone(wire, "server", SERVER, listen=("tcp",), no_media=True, flows=flows) as server,
        sim.phone(home, "alice", HOME, listen=("tcp",), no_media=True, flows=flows) as alice,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, hold)
        yield alice, calls
        nursery.cancel_scope.cancel()


async def test_a_call_over_tcp_passes_a_nat_and_a_lossy_line(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SIM-1, TRN-1: loss is delay, and the server's BYE comes by the connection."""
    wire = sim.wire(9, latency=(0.02, 0.1), loss=0.2)
    async with over_tcp(sim, wire) as (alice, calls):
        async with alice.make_call(f"sip:server@{SERVER};transport=tcp") as call:
            await call.answered()
            await trio.sleep(100)
            calls[0].hang_up()
            assert await call.ended() == RemoteBye()
        await trio.sleep(5)
    sim.assert_quiet()


async def test_a_server_that_dies_under_a_call_over_tcp_is_noticed(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SIM-1, TRN-13: its silence by the keep-alive, and nothing is left."""
    wire = sim.wire(9)
    async with over_tcp(sim, wire) as (alice, calls):
        async with alice.make_call(f"sip:server@{SERVER};transport=tcp") as call:
            await call.answered()
            await trio.sleep(50)
            wire.public.kill(SERVER)
            await trio.sleep(60)
            assert alice.statistics().dialogs.flows.flows == 0
        with trio.fail_after(60):
            await call.ended()
    assert calls[0].end is not None
    sim.assert_quiet()
