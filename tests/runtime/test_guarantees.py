"""The guarantee of the library: however a block is left, in whatever state its call is, the call is hung up.

Each test is one cell of a table: what our side sends then, and that nothing is left of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import partial

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.invite import CallEnd
from sansio_sip.message import Request, parse_message
from trio_runtime import (
    Call,
    CallHooks,
    CallState,
    IncomingCall,
    SessionCoordinator,
    VoipError,
)
from trio_runtime.observe.trace import TraceEntry
from trio_runtime.testing import Simulation, Wire

ALICE, BOB, NOBODY = "10.0.0.1", "10.0.0.2", "10.0.0.3"
STATE_S = 1.0
"""When the call is in the state in question, and its block is left."""
T1_S = 0.1
QUIET_S = 80.0
"""When all that the leaving may take is over: 64*T1 for an INVITE, as much again for a BYE, and some more."""


class Exit(Enum):
    """A way to leave a block."""

    NORMAL = "normal"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    COORDINATOR = "coordinator"


class Boom(Exception):
    """What an application raises."""


class Told(CallHooks):
    """Counts what is told of each call."""

    def __init__(self) -> None:
        self.created: list[Call] = []
        self.established: list[Call] = []
        self.terminated: list[tuple[Call, CallEnd]] = []

    def on_created(self, call: Call) -> None:
        self.created.append(call)

    def on_established(self, call: Call) -> None:
        self.established.append(call)

    def on_terminated(self, call: Call, end: CallEnd) -> None:
        self.terminated.append((call, end))

    def assert_once(self, *, answered: bool) -> None:
        """Check that one call was made known, answered or not, and ended, each once."""
        assert len(self.created) == 1
        assert len(self.established) == answered
        (told,) = self.terminated
        assert told[0] is self.created[0]
        assert told[0].state.is_final


# What our side does until the call is in its state


async def nothing(call: Call) -> None:
    """Leave the call as it is."""


async def hold(call: Call) -> None:
    await call.answered()
    await call.hold()


async def transfer(call: Call) -> None:
    """Ask the peer to call somebody who never answers."""
    await call.answered()
    await trio.sleep(0.1)
    await call.transfer(f"sip:carol@{NOBODY}")


async def end(call: Call) -> None:
    await call.answered()
    call.hang_up()


async def wait_for_end(call: Call) -> None:
    await call.ended()


async def ring(call: Call) -> None:
    ringing(call).ring()


async def ring_with_audio(call: Call) -> None:
    ringing(call).ring(183, early_media=True)


async def accept(call: Call) -> None:
    ringing(call).accept()


async def answer(call: Call) -> None:
    await ringing(call).answer()


async def answer_and(then: Callable[[Call], Awaitable[None]], call: Call) -> None:
    await answer(call)
    await then(call)


def ringing(call: Call) -> IncomingCall:
    assert isinstance(call, IncomingCall)
    return call


# What the peer does


PATIENCE_S = 3.0
"""How long a peer stays that hears nothing."""


async def stay(call: Call) -> None:
    with trio.move_on_after(PATIENCE_S):
        await call.ended()


async def stay_long(call: Call) -> None:
    await call.ended()


async def peer_answers(call: Call) -> None:
    await answer(call)
    await follow_transfers(call)


async def peer_answers_and_holds(call: Call) -> None:
    await answer(call)
    await trio.sleep(0.4)
    await call.hold()
    await call.ended()


async def peer_rings(call: Call) -> None:
    await ring(call)
    await call.ended()


async def peer_sends_early_audio(call: Call) -> None:
    await ring_with_audio(call)
    await call.ended()


async def peer_is_busy(call: Call) -> None:
    ringing(call).reject(486)


async def peer_hangs_up(call: Call) -> None:
    await answer(call)


async def follow_transfers(call: Call) -> None:
    """Do what the peer wants: call somebody else, who never answers."""
    with trio.move_on_after(PATIENCE_S):
        async for request in call.transfer_requests:
            async with request.accept() as new:
                await stay(new)


async def caller_talks(call: Call) -> None:
    await call.answered()
    await follow_transfers(call)


async def caller_holds(call: Call) -> None:
    await call.answered()
    await call.hold()
    await call.ended()


async def caller_gives_up(call: Call) -> None:
    await trio.sleep(0.4)


async def caller_hangs_up(call: Call) -> None:
    await call.answered()
    await trio.sleep(0.4)


def lost(name: str, host: str) -> Callable[[TraceEntry], bool]:
    """Lose the messages that begin so and come from a host."""
    return lambda entry: entry.sender[0] == host and entry.data.startswith(name.encode("ascii"))


@attrs.frozen
class Scene:
    """How a call comes into a state, and what leaving it must send.

    Attributes:
        name: Names it.
        state: The state when the block is left.
        ours: What our side does.
        peers: What the peer does: its task of `serve`, or the body of its block.
        sends: What our side sends from then on, each message once.
        answered: Whether the call was answered.
        failing: What is sent instead where our task fails.
        cut_short: What is sent instead where the coordinator is left, which waits for seconds only.
        loses: Which messages are lost.
    """

    name: str
    state: CallState
    ours: Callable[[Call], Awaitable[None]]
    peers: Callable[[Call], Awaitable[None]]
    sends: tuple[str, ...]
    answered: bool = True
    failing: tuple[str, ...] | None = None
    cut_short: tuple[str, ...] | None = None
    loses: Callable[[TraceEntry], bool] | None = None


CANCELS, HANGS_UP, REFUSES = ("CANCEL", "ACK"), ("BYE",), ("480 INVITE",)
FAILS = ("500 INVITE",)
CALLER = [
    Scene(
        "nobody-reacts",
        CallState.INITIATING,
        nothing,
        stay,
        ("INVITE",),
        answered=False,
        loses=lost("INVITE", ALICE),
    ),
    Scene("not-yet-ringing", CallState.INITIATING, nothing, stay, CANCELS, answered=False),
    Scene("ringing", CallState.RINGING, nothing, peer_rings, CANCELS, answered=False),
    Scene("early-media", CallState.RINGING, nothing, peer_sends_early_audio, CANCELS, answered=False),
    Scene("active", CallState.ACTIVE, nothing, peer_answers, HANGS_UP),
    Scene("on-hold", CallState.ON_HOLD, hold, peer_answers, HANGS_UP),
    Scene("held-by-the-peer", CallState.ACTIVE, nothing, peer_answers_and_holds, HANGS_UP),
    Scene("transferring", CallState.TRANSFERRING, transfer, peer_answers, HANGS_UP),
    Scene("bye-unanswered", CallState.TERMINATED, end, peer_answers, HANGS_UP, loses=lost("BYE", ALICE)),
    Scene("hung-up-by-the-peer", CallState.TERMINATED, wait_for_end, peer_hangs_up, ()),
    Scene("refused", CallState.FAILED, wait_for_end, peer_is_busy, (), answered=False),
]
CALLEE = [
    Scene("undecided", CallState.INITIATING, nothing, stay, REFUSES, answered=False, failing=FAILS),
    Scene("ringing", CallState.RINGING, ring, stay, REFUSES, answered=False, failing=FAILS),
    Scene("early-media", CallState.RINGING, ring_with_audio, stay, REFUSES, answered=False, failing=FAILS),
    Scene(
        "accepted-without-ack",
        CallState.INITIATING,
        accept,
        stay_long,
        ("200 INVITE", "BYE"),
        answered=False,
        cut_short=("200 INVITE",),
        loses=lost("ACK", ALICE),
    ),
    Scene("active", CallState.ACTIVE, answer, caller_talks, HANGS_UP),
    Scene("on-hold", CallState.ON_HOLD, partial(answer_and, hold), caller_talks, HANGS_UP),
    Scene("held-by-the-peer", CallState.ACTIVE, answer, caller_holds, HANGS_UP),
    Scene("transferring", CallState.TRANSFERRING, partial(answer_and, transfer), caller_talks, HANGS_UP),
    Scene(
        "bye-unanswered",
        CallState.TERMINATED,
        partial(answer_and, end),
        stay,
        HANGS_UP,
        loses=lost("BYE", BOB),
    ),
    Scene(
        "hung-up-by-the-peer", CallState.TERMINATED, partial(answer_and, wait_for_end), caller_hangs_up, ()
    ),
    Scene("cancelled", CallState.CANCELLED, wait_for_end, caller_gives_up, (), answered=False),
]


async def act(what: Callable[[Call], Awaitable[None]], call: Call) -> None:
    """Do something with a call that may end under our hands."""
    with suppress(VoipError):
        await what(call)


class Leaver:
    """Leaves a block, at a moment and in one of the ways.

    Args:
        way: The way.
        beside: Where tasks of the application run that are not in the block.
    """

    def __init__(self, way: Exit, beside: trio.Nursery) -> None:
        self.way = way
        self.beside = beside
        self.left_at: float | None = None
        self.scope = trio.CancelScope()

    async def inside(self, call: Call, scene: Scene) -> None:
        """Bring a call into its state, and leave."""
        self.beside.start_soon(act, scene.ours, call)
        await trio.sleep_until(STATE_S)
        assert call.state is scene.state
        assert call.remote_hold == (scene.name == "held-by-the-peer")
        self.left_at = trio.current_time()
        if self.way is Exit.EXCEPTION:
            raise Boom
        if self.way is Exit.TIMEOUT:
            with trio.fail_after(0):
                await trio.sleep_forever()
        if self.way in (Exit.CANCELLED, Exit.COORDINATOR):
            self.scope.cancel()
            await trio.sleep_forever()

    @contextmanager
    def around(self) -> Iterator[None]:
        """Take what is raised in the way that is tried, and nothing else."""
        wanted = {Exit.EXCEPTION: Boom, Exit.TIMEOUT: trio.TooSlowError}.get(self.way)
        with self.scope:
            if wanted is None:
                yield
            else:
                with pytest.raises(wanted):
                    yield


def sent_from(wire: Wire, host: str, since: float) -> tuple[str, ...]:
    """Return what a host asked, or answered an INVITE with, at or after a moment; repetitions left out."""
    names = []
    for entry in wire.trace:
        if entry.sender[0] != host or entry.time < since:
            continue
        message = parse_message(entry.data)
        if isinstance(message, Request):
            names.append(message.method)
        elif message.cseq.method == "INVITE":
            names.append(f"{message.status_code} INVITE")
    return tuple(dict.fromkeys(names))


def tasks() -> set[str]:
    """Return the names of all tasks that run, but for the peer's block."""
    root = trio.lowlevel.current_root_task()
    assert root is not None
    found, left = set(), [root]
    while left:
        task = left.pop()
        if task.name != "peer":
            found.add(f"{task.name} {id(task)}")
        left += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return found


@attrs.frozen
class Stage:
    """Where a scene is played.

    Attributes:
        sim: Makes the phones.
        wire: Their network.
        scene: The scene.
        leaver: Leaves the block.
        told: The hooks of our side.
    """

    sim: Simulation
    wire: Wire
    scene: Scene
    leaver: Leaver
    told: Told

    def phone(self, name: str, host: str) -> SessionCoordinator:
        # Who waits for an ACK keeps its audio for 64*T1.
        return self.sim.phone(self.wire, name, host, t1=T1_S)

    def assert_hung_up(self) -> None:
        """Check that the call is over for the application at once, before any answer."""
        assert self.told.created[0].state.is_final

    def assert_all_said(self, left: int) -> None:
        """Check that a coordinator left nothing behind but the call whose peer does not react."""
        assert left == (self.scene.loses is not None)


async def as_caller(stage: Stage) -> None:
    """Alice makes the call, in the block that is left; bob serves."""
    scene, leaver = stage.scene, stage.leaver

    async def call_bob(alice: SessionCoordinator) -> None:
        alice.add_hooks(stage.told)
        async with alice.make_call(f"sip:bob@{BOB}") as call:
            await leaver.inside(call, scene)

    async with stage.phone("bob", BOB) as bob:
        await leaver.beside.start(bob.serve, scene.peers)
        alice = stage.phone("alice", ALICE)
        if leaver.way is Exit.COORDINATOR:
            with leaver.around():
                async with alice:
                    await call_bob(alice)
            stage.assert_all_said(alice.left_after_drain)
        else:
            async with alice:
                before = tasks()
                with leaver.around():
                    await call_bob(alice)
                stage.assert_hung_up()
                await trio.sleep_until(STATE_S + QUIET_S)
                assert alice.leftovers() == []
                assert tasks() <= before
        await trio.sleep_until(STATE_S + QUIET_S)


async def as_callee(stage: Stage) -> None:
    """Alice calls; bob's task of `serve` is what is left."""
    scene, leaver = stage.scene, stage.leaver

    async def served(call: IncomingCall) -> None:
        await leaver.inside(call, scene)

    async def call_bob(alice: SessionCoordinator) -> None:
        async with alice.make_call(f"sip:bob@{BOB}") as call:
            await act(scene.peers, call)

    async with stage.phone("alice", ALICE) as alice:
        bob = stage.phone("bob", BOB)
        bob.add_hooks(stage.told)
        if leaver.way is Exit.COORDINATOR:
            with leaver.scope:
                async with bob:
                    leaver.beside.start_soon(call_bob, alice, name="peer")
                    await bob.serve(served)
            stage.assert_all_said(bob.left_after_drain)
        else:
            async with bob:
                before = tasks()
                leaver.beside.start_soon(call_bob, alice, name="peer")
                with leaver.scope, trio.move_on_at(STATE_S + 1):
                    await bob.serve(served)
                stage.assert_hung_up()
                await trio.sleep_until(STATE_S + QUIET_S)
                assert bob.leftovers() == []
                assert tasks() <= before
        await trio.sleep_until(STATE_S + QUIET_S)


ROLES = {"caller": (as_caller, CALLER, ALICE), "callee": (as_callee, CALLEE, BOB)}
CELLS = [
    pytest.param(role, scene, way, id=f"{role}-{scene.name}-{way.value}")
    for role, (_, scenes, _) in ROLES.items()
    for scene, way in itertools.product(scenes, Exit)
]


def test_the_table_has_every_state_of_a_call_in_both_roles() -> None:
    """SES-3: no state can be added without saying how its block is left."""
    passed_through = {CallState.TERMINATING}  # within `hang_up`, and seen by nobody but the readers of events
    assert {scene.state for scene in CALLER} == set(CallState) - passed_through - {CallState.CANCELLED}
    assert {scene.state for scene in CALLEE} == set(CallState) - passed_through - {CallState.FAILED}


@pytest.mark.parametrize(("role", "scene", "way"), CELLS)
async def test_leaving_a_block_hangs_up(
    role: str, scene: Scene, way: Exit, autojump_clock: trio.testing.MockClock
) -> None:
    """SES-11, SES-22: the right message goes out, nothing is left, and the hooks hear of the end once."""
    run, _, host = ROLES[role]
    sim, told = Simulation(), Told()
    async with sim.wire(loss_for=scene.loses) as wire, trio.open_nursery() as beside:
        leaver = Leaver(way, beside)
        await run(Stage(sim, wire, scene, leaver, told))
        beside.cancel_scope.cancel()
    assert leaver.left_at == STATE_S
    other = {
        Exit.EXCEPTION: scene.failing,
        Exit.TIMEOUT: scene.failing,
        Exit.COORDINATOR: scene.cut_short,
    }.get(way)
    assert sent_from(wire, host, leaver.left_at) == (other or scene.sends)
    told.assert_once(answered=scene.answered)
    assert wire.open_sockets == []
    if not (way is Exit.COORDINATOR and scene.loses):
        sim.assert_quiet()
