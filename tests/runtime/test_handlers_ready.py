"""The ready-made handlers: queue, routes, several as one, refusal, and calls that are sent on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
import trio
import trio.testing

from sansio_sip.invite import CallEnd, Cancelled, RemoteBye
from trio_runtime import (
    Accept,
    AutoAnswerHandler,
    Call,
    CallDecision,
    CallHandler,
    CallRejected,
    CompositeHandler,
    ConfigurationError,
    Defer,
    Forward,
    IncomingCall,
    QueueHandler,
    Reject,
    RejectAllHandler,
    Route,
    RoutingHandler,
    SessionCoordinator,
)
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
BOB = "sip:bob@10.0.0.2"


async def with_handler(
    sim: Simulation,
    handler: CallHandler,
    work: Callable[[SessionCoordinator], Awaitable[None]],
    *others: tuple[str, str, CallHandler],
) -> None:
    """Run something with alice, who calls, and bob, who has a handler; and check that nothing is left."""
    wire = sim.wire()
    async with (
        wire,
        opened(sim, wire, others),
        sim.phone(wire, "alice", "10.0.0.1") as alice,
        sim.phone(wire, "bob", "10.0.0.2", handler=handler),
    ):
        await work(alice)
        await sim.settle()
    sim.assert_quiet()


@asynccontextmanager
async def opened(
    sim: Simulation, wire: Wire, phones: tuple[tuple[str, str, CallHandler], ...]
) -> AsyncIterator[None]:
    """Open some phones while the block lasts, one inside of the other."""
    if not phones:
        yield
        return
    (name, host, handler), *others = phones
    async with sim.phone(wire, name, host, handler=handler), opened(sim, wire, tuple(others)):
        yield


async def status_of(alice: SessionCoordinator, uri: str = BOB) -> int:
    """Return the status with which a call ends: 200 when it is answered."""
    async with alice.make_call(uri) as call:
        try:
            await call.answered()
        except CallRejected as error:
            return error.status_code
        return 200


async def test_queue_is_first_come_first_served(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-3: takers too wait in their order."""
    queue = QueueHandler()

    async def work(alice: SessionCoordinator) -> None:
        served: list[str] = []

        async def agent(name: str) -> None:
            call = await queue.next_call()
            served.append(f"{name}:{call.called_user}")
            await call.answer()

        async with trio.open_nursery() as nursery:
            for name in ("ann", "ben"):
                nursery.start_soon(agent, name)
                await trio.sleep(0.01)
            calls = [alice.start_call(f"sip:{number}@10.0.0.2") for number in (1, 2, 3)]
            await trio.sleep(1)
            assert [call.state.value for call in calls] == ["active", "active", "ringing"]
            nursery.start_soon(agent, "cid")
        # The first two wake in the same instant: which of them writes first is up to the scheduler.
        assert [*sorted(served[:2]), served[2]] == ["ann:1", "ben:2", "cid:3"]
        for call in calls:
            call.hang_up()
        assert queue.statistics().taken == 3

    await with_handler(sim, queue, work)


class Caller:
    """As much of a call as a queue looks at."""

    def __init__(self, end: CallEnd | None = None) -> None:
        self.end = end


async def test_taker_who_is_cancelled_loses_no_caller(autojump_clock: Clock) -> None:
    """HND-3: one who is meant for him already goes on waiting, in front of all others."""
    queue = QueueHandler()
    first, second, gone = (cast("IncomingCall", Caller(end)) for end in (None, None, RemoteBye()))
    for callers, left in (((first, second), [first, second]), ((gone,), [])):
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(queue.next_call)
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
                for caller in callers:
                    queue.on_incoming_call(caller)
                assert len(queue) == len(callers) - 1
        assert [queue.next_call_nowait() for _ in range(len(queue))] == left
    assert (queue.statistics().abandoned, queue.statistics().taken) == (1, 2)


async def test_caller_who_goes_at_the_very_moment_is_not_taken(autojump_clock: Clock) -> None:
    """HND-3."""
    queue, taken = QueueHandler(), []

    async def take() -> None:
        taken.append(await queue.next_call())

    gone, other = cast("IncomingCall", Caller(RemoteBye())), cast("IncomingCall", Caller())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(take)
        await trio.testing.wait_all_tasks_blocked()
        queue.on_incoming_call(gone)
        queue.on_incoming_call(other)
    assert taken == [other]
    assert queue.statistics().abandoned == 1


async def test_queue_has_a_limit_and_loses_who_hangs_up(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-3: the third of two is refused; who leaves makes room; who waits too long is refused."""
    queue = QueueHandler(2, max_wait=30)

    async def work(alice: SessionCoordinator) -> None:
        first, second = alice.start_call(BOB), alice.start_call(BOB)
        await trio.sleep(1)
        assert await status_of(alice) == 486
        assert len(queue) == 2
        waiting = list(queue._waiting)
        assert [queue.position(call) for call in waiting] == [1, 2]
        first.hang_up()
        assert isinstance(await first.ended(), Cancelled)
        await trio.sleep(1)
        assert (len(queue), queue.position(waiting[0]), queue.position(waiting[1])) == (1, None, 1)
        with pytest.raises(CallRejected, match="480"):
            await second.answered()
        assert queue.next_call_nowait() is None
        counted = queue.statistics()
        assert (counted.queued, counted.refused, counted.abandoned, counted.taken) == (2, 1, 2, 0)

    await with_handler(sim, queue, work)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: QueueHandler(0), "max_queue_size"),
        (lambda: QueueHandler(max_wait=0), "max_wait"),
        (lambda: RejectAllHandler(200), "status_code"),
        (lambda: CompositeHandler(), "handlers"),
        (lambda: Route.to("1"), "targets"),
        (lambda: Route.to("1", "sip:{name}@a"), "targets"),
        (lambda: Route.to("1", "sip:{@a"), "targets"),
        (lambda: Forward(), "targets"),
    ],
)
def test_mistakes_show_at_once(make: Callable[[], object], field: str) -> None:
    """HND-3, HND-4, HND-5, HND-6."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert caught.value.field == field


async def test_called_user_is_escaped_in_one_way(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-4, SEC-1: no spelling goes round a route, and none gets out of the user part of a target."""
    carol = Notes(Accept())

    async def work(alice: SessionCoordinator) -> None:
        assert await status_of(alice, "sip:%39%30%30@10.0.0.2") == 603  # 900, which is barred
        assert await status_of(alice, "sip:7%40evil.example%3Bx@10.0.0.2") == 200
        assert carol.calls[0].called_uri.startswith("sip:7%40evil.example;x@10.0.0.3")

    barred = CompositeHandler(
        RoutingHandler([Route.to("7", "sip:{user}@10.0.0.3")], otherwise=Defer()),
        RoutingHandler([Route.to("800", BOB)], otherwise=Reject(603)),
    )
    await with_handler(sim, barred, work, ("carol", "10.0.0.3", carol))


async def test_calls_that_are_sent_in_a_circle_end(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-4, SRV-8: each hop has one less (RFC 7332); the last is refused with 483, and so are all."""

    async def work(alice: SessionCoordinator) -> None:
        async with alice.make_call(BOB, headers=[("Max-Forwards", "5")]) as call:
            with pytest.raises(CallRejected, match="483"):
                await call.answered()

    circle = Notes(Forward(BOB))
    await with_handler(sim, circle, work)
    assert [int(call.headers["Max-Forwards"]) for call in circle.calls] == [5, 4, 3, 2, 1, 0]


async def test_everybody_is_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-6."""

    async def work(alice: SessionCoordinator) -> None:
        assert await status_of(alice) == 603

    await with_handler(sim, RejectAllHandler(603, "Decline"), work)


def test_longest_prefix_wins_and_of_equals_the_first() -> None:
    """HND-4."""
    routes = [
        Route.to("", "sip:rest@a"),
        Route.to("49", "sip:{rest}@de"),
        Route.to("4930", "sip:{user}@berlin"),
        Route.to("4930", "sip:never@a"),
    ]
    handler = RoutingHandler(routes)
    found = {user: handler.find(user) for user in ("4930123", "4989", "1", "")}
    assert {user: route and route.resolve(user) for user, route in found.items()} == {
        "4930123": ("sip:4930123@berlin",),
        "4989": ("sip:89@de",),
        "1": ("sip:rest@a",),
        "": ("sip:rest@a",),
    }
    assert RoutingHandler([Route.to("1", "sip:a@b")]).find("2") is None


async def test_routed_call_is_connected_with_whom_it_is_for(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-4, SRV-8, COO-9: dialled 112, answered by carol; without a route 404."""
    carol = Notes(Accept())

    async def work(alice: SessionCoordinator) -> None:
        async with alice.make_call("sip:112@10.0.0.2") as call:
            await call.answered()
            await trio.sleep(1)
            assert carol.calls[0].called_user == "12"
            assert carol.calls[0].is_active
        await trio.sleep(1)
        assert isinstance(carol.calls[0].end, RemoteBye)
        assert await status_of(alice, "sip:5@10.0.0.2") == 404

    routing = RoutingHandler([Route.to("1", "sip:{rest}@10.0.0.3")])
    await with_handler(sim, routing, work, ("carol", "10.0.0.3", carol))


async def test_next_target_is_tried_when_one_cannot_be_reached(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8: busy, then silent, then answered; the caller hears ringing and then the third."""
    dave = Notes(Accept())

    async def work(alice: SessionCoordinator) -> None:
        async with alice.make_call(BOB) as call:
            with trio.fail_after(15):
                await call.answered()
            assert dave.calls[0].is_active
            await trio.sleep(6)  # it lasts longer than any target may ring
            assert call.is_active

    decision = Forward("sip:a@10.0.0.3", "sip:b@10.0.0.4", "sip:c@10.0.0.5", timeout=5)
    await with_handler(
        sim,
        Notes(decision),
        work,
        ("carol", "10.0.0.3", RejectAllHandler()),
        ("eve", "10.0.0.4", Notes(Defer(100))),
        ("dave", "10.0.0.5", dave),
    )


async def test_last_refusal_counts_and_silence_is_480(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8."""

    async def refused(alice: SessionCoordinator) -> None:
        assert await status_of(alice) == 603

    async def silent(alice: SessionCoordinator) -> None:
        assert await status_of(alice) == 480

    eve = ("eve", "10.0.0.4", Notes(Defer(100)))
    carol = ("carol", "10.0.0.3", RejectAllHandler(603))
    first = Forward("sip:b@10.0.0.4", "sip:a@10.0.0.3", timeout=5)
    await with_handler(sim, Notes(first), refused, eve, carol)
    await with_handler(Simulation(), Notes(Forward("sip:b@10.0.0.4", timeout=5)), silent, eve)


class Notes(CallHandler):
    """Decides as it is told, and notes what it hears."""

    def __init__(self, decision: CallDecision) -> None:
        self.decision = decision
        self.calls: list[IncomingCall] = []
        self.heard: list[str] = []

    def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        self.calls.append(call)
        return self.decision

    def on_call_established(self, call: Call) -> None:
        self.heard.append("established")

    def on_call_ended(self, call: Call, reason: CallEnd) -> None:
        self.heard.append(type(reason).__name__)


class Slow(Notes):
    """The same in a task."""

    async def on_incoming_call(self, call: IncomingCall) -> CallDecision:  # type: ignore[override]
        await trio.sleep(0.5)
        return super().on_incoming_call(call)


@pytest.mark.parametrize("second", [Notes, Slow])
@pytest.mark.parametrize("first", [Notes, Slow])
async def test_first_decision_that_is_none_to_wait_counts(
    sim: Simulation, autojump_clock: Clock, first: type[Notes], second: type[Notes]
) -> None:
    """HND-5: and all of them hear of answer and end, once."""
    handlers = [first(Defer()), second(Accept()), Notes(Reject(603))]

    async def work(alice: SessionCoordinator) -> None:
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(1)

    await with_handler(sim, CompositeHandler(*handlers), work)
    assert [len(handler.calls) for handler in handlers] == [1, 1, 0]
    assert [handler.heard for handler in handlers] == [["established", "RemoteBye"]] * 3


async def test_when_all_wait_the_first_patience_counts(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-5, HND-8."""
    begun = trio.current_time()

    async def work(alice: SessionCoordinator) -> None:
        assert await status_of(alice) == 480
        assert trio.current_time() - begun == pytest.approx(7, abs=0.1)

    await with_handler(sim, CompositeHandler(Slow(Defer(6.45)), Notes(Defer(20))), work)


async def test_transfer_is_decided_by_who_took_the_call(sim: Simulation, autojump_clock: Clock) -> None:
    """HND-5, SES-13."""

    class Follows(AutoAnswerHandler):
        asked = 0

        def on_transfer_requested(self, call: Call, request: object) -> None:
            type(self).asked += 1
            super().on_transfer_requested(call, request)  # type: ignore[arg-type]

    async def work(alice: SessionCoordinator) -> None:
        async with alice.make_call(BOB) as call:
            await call.answered()
            with pytest.raises(Exception, match="603"):
                await call.transfer("sip:carol@10.0.0.3")

    await with_handler(sim, CompositeHandler(Notes(Defer()), Follows()), work)
    assert Follows.asked == 1
