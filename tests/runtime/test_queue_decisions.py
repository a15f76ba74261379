"""Who gets whom, and when: the decisions of a call centre without a call, against a model and by rule."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from functools import partial

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.queue_model import Fate, Model, PlannedAgent, PlannedCaller, Rules
from trio_runtime.base.errors import CallStateError, ConfigurationError, LimitExceededError
from trio_runtime.base.priority import CallPriority
from trio_runtime.queue.core import queues as queues_module
from trio_runtime.queue.core.agent_table import AgentState
from trio_runtime.queue.core.agents import QueueAgent
from trio_runtime.queue.core.config import QueueRules
from trio_runtime.queue.core.decisions import AgentChanged, Decision, Dismiss, Offer, Reason, Withdraw
from trio_runtime.queue.core.dispatcher import Dispatcher
from trio_runtime.queue.core.store import MemoryQueueStore
from trio_runtime.queue.core.strategies import (
    BySkill,
    FewestCalls,
    FreeAgent,
    LongestIdle,
    RingAll,
    RoundRobin,
    Strategy,
)

Q = "sales"


def centre(*agents: QueueAgent | str, rules: QueueRules | None = None) -> Dispatcher:
    dispatcher = Dispatcher(now=0.0)
    dispatcher.add_queue(Q, rules or QueueRules())
    for agent in agents:
        dispatcher.add_agent(QueueAgent(agent) if isinstance(agent, str) else agent, 0.0)
    decided(dispatcher)
    return dispatcher


def decided(dispatcher: Dispatcher) -> list[Decision]:
    decisions = []
    while (decision := dispatcher.next_decision()) is not None:
        decisions.append(decision)
    return decisions


def offers(dispatcher: Dispatcher) -> list[tuple[str, str]]:
    return [(each.caller, each.agent) for each in decided(dispatcher) if isinstance(each, Offer)]


def serve(dispatcher: Dispatcher, now: float, *, talk: float = 1.0) -> list[tuple[str, str]]:
    """Let everybody who is rung answer and talk, until nobody waits; return who got whom."""
    got: list[tuple[str, str]] = []
    while True:
        new = [each for each in decided(dispatcher) if isinstance(each, Offer)]
        if not new:
            return got
        for offer in new:
            if dispatcher.answered(offer.number, now):
                got.append((offer.caller, offer.agent))
        now += talk
        for offer in new:
            dispatcher.finished(offer.caller, now)


# The order of callers


def test_who_came_first_is_served_first() -> None:
    """QUE-3: FIFO."""
    dispatcher = centre("anna")
    for number in range(5):
        dispatcher.join(f"c{number}", Q, 10.0 + number)
    assert [dispatcher.position(f"c{number}") for number in range(5)] == [1, 2, 3, 4, 5]
    assert [caller for caller, _ in serve(dispatcher, 20.0)] == ["c0", "c1", "c2", "c3", "c4"]
    assert dispatcher.position("c0") is None


def test_priorities_go_before_and_equals_in_order() -> None:
    """SES-27, QUE-3."""
    dispatcher = centre()
    for number, priority in enumerate(CallPriority):
        dispatcher.join(f"a{priority.name}", Q, float(number), priority=priority)
        dispatcher.join(f"b{priority.name}", Q, float(number), priority=priority)
    dispatcher.add_agent(QueueAgent("anna"), 10.0)
    expected = [f"{which}{each.name}" for each in reversed(CallPriority) for which in "ab"]
    assert [caller for caller, _ in serve(dispatcher, 10.0)] == expected


def test_waiting_makes_up_for_priority() -> None:
    """SES-27: a step is worth a minute; emergencies go before all, and infinite ageing is none."""
    for ageing, expected in (
        (60.0, ["emergency", "low", "high"]),
        (float("inf"), ["emergency", "high", "low"]),
    ):
        dispatcher = centre(rules=QueueRules(ageing=ageing, max_wait=None))
        dispatcher.join("low", Q, 0.0, priority=CallPriority.LOW)
        dispatcher.join("high", Q, 121.0, priority=CallPriority.HIGH)
        dispatcher.join("emergency", Q, 1_000.0, priority=CallPriority.EMERGENCY)
        dispatcher.add_agent(QueueAgent("anna"), 1_000.0)
        assert [caller for caller, _ in serve(dispatcher, 1_000.0)] == expected


@given(
    st.lists(
        st.tuples(st.floats(0, 1_000, allow_subnormal=False), st.sampled_from(list(CallPriority)[:-1])),
        min_size=1,
        max_size=30,
    ),
    st.floats(0, 500, allow_subnormal=False),
)
@settings(max_examples=60)
def test_nobody_is_overtaken_for_ever(arrivals: list[tuple[float, CallPriority]], ageing: float) -> None:
    """SES-27: no starvation: whoever goes before you came within what the steps between you are worth."""
    dispatcher = centre(rules=QueueRules(ageing=ageing, max_wait=None))
    people = {}
    for number, (at, priority) in enumerate(sorted(arrivals)):
        people[f"c{number}"] = at, priority
        dispatcher.join(f"c{number}", Q, at, priority=priority)
    dispatcher.add_agent(QueueAgent("anna"), 2_000.0)
    order = [caller for caller, _ in serve(dispatcher, 2_000.0)]
    assert sorted(order) == sorted(people), "none lost, none twice"
    for place, caller in enumerate(order):
        at, priority = people[caller]
        for before in order[:place]:
            came, urgency = people[before]
            if came > at:
                assert came - at <= (urgency - priority) * ageing + 1e-6
                assert urgency > priority


def test_a_place_is_kept_while_agents_do_not_answer() -> None:
    """QUE-3: the first in line stays the first, and gets the next agent."""
    dispatcher = centre("anna", "bert")
    dispatcher.join("c0", Q, 0.0)
    dispatcher.join("c1", Q, 1.0)
    dispatcher.join("c2", Q, 2.0)
    first, second = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert [(each.caller, each.agent) for each in (first, second)] == [("c0", "anna"), ("c1", "bert")]
    dispatcher.missed(first.number, 5.0)
    assert (dispatcher.position("c0"), offers(dispatcher)) == (1, [])
    dispatcher.missed(second.number, 6.0)
    dispatcher.handle_timeout(35.0)
    assert offers(dispatcher) == [("c0", "anna")]


# Agents


def test_skills_are_needed_and_do_not_hold_others_up() -> None:
    """QUE-2, QUE-4: who needs what nobody free has waits; the next one does not."""
    dispatcher = centre(QueueAgent("anna"), QueueAgent("bert", skills={"german": 2}))
    dispatcher.join("expert", Q, 0.0, skills={"german": 3})
    dispatcher.join("german", Q, 1.0, skills={"german": 1})
    dispatcher.join("anybody", Q, 2.0)
    assert offers(dispatcher) == [("german", "bert"), ("anybody", "anna")]
    dispatcher.add_agent(QueueAgent("cleo", skills={"german": 3, "tax": 1}), 3.0)
    assert offers(dispatcher) == [("expert", "cleo")]


def test_agents_get_callers_of_their_queues_only() -> None:
    """QUE-2: and one line does not hold another up."""
    dispatcher = centre(QueueAgent("anna", queues=("help",)))
    dispatcher.add_queue("help", QueueRules())
    dispatcher.join("c0", Q, 0.0)
    dispatcher.join("c1", "help", 1.0)
    assert offers(dispatcher) == [("c1", "anna")]


def test_several_calls_at_one_time_and_a_missed_one_more() -> None:
    """QUE-2: up to the maximum; who does not answer one more gets none before a call is over."""
    dispatcher = centre(QueueAgent("anna", max_calls=3))
    for number in range(4):
        dispatcher.join(f"c{number}", Q, 0.0)
    (one,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert dispatcher.answered(one.number, 1.0)
    (two,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    dispatcher.missed(two.number, 2.0)
    assert offers(dispatcher) == []
    dispatcher.handle_timeout(32.0)  # the penalty is over
    (two,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert dispatcher.answered(two.number, 33.0)
    (three,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert dispatcher.answered(three.number, 34.0)
    assert offers(dispatcher) == [], "three are enough"
    (anna,) = dispatcher.agent_statistics(35.0)
    assert (anna.calls, anna.taken, anna.missed, anna.state) == (3, 3, 1, AgentState.BUSY)
    dispatcher.finished("c0", 36.0)
    assert offers(dispatcher) == [("c3", "anna")]


def test_wrap_up_penalty_and_pause_delay_the_next_caller() -> None:
    """QUE-2: by time, or until the agent says that he is ready."""
    dispatcher = centre(QueueAgent("anna", wrap_up=10.0), rules=QueueRules(ring_time=20, penalty=40))
    dispatcher.join("c0", Q, 0.0)
    dispatcher.join("c1", Q, 0.0)
    (offer,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert dispatcher.deadline == 20.0
    dispatcher.handle_timeout(20.0)
    assert decided(dispatcher) == [
        Withdraw(offer.number, "c0", "anna", Reason.NO_ANSWER),
        AgentChanged("anna", AgentState.RINGING, AgentState.NO_ANSWER),
    ]
    assert dispatcher.deadline == 60.0
    dispatcher.ready("anna", 25.0)
    (offer,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    dispatcher.answered(offer.number, 30.0)
    dispatcher.finished("c0", 90.0)
    assert decided(dispatcher)[-1] == AgentChanged("anna", AgentState.BUSY, AgentState.WRAP_UP)
    assert dispatcher.deadline == 100.0
    dispatcher.pause("anna", 95.0, "lunch")
    dispatcher.handle_timeout(100.0)
    assert decided(dispatcher) == [AgentChanged("anna", AgentState.WRAP_UP, AgentState.PAUSED, "lunch")]
    dispatcher.resume("anna", 200.0)
    assert decided(dispatcher) == [
        AgentChanged("anna", AgentState.PAUSED, AgentState.AVAILABLE),
        AgentChanged("anna", AgentState.AVAILABLE, AgentState.RINGING),
        Offer(offer.number + 1, "c1", "anna"),
    ]


@pytest.mark.parametrize("way", ["log_out", "pause"])
def test_who_leaves_while_rung_gives_the_caller_back(way: str) -> None:
    """QUE-2: without being counted as not answering."""
    dispatcher = centre("anna", "bert")
    dispatcher.join("c0", Q, 0.0)
    (offer,) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    getattr(dispatcher, way)("anna", 3.0)
    told = decided(dispatcher)
    assert Withdraw(offer.number, "c0", "anna", Reason.AGENT_GONE) in told
    assert [each.agent for each in told if isinstance(each, Offer)] == ["bert"]
    assert not dispatcher.answered(offer.number, 4.0), "it is too late"
    assert dispatcher.queue_statistics(Q, 4.0).missed == 0


def test_who_misses_too_often_is_paused() -> None:
    """QUE-2: `max_missed` in a row."""
    dispatcher = centre(QueueAgent("anna", max_missed=2))
    dispatcher.join("c0", Q, 0.0)
    for now in (20.0, 70.0):
        dispatcher.handle_timeout(now)
        dispatcher.handle_timeout(now + 30)
    assert dispatcher.agent_statistics(110.0)[0].reason == "no answer"
    dispatcher.resume("anna", 200.0)
    assert decided(dispatcher)[-1] == Offer(3, "c0", "anna")


def test_logging_out_in_a_call_lets_it_go_on() -> None:
    """QUE-2: the state is busy until the call is over, and offline then."""
    dispatcher = centre("anna")
    dispatcher.join("c0", Q, 0.0)
    dispatcher.answered(1, 1.0)
    dispatcher.log_out("anna", 2.0)
    assert dispatcher.agent_statistics(3.0)[0].state is AgentState.BUSY
    with pytest.raises(CallStateError, match="has a call"):
        dispatcher.remove_agent("anna", 3.0)
    dispatcher.finished("c0", 4.0)
    assert dispatcher.agent_statistics(5.0)[0].state is AgentState.OFFLINE
    dispatcher.remove_agent("anna", 5.0)
    assert dispatcher.agent_statistics(5.0) == ()


# Strategies


def picks(strategy: Strategy, *agents: QueueAgent | str) -> str:
    """Return the initials of who gets five callers of a different length, one after the other."""
    dispatcher = centre(*agents, rules=QueueRules(strategy=strategy))
    got, now = "", 0.0
    for number, talk in enumerate((50.0, 10.0, 20.0, 5.0, 1.0)):
        dispatcher.join(f"c{number}", Q, now, skills={"german": 1} if isinstance(strategy, BySkill) else {})
        (pair,) = serve(dispatcher, now, talk=talk)
        got += pair[1][0]
        now += talk
    return got


def test_strategies_choose_as_they_say() -> None:
    """QUE-4."""
    assert picks(LongestIdle(), "anna", "bert", "cleo") == "abcab"
    assert picks(RoundRobin(), "anna", "bert", "cleo") == "abcab"
    german = [QueueAgent(name, skills={"german": level}) for name, level in (("anna", 1), ("bert", 5))]
    assert picks(BySkill(), *german) == "bbbbb"


def test_round_robin_and_longest_idle_differ_by_the_length_of_calls() -> None:
    """QUE-4: who answered first and talked long is idle for the shortest time, and yet next in turn."""
    for strategy, expected in ((RoundRobin(), "anna"), (LongestIdle(), "bert")):
        dispatcher = centre("anna", "bert", rules=QueueRules(strategy=strategy))
        for number in range(2):
            dispatcher.join(f"c{number}", Q, 0.0)
        for number in (1, 2):
            dispatcher.answered(number, 1.0 + number)
        dispatcher.finished("c1", 10.0)
        dispatcher.finished("c0", 20.0)
        decided(dispatcher)
        dispatcher.join("c2", Q, 30.0)
        assert offers(dispatcher) == [("c2", expected)]


def test_fewest_calls_counts_calls() -> None:
    """QUE-4."""
    dispatcher = centre("anna", rules=QueueRules(strategy=FewestCalls()))
    for number in range(3):
        dispatcher.join(f"c{number}", Q, float(number))
    serve(dispatcher, 5.0)
    dispatcher.add_agent(QueueAgent("bert"), 10.0)
    for number in range(3, 6):
        dispatcher.join(f"c{number}", Q, 10.0 + number)
        assert serve(dispatcher, 10.0 + number) == [(f"c{number}", "bert")]


def test_the_best_is_kept_for_who_needs_him() -> None:
    """QUE-4: by skill, who needs nothing gets who knows least."""
    agents = [QueueAgent("anna", skills={"tax": 5, "german": 5}), QueueAgent("bert", skills={"tax": 1})]
    dispatcher = centre(*agents, rules=QueueRules(strategy=BySkill()))
    dispatcher.join("c0", Q, 0.0)
    dispatcher.join("c1", Q, 0.0, skills={"tax": 1})
    assert offers(dispatcher) == [("c0", "bert"), ("c1", "anna")]


def test_all_ring_and_the_first_to_answer_has_the_call() -> None:
    """QUE-4: who becomes free rings as well; the others are withdrawn without a penalty."""
    dispatcher = centre("anna", "bert", rules=QueueRules(strategy=RingAll()))
    dispatcher.join("c0", Q, 0.0)
    dispatcher.add_agent(QueueAgent("cleo"), 1.0)
    new = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert [each.agent for each in new] == ["anna", "bert", "cleo"]
    dispatcher.missed(new[0].number, 2.0)
    assert dispatcher.answered(new[1].number, 3.0)
    assert not dispatcher.answered(new[2].number, 3.0)
    told = decided(dispatcher)
    assert Withdraw(new[2].number, "c0", "cleo", Reason.TAKEN) in told
    states = [each.state for each in dispatcher.agent_statistics(3.0)]
    assert states == [AgentState.NO_ANSWER, AgentState.BUSY, AgentState.AVAILABLE]


@attrs.frozen
class Odd:
    """A strategy of an application that waits, invents an agent, or breaks."""

    rings_all = False

    def choose(self, free: Sequence[FreeAgent], skills: object, waited: float) -> Sequence[FreeAgent]:
        if waited < 5:
            return ()
        if waited < 10:
            return [attrs.evolve(free[0], name="nobody")]
        raise RuntimeError("broken")


def test_a_strategy_may_let_wait_and_its_mistakes_harm_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """QUE-4: a broken one is logged, and the longest idle agent is taken."""
    dispatcher = centre("anna", rules=QueueRules(strategy=Odd()))
    dispatcher.join("c0", Q, 0.0)
    for now in (1.0, 7.0):
        dispatcher.ready("anna", now)
        assert offers(dispatcher) == []
    dispatcher.ready("anna", 11.0)
    assert offers(dispatcher) == [("c0", "anna")]
    assert "the strategy of queue sales failed" in caplog.text


# Endings


def test_each_way_out_is_counted_once() -> None:
    """QUE-3, QUE-6: full, too long, escaped, abandoned soon and late, callback, taken away, closed."""
    dispatcher = centre(rules=QueueRules(max_length=5, max_wait=100.0, short_abandon=5.0))
    for number in range(6):
        dispatcher.join(f"c{number}", Q, 0.0)
    assert decided(dispatcher) == [Dismiss("c5", Q, Reason.FULL)]
    dispatcher.leave("c0", Reason.ABANDONED, 4.0)
    dispatcher.leave("c1", Reason.ABANDONED, 6.0)
    dispatcher.leave("c2", Reason.ESCAPED, 10.0)
    dispatcher.leave("c3", Reason.LEFT, 10.0)
    dispatcher.leave("c3", Reason.LEFT, 11.0)
    dispatcher.join("c6", Q, 50.0)
    dispatcher.want_callback("c6", 60.0)
    dispatcher.want_callback("c6", 61.0)
    dispatcher.handle_timeout(100.0)
    assert decided(dispatcher) == [Dismiss("c4", Q, Reason.MAX_WAIT)]
    dispatcher.join("c7", Q, 150.0)
    seen = dispatcher.queue_statistics(Q, 160.0)
    assert (seen.waiting, seen.callbacks_waiting, seen.longest_wait_s) == (1, 1, 100.0)
    dispatcher.close(200.0)
    assert decided(dispatcher) == [Dismiss("c6", Q, Reason.CLOSED), Dismiss("c7", Q, Reason.CLOSED)]
    dispatcher.join("c8", Q, 201.0)
    assert decided(dispatcher) == [Dismiss("c8", Q, Reason.CLOSED)]
    seen = dispatcher.queue_statistics(Q, 300.0)
    assert (seen.abandoned, seen.short_abandoned, seen.escaped, seen.left) == (2, 1, 1, 1)
    assert seen.overflowed == {"full": 1, "max_wait": 1, "closed": 2}
    assert (seen.callbacks, seen.callbacks_failed) == (1, 1)
    assert seen.offered == 9 == seen.abandoned + seen.escaped + seen.left + 4 + seen.callbacks
    assert seen.average_wait_s == pytest.approx((0 + 4 + 6 + 10 + 10 + 10 + 100 + 50 + 0) / 9)
    assert (seen.service_level, seen.average_answer_s, seen.average_talk_s) == (0.0, None, None)
    assert dispatcher.closed


def test_a_callback_keeps_the_place() -> None:
    """QUE-3: who has hung up is served in turn; reached or not, the agent is free afterwards."""
    dispatcher = centre("anna")
    for number in range(3):
        dispatcher.join(f"c{number}", Q, float(number))
    dispatcher.want_callback("c0", 3.0)
    assert serve(dispatcher, 4.0) == [("c0", "anna"), ("c1", "anna"), ("c2", "anna")]
    dispatcher.join("c3", Q, 10.0)
    dispatcher.want_callback("c3", 10.0)
    (*_, offer) = [each for each in decided(dispatcher) if isinstance(each, Offer)]
    assert dispatcher.answered(offer.number, 11.0)
    dispatcher.finished("c3", 40.0, reached=False)
    seen = dispatcher.queue_statistics(Q, 50.0)
    assert (seen.callbacks, seen.callbacks_reached, seen.callbacks_failed) == (2, 1, 1)
    assert (seen.offered, seen.answered) == (4, 2)
    assert dispatcher.agent_statistics(50.0)[0].state is AgentState.AVAILABLE


def test_without_an_agent_on_duty_callers_go_on_at_once() -> None:
    """QUE-3: those who come and those who wait; pauses do not count as leaving."""
    dispatcher = centre("anna", rules=QueueRules(needs_agents=True))
    dispatcher.pause("anna", 0.0, "tea")
    dispatcher.join("c0", Q, 1.0)
    assert decided(dispatcher)[-1] == AgentChanged("anna", AgentState.AVAILABLE, AgentState.PAUSED, "tea")
    dispatcher.log_out("anna", 2.0)
    assert Dismiss("c0", Q, Reason.NO_AGENTS) in decided(dispatcher)
    dispatcher.join("c1", Q, 3.0)
    assert decided(dispatcher) == [Dismiss("c1", Q, Reason.NO_AGENTS)]


def test_who_leaves_while_an_agent_rings_withdraws_him() -> None:
    """QUE-3: the agent has the next caller at once, without a penalty."""
    dispatcher = centre("anna")
    dispatcher.join("c0", Q, 0.0)
    dispatcher.join("c1", Q, 1.0)
    dispatcher.leave("c0", Reason.ABANDONED, 2.0)
    told = decided(dispatcher)
    assert Withdraw(1, "c0", "anna", Reason.ABANDONED) in told
    assert told[-1] == Offer(2, "c1", "anna")
    dispatcher.missed(1, 3.0)
    assert decided(dispatcher) == [], "nobody is asked about an offer that is over"


def test_the_expected_wait_comes_from_the_latest_calls() -> None:
    """QUE-3: position by handling time by agents; unknown before there was a call."""
    dispatcher = centre(QueueAgent("anna", wrap_up=10.0), QueueAgent("bert", wrap_up=10.0))
    dispatcher.join("c0", Q, 0.0)
    assert dispatcher.expected_wait("c0") is None
    dispatcher.answered(1, 0.0)
    dispatcher.finished("c0", 50.0)
    for number in range(1, 5):
        dispatcher.join(f"c{number}", Q, 50.0)
    dispatcher.answered(2, 50.0)
    assert dispatcher.expected_wait("c4") == pytest.approx(3 * 60 / 2)
    assert dispatcher.expected_wait("c1") is None


def test_a_caller_who_moves_on_keeps_the_time_he_has_waited() -> None:
    """QUE-3: the order counts from the first queue, the numbers of a queue from the coming to it."""
    dispatcher = centre(rules=QueueRules(max_wait=50.0))
    dispatcher.add_queue("help", QueueRules(max_wait=None))
    dispatcher.join("c0", Q, 0.0)
    dispatcher.join("c1", "help", 10.0)
    dispatcher.handle_timeout(50.0)
    dispatcher.join("c0", "help", 50.0, joined_at=0.0)
    assert (dispatcher.position("c0"), dispatcher.position("c1")) == (1, 2)
    dispatcher.add_agent(QueueAgent("anna"), 60.0)
    serve(dispatcher, 60.0)
    assert dispatcher.queue_statistics("help", 70.0).average_answer_s == pytest.approx((10 + 51) / 2)


# Numbers


def test_occupancy_is_work_by_time_on_duty() -> None:
    """QUE-6: pauses and time off duty do not count."""
    dispatcher = centre(QueueAgent("anna", wrap_up=10.0))
    dispatcher.join("c0", Q, 10.0)
    dispatcher.answered(1, 20.0)
    dispatcher.finished("c0", 50.0)
    dispatcher.handle_timeout(60.0)
    dispatcher.pause("anna", 80.0)
    dispatcher.log_out("anna", 180.0)
    (anna,) = dispatcher.agent_statistics(500.0)
    state = AgentState
    times = {state.AVAILABLE: 30, state.RINGING: 10, state.BUSY: 30, state.WRAP_UP: 10, state.PAUSED: 100}
    assert anna.seconds == {**dict.fromkeys(state, 0.0), **times, state.OFFLINE: 320}
    assert anna.occupancy == pytest.approx(40 / 80)
    assert dispatcher.queue_statistics(Q, 500.0).average_handle_s == pytest.approx(40.0)


class Driver:
    """Lets the machine, callers and agents do what a plan says, as `Model` does, in one line of time."""

    def __init__(
        self, callers: Sequence[PlannedCaller], agents: Sequence[PlannedAgent], rules: Rules
    ) -> None:
        self._rules = rules
        self.dispatcher = centre(
            rules=QueueRules(
                ring_time=rules.ring_time,
                penalty=rules.penalty,
                ageing=rules.ageing,
                max_wait=None if rules.max_wait == float("inf") else rules.max_wait,
                max_length=rules.max_length,
            )
        )
        for agent in agents:
            skills = dict.fromkeys(agent.skills, 1.0)
            self.dispatcher.add_agent(QueueAgent(agent.name, skills=skills, wrap_up=agent.wrap_up), 0.0)
        self._callers = {caller.name: caller for caller in callers}
        self._agents = {agent.name: agent for agent in agents}
        self.fates = {caller.name: Fate(caller, number) for number, caller in enumerate(callers)}
        self._events: list[tuple[float, int, Callable[[float], object]]] = []
        self._tie = itertools.count()

    def _plan(self, at: float, happen: Callable[[float], object]) -> None:
        heapq.heappush(self._events, (at, next(self._tie), happen))

    def run(self) -> None:
        for caller in self._callers.values():
            self._plan(caller.at, partial(self._arrive, caller))
        while True:
            deadline = self.dispatcher.deadline
            if self._events and (deadline is None or self._events[0][0] <= deadline):
                now, _, happen = heapq.heappop(self._events)
                happen(now)
            elif deadline is not None:
                now = deadline
                self.dispatcher.handle_timeout(now)
                after = self.dispatcher.deadline
                assert after is None or after > now, "law 2"
            else:
                return
            for decision in decided(self.dispatcher):
                self._take(decision, now)

    def _arrive(self, caller: PlannedCaller, now: float) -> None:
        skills = {caller.skill: 1.0} if caller.skill else {}
        priority = CallPriority(caller.priority)
        self.dispatcher.join(caller.name, Q, now, priority=priority, skills=skills)
        self._plan(now + caller.patience, lambda at: self._give_up(caller, at))

    def _give_up(self, caller: PlannedCaller, now: float) -> None:
        fate = self.fates[caller.name]
        if not fate.end:
            fate.end, fate.waited = "abandoned", now - caller.at
            self.dispatcher.leave(caller.name, Reason.ABANDONED, now)

    def _take(self, decision: Decision, now: float) -> None:
        match decision:
            case Offer(number, caller, agent):
                self.fates[caller].asked.append(agent)
                rings = self._agents[agent].rings(now)
                if rings >= 0:
                    self._plan(now + rings, lambda at: self._answer(number, caller, agent, at))
                else:
                    self._plan(now - rings, lambda at: self.dispatcher.missed(number, at))
            case Dismiss(caller, _, reason):
                fate = self.fates[caller]
                fate.end, fate.waited = reason.value, now - fate.planned.at

    def _answer(self, number: int, caller: str, agent: str, now: float) -> None:
        if self.dispatcher.answered(number, now):
            fate = self.fates[caller]
            fate.end, fate.agent, fate.waited = "answered", agent, now - fate.planned.at
            self._plan(now + fate.planned.talk, lambda at: self.dispatcher.finished(caller, at))


def ringing(number: int, at: float) -> float:
    """What an agent does with a call that comes at a time: answer, refuse, or let it ring for too long."""
    seconds = 1 + 7 * ((at * 0.618 + number * 0.37) % 1)
    return seconds * {0: -1, 1: 9}.get(int(at / 11 + number) % 6, 1)


def a_plan(seed: int, count: int) -> tuple[list[PlannedCaller], list[PlannedAgent], Rules]:
    """Draw a day at work, in which everything that can go wrong does."""
    draw = random.Random(seed)
    at, callers = 0.0, []
    for number in range(count):
        at += draw.expovariate(1 / 7)
        callers.append(
            PlannedCaller(
                f"c{number}",
                at,
                patience=draw.expovariate(1 / 90),
                talk=draw.expovariate(1 / 60),
                priority=draw.choices(range(5), (1, 2, 10, 3, 1))[0],
                skill=draw.choice(("", "", "", "german", "tax")),
            )
        )
    agents = [
        PlannedAgent(
            f"a{number}",
            partial(ringing, number),
            frozenset(draw.sample(("german", "tax"), draw.randint(0, 2))),
            wrap_up=draw.choice((0.0, 5.0, 12.5)),
        )
        for number in range(draw.randint(4, 9))
    ]
    limits = draw.choice(((float("inf"), 10_000), (75.5, 6)))
    return callers, agents, Rules(ageing=draw.choice((0, 30, 500)), max_wait=limits[0], max_length=limits[1])


@pytest.mark.parametrize(
    "seed", [*range(6), *[pytest.param(n, marks=pytest.mark.long) for n in range(6, 200)]]
)
def test_decisions_and_numbers_are_those_of_the_model(seed: int) -> None:
    """QUE-3, QUE-6: FIFO held, none lost, each number equal, whatever goes wrong."""
    callers, agents, rules = a_plan(seed, 250)
    model, driver = Model(callers, agents, rules), Driver(callers, agents, rules)
    driver.run()
    for mine, theirs in zip(driver.fates.values(), model.run(), strict=True):
        assert (mine.end, mine.agent, mine.asked) == (theirs.end, theirs.agent, theirs.asked)
        assert mine.waited == pytest.approx(theirs.waited, abs=1e-6)
    seen = driver.dispatcher.queue_statistics(Q, 1e6)
    for name, value in model.numbers(service_level=20.0, short=5.0).items():
        assert getattr(seen, name) == pytest.approx(value, abs=1e-6), name
    assert sum(seen.overflowed.values()) == model.count("full") + model.count("max_wait")
    assert {model.count("answered"), model.count("abandoned"), model.missed}.isdisjoint({0})
    assert seen.waiting == 0
    assert driver.dispatcher.deadline is None


# Laws


def test_time_never_goes_back_and_nothing_is_done_too_early() -> None:
    """PRJ-1: laws 1 and 3."""
    dispatcher = centre("anna")
    dispatcher.join("c0", Q, 10.0)
    decided(dispatcher)
    dispatcher.handle_timeout(29.9)
    assert dispatcher.next_decision() is None
    dispatcher.answered(1, 5.0)
    assert dispatcher.queue_statistics(Q, 0.0).average_answer_s == pytest.approx(19.9)


def test_misuse_is_refused_and_changes_nothing() -> None:
    """PRJ-1."""
    dispatcher = centre("anna")
    dispatcher.join("c0", Q, 0.0)
    decided(dispatcher)
    mistakes: list[tuple[type[Exception], Callable[[], object]]] = [
        (CallStateError, lambda: dispatcher.join("c0", Q, 1.0)),
        (ConfigurationError, lambda: dispatcher.join("c1", "x", 1.0)),
        (ConfigurationError, lambda: dispatcher.add_queue(Q, QueueRules())),
        (ConfigurationError, lambda: dispatcher.add_agent(QueueAgent("anna"), 1.0)),
        (ConfigurationError, lambda: dispatcher.log_in("x", 1.0)),
        (ConfigurationError, lambda: dispatcher.queue_statistics("x", 1.0)),
    ]
    before = dispatcher.queue_statistics(Q, 1.0)
    for error, mistake in mistakes:
        with pytest.raises(error):
            mistake()
    dispatcher.finished("c0", 1.0)
    dispatcher.finished("x", 1.0)
    dispatcher.leave("x", Reason.ABANDONED, 1.0)
    dispatcher.want_callback("x", 1.0)
    assert decided(dispatcher) == []
    assert dispatcher.queue_statistics(Q, 1.0) == before
    dispatcher.log_out("anna", 2.0)
    with pytest.raises(CallStateError, match="off duty cannot pause"):
        dispatcher.pause("anna", 3.0)


def test_tables_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """PRJ-1: law 8."""
    monkeypatch.setattr(queues_module, "_MAX_QUEUES", 1)
    dispatcher = Dispatcher(now=0.0, max_agents=1)
    dispatcher.add_queue(Q, QueueRules())
    dispatcher.add_agent(QueueAgent("anna"), 0.0)
    with pytest.raises(LimitExceededError, match="1 agents at most"):
        dispatcher.add_agent(QueueAgent("bert"), 0.0)
    with pytest.raises(LimitExceededError, match="1 queues at most"):
        dispatcher.add_queue("help", QueueRules())


def test_cancelled_timers_do_not_pile_up() -> None:
    """PRJ-1: law 8: two thousand callers who leave again."""
    dispatcher = centre()
    for number in range(2_000):
        dispatcher.join(f"c{number}", Q, float(number))
        dispatcher.leave(f"c{number}", Reason.ABANDONED, float(number))
    assert len(dispatcher._timers._heap) <= 64
    assert dispatcher.deadline is None


def test_a_store_is_told_of_every_change() -> None:
    """QUE-5."""

    class Told(MemoryQueueStore):
        def __init__(self) -> None:
            super().__init__()
            self.names: list[str] = []

        def changed(self, record: object) -> None:
            self.names.append(str(getattr(record, "name", "")))

    store = Told()
    dispatcher = Dispatcher(now=0.0, store=store)
    dispatcher.add_queue(Q, QueueRules())
    dispatcher.add_agent(QueueAgent("anna"), 0.0)
    dispatcher.join("c0", Q, 1.0)
    assert [caller.name for caller in store.line(Q)] == ["c0"]
    assert (set(store.agents), set(store.callers)) == ({"anna"}, {"c0"})
    dispatcher.answered(1, 2.0)
    assert len(store.line(Q)) == 0
    dispatcher.finished("c0", 3.0)
    assert not store.callers
    assert set(store.names) == {"anna", "c0"}
