"""The eight laws of every protocol machine, over each of the SIP core, under random but seeded play."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from random import Random

import attrs
import pytest

from sansio_sip.agent import AgentEvent, RequestFailed, ResponseReceived
from sansio_sip.invite import CallEnd, IncomingCall
from sansio_sip.transaction import State
from tests.laws.sip_subjects import MISUSE, SUBJECTS, AgentSubject, LayerSubject, Subject
from tests.sip.harness import Peer, make_agent

STEPS = 80
SEEDS = range(6)
PAUSES = [0.0, 0.0, 0.0, 0.05, 0.2, 0.5, 1.0, 4.0, 33.0]

each_machine = pytest.mark.parametrize("name", SUBJECTS)


class Play:
    """One run of a subject; each step may be watched."""

    def __init__(
        self, name: str, seed: int, *, back: bool = False, watch: Callable[[Play], None] | None = None
    ) -> None:
        self.random = Random(seed)
        self.subject = SUBJECTS[name](self.random)
        self.now = 0.0
        self.log: list[object] = []
        self._back = Random(seed + 1) if back else None
        self._watch = watch

    def run(self) -> Play:
        for _ in range(STEPS):
            self.now += self.random.choice(PAUSES)
            self._pass_time()
            self.log += self.subject.drain()
            self._act()
            self.log += [*self.subject.drain(), self.subject.machine.deadline]
            if self._watch is not None:
                self._watch(self)
        return self

    def _pass_time(self) -> None:
        subject = self.subject
        while (deadlines := subject.deadlines()) and min(deadlines) <= self.now:
            subject.advance(min(deadlines))
        subject.advance(self.now)

    def _act(self) -> None:
        before = self.subject.snapshot()
        earlier = 0.0 if self._back is None else self._back.random() * 50.0
        try:
            self.subject.act(self.random, self.now - earlier)
        except MISUSE:
            assert self.subject.snapshot() == before, "misuse has changed something"
            self.log.append("misuse")


@each_machine
@pytest.mark.parametrize("seed", SEEDS)
def test_law_1_handle_timeout_before_the_deadline_changes_nothing(name: str, seed: int) -> None:
    """Law 1."""

    def watch(play: Play) -> None:
        machine, before = play.subject.machine, play.subject.snapshot()
        deadline = machine.deadline
        times = [play.now] if deadline is None else [play.now, (play.now + deadline) / 2]
        for time in times:
            if deadline is None or time < deadline:
                machine.handle_timeout(time)
                assert play.subject.snapshot() == before
                assert machine.next_transmit() is None
                assert machine.next_event() is None
        play.now = max(play.now, times[-1])

    Play(name, seed, watch=watch).run()


@each_machine
@pytest.mark.parametrize("seed", SEEDS)
def test_law_2_handle_timeout_at_the_deadline_makes_progress(name: str, seed: int) -> None:
    """Law 2: afterwards there is no deadline or a later one, on time and far too late."""

    def watch(play: Play) -> None:
        machine, deadline = play.subject.machine, play.subject.machine.deadline
        if deadline is not None and play.random.random() < 0.3:
            play.now = max(play.now, deadline + play.random.choice([0.0, 0.0, 0.3, 100.0]))
            play.subject.advance(play.now)
            assert machine.deadline is None or machine.deadline > play.now

    Play(name, seed, watch=watch).run()


@each_machine
@pytest.mark.parametrize("seed", SEEDS)
def test_law_3_time_that_goes_back_counts_as_the_last_one_seen(name: str, seed: int) -> None:
    """Law 3."""
    assert Play(name, seed).run().log == Play(name, seed, back=True).run().log


@each_machine
@pytest.mark.parametrize("seed", SEEDS)
def test_law_4_same_seed_and_inputs_give_the_same_bytes(name: str, seed: int) -> None:
    """Law 4, SIM-1."""
    assert Play(name, seed).run().log == Play(name, seed).run().log


@each_machine
@pytest.mark.parametrize("block", range(3))
def test_law_5_no_input_raises(name: str, block: int) -> None:
    """Law 5: only a local mistake does, and that changes nothing (`Play` checks it)."""
    for seed in range(100 + block * 20, 120 + block * 20):
        assert len(Play(name, seed).run().log) >= STEPS


def calls_of(action: Callable[[], object]) -> int:
    """How many Python functions an action calls."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    gc.disable()
    sys.setprofile(profile)
    try:
        action()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


@pytest.mark.parametrize("calls", [1, 300])
def test_law_6_idle_next_costs_the_same_however_many_children(calls: int) -> None:
    """Law 6: a parent visits only children that have something."""
    peer = Peer(make_agent(max_calls=1_000))
    for number in range(calls):
        peer.send(peer.request("INVITE", call_id=f"c{number}"))
        peer.agent.request("OPTIONS", "sip:bob@192.0.2.2", 0.0)
    peer.sent()
    peer.events()
    assert peer.agent.deadline is not None  # what was left behind in the queue is cleared once
    assert calls_of(peer.agent.next_transmit) <= 4
    assert calls_of(peer.agent.next_event) <= 4
    assert calls_of(lambda: peer.agent.deadline) <= 40
    assert calls_of(lambda: peer.agent.handle_timeout(0.0)) <= 120


@each_machine
@pytest.mark.parametrize("seed", SEEDS)
def test_law_7_state_without_a_deadline_belongs_to_its_parent(name: str, seed: int) -> None:
    """Law 7: it is in the table's ``user_owned``, or the last one."""

    def watch(play: Play) -> None:
        for machine in play.subject.states():
            table = machine.table
            owned = machine.state in table.user_owned or machine.state == table.final
            assert machine.deadline is not None or owned, machine

    Play(name, seed, watch=watch).run()


@pytest.mark.parametrize("seed", SEEDS)
def test_law_8_tables_are_bounded_and_counted(seed: int) -> None:
    """Law 8: by `max_calls`, `max_transactions`, `max_forks`, `max_lookups`; what is refused is counted."""

    def watch(play: Play) -> None:
        size = play.subject.size()
        assert size["invites"] <= 10
        assert size["merges"] <= 50
        assert size["dialogs"] <= 33 * size["calls"]
        assert size["lookups"] <= 5

    def watch_services(play: Play) -> None:
        size = play.subject.size()
        assert max(size["waiting"], size["letters"], size["published"], size["watchers"]) <= 3
        assert play.subject.agent.statistics().registered <= 3  # type: ignore[attr-defined]

    Play("ServingAgent", seed, watch=watch_services).run()
    play = Play("Agent", seed, watch=watch).run()
    assert isinstance(play.subject, AgentSubject)
    layer = Play("TransactionLayer", seed, watch=lambda p: _is_bounded(p.subject)).run()
    assert isinstance(layer.subject, LayerSubject)


def _is_bounded(subject: Subject) -> None:
    assert subject.size()["servers"] <= 20


def test_law_8_flood_of_invites_is_refused_and_counted() -> None:
    """Law 8."""
    peer = Peer(make_agent(max_calls=5, max_transactions=20))
    for number in range(200):
        peer.send(peer.request("INVITE", call_id=f"c{number}"))
        peer.send(peer.request("SUBSCRIBE", call_id=f"s{number}"))
    statistics = peer.agent.statistics()
    assert statistics.calls == 5
    assert statistics.transactions == 20
    assert statistics.refused == 400 - 20


@each_machine
@pytest.mark.parametrize("seed", SEEDS)
def test_close_is_idempotent_and_leads_to_closed(name: str, seed: int) -> None:
    """`close` may come at any time, twice, and after it time alone ends everything."""
    play = Play(name, seed)
    subject, machine = play.run().subject, play.subject.machine
    for _ in range(2):
        machine.close(play.now)
        subject.settle(play.now)
    subject.drain()
    subject.give_up(play.now)
    for _ in range(400):
        if not (deadlines := subject.deadlines()):
            break
        play.now = max(play.now, min(deadlines))
        subject.advance(play.now)
        subject.drain()
        subject.give_up(play.now)
    assert machine.closed or _waits_for_its_user(subject), subject.snapshot()
    assert machine.deadline is None


def _waits_for_its_user(subject: Subject) -> bool:
    """A bare layer cannot answer for its user: what it still holds are states that only he ends."""
    waiting = {State.PROCEEDING, State.TRYING}
    return isinstance(subject, LayerSubject) and all(m.state in waiting for m in subject.states())


@pytest.mark.parametrize("name", ["InviteClient", "InviteServer"])
def test_call_that_never_began_is_closed_at_once(name: str) -> None:
    """SES-11."""
    machine = SUBJECTS[name](Random(1)).machine
    machine.close(0.0)
    machine.close(0.0)
    assert machine.closed
    assert machine.next_transmit() is None
    assert machine.next_event() is None


@pytest.mark.parametrize("name", ["Agent", "ServingAgent"])
def test_agent_that_has_closed_holds_nothing(name: str) -> None:
    """SES-22, SIM-2."""
    for seed in SEEDS:
        play = Play(name, seed).run()
        assert isinstance(play.subject, AgentSubject)
        agent = play.subject.agent
        agent.close(play.now)
        for _ in range(400):
            play.subject.drain()
            play.subject.give_up(play.now)
            if agent.deadline is None:
                break
            play.now = max(play.now, agent.deadline)
            agent.handle_timeout(play.now)
        assert not any(play.subject.size().values()), play.subject.size()


def test_events_are_frozen() -> None:
    """Events are snapshots: nobody can change one for another who reads it."""
    kinds: list[type] = [*CallEnd.__args__, IncomingCall, ResponseReceived, RequestFailed]
    kinds += [kind for kind in AgentEvent.__args__ if attrs.has(kind)]
    for kind in kinds:
        assert attrs.has(kind)
        assert kind.__setattr__ is not object.__setattr__, kind
