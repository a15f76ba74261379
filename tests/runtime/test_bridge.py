"""Two calls as one: progress, early media, answer, refusal, audio both ways, keys, and who ended it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, sine
from sansio_sip.invite import Cancelled, LocallyClosed, Rejected, RemoteBye
from tests.runtime.hearing import talk, tone_at
from trio_runtime import (
    Accept,
    Call,
    CallDecision,
    CallEnded,
    CallHandler,
    CallRejected,
    CallStateError,
    Defer,
    IncomingCall,
    MediaConfig,
    Reject,
    SessionCoordinator,
)
from trio_runtime.bridge import BridgeEnd, bridge
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
RATE = 8_000


@attrs.define
class House:
    """Alice calls the exchange, which calls bob for her."""

    alice: SessionCoordinator
    exchange: SessionCoordinator
    ends: list[BridgeEnd | BaseException]
    bob: list[IncomingCall]

    async def call(self, work: Callable[[Call], Awaitable[object]]) -> Call:
        async with self.alice.make_call("sip:exchange@10.0.0.2") as call:
            await work(call)
        return call


class Bob(CallHandler):
    def __init__(self, taken: list[IncomingCall], decide: Callable[[IncomingCall], CallDecision]) -> None:
        self._taken, self._decide = taken, decide

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        self._taken.append(call)
        return self._decide(call)


async def in_house(
    sim: Simulation,
    work: Callable[[House], Awaitable[None]],
    *,
    decide: Callable[[IncomingCall], CallDecision] = lambda _: Accept(),
    alice: tuple[str, ...] = ("PCMU", "PCMA"),
    bob: tuple[str, ...] = ("PCMU", "PCMA"),
    exchange: tuple[str, ...] = ("PCMU", "PCMA"),
) -> None:
    """Run something with three phones, and check that nothing is left of it."""
    wire = sim.wire(latency=0.01)
    taken: list[IncomingCall] = []
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", media=MediaConfig(codecs=alice)) as one,
        sim.phone(wire, "exchange", "10.0.0.2", media=MediaConfig(codecs=exchange)) as middle,
        sim.phone(wire, "bob", "10.0.0.3", media=MediaConfig(codecs=bob), handler=Bob(taken, decide)),
        trio.open_nursery() as nursery,
    ):
        house = House(one, middle, [], taken)

        async def connect(call: IncomingCall) -> None:
            async with middle.make_call("sip:bob@10.0.0.3") as leg:
                try:
                    house.ends.append(await bridge(call, leg))
                except trio.Cancelled as error:
                    house.ends.append(error)
                    raise

        await nursery.start(middle.serve, connect)
        await work(house)
        await sim.settle()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


@pytest.mark.parametrize(
    ("alice", "bob", "mode"),
    [(("PCMU",), ("PCMU",), "relay"), (("PCMU",), ("PCMA",), "room"), (("PCMA", "PCMU"), ("PCMU",), "room")],
)
async def test_two_hear_each_other_relayed_or_converted(
    sim: Simulation, autojump_clock: Clock, alice: tuple[str, ...], bob: tuple[str, ...], mode: str
) -> None:
    """BRG-1, BRG-8, SRV-8, SES-29: both ways, and keys pass; who hangs up ends both."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            await call.answered()
            await trio.sleep(0.2)
            (bob_call,) = house.bob
            middle = house.exchange.list_active_sessions()
            assert len(middle) == 2
            modes = {each.mode for each in house.exchange._parts.operations.bridges._by_session.values()}
            assert modes == {mode}
            await talk(call, bob_call)
            bob_call.digits.clear()
            await call.send_dtmf("5")
            await bob_call.send_dtmf("9")
            await trio.sleep(0.5)
            assert bob_call.digits.receive_nowait().digit == "5"
            assert call.digits.receive_nowait().digit == "9"
            for digits in (bob_call.digits, call.digits):
                with pytest.raises(trio.WouldBlock):
                    digits.receive_nowait()

        await house.call(converse)
        await trio.sleep(1)
        (end,) = house.ends
        assert isinstance(end, BridgeEnd)
        assert isinstance(end.end, RemoteBye)
        assert isinstance(end.call, IncomingCall)
        assert isinstance(house.bob[0].end, RemoteBye)

    await in_house(sim, work, alice=alice, bob=bob)


async def test_caller_rings_while_the_callee_does_and_is_answered_with_it(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: B is called before A is answered; 180 and 200 pass."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            await trio.sleep(1)
            assert (call.state.value, call.answered_at) == ("ringing", None)
            house.bob[0].accept()
            await call.answered()
            await trio.sleep(0.2)
            await talk(call, house.bob[0])
            house.bob[0].hang_up()
            assert isinstance(await call.ended(), RemoteBye)

        await house.call(converse)
        (end,) = house.ends
        assert isinstance(end, BridgeEnd)
        assert not isinstance(end.call, IncomingCall)

    await in_house(sim, work, decide=lambda _: Defer(60))


async def test_early_media_is_heard_before_the_answer(sim: Simulation, autojump_clock: Clock) -> None:
    """SDP-9, SRV-8: the announcement of the callee's network reaches the caller with its 183."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            await trio.sleep(0.5)
            (bob_call,) = house.bob
            bob_call.ring(183, early_media=True)
            await trio.sleep(0.3)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(bob_call.play, ToneSource(sine(900.0)))
                await trio.sleep(0.3)
                assert await tone_at(call) == pytest.approx(900, abs=5)
                nursery.cancel_scope.cancel()
            assert call.answered_at is None
            bob_call.accept()
            await call.answered()
            await talk(call, bob_call)

        await house.call(converse)

    await in_house(sim, work, decide=lambda _: Defer(60))


@pytest.mark.parametrize("status", [486, 404, 603])
async def test_refusal_of_the_callee_is_that_of_the_caller(
    sim: Simulation, autojump_clock: Clock, status: int
) -> None:
    """SRV-8: the failure code passes through."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            with pytest.raises(CallRejected) as caught:
                await call.answered()
            assert caught.value.status_code == status

        await house.call(converse)
        (end,) = house.ends
        assert isinstance(end, BridgeEnd)
        assert isinstance(end.end, Rejected)

    await in_house(sim, work, decide=lambda _: Reject(status))


async def test_caller_who_gives_up_cancels_the_callee(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, SES-29."""

    async def work(house: House) -> None:
        async def wait(_: Call) -> None:
            await trio.sleep(1)

        await house.call(wait)
        await trio.sleep(1)
        assert isinstance(house.bob[0].end, Cancelled)
        (end,) = house.ends
        assert isinstance(end, BridgeEnd)
        assert isinstance(end.end, Cancelled)

    await in_house(sim, work, decide=lambda _: Defer(60))


async def test_leaving_the_bridge_hangs_up_both(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-29: cancelled in the middle, both legs get their BYE."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            await call.answered()
            await trio.sleep(0.5)
            for each in house.exchange.list_active_sessions():
                if isinstance(each, IncomingCall):
                    each.hang_up()
            assert isinstance(await call.ended(), RemoteBye)

        await house.call(converse)
        (end,) = house.ends
        assert isinstance(end, BridgeEnd)
        assert isinstance(end.end, LocallyClosed)
        assert isinstance(house.bob[0].end, RemoteBye)

    await in_house(sim, work)


async def test_codec_that_changes_meanwhile_changes_the_way(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-8, SES-18: from relay to conversion and back, and the two go on hearing each other."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            await call.answered()
            await trio.sleep(0.5)
            bridges = house.exchange._parts.operations.bridges._by_session
            (bridge_of,) = set(bridges.values())
            assert bridge_of.mode == "relay"
            await call.switch_codec("PCMA")
            await trio.sleep(0.2)
            assert (call.codec, house.bob[0].codec, bridge_of.mode, bridge_of.failed) == (
                "PCMA",
                "PCMU",
                "room",
                "",
            )
            await talk(call, house.bob[0])
            await call.switch_codec("PCMU")
            await trio.sleep(0.2)
            assert [bridge_of.mode] == ["relay"]
            await talk(call, house.bob[0])

        await house.call(converse)

    await in_house(sim, work)


async def test_what_cannot_be_connected_is_told(sim: Simulation, autojump_clock: Clock) -> None:
    """BRG-2: a call is in one bridge at most, and not with itself."""

    async def work(house: House) -> None:
        async def converse(call: Call) -> None:
            await call.answered()
            await trio.sleep(0.2)
            one, two = house.exchange.list_active_sessions()
            with pytest.raises(CallStateError, match="connected already"):
                one.connect(two)
            with pytest.raises(CallStateError, match="itself"):
                await bridge(one, one)

        await house.call(converse)

    await in_house(sim, work)


async def test_calls_that_are_connected_by_hand_part_with_the_first_that_ends(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """BRG-1, BRG-4, SES-22: nothing is left of the connection, and the other call goes on."""
    wire = sim.wire()
    taken: list[IncomingCall] = []
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=Bob(taken, lambda _: Accept())),
    ):
        async with alice.make_call("sip:bob@10.0.0.2") as one, alice.make_call("sip:bob@10.0.0.2") as two:
            await one.answered()
            await two.answered()
            await trio.sleep(0.2)
            made = one.connect(two)
            await talk(*taken)
            taken[0].hang_up()
            await trio.sleep(0.2)
            assert (made.mode, two.is_active) == ("closed", True)
            one.disconnect(made)
            with pytest.raises(CallEnded):
                two.connect(one)
        await sim.settle()
    sim.assert_quiet()
