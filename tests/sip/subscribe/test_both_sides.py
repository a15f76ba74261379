"""Subscriber and notifier against each other: whole lives, a bad wire, any order (RFC 6665)."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sansio_sip.errors import LocalProtocolError
from sansio_sip.subscribe import (
    FixedState,
    Notifier,
    NotifyReceived,
    SubscribeEvent,
    SubscriberGone,
    SubscriptionEnded,
    SubscriptionRequested,
    SubscriptionRetrying,
    TerminatedByNotifier,
    Watcher,
)
from tests.sip.subscribe.wire import Wire, lossy, order


def state(text: str) -> FixedState:
    return FixedState("application/pidf+xml", text.encode())


def accepting(wire: Wire, text: str = "first") -> None:
    """Let `b` accept whoever comes."""

    def accept(event: SubscribeEvent) -> None:
        if isinstance(event, SubscriptionRequested):
            wire.b.find(event.subscription).accept(state(text), wire.now)

    wire.b.on_event = accept


def notifiers(wire: Wire) -> list[Notifier]:
    return [usage for usage in wire.b.usages if isinstance(usage, Notifier) and not usage.closed]


def test_day_of_a_subscription() -> None:
    """CLI-5, SRV-6: RFC 6665: subscribed, refreshed, told changes, unsubscribed; nothing is left."""
    wire = Wire()
    accepting(wire)
    watcher = wire.a.watcher()
    watcher.subscribe(order(expires=3_600), 0.0)
    for hour in range(1, 25):
        wire.run(hour * 3_600.0)
        (notifier,) = notifiers(wire)
        notifier.notify(state(f"hour {hour}"), wire.now)
    wire.run(25 * 3_600.0)
    told = [event.body.decode() for event in wire.a.of(NotifyReceived)]
    assert [text for text in told if text.startswith("hour")] != []
    assert {f"hour {hour}" for hour in range(1, 25)} <= set(told)
    watcher.close(wire.now)
    wire.run()
    assert len(wire.a.of(SubscriptionEnded)) == len(wire.b.of(SubscriberGone)) == 1
    wire.a.assert_quiet()
    wire.b.assert_quiet()


def test_fetch_looks_once() -> None:
    """CLI-5, SRV-6: RFC 6665 §4.4.3."""
    wire = Wire(max_forks=1)
    accepting(wire, "seen")
    wire.a.watcher().subscribe(order(expires=0), 0.0)
    wire.run()
    (told,) = wire.a.of(NotifyReceived)
    assert (told.body, str(told.state)) == (b"seen", "terminated;reason=timeout")
    wire.a.assert_quiet()
    wire.b.assert_quiet()


def test_migration_to_another_notifier() -> None:
    """CLI-5, SRV-6: RFC 6665 §4.4.2: deactivated; the new subscription is an unrelated dialog."""
    wire = Wire()
    accepting(wire)
    wire.a.watcher().subscribe(order(), 0.0)
    wire.run(100.0)
    notifiers(wire)[0].terminate("deactivated", wire.now)
    wire.run(200.0)
    (retrying,) = wire.a.of(SubscriptionRetrying)
    assert retrying.end == TerminatedByNotifier("deactivated")
    first, second = (usage for usage in wire.b.usages if isinstance(usage, Notifier))
    assert first.closed
    assert first.dialog.call_id != second.dialog.call_id
    assert len(notifiers(wire)) == 1


def test_subscriber_that_dies_is_dropped_at_the_next_notify() -> None:
    """SRV-6: RFC 6665 §4.2.2."""
    dead = [False]
    wire = Wire(fate=lambda number, data: () if dead[0] else (0.01,))
    accepting(wire)
    wire.a.watcher().subscribe(order(), 0.0)
    wire.run(10.0)
    dead[0] = True
    notifiers(wire)[0].notify(state("anybody there?"), wire.now)
    wire.run(60.0)
    assert len(wire.b.of(SubscriberGone)) == 1
    assert notifiers(wire) == []


def test_notifier_that_dies_is_noticed_when_the_refresh_fails() -> None:
    """CLI-5: RFC 6665 §4.1.2.2: tried again with back-off until it is back."""
    dead = [False]
    wire = Wire(fate=lambda number, data: () if dead[0] else (0.01,))
    accepting(wire)
    watcher = wire.a.watcher()
    watcher.subscribe(order(expires=600), 0.0)
    wire.run(500.0)
    dead[0] = True
    wire.run(2_000.0)
    assert len(wire.a.of(SubscriptionRetrying)) >= 3
    dead[0] = False
    wire.run(6_000.0)
    assert watcher.notifiers, wire.ladder()
    watcher.close(wire.now)
    wire.run(20_000.0)
    wire.a.assert_quiet()


@pytest.mark.parametrize("block", range(4))
def test_bad_wire_neither_wedges_nor_leaks(block: int) -> None:
    """CLI-5, SRV-6, SIM-4: loss, doubles and reordering; at the end both sides are quiet."""
    for seed in range(block * 8, block * 8 + 8):
        random = Random(seed)
        wire = Wire(seed=seed, fate=lossy(seed, loss=0.2, duplicate=0.2, reorder=0.4))
        accepting(wire)
        watcher = wire.a.watcher()
        watcher.subscribe(order(expires=random.choice([120, 600])), 0.0)
        for number in range(10):
            wire.run(wire.now + random.choice([0.5, 7.0, 90.0]))
            for notifier in notifiers(wire):
                notifier.notify(state(f"{number}"), wire.now)
        for notifier in notifiers(wire):
            notifier.notify(state("last"), wire.now)
        wire.run(wire.now + 1_500.0)
        if notifiers(wire) and watcher.notifiers:
            assert wire.a.of(NotifyReceived)[-1].body in (b"last", b"first"), wire.ladder()
        watcher.close(wire.now)
        wire.run(wire.now + 5_000.0)
        assert len(wire.a.of(SubscriptionEnded)) == 1
        wire.a.assert_quiet()
        wire.b.assert_quiet()


def test_same_seed_gives_the_same_wire() -> None:
    """SIM-4."""
    ladders = []
    for _ in range(2):
        wire = Wire(seed=5, fate=lossy(5, loss=0.2, duplicate=0.2, reorder=0.4))
        accepting(wire)
        wire.a.watcher().subscribe(order(expires=120), 0.0)
        wire.run(1_000.0)
        ladders.append(wire.ladder())
    assert ladders[0] == ladders[1]


class SubscriptionMachine(RuleBasedStateMachine):
    """Any order of verbs, time and losses: no error but of the caller, one end each, quiet at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = False
        self.wire = Wire(fate=lambda number, data: () if self.lost else (0.01,))
        self.watchers: list[Watcher] = []

    @initialize()
    def begin(self) -> None:
        self.subscribe(600, False)

    @rule(expires=st.sampled_from([0, 30, 120, 600]), again=st.booleans())
    def subscribe(self, expires: int, again: bool) -> None:
        if len(self.watchers) < 4:
            watcher = self.wire.a.watcher(f"w{len(self.watchers)}")
            self.watchers.append(watcher)
            watcher.subscribe(order(expires=expires, resubscribe=again), self.wire.now)

    @rule(seconds=st.sampled_from([0.0, 0.005, 0.3, 6.0, 40.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self.wire.run(self.wire.now + seconds)

    @rule()
    def lose(self) -> None:
        self.lost = not self.lost

    @rule(which=st.integers(0, 3), verb=st.sampled_from(["accept", "pend", "notify", "reject", "terminate"]))
    def notify(self, which: int, verb: str) -> None:
        found = notifiers(self.wire)
        if not found:
            return
        notifier, now = found[which % len(found)], self.wire.now
        try:
            if verb == "terminate":
                notifier.terminate("probation", now, 9)
            elif verb in ("pend", "reject"):
                getattr(notifier, verb)(now)
            else:
                getattr(notifier, verb)(state(verb), now)
        except LocalProtocolError:
            return

    @rule(which=st.integers(0, 3), verb=st.sampled_from(["close", "refresh"]))
    def watch(self, which: int, verb: str) -> None:
        getattr(self.watchers[which % len(self.watchers)], verb)(self.wire.now)

    @invariant()
    def ends_once(self) -> None:
        names = [event.subscription for event in self.wire.a.of(SubscriptionEnded)]
        gone = [event.subscription for event in self.wire.b.of(SubscriberGone)]
        assert len(names) == len(set(names))
        assert len(gone) == len(set(gone))

    def teardown(self) -> None:
        self.lost = False
        for watcher in self.watchers:
            watcher.close(self.wire.now)
        for notifier in notifiers(self.wire):
            notifier.close(self.wire.now)
        self.wire.run(self.wire.now + 3_000.0)
        self.wire.a.assert_quiet()
        self.wire.b.assert_quiet()


SubscriptionMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestSubscriptionMachine = SubscriptionMachine.TestCase
TestSubscriptionMachine.__doc__ = "CLI-5, SRV-6."
