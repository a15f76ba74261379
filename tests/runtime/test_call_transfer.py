"""Transfers, blind and attended, as both sides see them; and requests in a call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.invite import RemoteBye, Replaced
from trio_runtime import (
    Accept,
    Call,
    CallDecision,
    CallEnded,
    CallHandler,
    CallState,
    CallStateError,
    IncomingCall,
    InvalidUriError,
    Reject,
    SessionCoordinator,
    SipFailure,
    TransferRequest,
)
from trio_runtime.events import EventStream
from trio_runtime.events.types import (
    SessionEvent,
    TransferCompleted,
    TransferFailed,
    TransferProgressed,
    TransferRequested,
)
from trio_runtime.handlers import AutoAnswerHandler
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
CAROL = "sip:carol@10.0.0.3"


class Busy(CallHandler):
    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        return Reject(486)


class Follower(AutoAnswerHandler):
    """Answers, and does what it is asked to: it calls whom it shall."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.requests: list[TransferRequest[Call]] = []

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        self.calls.append(call)
        return Accept()

    async def on_transfer_requested(self, call: Call, request: TransferRequest[Call]) -> None:
        self.requests.append(request)
        async with request.accept() as new:
            self.calls.append(new)
            await new.ended()


@attrs.frozen
class Town:
    alice: SessionCoordinator
    bob: Follower
    carol: Follower


@asynccontextmanager
async def town(
    sim: Simulation, carol: CallHandler | None = None, *, no_media: bool = False, **conditions: float
) -> AsyncIterator[Town]:
    """Open alice, who calls; bob, who follows transfers; and carol; `no_media` where nothing is heard."""
    wire, bob, target = sim.wire(**conditions), Follower(), Follower()  # type: ignore[arg-type]
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", no_media=no_media) as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=bob, no_media=no_media),
        sim.phone(wire, "carol", "10.0.0.3", handler=carol or target, no_media=no_media),
    ):
        yield Town(alice, bob, target)
        await sim.settle(200)
    sim.assert_quiet()


async def test_blind_transfer_connects_the_peer_with_somebody_else(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-13: REFER, 202, NOTIFY 100 to 200, BYE of the original leg; bob and carol talk."""
    async with town(sim) as phones:
        async with phones.alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            events = call.events
            await trio.sleep(0.2)
            await call.transfer(CAROL)
            assert call.state is CallState.TERMINATED
        told = await _until(events, TransferCompleted)
        assert TransferProgressed(call.id, 100, "Trying") in told
        await trio.sleep(0.1)
        first, new = phones.bob.calls
        assert isinstance(first.end, RemoteBye)
        assert new.is_active
        assert new.remote_uri == CAROL
        (request,) = phones.bob.requests
        assert (request.target, request.replaces, request.undecided) == (CAROL, False, False)
        assert "10.0.0.1" in request.referred_by
        assert "referred-by" in {name.lower() for name, _ in request.headers}
        assert phones.carol.calls[0].headers["Referred-By"]
        new.hang_up()


async def test_call_takes_the_place_of_another_one_with_the_same_peer(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-14: our INVITE has Replaces; the peer hangs up the old call when it answers."""
    async with town(sim) as phones:
        alice = phones.alice
        async with alice.make_call("sip:bob@10.0.0.2") as old:
            await old.answered()
            await trio.sleep(0.1)
            async with alice.make_call("sip:bob@10.0.0.2", replaces=old) as new:
                await new.answered()
                assert isinstance(await old.ended(), RemoteBye)
                assert new.is_active
                first, second = phones.bob.calls
                assert isinstance(first.end, Replaced)
                assert isinstance(second, IncomingCall)
                assert second.replaces == first.id
        with pytest.raises(CallEnded):
            alice.start_call("sip:bob@10.0.0.2", replaces=old)
        async with alice.make_call("sip:nobody@10.0.0.9") as unheard:
            with pytest.raises(CallStateError):
                alice.start_call("sip:bob@10.0.0.2", replaces=unheard)
        assert [call.id for call in alice.list_active_sessions() if call not in (old, new, unheard)] == []


async def test_attended_transfer_replaces_the_call_that_stands(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-14: alice talks to both; then bob talks to carol in the place of alice."""
    async with town(sim) as phones:
        async with (
            phones.alice.make_call("sip:bob@10.0.0.2") as to_bob,
            phones.alice.make_call(CAROL) as to_carol,
        ):
            await to_bob.answered()
            await to_bob.hold()
            await to_carol.answered()
            await trio.sleep(0.2)
            await to_bob.transfer(to_carol)
            await trio.sleep(1)
            assert to_carol.end is not None
        old, new = phones.carol.calls
        assert isinstance(old.end, Replaced)
        assert new.is_active
        assert isinstance(new, IncomingCall)
        assert new.replaces == old.id
        assert phones.bob.requests[0].replaces
        new.hang_up()


async def test_transfer_to_who_is_busy_fails_and_the_call_goes_on(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SES-13: the status of the peer's own call; from hold it is on hold again."""
    async with town(sim, Busy()) as phones:
        async with phones.alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            await call.hold()
            events = call.events
            with pytest.raises(SipFailure, match="486 Busy Here"):
                await call.transfer(CAROL)
            assert call.on_hold
            failed = await _until(events, TransferFailed)
            assert failed[-1] == TransferFailed(call.id, 486, "Busy Here")
            await call.resume()


async def _until(events: EventStream[SessionEvent], kind: type[SessionEvent]) -> list[SessionEvent]:
    """Return the events up to the first of a kind."""
    told: list[SessionEvent] = []
    async for event in events:
        told.append(event)
        if isinstance(event, kind):
            break
    return told


async def test_peer_that_takes_no_part_refuses(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-13: by default a wish is refused with 603, and told to the application."""
    wire = sim.wire()
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()) as bob,
    ):
        events = bob.subscribe(lambda event: isinstance(event, TransferRequested))
        async with alice.make_call("sip:bob@10.0.0.2") as call:
            await call.answered()
            with pytest.raises(SipFailure) as caught:
                await call.transfer(CAROL)
            assert caught.value.status_code == 603
            assert call.is_active
        event = events.receive_nowait()
        assert isinstance(event, TransferRequested)
        assert (event.target, event.replaces) == (CAROL, False)
        await sim.settle(200)
    sim.assert_quiet()


async def test_wishes_can_be_read_as_a_stream(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-13: the style of one task a call; also for a call that we have made."""
    async with town(sim) as phones:
        targets: list[str] = []

        async def read(call: Call) -> None:
            async for request in call.transfer_requests:
                targets.append(request.target)
                if len(targets) == 1:
                    request.reject(486, "Not now")
                    with pytest.raises(CallStateError, match="decided"):
                        request.accept()
                else:
                    async with request.accept() as new:
                        await new.answered()
                        await trio.sleep(1)

        async with phones.alice.make_call("sip:bob@10.0.0.2") as call:
            async with trio.open_nursery() as nursery:
                await call.answered()
                nursery.start_soon(read, call)
                await trio.sleep(0.2)
                far = phones.bob.calls[0]
                with pytest.raises(SipFailure, match="Not now"):
                    await far.transfer(CAROL)
                await far.transfer(CAROL)
        await trio.sleep(0.1)
        assert targets == [CAROL, CAROL]
        assert isinstance(call.end, RemoteBye)
        assert [type(each.end) for each in phones.carol.calls] == [RemoteBye]


async def test_transfer_over_a_lossy_network(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-13, SES-14, SIM-1."""
    async with town(sim, no_media=True, latency=0.05, loss=0.2) as phones:
        async with (
            phones.alice.make_call("sip:bob@10.0.0.2") as to_bob,
            phones.alice.make_call(CAROL) as to_carol,
        ):
            await to_bob.answered()
            await to_carol.answered()
            await trio.sleep(2)
            await to_bob.transfer(to_carol)
        await trio.sleep(40)
        new = phones.carol.calls[-1]
        assert new.is_active
        new.hang_up()


async def test_what_cannot_be_a_target_is_told_at_once(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-13: the call is as before."""
    async with town(sim) as phones:
        async with (
            phones.alice.make_call("sip:bob@10.0.0.2") as call,
            phones.alice.make_call("sip:bob@10.0.0.2") as other,
        ):
            await call.answered()
            with pytest.raises(InvalidUriError):
                await call.transfer("no uri")
            assert call.is_active
            async with phones.alice.make_call(CAROL) as third:
                with pytest.raises(CallStateError, match="initiating"):
                    await call.transfer(third)
            await other.answered()


async def test_requests_in_a_call_have_their_responses(sim: Simulation, autojump_clock: Clock) -> None:
    """SES-15, CLI-4, MSG-11: INFO, MESSAGE and what nobody knows."""
    async with town(sim) as phones:
        async with phones.alice.make_call("sip:bob@10.0.0.2") as call:
            with pytest.raises(CallStateError):
                await call.send_info("text/plain", b"too early")
            await call.answered()
            assert (await call.send_info("text/plain", b"hello")).status_code == 200
            assert (await call.send_message("hello")).status_code in (405, 415, 481)
            assert (await call.request("FANCY")).status_code == 501
            with pytest.raises(CallStateError):
                await call.request("BYE")
        with pytest.raises(CallEnded):
            await call.send_info("text/plain", b"too late")
