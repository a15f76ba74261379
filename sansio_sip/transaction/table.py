"""States, inputs and rules: what a transaction table is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["Action", "Input", "Rule", "State", "Table"]

MachineT = TypeVar("MachineT")
Action = Callable[[MachineT, "Message | None"], None]


@unique
class State(IntEnum):
    """States of the four transactions (RFC 3261 §17, RFC 6026 §7)."""

    CALLING = 0
    TRYING = 1
    PROCEEDING = 2
    ACCEPTED = 3
    COMPLETED = 4
    CONFIRMED = 5
    TERMINATED = 6


@unique
class Input(IntEnum):
    """What can happen to a transaction: a message from either side, a timer, a lost transport."""

    REQUEST = 0
    ACK = 1
    PROVISIONAL = 2
    SUCCESS = 3
    FAILURE = 4
    TIMER_A = 5
    TIMER_B = 6
    TIMER_D = 7
    TIMER_E = 8
    TIMER_F = 9
    TIMER_G = 10
    TIMER_H = 11
    TIMER_I = 12
    TIMER_J = 13
    TIMER_K = 14
    TIMER_L = 15
    TIMER_M = 16
    TIMER_TRYING = 17
    TRANSPORT_ERROR = 18


class Rule(NamedTuple, Generic[MachineT]):
    """One row of a table.

    Attributes:
        state: The state afterwards.
        actions: What is done, in this order, after the state has changed.
    """

    state: State
    actions: tuple[Action[MachineT], ...] = ()


class Table(Generic[MachineT]):
    """The whole behaviour of one kind of transaction.

    Two rules hold for each table. A pair that is neither a row nor ignored cannot come from the
    network; it is a mistake of the local user. And no state is left without a way out: each has a
    timer, or is documented as owned by the transaction user.

    Attributes:
        name: The RFC's name of the machine.
        rows: A rule for each pair of state and input that does something.
        ignored: Pairs that are legal and change nothing.
        user_owned: States without a timer; the transaction user ends them.
    """

    __slots__ = ("ignored", "name", "rows", "user_owned")

    def __init__(
        self,
        name: str,
        rows: Mapping[tuple[State, Input], Rule[MachineT]],
        ignored: frozenset[tuple[State, Input]],
        user_owned: frozenset[State],
    ) -> None:
        self.name = name
        self.rows = dict(rows)
        self.ignored = ignored
        self.user_owned = user_owned
