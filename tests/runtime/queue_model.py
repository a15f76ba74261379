"""A model of a call centre that is simple enough to be believed: everything is looked through at each event.

It knows nothing of the library. Callers and agents do what a plan says; what becomes of them is computed, and
the numbers of the trade are computed from that, each by its definition.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import attrs

# When an INVITE is repeated over UDP, and when its answer is (RFC 3261 §17.1.1.2, §13.3.1.4).
INVITE_REPEATS = (0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5)
ANSWER_REPEATS = (0.0, 0.5, 1.5, *(3.5 + 4 * n for n in range(8)))


@attrs.frozen
class PlannedCaller:
    """Somebody who calls.

    Attributes:
        name: The caller.
        at: When he comes to the queue, in seconds.
        patience: Seconds after which he hangs up when nobody has answered.
        talk: Seconds that he and an agent talk.
        priority: 0 to 4, of which 4 goes before all.
        skill: What the agent must know; empty for nothing.
    """

    name: str
    at: float
    patience: float
    talk: float
    priority: int = 2
    skill: str = ""


@attrs.frozen
class PlannedAgent:
    """Somebody who answers.

    Attributes:
        name: The agent.
        skills: What he knows.
        wrap_up: Seconds of rest after a call.
        rings: What he does with a call that comes at a time: seconds until he answers, or below 0 until he
            refuses.
        dead: When his phone does not work: pairs of from and to.
    """

    name: str
    rings: Callable[[float], float]
    skills: frozenset[str] = frozenset()
    wrap_up: float = 0.0
    dead: Sequence[tuple[float, float]] = ()


@attrs.frozen
class Rules:
    """How the queue decides; `latency` is what a message takes to an agent, one way."""

    ring_time: float = 20.0
    penalty: float = 30.0
    ageing: float = 60.0
    max_wait: float = float("inf")
    max_length: int = 10_000
    latency: float = 0.0


@attrs.define
class Fate:
    """What became of a caller: ``answered``, ``abandoned``, ``max_wait`` or ``full``."""

    planned: PlannedCaller
    number: int
    end: str = ""
    agent: str = ""
    waited: float = 0.0
    over_at: float = 0.0
    asked: list[str] = attrs.field(factory=list)


@attrs.define
class _Agent:
    planned: PlannedAgent
    number: int
    free: bool = True
    idle_since: float = 0.0


def _alive(agent: PlannedAgent, at: float, repeats: Sequence[float]) -> float:
    """When the first of some repeated messages finds a phone alive, or comes out of it."""
    times = [at + delay for delay in repeats]
    return next((t for t in times if not any(a <= t <= b for a, b in agent.dead)), float("inf"))


class Model:
    """Runs a plan, with the agent who has been idle for the longest time first."""

    def __init__(
        self, callers: Sequence[PlannedCaller], agents: Sequence[PlannedAgent], rules: Rules
    ) -> None:
        self.fates = [Fate(planned, number) for number, planned in enumerate(callers)]
        self.missed = 0
        self._agents = [_Agent(planned, number) for number, planned in enumerate(agents)]
        self._rules = rules
        self._waiting: list[Fate] = []
        self._ringing: dict[int, _Agent] = {}
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._tie = itertools.count()
        self.now = 0.0

    def run(self) -> list[Fate]:
        """Let everything happen, and return what became of each caller."""
        for fate in self.fates:
            self._plan(fate.planned.at, self._arrive, fate)
        while self._events:
            self.now = self._events[0][0]
            while self._events and self._events[0][0] == self.now:  # all that happens at one moment
                _, _, happen, values = heapq.heappop(self._events)
                happen(*values)
            self._offer()
        return self.fates

    def _plan(self, at: float, happen: Callable[..., None], *values: object) -> None:
        heapq.heappush(self._events, (at, next(self._tie), happen, values))

    def _arrive(self, fate: Fate) -> None:
        if len(self._waiting) >= self._rules.max_length:
            self._gone(fate, "full")
            return
        self._waiting.append(fate)
        self._plan(self.now + fate.planned.patience, self._gone, fate, "abandoned")
        if self._rules.max_wait != float("inf"):
            self._plan(self.now + self._rules.max_wait, self._gone, fate, "max_wait")

    def _gone(self, fate: Fate, end: str) -> None:
        if fate.end:
            return
        fate.end, fate.waited, fate.over_at = end, self.now - fate.planned.at, self.now
        if fate in self._waiting:
            self._waiting.remove(fate)
        agent = self._ringing.pop(fate.number, None)
        if agent is not None:
            agent.free = True

    def _order(self, fate: Fate) -> tuple[bool, float, int]:
        planned = fate.planned
        return planned.priority < 4, planned.at - planned.priority * self._rules.ageing, fate.number

    def _offer(self) -> None:
        for fate in sorted(self._waiting, key=self._order):
            if fate.number in self._ringing:
                continue
            wanted = fate.planned.skill
            able = [a for a in self._agents if a.free and (not wanted or wanted in a.planned.skills)]
            if able:
                self._ring(fate, min(able, key=lambda agent: (agent.idle_since, agent.number)))

    def _ring(self, fate: Fate, agent: _Agent) -> None:
        agent.free = False
        self._ringing[fate.number] = agent
        fate.asked.append(agent.planned.name)
        length, way = self._rules.ring_time, self._rules.latency
        ends: float = self.now + length
        happen: Callable[..., None] = self._not_answered
        comes = _alive(agent.planned, self.now + way, INVITE_REPEATS)
        if comes < ends:
            rings = agent.planned.rings(comes)
            decided = _alive(agent.planned, comes + abs(rings), ANSWER_REPEATS) + way
            if decided < ends:
                ends, happen = decided, self._not_answered if rings < 0 else self._answered
        self._plan(ends, happen, fate, agent, len(fate.asked))

    def _still(self, fate: Fate, agent: _Agent, offer: int) -> bool:
        return self._ringing.get(fate.number) is agent and len(fate.asked) == offer

    def _answered(self, fate: Fate, agent: _Agent, offer: int) -> None:
        if not self._still(fate, agent, offer):
            return
        del self._ringing[fate.number]
        self._waiting.remove(fate)
        fate.end, fate.agent, fate.waited = "answered", agent.planned.name, self.now - fate.planned.at
        fate.over_at = self.now + 2 * self._rules.latency + fate.planned.talk
        self._plan(fate.over_at, self._over, agent)

    def _over(self, agent: _Agent) -> None:
        agent.idle_since = self.now
        self._plan(self.now + agent.planned.wrap_up, self._ready, agent)

    def _not_answered(self, fate: Fate, agent: _Agent, offer: int) -> None:
        if self._still(fate, agent, offer):
            del self._ringing[fate.number]
            self.missed += 1
            self._plan(self.now + self._rules.penalty, self._ready, agent)

    def _ready(self, agent: _Agent) -> None:
        agent.free = True

    # The numbers, each by its definition

    def count(self, end: str) -> int:
        return sum(fate.end == end for fate in self.fates)

    def numbers(self, *, service_level: float, short: float) -> dict[str, float]:
        """Return the numbers of the trade."""
        answered = [fate for fate in self.fates if fate.end == "answered"]
        lost = [fate for fate in self.fates if fate.end == "abandoned" and fate.waited > short]
        counted = [fate for fate in self.fates if fate.end != "abandoned" or fate.waited > short]
        talks = [fate.planned.talk + 2 * self._rules.latency for fate in answered]
        return {
            "offered": len(self.fates),
            "answered": len(answered),
            "answered_in_time": sum(fate.waited <= service_level for fate in answered),
            "abandoned": self.count("abandoned"),
            "short_abandoned": self.count("abandoned") - len(lost),
            "missed": self.missed,
            "service_level": sum(fate.waited <= service_level for fate in answered) / len(counted),
            "abandon_rate": len(lost) / len(counted),
            "average_answer_s": sum(fate.waited for fate in answered) / len(answered),
            "average_wait_s": sum(fate.waited for fate in self.fates) / len(self.fates),
            "longest_wait_s": max(fate.waited for fate in self.fates),
            "average_talk_s": sum(talks) / len(talks),
        }
