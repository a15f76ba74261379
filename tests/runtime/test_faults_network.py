"""Media that falls silent, peers that do not answer, networks that change (TRN-10, MED-14, SES-28)."""

from __future__ import annotations

import sys
from collections.abc import Awaitable

import pytest
import trio
from trio.testing import MockClock

from sansio_sip.invite import RemoteBye, TimedOut
from sansio_sip.message import Request, parse_message
from trio_runtime.base.errors import NetworkError
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.coordinator import SessionCoordinator
from trio_runtime.events.types import MediaTimedOut, NetworkChanged
from trio_runtime.session import Call, IncomingCall
from trio_runtime.testing import Simulation
from trio_runtime.testing.wire_network import WireNetwork
from trio_runtime.transport.address_watch import AddressWatch

ALICE, BOB = "10.0.0.1", "10.0.0.2"
URI = f"sip:bob@{BOB}"


def answer(call: IncomingCall) -> Awaitable[None]:
    async def run() -> None:
        await call.answer()
        await call.ended()

    return run()


def requests(sim: Simulation, method: str, sender: str) -> list[Request]:
    """The requests of a method that a host has sent, in order."""
    found = []
    for entry in sim.wires[0].trace:
        message = parse_message(entry.data)
        if isinstance(message, Request) and message.method == method and entry.sender[0] == sender:
            found.append(message)
    return found


# Media that falls silent


@pytest.mark.parametrize("direction", ["outgoing", "incoming"])
@pytest.mark.parametrize("action", ["report", "hang_up"])
async def test_silent_peer_is_reported_or_hung_up(
    sim: Simulation, autojump_clock: MockClock, action: str, direction: str
) -> None:
    """TRN-10: once a silence; the BYE says why (RFC 3326), and the call counts as failed."""
    watching = MediaConfig(rtp_timeout=5.0, on_rtp_timeout=action)
    wire = sim.wire()
    ours = {
        "alice": watching if direction == "outgoing" else MediaConfig(),
        "bob": watching if direction == "incoming" else MediaConfig(),
    }
    async with (
        wire,
        sim.phone(wire, "alice", ALICE, media=ours["alice"]) as alice,
        sim.phone(wire, "bob", BOB, media=ours["bob"]) as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, answer)
        watcher = alice if direction == "outgoing" else bob
        events = watcher.subscribe(lambda event: isinstance(event, MediaTimedOut))
        async with alice.make_call(URI) as call:
            await call.answered()
            await trio.sleep(8)
            assert call.is_active
            # The far end's media falls silent: what it had to say does not come any more.
            _mute_media(bob if direction == "outgoing" else alice)
            if action == "hang_up":
                end = await call.ended()
                assert isinstance(end, TimedOut if direction == "outgoing" else RemoteBye)
                (bye,) = requests(sim, "BYE", ALICE if direction == "outgoing" else BOB)
                assert bye.get("reason") == 'SIP;cause=408;text="Media timeout"'
            else:
                await trio.sleep(15)  # as long as three silences
                assert call.is_active
        told = events.receive_nowait()
        assert isinstance(told, MediaTimedOut)
        assert told.ended is (action == "hang_up")
        assert 5.0 <= told.silent_s < 6.5
        with pytest.raises(trio.WouldBlock):
            events.receive_nowait()
        events.close()
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


def _mute_media(phone: SessionCoordinator) -> None:
    """Let the media of all calls of a phone end, without a word to anybody."""
    for call in phone.list_active_sessions():
        phone._parts.media.close(call.id)


@pytest.mark.parametrize("holder", ["we", "the peer"])
async def test_call_on_hold_may_be_silent(sim: Simulation, autojump_clock: MockClock, holder: str) -> None:
    """TRN-10, SES-9: whoever holds; and when it is resumed the time begins anew."""
    media = MediaConfig(rtp_timeout=5.0, on_rtp_timeout="hang_up")
    async with sim.pair(phones={"media": media}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(URI) as call:
            await call.answered()
            (other,) = bob.list_active_sessions()
            await other.answered()
            holds: Call = call if holder == "we" else other
            await holds.hold()
            await trio.sleep(12)
            assert call.end is None
            await holds.resume()
            await trio.sleep(6)
            assert call.is_active
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


# Peers that do not answer


@pytest.mark.parametrize("probes", [0, 3])
async def test_call_survives_a_gap_of_the_network_where_that_is_wanted(
    sim: Simulation, autojump_clock: MockClock, probes: int
) -> None:
    """TRN-10: a request in the call gets no answer: the call is over, or is asked for until the gap ends."""
    async with sim.pair(phones={"recovery_probes": probes, "no_media": True}) as (alice, bob):
        async with trio.open_nursery() as nursery:
            await nursery.start(bob.serve, answer)
            async with alice.make_call(URI) as call:
                await call.answered()
                partition = sim.wires[0].partition([ALICE], [BOB])
                with pytest.raises(Exception, match=r"408|over|answer|reached|ended|time"):
                    await call.hold()
                sim.wires[0].heal(partition)
                await trio.sleep(60)
                assert call.is_active is bool(probes)
            nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


# Networks that change


class Routes:
    """The own address of one host, as its routing table has it; None without a network."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
        self.now: str | None = host
        real = WireNetwork.local_host_for

        def local_host_for(network: WireNetwork, remote: str) -> str:
            found = real(network, remote)
            if found != host:
                return found
            if self.now is None:
                raise NetworkError("there is no route")
            return self.now

        monkeypatch.setattr(WireNetwork, "local_host_for", local_host_for)


@pytest.mark.parametrize("policy", ["reinvite", "keep"])
async def test_calls_move_to_a_new_address(
    sim: Simulation, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """TRN-10: a re-INVITE with the new address in Contact and description, the hold kept; or nothing."""
    routes = Routes(monkeypatch, ALICE)
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", ALICE, bind_host="0.0.0.0", on_network_change=policy) as alice,
        sim.phone(wire, "bob", BOB) as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, answer)
        events = alice.subscribe(lambda event: isinstance(event, NetworkChanged))
        async with alice.make_call(URI) as call, alice.make_call(URI) as held:
            await call.answered()
            await held.answered()
            await held.hold()
            await trio.sleep(1)
            assert not alice.network_changed()
            before = len(requests(sim, "INVITE", ALICE))
            routes.now = "10.0.0.77"
            assert alice.network_changed()
            await trio.sleep(2)
            sent = requests(sim, "INVITE", ALICE)[before:]
            assert events.receive_nowait() == NetworkChanged((ALICE,), ("10.0.0.77",))
            assert alice.statistics().network_changes == 1
            if policy == "keep":
                assert sent == []
            else:
                by_call = {each.call_id: each for each in sent}
                assert by_call.keys() == {call.sip_call_id, held.sip_call_id}
                assert all("10.0.0.77" in str(each.get("contact")) for each in sent)
                assert all(b"c=IN IP4 10.0.0.77" in each.body for each in sent)
                assert b"a=sendonly" in by_call[held.sip_call_id].body
                assert b"a=sendonly" not in by_call[call.sip_call_id].body
            assert call.is_active
            assert held.on_hold
        events.close()
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_network_that_comes_back_moves_nothing(
    sim: Simulation, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRN-10: addresses vanish and come back: calls are kept, and told only of another address."""
    routes = Routes(monkeypatch, ALICE)
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", ALICE, bind_host="0.0.0.0") as alice,
        sim.phone(wire, "bob", BOB) as bob,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, answer)
        events = alice.subscribe(lambda event: isinstance(event, NetworkChanged))
        async with alice.make_call(URI) as call:
            await call.answered()
            before = len(requests(sim, "INVITE", ALICE))
            routes.now = None
            assert alice.network_changed()
            await trio.sleep(5)
            routes.now = ALICE
            assert alice.network_changed()
            await trio.sleep(5)
            assert call.is_active
            assert len(requests(sim, "INVITE", ALICE)) == before
        assert events.receive_nowait() == NetworkChanged((ALICE,), ())
        assert events.receive_nowait() == NetworkChanged((), (ALICE,))
        events.close()
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_what_the_system_tells_is_acted_on(
    sim: Simulation, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRN-10: nobody has to ask where the system tells."""
    routes, told = Routes(monkeypatch, ALICE), trio.Event()

    class Watch:
        """Tells one change."""

        def __init__(self) -> None:
            self.done = False

        async def changed(self) -> None:
            if self.done:
                await trio.sleep_forever()
            await told.wait()
            self.done = True

        def close(self) -> None:
            pass

    monkeypatch.setattr(WireNetwork, "watch_addresses", lambda network: Watch())
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", ALICE, bind_host="0.0.0.0") as alice:
        routes.now = "10.0.0.77"
        told.set()
        await trio.sleep(1)
        assert alice.statistics().network_changes == 1
    sim.assert_quiet()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
async def test_watch_of_the_kernel_waits_and_can_be_closed() -> None:
    """TRN-10: nothing changes in a test, so it waits; closing it twice is nothing."""
    watch = AddressWatch()
    with trio.move_on_after(0.01) as scope:
        await watch.changed()
    assert scope.cancelled_caught
    watch.close()
    watch.close()
    with trio.move_on_after(0.01) as scope:
        await watch.changed()
    assert scope.cancelled_caught
