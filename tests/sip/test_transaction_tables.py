"""What holds for every table: it is total towards the network, and has no dead end."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import pytest

from sansio_sip.invite import CLIENT_TABLE, SERVER_TABLE, InviteInput, InviteState
from sansio_sip.table import Table
from sansio_sip.transaction import ClientInvite, ClientNonInvite, Input, ServerInvite, ServerNonInvite, State

AnyTable = Table[Any, Any, Any]

CLIENT_INPUTS: set[IntEnum] = {Input.PROVISIONAL, Input.SUCCESS, Input.FAILURE, Input.TRANSPORT_ERROR}
SERVER_INPUTS: set[IntEnum] = {Input.REQUEST, Input.ACK, Input.TRANSPORT_ERROR}
CALLER_INPUTS: set[IntEnum] = {
    InviteInput.PROVISIONAL,
    InviteInput.SUCCESS,
    InviteInput.REPEATED_SUCCESS,
    InviteInput.FAILURE,
    InviteInput.BAD_ANSWER,
    InviteInput.BYE_RECEIVED,
    InviteInput.BYE_DONE,
    InviteInput.TIMED_OUT,
    InviteInput.TRANSPORT_FAILED,
}
CALLEE_INPUTS: set[IntEnum] = {
    InviteInput.ACK_RECEIVED,
    InviteInput.BAD_ANSWER,
    InviteInput.CANCEL_RECEIVED,
    InviteInput.BYE_RECEIVED,
    InviteInput.BYE_DONE,
}
TABLES: list[tuple[AnyTable, set[IntEnum]]] = [
    (ClientInvite.table, CLIENT_INPUTS),
    (ClientNonInvite.table, CLIENT_INPUTS),
    (ServerInvite.table, SERVER_INPUTS),
    (ServerNonInvite.table, SERVER_INPUTS),
    (CLIENT_TABLE, CALLER_INPUTS),
    (SERVER_TABLE, CALLEE_INPUTS),
]
each_table = pytest.mark.parametrize(("table", "inputs"), TABLES, ids=[table.name for table, _ in TABLES])


def states(table: AnyTable) -> set[IntEnum]:
    return {state for state, _ in table.rows} | {rule.state for rule in table.rows.values()}


@each_table
def test_whatever_the_network_brings_is_a_row_or_ignored(table: AnyTable, inputs: set[IntEnum]) -> None:
    """TXN-1: nothing that a peer sends can be a surprise. IDLE has no peer yet."""
    for state in states(table) - {table.final, InviteState.IDLE}:
        for what in inputs:
            known = (state, what) in table.rows or (state, what) in table.ignored
            assert known, f"{table.name}: {state!r} {what!r}"


@each_table
def test_every_way_of_hanging_up_is_known(table: AnyTable, inputs: set[IntEnum]) -> None:
    """SES-11: a user may hang up in every state."""
    if inputs not in (CALLER_INPUTS, CALLEE_INPUTS):
        return
    for state in states(table) - {table.final}:
        known = (state, InviteInput.HANG_UP) in table.rows or (state, InviteInput.HANG_UP) in table.ignored
        assert known, f"{table.name}: {state!r}"


@each_table
def test_nothing_is_both_a_row_and_ignored(table: AnyTable, inputs: set[IntEnum]) -> None:
    """TXN-1."""
    assert not set(table.rows) & set(table.ignored)
    assert not {state for state, _ in table.ignored} & {table.final}


@each_table
def test_state_without_a_timer_has_an_owner(table: AnyTable, inputs: set[IntEnum]) -> None:
    """TXN-8, law 7: each state has a timer that leads out of it, or is documented as its user's."""
    for state in states(table) - {table.final}:
        timers = {
            what
            for (before, what), rule in table.rows.items()
            if before == state and rule.state != state and ("TIMER" in what.name or "EXPIRED" in what.name)
        } - {InviteInput.INVITE_EXPIRED}  # which runs only when the caller wishes it
        assert bool(timers) != (state in table.user_owned), f"{table.name}: {state!r} {timers}"


@each_table
def test_final_state_is_reached_from_every_state(table: AnyTable, inputs: set[IntEnum]) -> None:
    """TXN-8."""
    alive = {table.final}
    while True:
        more = {before for (before, _), rule in table.rows.items() if rule.state in alive} | alive
        if more == alive:
            break
        alive = more
    assert states(table) <= alive


@each_table
def test_every_state_is_reached_from_the_first(table: AnyTable, inputs: set[IntEnum]) -> None:
    """TXN-1: no row is dead."""
    first = {
        ClientInvite.table: State.CALLING,
        ClientNonInvite.table: State.TRYING,
        ServerInvite.table: State.PROCEEDING,
        ServerNonInvite.table: State.TRYING,
    }
    seen: set[IntEnum] = {first.get(table, InviteState.IDLE)}
    while True:
        more = {rule.state for (before, _), rule in table.rows.items() if before in seen} | seen
        if more == seen:
            break
        seen = more
    assert states(table) == seen


@each_table
def test_lingering_states_owe_nothing(table: AnyTable, inputs: set[IntEnum]) -> None:
    """TXN-8: closing may drop them, so no user action leads on from them."""
    for state in table.lingering:
        onward = {rule.state for (before, _), rule in table.rows.items() if before == state}
        assert onward <= {state, table.final}


def test_lingering_of_the_transactions() -> None:
    """TXN-8."""
    assert ServerInvite.table.lingering == {State.CONFIRMED}
    assert ServerNonInvite.table.lingering == {State.COMPLETED}
