"""The callback style: decisions, hooks, and what happens when a hook fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing

from sansio_sip.invite import CallEnd, Cancelled, RemoteBye
from trio_runtime import (
    Accept,
    AutoAnswerHandler,
    CallDecision,
    CallHandler,
    CallRejected,
    Defer,
    IncomingCall,
    Redirect,
    Reject,
    VoipError,
)
from trio_runtime.events.types import HandlerFailed
from trio_runtime.session import Call
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"


class Decides(CallHandler):
    """Decides as it is told and remembers what it hears."""

    def __init__(self, decide: Callable[[IncomingCall], CallDecision | Awaitable[CallDecision]]) -> None:
        self._decide = decide
        self.established: list[Call] = []
        self.ended: list[CallEnd] = []

    def on_incoming_call(self, call: IncomingCall) -> CallDecision | Awaitable[CallDecision]:
        return self._decide(call)

    def on_call_established(self, call: Call) -> None:
        self.established.append(call)

    def on_call_ended(self, call: Call, reason: CallEnd) -> None:
        self.ended.append(reason)


async def test_auto_answer_needs_no_task(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """HND-2: every call is answered, without a task for it."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=AutoAnswerHandler()) as bob:
            before = trio.lowlevel.current_statistics().tasks_living
            async with alice.make_call(BOB) as call:
                await call.answered()
                assert trio.lowlevel.current_statistics().tasks_living == before
            await trio.sleep(1)
            assert bob.get_stats().total_sessions == 1
    sim.assert_quiet()


async def later(decision: CallDecision) -> CallDecision:
    await trio.sleep(2)
    return decision


@pytest.mark.parametrize("delayed", [False, True], ids=["plain hook", "async hook"])
@pytest.mark.parametrize(
    ("decision", "status"),
    [(Reject(486, "Busy"), 486), (Reject(603), 603), (Redirect("sip:carol@10.0.0.3"), 302)],
)
async def test_decisions_refuse(
    sim: Simulation,
    autojump_clock: trio.testing.MockClock,
    decision: CallDecision,
    status: int,
    delayed: bool,
) -> None:
    """HND-1, SES-6: a decision may come from a plain or an async hook."""
    handler = Decides(lambda call: later(decision) if delayed else decision)
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1", max_redirects=0) as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=handler), alice.make_call(BOB) as call:
            with pytest.raises(CallRejected) as caught:
                await call.answered()
            await trio.sleep(1)
    assert caught.value.status_code == status
    if isinstance(decision, Redirect):
        assert call.headers["contact"] == "<sip:carol@10.0.0.3>"
    assert len(handler.ended) == 1
    assert handler.established == []
    sim.assert_quiet()


async def test_a_redirected_call_goes_on_to_who_was_named(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-30, SES-6: by default up to five redirections are followed, within the same call."""
    wire = sim.wire()
    away = Decides(lambda call: Redirect("sip:carol@10.0.0.3"))
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with (
            sim.phone(wire, "bob", "10.0.0.2", handler=away),
            sim.phone(wire, "carol", "10.0.0.3", handler=AutoAnswerHandler()) as carol,
        ):
            async with alice.make_call(BOB) as call:
                await call.answered()
                assert carol.get_stats().active_sessions == 1
            await trio.sleep(1)
    assert len(away.ended) == 1
    sim.assert_quiet()


async def test_hooks_hear_of_answer_and_end_once(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """HND-1: on_call_established and on_call_ended, exactly once each."""
    handler = Decides(lambda call: Accept(headers=(("X-Queue", "7"),)))
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=handler):
            async with alice.make_call(BOB) as call:
                await call.answered()
                assert call.headers["x-queue"] == "7"
            await trio.sleep(1)
    assert len(handler.established) == 1
    assert handler.ended == [RemoteBye()]


async def test_deferred_call_is_decided_by_another_task(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """HND-8, SES-10: ringing is sent, another task answers within the deadline."""
    waiting: list[IncomingCall] = []

    def defer(call: IncomingCall) -> CallDecision:
        waiting.append(call)
        return Defer(timeout=30)

    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=Decides(defer)):
            async with alice.make_call(BOB) as call:
                await trio.sleep(10)
                assert call.state.value == "ringing"
                await waiting[0].answer()
                await call.answered()
            await trio.sleep(60)
    sim.assert_quiet()


async def test_deferred_call_is_refused_at_its_deadline(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """HND-8: nobody decides: 480."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=Decides(lambda call: Defer(timeout=30))):
            async with alice.make_call(BOB) as call:
                with pytest.raises(CallRejected, match="480"):
                    await call.answered()
            assert trio.current_time() == pytest.approx(30, abs=0.1)
    sim.assert_quiet()


async def test_caller_who_gives_up_ends_a_deferred_call(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """HND-8, SES-22: no decision task outlives its call."""
    handler = Decides(lambda call: Defer(timeout=30))
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=handler):
            async with alice.make_call(BOB):
                await trio.sleep(3)
            await trio.sleep(60)
    assert handler.ended == [Cancelled(by_remote=True)]
    sim.assert_quiet()


class Broken(CallHandler):
    """Every hook raises."""

    def __init__(self, *, decide: bool) -> None:
        self._decide = decide

    def on_incoming_call(self, call: IncomingCall) -> CallDecision | Awaitable[CallDecision]:
        if self._decide:
            return Accept()
        raise RuntimeError("broken decision")

    def on_call_established(self, call: Call) -> None:
        raise RuntimeError("broken established")

    async def on_call_ended(self, call: Call, reason: CallEnd) -> None:
        await trio.sleep(1)
        raise RuntimeError("broken end")


async def test_failing_decision_is_500(
    sim: Simulation, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """HND-1: an exception in a hook is 500 for that call and an event, nothing more."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=Broken(decide=False)) as bob:
            with bob.subscribe(lambda event: isinstance(event, HandlerFailed)) as failures:
                async with alice.make_call(BOB) as call:
                    with pytest.raises(CallRejected, match="500"):
                        await call.answered()
                failed = failures.receive_nowait()
            assert isinstance(failed, HandlerFailed)
            assert "broken decision" in failed.error
            await trio.sleep(2)
    assert "broken end" in caplog.text
    sim.assert_quiet()


async def test_failing_hooks_do_not_end_the_call(
    sim: Simulation, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """HND-1: the optional hooks only listen."""
    wire = sim.wire()
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        async with sim.phone(wire, "bob", "10.0.0.2", handler=Broken(decide=True)):
            async with alice.make_call(BOB) as call:
                await call.answered()
                await trio.sleep(1)
                assert call.is_active
            await trio.sleep(3)
    assert "broken established" in caplog.text
    assert "broken end" in caplog.text
    sim.assert_quiet()


async def test_one_serve_at_a_time(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """COO-1: a second serve is refused, the first goes on."""

    async def leave(call: IncomingCall) -> None:
        await trio.lowlevel.checkpoint()

    async with sim.pair() as (_, bob), trio.open_nursery() as nursery:
        addresses = await nursery.start(bob.serve, leave)
        assert addresses == [("10.0.0.2", 5060)]
        with pytest.raises(VoipError, match="served already"):
            await bob.serve(leave)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
