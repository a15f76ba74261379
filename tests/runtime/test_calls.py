"""Whole phones in virtual time: how calls begin, go and end."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from sansio_sip.invite import Cancelled, LocallyClosed, Rejected, RemoteBye, TimedOut
from trio_runtime import (
    CallCancelled,
    CallRejected,
    CallState,
    CallStateError,
    CallTimedOut,
    IncomingCall,
    InvalidUriError,
    open_coordinator,
)
from trio_runtime.session import Call
from trio_runtime.testing import Simulation, Wire

BOB = "sip:bob@10.0.0.2"


async def answer_and_wait(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


async def test_caller_leaves_block_and_both_ends_are_quiet(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-7, SES-9, SES-11, SIM-2: make, answer, leave the block: BYE, and nothing is left."""
    ends: list[object] = []

    async def bob_answers(call: IncomingCall) -> None:
        call.ring()
        await call.answer()
        ends.append(await call.ended())

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, bob_answers)
        async with alice.make_call(BOB) as call:
            states = [call.state]
            await call.answered()
            assert [*states, call.state] == [CallState.INITIATING, CallState.ACTIVE]
            await trio.sleep(5)
        assert call.end == LocallyClosed()
        assert call.state is CallState.TERMINATED
        await trio.sleep(1)
        assert ends == [RemoteBye()]
        assert alice.list_active_sessions() == bob.list_active_sessions() == []
        await sim.settle()
        assert alice.leftovers() == bob.leftovers() == []
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_handler_return_hangs_up(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-11: the handler's return ends its call with BYE."""

    async def brief(call: IncomingCall) -> None:
        await call.answer()
        await trio.sleep(2)

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, brief)
        async with alice.make_call(BOB) as call:
            await call.answered()
            assert await call.ended() == RemoteBye()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_raising_handler_ends_its_call_only(
    sim: Simulation, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """HND-1, SES-5: a handler that raises before a decision: 500 for that call, others live."""

    async def broken(call: IncomingCall) -> None:
        if "bad" in call.remote_uri:
            raise RuntimeError("no such menu")
        await answer_and_wait(call)

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, broken)
        wire = sim.wires[0]
        async with sim.phone(wire, "bad", "10.0.0.3") as bad, alice.make_call(BOB) as good:
            await good.answered()
            async with bad.make_call(BOB) as call:
                with pytest.raises(CallRejected) as caught:
                    await call.answered()
            assert caught.value.status_code == 500
            assert good.is_active
        nursery.cancel_scope.cancel()
    assert "no such menu" in caplog.text
    sim.assert_quiet()


async def test_no_decision_is_480(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-5: a handler that leaves without a decision refuses with a defined status."""

    async def leaves(call: IncomingCall) -> None:
        await trio.sleep(1)

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, leaves)
        async with alice.make_call(BOB) as call:
            with pytest.raises(CallRejected, match="480"):
                await call.answered()
        assert call.state is CallState.FAILED
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


@pytest.mark.parametrize("status", [486, 404, 603, 302, 503])
async def test_rejection_carries_status_and_phrase(
    sim: Simulation, autojump_clock: trio.testing.MockClock, status: int
) -> None:
    """SES-9, SES-10, MSG-12: code and phrase of a refusal reach the caller."""

    async def refuse(call: IncomingCall) -> None:
        call.reject(status, "Not now")

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, refuse)
        async with alice.make_call(BOB) as call:
            with pytest.raises(CallRejected) as caught:
                await call.answered()
        assert (caught.value.status_code, caught.value.reason) == (status, "Not now")
        assert call.end == Rejected(status, "Not now")
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_timeout_around_answered_cancels(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TXN-4, SES-11: the caller's own timeout leaves the block: CANCEL, 487, both quiet."""
    ends: list[object] = []

    async def ring_for_ever(call: IncomingCall) -> None:
        call.ring()
        ends.append(await call.ended())

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, ring_for_ever)
        with pytest.raises(trio.TooSlowError), trio.fail_after(10):
            async with alice.make_call(BOB) as call:
                await call.answered()
        assert call.end == Cancelled()
        assert call.state is CallState.CANCELLED
        with pytest.raises(CallCancelled):
            await call.answered()
        await trio.sleep(1)
        assert ends == [Cancelled(by_remote=True)]
        nursery.cancel_scope.cancel()
    assert "CANCEL" in sim.ladder()
    sim.assert_quiet()


async def test_nobody_home_times_out_after_32_seconds(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TXN-7: Timer B fires at 64·T1."""
    async with sim.pair() as (alice, _):
        async with alice.make_call("sip:nobody@10.0.0.9") as call:
            with pytest.raises(CallTimedOut):
                await call.answered()
        assert trio.current_time() == pytest.approx(32.0, abs=0.01)
        assert call.end == TimedOut()
    sim.assert_quiet()


async def test_unreachable_port_fails_at_once_with_icmp(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TXN-7: what ICMP says reaches the transaction (RFC 3261 §18.4)."""
    async with sim.pair(icmp=True) as (alice, _):
        async with alice.make_call("sip:nobody@10.0.0.9") as call:
            end = await call.ended()
        assert trio.current_time() < 1
        assert "refused" in str(end)
    sim.assert_quiet()


async def test_without_handler_calls_get_480(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SRV-3: nobody serves."""
    async with sim.pair() as (alice, _), alice.make_call(BOB) as call:
        with pytest.raises(CallRejected, match="480"):
            await call.answered()
    sim.assert_quiet()


async def test_second_decision_is_a_state_error(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-5: answerable once only."""
    errors: list[Exception] = []

    async def twice(call: IncomingCall) -> None:
        await call.answer()
        try:
            await call.answer()
        except CallStateError as error:
            errors.append(error)
        await call.ended()

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, twice)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(1)
        assert len(errors) == 1
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


@pytest.mark.parametrize("uri", ["bob@10.0.0.2", "sip:", "sip:bob@10.0.0.2\r\nX: y", "http://x", "tel:+123"])
async def test_bad_uri_is_refused_before_anything_is_sent(
    sim: Simulation, autojump_clock: trio.testing.MockClock, uri: str
) -> None:
    """MSG-9: header injection and what is no URI never reach the wire."""
    async with sim.pair() as (alice, _):
        with pytest.raises(InvalidUriError):
            alice.start_call(uri)
        assert alice.leftovers() == []
    assert sim.ladder() == "(no messages)"


async def test_started_call_lives_without_a_block(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-7, COO-1: start_call returns at once; leaving a coordinator hangs up what is left there."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer_and_wait)
        call = alice.start_call(BOB)
        await call.answered()
        await trio.sleep(1)
        assert alice.find_session(call.id) is call
        nursery.cancel_scope.cancel()
    assert call.end == RemoteBye()  # bob's coordinator is the inner one
    sim.assert_quiet()


@pytest.mark.simulation(quiet=False)  # the peer is dead, and nobody waits for the last timers
async def test_twenty_calls_to_a_dead_peer_leave_at_once(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-11: leaving a block never waits for the answer to a BYE; the coordinator drains once."""
    alive = True
    async with trio.open_nursery() as nursery:
        async with sim.pair(loss_for=lambda _: not alive, phones={"drain_grace": 4.0}) as (alice, bob):
            await nursery.start(bob.serve, answer_and_wait)
            calls: list[Call] = [alice.start_call(BOB) for _ in range(20)]
            for call in calls:
                await call.answered()
            await trio.sleep(1)
            alive = False
            before = trio.current_time()
            for call in calls:
                async with call:
                    await trio.lowlevel.checkpoint()
            assert trio.current_time() == before
            nursery.cancel_scope.cancel()
    assert trio.current_time() - before == pytest.approx(8.0, abs=0.1)  # each of the two drains for 4 s
    assert alice.left_after_drain == 20


async def test_cancelled_block_sends_bye(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-11: a cancellation from outside hangs up as well."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer_and_wait)
        with trio.move_on_after(3):
            async with alice.make_call(BOB) as call:
                await call.answered()
                await trio.sleep_forever()
        assert call.end == LocallyClosed()
        await trio.sleep(1)
        assert bob.list_active_sessions() == []
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_exception_of_the_body_leaves_bare(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-11: no exception group for the body's own exception, and the call is hung up."""
    with pytest.raises(ZeroDivisionError):
        async with sim.pair() as (alice, _), alice.make_call(BOB):
            await trio.sleep(1)
            _ = 1 / 0
    sim.assert_quiet()


async def test_two_phones_need_nothing_but_each_others_address(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """SES-25: no registrar, no proxy, no name, and any port that is free."""
    wire = Wire()
    one = open_coordinator(sip_port=0, environment=wire.environment("10.0.0.1"), bind_host="10.0.0.1")
    other = open_coordinator(sip_port=0, environment=wire.environment("10.0.0.2"), bind_host="10.0.0.2")
    async with wire, one, other, trio.open_nursery() as nursery:
        await nursery.start(other.serve, answer_and_wait)
        (host, port), *_ = other.bound_addresses
        async with one.make_call(f"sip:{host}:{port}") as call:
            await call.answered()
            (there,) = other.list_active_sessions()
            assert there.remote_uri == f"sip:10.0.0.1:{one.bound_addresses[0][1]}"
        nursery.cancel_scope.cancel()
