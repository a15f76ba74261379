"""Code of the application that misbehaves: contained, and reported (TRN-13, ERR-1, HND-1, EVT-1, SES-23)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import numpy as np
import pytest
import trio
import trio.lowlevel
from trio.testing import MockClock

from sansio_sip.invite import CallEnd
from trio_runtime import Accept, CallDecision, CallHandler, CallHooks
from trio_runtime.base.errors import CallError
from trio_runtime.coordinator import SessionCoordinator
from trio_runtime.events.types import HandlerBlocked, HandlerFailed, HandlerLingers, SessionEvent
from trio_runtime.observe.metrics import Metrics
from trio_runtime.session import Call, IncomingCall
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"
BLOCKED_S = 0.75


@attrs.define
class Wrong:
    """One way of misbehaving, for one call; what comes later behaves."""

    clock: MockClock
    kind: str
    done: bool = False
    left: list[Any] = attrs.field(factory=list)

    def sync(self, call: Call) -> None:
        """Do it in a plain function."""
        if self.done:
            return
        self.done = True
        if self.kind == "raises":
            raise RuntimeError("the handler is broken")
        if self.kind == "blocks":
            self.clock.jump(BLOCKED_S)  # as work for which the clock goes on does
        if self.kind == "leaks":
            self.left.append(call.events)  # never read, never closed

    async def later(self, call: Call) -> None:
        """Do it in an async one, behind an await."""
        doing = not self.done
        await trio.sleep(0.01)
        self.sync(call)
        if doing and self.kind == "leaks":
            await trio.sleep_forever()


class Bad(CallHandler):
    """Misbehaves in one of its hooks."""

    def __init__(self, wrong: Wrong, role: str) -> None:
        self.wrong = wrong
        self.role = role

    def on_incoming_call(self, call: IncomingCall) -> CallDecision | Awaitable[CallDecision]:
        if self.role == "async decision":
            return self.decide(call)
        if self.role == "decision":
            self.wrong.sync(call)
        return Accept()

    async def decide(self, call: IncomingCall) -> CallDecision:
        await self.wrong.later(call)
        return Accept()

    def on_call_established(self, call: Call) -> Awaitable[None] | None:
        if self.role == "async established":
            return self.wrong.later(call)
        if self.role == "established":
            self.wrong.sync(call)
        return None

    def on_call_ended(self, call: Call, reason: CallEnd) -> Awaitable[None] | None:
        if self.role == "async ended":
            return self.wrong.later(call)
        if self.role == "ended":
            self.wrong.sync(call)
        return None


class BadHooks(CallHooks):
    """Misbehaves in one of its hooks."""

    def __init__(self, wrong: Wrong, role: str) -> None:
        self.wrong = wrong
        self.role = role

    def on_created(self, call: Call) -> None:
        if self.role == "created hook":
            self.wrong.sync(call)

    def on_established(self, call: Call) -> Awaitable[None] | None:
        return self.wrong.later(call) if self.role == "established hook" else None

    def on_terminated(self, call: Call, end: CallEnd) -> None:
        if self.role == "terminated hook":
            self.wrong.sync(call)


ROLES = [
    "task",
    "decision",
    "async decision",
    "established",
    "async established",
    "ended",
    "async ended",
    "created hook",
    "established hook",
    "terminated hook",
]
IN_PLACE = {"decision", "established", "ended", "created hook", "terminated hook"}


@asynccontextmanager
async def bob_with(
    sim: Simulation, role: str, wrong: Wrong
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
    """Alice, and bob, whose handler misbehaves in a role."""
    wire = sim.wire()
    handler = None if role == "task" else Bad(wrong, role)
    async with (
        wire,
        sim.phone(wire, "alice", "10.0.0.1", no_media=True) as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=handler, no_media=True) as bob,
        trio.open_nursery() as nursery,
    ):
        bob.add_hooks(BadHooks(wrong, role))
        if role == "task":

            async def task(call: IncomingCall) -> None:
                await call.answer()
                await wrong.later(call)
                await call.ended()

            await nursery.start(bob.serve, task)
        yield alice, bob
        nursery.cancel_scope.cancel()


async def talk(phone: SessionCoordinator, seconds: float) -> bool:
    """Call bob; return whether the call came about and lasted."""
    async with phone.make_call(BOB) as call:
        with trio.move_on_after(10):
            try:
                await call.answered()
            except CallError:
                return False
        await trio.sleep(seconds)
        return call.is_active


@pytest.mark.parametrize("kind", ["raises", "blocks", "leaks"])
@pytest.mark.parametrize("role", ROLES)
async def test_misbehaviour_is_contained_and_reported(
    sim: Simulation, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture, role: str, kind: str
) -> None:
    """ERR-1, HND-1, COO-13: the call before goes on, the next one works, and what was wrong is told."""
    caplog.set_level(logging.WARNING, "trio_runtime")
    wrong = Wrong(autojump_clock, kind, done=True)
    async with bob_with(sim, role, wrong) as (alice, bob):
        events = bob.subscribe()
        metrics = Metrics(bob)
        lasting = alice.start_call(BOB)
        await lasting.answered()
        await trio.sleep(1)
        wrong.done = False
        await talk(alice, 5)
        await trio.sleep(70)
        assert wrong.done
        assert lasting.is_active
        assert await talk(alice, 5)
        heard: list[SessionEvent] = []
        with pytest.raises(trio.WouldBlock):
            while True:
                heard.append(events.receive_nowait())
        _check_report(kind, role, heard, bob, metrics.render(), caplog.text)
        events.close()
        lasting.hang_up()
        await lasting.ended()
    await sim.settle()
    sim.assert_quiet()
    assert bob.statistics().handlers.running == 0


def _check_report(
    kind: str, role: str, heard: list[SessionEvent], bob: SessionCoordinator, metrics: str, log: str
) -> None:
    statistics = bob.statistics().handlers
    failed: list[object] = [event for event in heard if isinstance(event, HandlerFailed)]
    blocked: list[object] = [event for event in heard if isinstance(event, HandlerBlocked)]
    lingering = [event for event in heard if isinstance(event, HandlerLingers)]
    if kind == "raises":
        (failure,) = failed
        assert isinstance(failure, HandlerFailed)
        assert "the handler is broken" in failure.error
        assert "the handler is broken" in log
        assert (statistics.failed, statistics.blocked) == (1, 0)
        assert "voip_handlers_failed 1" in metrics
    elif kind == "blocks":
        (report,) = blocked
        assert isinstance(report, HandlerBlocked)
        assert report.seconds == pytest.approx(BLOCKED_S, abs=0.02)
        assert report.handler.endswith(
            ("task", "on_incoming_call", "established", "ended", "created", "terminated")
        )
        assert "held everything up for 0.75" in log
        assert (statistics.failed, statistics.blocked) == (0, 1)
        assert statistics.longest_block_s == pytest.approx(report.seconds)
    else:
        # Streams end with their call; a task that does not is seen, in a plain hook there is none.
        assert bob.statistics().bus.subscribers == 2
        assert bob.statistics().bus.ended_by_subject == (
            role not in ("ended", "async ended", "terminated hook")
        )
        assert (
            len(lingering) == statistics.lingered == (0 if role in IN_PLACE else int(role != "async ended"))
        )
        assert not failed + blocked


@pytest.mark.parametrize("breaks", [False, True])
async def test_nursery_of_a_handler_may_be_left_by_the_end_of_the_call(
    sim: Simulation, autojump_clock: MockClock, breaks: bool
) -> None:
    """HND-1, ERR-1: a group of nothing but ends of calls is no failure; one with something else is."""

    async def speak(call: IncomingCall) -> None:
        while True:
            await call.audio.send(np.zeros(1_600, np.int16))

    async def fail(call: IncomingCall) -> None:
        await call.ended()
        raise RuntimeError("the handler is broken")

    async def task(call: IncomingCall) -> None:
        await call.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(speak, call)
            if breaks:
                nursery.start_soon(fail, call)

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, task)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(0.5)
        await trio.sleep(0.5)
        assert bob.statistics().handlers.failed == breaks
        nursery.cancel_scope.cancel()


async def test_stream_of_a_call_ends_with_it(sim: Simulation, autojump_clock: MockClock) -> None:
    """EVT-3, SES-22: nobody waits for events of a call that is over."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:

        async def answer(call: IncomingCall) -> None:
            await call.answer()
            await call.ended()

        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call, alice.make_call(BOB) as other:
            stream, others = call.events, other.events
            await call.answered()
            await other.answered()
            call.hang_up()
            names = [type(event).__name__ async for event in stream]
            assert names[-1] == "CallTerminated"
            assert [event async for event in call.events] == []
            others.close()
        assert alice.statistics().bus.subscribers == 0
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


class Diary(CallHooks):
    """Remembers what it hears."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def on_created(self, call: Call) -> None:
        self.lines.append(("created", call.direction.value))

    def on_established(self, call: Call) -> None:
        self.lines.append(("established", call.direction.value))

    def on_terminated(self, call: Call, end: CallEnd) -> None:
        self.lines.append((type(end).__name__, call.direction.value))


async def test_hooks_hear_of_every_call_in_either_direction(
    sim: Simulation, autojump_clock: MockClock
) -> None:
    """SES-23."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        diaries = Diary(), Diary()
        alice.add_hooks(diaries[0])
        bob.add_hooks(diaries[1])
        run: Callable[[IncomingCall], Awaitable[None]] = lambda call: call.answer()  # noqa: E731
        await nursery.start(bob.serve, run)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await call.ended()
        await trio.sleep(1)
        assert diaries[0].lines == [
            ("created", "outgoing"),
            ("established", "outgoing"),
            ("RemoteBye", "outgoing"),
        ]
        assert diaries[1].lines == [
            ("created", "incoming"),
            ("established", "incoming"),
            ("LocallyClosed", "incoming"),
        ]
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_hook_may_decide_before_the_handler(sim: Simulation, autojump_clock: MockClock) -> None:
    """SES-23: as a blocklist does; then nobody else is asked."""

    class Blocklist(CallHooks):
        def on_created(self, call: Call) -> None:
            if isinstance(call, IncomingCall):
                call.reject(603)

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        bob.add_hooks(Blocklist())
        await nursery.start(bob.serve, trio.sleep_forever)
        async with alice.make_call(BOB) as call:
            with pytest.raises(CallError, match="603"):
                await call.answered()
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()
