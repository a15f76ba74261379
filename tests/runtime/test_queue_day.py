"""An hour in a call centre on phones, with all that goes wrong in one, against the model."""

from __future__ import annotations

import random
from functools import partial

import pytest
import trio
import trio.testing

from tests.runtime.queue_model import Model, PlannedAgent, PlannedCaller, Rules
from trio_runtime import (
    Call,
    CallError,
    CallPriority,
    IncomingCall,
    LimitsConfig,
    QueueAgent,
    SessionCoordinator,
)
from trio_runtime.events import queue_types as facts
from trio_runtime.events.types import SessionEvent
from trio_runtime.queue import QueueEnd, QueueOutcome
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock
LATENCY = 0.01
RULES = Rules(ring_time=15.0, penalty=20.0, ageing=45.0, max_wait=240.0, max_length=12, latency=LATENCY)
WORDS = {4: "emergency", 3: "urgent", 2: "normal", 1: "non-urgent"}
SERVICE_LEVEL, SHORT = 20.0, 5.0


def answers(number: int, at: float) -> float:
    """What an agent does with a call that comes at a time: answer, decline, or be at the coffee machine."""
    seconds = 1 + 6 * ((int(at / 37) * 0.618 + number * 0.37) % 1)  # in steps: timers are exact to 2 ms
    if (at + 31 * number) % 257 < 12:
        return -seconds / 4
    return 60.0 if (at + 57 * number) % 311 < 15 else seconds


def plan(seed: int, calls: int, hours: float) -> tuple[list[PlannedCaller], list[PlannedAgent]]:
    """Draw the callers and the agents."""
    draw = random.Random(seed)
    starts = sorted(draw.uniform(0, hours * 3_600) for _ in range(calls))
    callers = [
        PlannedCaller(
            f"c{number}",
            at=start + LATENCY,
            patience=draw.expovariate(1 / 150) if draw.random() < 0.5 else 1_000.0,
            talk=min(draw.expovariate(1 / 80), 600.0) + 2,
            priority=draw.choices((1, 2, 3, 4), (2, 10, 3, 1))[0],
            skill=draw.choice(("", "", "", "tax")),
        )
        for number, start in enumerate(starts)
    ]
    agents = []
    for number in range(13):
        deaths = [draw.uniform(100, hours * 3_600) for _ in range(2)]
        agents.append(
            PlannedAgent(
                f"a{number}",
                partial(answers, number),
                frozenset({"tax"} if number % 3 == 0 else ()),
                wrap_up=(0.0, 5.0, 12.0)[number % 3],
                dead=[(at, at + draw.uniform(8, 20)) for at in deaths],
            )
        )
    return callers, agents


class Day:
    """The callers and agents of a plan on phones."""

    def __init__(self, sim: Simulation, callers: list[PlannedCaller], agents: list[PlannedAgent]) -> None:
        self.sim = sim
        self.callers, self.agents = callers, agents
        self.outcomes: dict[str, QueueOutcome] = {}
        self.names: dict[str, str] = {}
        self.events: list[SessionEvent] = []
        self.ends: dict[str, Call] = {}

    async def call(self, phone: SessionCoordinator, planned: PlannedCaller) -> None:
        """Be a caller."""
        headers = [("Subject", f"{planned.name} {planned.skill}"), ("Priority", WORDS[planned.priority])]
        await trio.sleep_until(self.begun + planned.at - LATENCY)
        async with phone.make_call("sip:sales@10.0.0.1", headers=headers) as call:
            self.ends[planned.name] = call
            with trio.move_on_after(planned.patience):
                try:
                    await call.answered()
                except CallError:
                    return
            if call.answered_at is not None:
                with trio.move_on_after(planned.talk):
                    await call.ended()

    async def answer(self, planned: PlannedAgent, call: IncomingCall) -> None:
        """Be an agent."""
        rings = planned.rings(trio.current_time() - self.begun)
        call.ring()
        with trio.move_on_after(abs(rings)):
            await call.ended()
        if not call.undecided:
            return
        if rings < 0:
            call.reject(603)
            return
        await call.answer()
        await call.ended()

    async def die(self, host: str, planned: PlannedAgent) -> None:
        """Let the phone of an agent be dead at times."""
        for begin, end in sorted(planned.dead):
            await trio.sleep_until(self.begun + begin)
            self.wire.public.kill(host)
            await trio.sleep_until(self.begun + end)
            self.wire.public.revive(host)

    async def open_agents(self, waiting: list[PlannedAgent], ready: trio.Event) -> None:
        """Open the phones of agents, one inside of the other."""
        if not waiting:
            ready.set()
            await trio.sleep_forever()
        planned, *others = waiting
        host = f"10.0.1.{len(waiting)}"
        async with self.sim.phone(
            self.wire, planned.name, host, no_media=True, session_interval=300, drain_grace=0.5
        ) as phone:
            async with trio.open_nursery() as nursery:
                await nursery.start(phone.serve, partial(self.answer, planned))
                nursery.start_soon(self.die, host, planned)
                skills = dict.fromkeys(planned.skills, 1.0)
                self.profiles.append(
                    QueueAgent(
                        planned.name, f"sip:{planned.name}@{host}", skills=skills, wrap_up=planned.wrap_up
                    )
                )
                await self.open_agents(others, ready)

    async def run(self) -> None:
        """Let the day pass, and look at what became of everybody."""
        self.wire = self.sim.wire(latency=LATENCY)
        self.begun = trio.current_time()
        self.profiles: list[QueueAgent] = []
        trusting = LimitsConfig(priority_from=("10.0.0.2",), max_queue_time=None)
        async with (
            self.wire,
            self.sim.phone(
                self.wire, "sales", "10.0.0.1", no_media=True, limits=trusting, session_interval=300
            ) as phone,
            self.sim.phone(self.wire, "callers", "10.0.0.2", no_media=True, session_interval=300) as caller,
            trio.open_nursery() as nursery,
        ):
            ready = trio.Event()
            nursery.start_soon(self.open_agents, self.agents, ready)
            await ready.wait()
            async with phone.open_call_centre(self.profiles) as centre:
                queue = centre.open_queue(
                    "sales",
                    answer="when_served",
                    ring_time=RULES.ring_time,
                    penalty=RULES.penalty,
                    ageing=RULES.ageing,
                    max_wait=RULES.max_wait,
                    max_length=RULES.max_length,
                    service_level=SERVICE_LEVEL,
                    short_abandon=SHORT,
                )

                async def join(call: IncomingCall) -> None:
                    name, _, skill = call.headers["Subject"].partition(" ")
                    self.names[call.id] = name
                    self.outcomes[name] = await queue.join(call, skills={skill: 1.0} if skill else {})

                def note(event: SessionEvent) -> bool:
                    if isinstance(event, facts.CallerOffered | facts.CallerConnected):
                        self.events.append(event)
                    return False

                phone.subscribe(note)
                await nursery.start(phone.serve, join)
                async with trio.open_nursery() as all_callers:
                    for planned in self.callers:
                        all_callers.start_soon(self.call, caller, planned)
                await trio.sleep(120)
                self.seen = queue.statistics()
                self.agents_seen = centre.agent_statistics()
            await trio.sleep(320)  # so long a call lasts of which only a dead phone has not heard the end
            nursery.cancel_scope.cancel()
        await self.sim.settle()


@pytest.mark.parametrize(
    ("seed", "calls", "hours"),
    [
        pytest.param(1, 500, 1.0, id="hour 1"),
        *[pytest.param(seed, 500, 1.0, id=f"hour {seed}", marks=pytest.mark.long) for seed in range(2, 9)],
    ],
)
async def test_a_day_at_work_is_that_of_the_model(
    sim: Simulation, autojump_clock: Clock, seed: int, calls: int, hours: float
) -> None:
    """QUE-1, QUE-2, QUE-3, QUE-6, SES-27: the order held, none lost, every number equal.

    Agents decline, do not answer, and their phones die; callers give up while they wait and while they are
    being offered, are more or less urgent, and are refused where the queue is full.
    """
    callers, agents = plan(seed, calls, hours)
    model = Model(callers, agents, RULES)
    fates = model.run()
    day = Day(sim, callers, agents)
    await day.run()
    asked: dict[str, list[str]] = {caller.name: [] for caller in callers}
    for event in day.events:
        if isinstance(event, facts.CallerOffered):
            asked[day.names[event.session_id]].append(event.agent)
    ends = {QueueEnd.SERVED: "answered", QueueEnd.ABANDONED: "abandoned"}
    for fate in fates:
        outcome = day.outcomes[fate.planned.name]
        found = ends.get(outcome.end, outcome.reason), outcome.agent, asked[fate.planned.name]
        assert found == (fate.end, fate.agent, fate.asked), fate.planned
        assert outcome.waited_s == pytest.approx(fate.waited, abs=0.01)
        assert day.ends[fate.planned.name].end is not None
    for name, value in model.numbers(service_level=SERVICE_LEVEL, short=SHORT).items():
        assert getattr(day.seen, name) == pytest.approx(value, abs=0.01), name
    seen = day.seen
    assert sum(seen.overflowed.values()) == model.count("full") + model.count("max_wait")
    assert seen.offered == calls == seen.answered + seen.abandoned + sum(seen.overflowed.values())
    for agent in day.agents_seen:
        assert agent.taken == sum(fate.agent == agent.name for fate in fates)
    assert {model.count("answered"), model.count("abandoned"), model.missed}.isdisjoint({0})
    assert CallPriority.EMERGENCY in {CallPriority(caller.priority) for caller in callers}
    sim.assert_quiet()
