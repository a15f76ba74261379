"""The one timer queue: exact, lazily cancelled, and no larger than what it holds."""

from __future__ import annotations

from random import Random

import pytest

from sansio_sip.table import NEVER
from sansio_sip.transaction import Schedule


class Item:
    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self.scheduled = NEVER
        self.fired: list[float] = []

    def handle_timeout(self, now: float) -> None:
        self.fired.append(now)
        self.deadline = None


def test_empty_queue_has_no_deadline() -> None:
    """TXN-2."""
    schedule = Schedule()
    schedule.update(Item(None))
    assert schedule.deadline is None
    assert schedule.pop_due(1e9) is None
    assert len(schedule) == 0


def test_earliest_comes_first_and_never_too_early() -> None:
    """TXN-2."""
    schedule = Schedule()
    items = [Item(t) for t in (3.0, 1.0, 2.0)]
    for item in items:
        schedule.update(item)
    assert schedule.deadline == 1.0
    assert schedule.pop_due(0.999) is None
    assert schedule.pop_due(5.0) is items[1]
    assert schedule.pop_due(5.0) is items[2]
    assert schedule.pop_due(5.0) is items[0]
    assert schedule.pop_due(5.0) is None


def test_deadline_that_moved_back_is_found_out_when_it_comes_up() -> None:
    """TXN-2: nobody has to tell."""
    schedule, item = Schedule(), Item(1.0)
    schedule.update(item)
    item.deadline = 9.0
    assert schedule.deadline == 9.0
    item.deadline = None
    assert schedule.pop_due(99.0) is None
    assert len(schedule) == 0


def test_deadline_that_moved_forward_is_told_by_update() -> None:
    """TXN-2."""
    schedule, item = Schedule(), Item(9.0)
    schedule.update(item)
    item.deadline = 1.0
    schedule.update(item)
    assert schedule.deadline == 1.0
    assert schedule.pop_due(1.0) is item
    item.deadline = 9.0
    schedule.update(item)
    assert schedule.deadline == 9.0
    assert schedule.pop_due(9.0) is item
    item.deadline = None
    assert schedule.pop_due(99.0) is None


def test_telling_again_what_is_known_costs_no_room() -> None:
    """TXN-8, law 8."""
    schedule, item = Schedule(), Item(5.0)
    for _ in range(10_000):
        schedule.update(item)
    assert len(schedule) == 1
    assert schedule.pop_due(5.0) is item
    assert schedule.pop_due(5.0) is None


def test_equal_deadlines_come_in_the_order_of_entry() -> None:
    """TXN-2: the same bytes in every run."""
    schedule = Schedule()
    items = [Item(1.0) for _ in range(50)]
    for item in items:
        schedule.update(item)
    assert [schedule.pop_due(1.0) for _ in items] == items


@pytest.mark.parametrize("seed", range(5))
def test_queue_agrees_with_a_search_through_all(seed: int) -> None:
    """TXN-2, law 2: a random life of 40 machines."""
    random, schedule, now = Random(seed), Schedule(), 0.0
    items = [Item(None) for _ in range(40)]
    for _ in range(3_000):
        item = random.choice(items)
        item.deadline = random.choice([None, now + random.randrange(50)])
        schedule.update(item)
        expected = min((i.deadline for i in items if i.deadline is not None), default=None)
        assert schedule.deadline == expected
        if random.random() < 0.2:
            now += random.randrange(10)
            while (due := schedule.pop_due(now)) is not None:
                assert due.deadline is not None
                assert due.deadline <= now
                due.handle_timeout(now)
                schedule.update(due)
            assert all(i.deadline is None or i.deadline > now for i in items)
