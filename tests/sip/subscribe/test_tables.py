"""The tables of events as data: complete, without dead ends, and as in the diagrams of their RFCs."""

from __future__ import annotations

from typing import Any

import pytest

from sansio_sip.subscribe import (
    NOTIFIER_TABLE,
    PUBLISHER_TABLE,
    SUBSCRIPTION_TABLE,
    WATCHER_TABLE,
    NotifierInput,
    NotifierState,
    PublisherInput,
    SubscriptionInput,
    SubscriptionStep,
    WatcherInput,
)
from sansio_sip.table import Table

TABLES: list[tuple[Table[Any, Any, Any], Any]] = [
    (WATCHER_TABLE, WatcherInput),
    (SUBSCRIPTION_TABLE, SubscriptionInput),
    (NOTIFIER_TABLE, NotifierInput),
    (PUBLISHER_TABLE, PublisherInput),
]
each_table = pytest.mark.parametrize(
    ("table", "inputs"), TABLES, ids=lambda value: getattr(value, "name", "")
)


@each_table
def test_every_state_is_reached_and_leads_to_the_end(table: Table[Any, Any, Any], inputs: Any) -> None:
    """CLI-5, SRV-6."""
    states = {state for state, _ in table.rows} | {rule.state for rule in table.rows.values()}
    kind: Any = type(table.final)
    assert states == set(kind)
    begin = min(states)
    for start in states:
        seen = {start}
        while more := {rule.state for (state, _), rule in table.rows.items() if state in seen} - seen:
            seen |= more
        assert table.final in seen
        assert start is not begin or seen == states


@each_table
def test_no_pair_is_both_a_row_and_ignored_and_every_input_is_used(
    table: Table[Any, Any, Any], inputs: Any
) -> None:
    """CLI-5, SRV-6."""
    assert not set(table.rows) & table.ignored
    assert {what for _, what in table.rows} == set(inputs)
    assert not any(state is table.final for state, _ in table.rows)


def test_subscription_moves_as_in_the_diagram_of_the_rfc() -> None:
    """CLI-5: RFC 6665 §4.1.2, the figure; ENDING is added for what §4.1.2.3 says."""
    s = SubscriptionStep
    moves = {(old, rule.state) for (old, _), rule in SUBSCRIPTION_TABLE.rows.items() if old is not rule.state}
    assert moves == {
        (s.NOTIFY_WAIT, s.PENDING), (s.NOTIFY_WAIT, s.ACTIVE), (s.NOTIFY_WAIT, s.TERMINATED),
        (s.PENDING, s.ACTIVE), (s.ACTIVE, s.PENDING), (s.PENDING, s.TERMINATED), (s.ACTIVE, s.TERMINATED),
        (s.NOTIFY_WAIT, s.ENDING), (s.PENDING, s.ENDING), (s.ACTIVE, s.ENDING), (s.ENDING, s.TERMINATED),
    }  # fmt: skip


def test_notifier_moves_as_in_the_diagram_of_the_rfc() -> None:
    """SRV-6: RFC 6665 §4.2.2, the figure: resp_wait is RECEIVED; ENDING waits for the last answer."""
    s = NotifierState
    moves = {(old, rule.state) for (old, _), rule in NOTIFIER_TABLE.rows.items() if old is not rule.state}
    assert moves == {
        (s.IDLE, s.RECEIVED), (s.IDLE, s.TERMINATED), (s.RECEIVED, s.PENDING), (s.RECEIVED, s.ACTIVE),
        (s.RECEIVED, s.TERMINATED), (s.RECEIVED, s.ENDING), (s.PENDING, s.ACTIVE), (s.PENDING, s.ENDING),
        (s.PENDING, s.TERMINATED), (s.ACTIVE, s.ENDING), (s.ACTIVE, s.TERMINATED), (s.ENDING, s.TERMINATED),
    }  # fmt: skip
