"""A call centre on a simulated network: phones of agents that do as they are told, and callers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Unpack

import attrs
import numpy as np
import trio

from trio_runtime import Call, CallCentre, CallError, IncomingCall, QueueAgent, SessionCoordinator
from trio_runtime.events import queue_types as facts
from trio_runtime.events.types import SessionEvent
from trio_runtime.media import AudioFrame
from trio_runtime.queue import CallQueue, QueueOptions, QueueOutcome
from trio_runtime.testing import Simulation, Wire

QUEUE = "sip:sales@10.0.0.1"
RATE = 8_000
Behaviour = Callable[[IncomingCall], Awaitable[object]]


@attrs.define
class Centre:
    """What a test holds in its hands.

    Attributes:
        phone: The coordinator of the centre.
        centre: The centre.
        queue: Its queue ``sales``.
        caller: A phone to call with.
        wire: The network.
        events: What the centre has told, with the time.
        outcomes: What became of each call, in the order of its end.
        answered: The calls that agents have had, by their names.
        nursery: Where tasks of the test live.
        take: Takes the calls to the centre; by default they join the queue.
    """

    phone: SessionCoordinator
    centre: CallCentre
    queue: CallQueue
    caller: SessionCoordinator
    wire: Wire
    nursery: trio.Nursery
    take: Behaviour = attrs.field(default=attrs.Factory(lambda self: self.join, takes_self=True))
    events: list[tuple[float, SessionEvent]] = attrs.field(factory=list)
    outcomes: list[QueueOutcome] = attrs.field(factory=list)
    answered: dict[str, list[IncomingCall]] = attrs.field(factory=dict)

    async def join(self, call: IncomingCall) -> None:
        self.outcomes.append(await self.queue.join(call))

    def told(self, *kinds: type[Any]) -> list[Any]:
        """Return the events of some kinds."""
        return [event for _, event in self.events if isinstance(event, kinds)]

    def states(self, agent: str) -> list[str]:
        return [each.new for each in self.told(facts.AgentStateChanged) if each.agent == agent]

    async def call(self, seconds: float = float("inf"), uri: str = QUEUE, **options: Any) -> Call:
        """Call the queue, stay for some seconds or until the end, and return the call."""
        async with self.caller.make_call(uri, **options) as call:
            with trio.move_on_after(seconds):
                await call.ended()
        return call


def answering(after: float = 1.0, talk: float = 10.0) -> Behaviour:
    """Return what an agent does who answers after some seconds, and hangs up."""

    async def take(call: IncomingCall) -> None:
        call.ring()
        await trio.sleep(after)
        await call.answer()
        with trio.move_on_after(talk):
            await call.ended()

    return take


def refusing(status_code: int = 486, after: float = 0.0) -> Behaviour:
    """Return what an agent does who refuses."""

    async def take(call: IncomingCall) -> None:
        await trio.sleep(after)
        call.reject(status_code)

    return take


async def deaf(call: IncomingCall) -> None:
    """Do what an agent does who is not at his desk."""
    call.ring()
    await call.ended()


@asynccontextmanager
async def call_centre(
    sim: Simulation,
    agents: dict[str, Behaviour] | None = None,
    *,
    profiles: Iterable[QueueAgent] = (),
    phones: dict[str, Any] | None = None,
    **options: Unpack[QueueOptions],
) -> AsyncIterator[Centre]:
    """Run a centre whose agents are on 10.0.1.1 and so on, and check that nothing is left of it.

    Args:
        sim: The simulation.
        agents: What each agent does with a call.
        profiles: What is known of an agent, where it is more than the address.
        phones: Options of all coordinators.
        options: How the queue ``sales`` is.
    """
    wire, more = sim.wire(latency=0.01), phones or {}
    known = {profile.name: profile for profile in profiles}
    async with (
        wire,
        sim.phone(wire, "sales", "10.0.0.1", **more) as phone,
        sim.phone(wire, "caller", "10.0.0.2", **more) as caller,
        trio.open_nursery() as nursery,
        phone.open_call_centre() as centre,
    ):
        desk = Centre(phone, centre, centre.open_queue("sales", **options), caller, wire, nursery)

        def note(event: SessionEvent) -> bool:
            if type(event).__module__.endswith("queue_types"):
                desk.events.append((trio.current_time(), event))
            return False

        async def open_phones(*waiting: tuple[int, str, Behaviour]) -> None:
            """Open the agents' phones one inside of the other, and stay in the innermost block."""
            if not waiting:
                opened.set()
                await trio.sleep_forever()
            (number, name, behaviour), *others = waiting
            host = f"10.0.1.{number}"
            async with sim.phone(wire, name, host, **more) as one, trio.open_nursery() as inner:
                await inner.start(one.serve, _noting(desk.answered.setdefault(name, []), behaviour))
                profile = known.get(name, QueueAgent(name))
                centre.add_agent(attrs.evolve(profile, addresses=(f"sip:{name}@{host}",)))
                await open_phones(*others)

        phone.subscribe(note)
        opened = trio.Event()
        nursery.start_soon(open_phones, *[(n, *item) for n, item in enumerate((agents or {}).items(), 1)])
        await opened.wait()
        await nursery.start(phone.serve, lambda call: desk.take(call))
        yield desk
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


def _noting(calls: list[IncomingCall], behaviour: Behaviour) -> Behaviour:
    async def take(call: IncomingCall) -> None:
        calls.append(call)
        await behaviour(call)

    return take


def tone(hertz: int, seconds: float = 30, amplitude: int = 4_000) -> AudioFrame:
    """Return a tone as samples: a second of whole periods, again and again."""
    second = (amplitude * np.sin(np.arange(RATE) * 2 * np.pi * hertz / RATE)).astype(np.int16)
    return np.resize(second, int(seconds * RATE))


@contextlib.contextmanager
def playing(nursery: trio.Nursery, call: Call, hertz: int) -> Any:
    """Let a call say a tone while the block lasts."""
    scope = trio.CancelScope()

    async def play() -> None:
        with scope, contextlib.suppress(CallError):
            await call.play(tone(hertz, 600))

    nursery.start_soon(play)
    try:
        yield
    finally:
        scope.cancel()
