"""Rules and tables: how every state machine of this package is written down and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NamedTuple, TypeVar

from .errors import LocalProtocolError

if TYPE_CHECKING:
    from .message import Message

__all__ = ["NEVER", "Action", "Rule", "Table", "TableMachine"]

NEVER: Final = float("inf")

MachineT = TypeVar("MachineT")
StateT = TypeVar("StateT")
InputT = TypeVar("InputT")
Action = Callable[[MachineT, Any], None]  # each says itself which message its inputs bring, if any


class Rule(NamedTuple, Generic[MachineT, StateT]):
    """One row of a table.

    Attributes:
        state: The state afterwards.
        actions: What is done, in this order, after the state has changed.
    """

    state: StateT
    actions: tuple[Action[MachineT], ...] = ()


class Table(Generic[MachineT, StateT, InputT]):
    """The whole behaviour of one kind of machine.

    Two rules hold for each table. A pair that is neither a row nor ignored cannot come from the
    network; it is a mistake of the local user. And no state is left without a way out: each has a
    timer, or is documented as owned by the user of the machine.

    Attributes:
        name: The RFC's name of the machine.
        rows: A rule for each pair of state and input that does something.
        ignored: Pairs that are legal and change nothing.
        user_owned: States without a timer; the user of the machine ends them.
        final: The last state, in which whatever has no row is ignored.
        lingering: States that only absorb late repeats; nothing is owed to the peer in them.
    """

    __slots__ = ("final", "ignored", "lingering", "name", "rows", "user_owned")

    def __init__(
        self,
        name: str,
        rows: Mapping[tuple[StateT, InputT], Rule[MachineT, StateT]],
        *,
        ignored: frozenset[tuple[StateT, InputT]],
        user_owned: frozenset[StateT],
        final: StateT,
        lingering: frozenset[StateT] = frozenset(),
    ) -> None:
        self.name = name
        self.rows = dict(rows)
        self.ignored = ignored
        self.user_owned = user_owned
        self.final = final
        self.lingering = lingering


class TableMachine(Generic[StateT, InputT]):
    """A machine run by a table, with one timer that repeats and one that expires.

    Args:
        state: The state it starts in.
        now: Current time in seconds.
    """

    __slots__ = ("_expire_at", "_expire_input", "_now", "_repeat_at", "_repeat_input", "scheduled", "state")

    table: ClassVar[Table[Any, Any, Any]]

    def __init__(self, state: StateT, now: float) -> None:
        self.state = state
        self.scheduled = NEVER  # a parent's earliest queue entry for this machine
        self._now = now
        self._repeat_at = NEVER
        self._repeat_input: InputT | None = None
        self._expire_at = NEVER
        self._expire_input: InputT | None = None

    @property
    def deadline(self) -> float | None:
        """Time of the next timer; ``None`` in a state that the user or the parent ends."""
        at = self._repeat_at if self._repeat_at < self._expire_at else self._expire_at
        return None if at == NEVER else at

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        self._clock(now)
        # When the caller is so late that both are due, nothing is repeated that has expired.
        if self._expire_at <= self._now and self._expire_input is not None:
            self._expire_at = NEVER
            self._fire(self._expire_input)
        if self._repeat_at <= self._now and self._repeat_input is not None:
            self._repeat_at = NEVER
            self._fire(self._repeat_input)

    def _clock(self, now: float) -> float:
        if now > self._now:  # time that goes back counts as the last one seen
            self._now = now
        return self._now

    def _allows(self, what: InputT) -> bool:
        return (self.state, what) in self.table.rows

    def _fire(self, what: InputT, message: Message | None = None) -> None:
        rule = self.table.rows.get((self.state, what))
        if rule is None:
            if self.state == self.table.final or (self.state, what) in self.table.ignored:
                return
            raise LocalProtocolError(f"{self.table.name}: {what!r} is not possible in {self.state!r}")
        self.state = rule.state
        for action in rule.actions:
            action(self, message)

    def _arm_repeat(self, what: InputT, after: float) -> None:
        self._repeat_input = what
        self._repeat_at = self._now + after

    def _arm_expiry(self, what: InputT, after: float) -> None:
        self._expire_input = what
        self._expire_at = self._now + after

    def _stop_repeat(self, _message: Message | None = None) -> None:
        self._repeat_at = NEVER

    def _stop_timers(self, _message: Message | None = None) -> None:
        self._repeat_at = self._expire_at = NEVER
