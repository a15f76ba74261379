"""What a call is busy with beside its own beginning and end: one machine for each concern."""

from __future__ import annotations

from typing import Protocol, TypeVar

from ..table import NEVER, TableMachine
from .states import InviteInput, InviteState

__all__ = ["Concern", "ConcernOwner"]

ConcernT = TypeVar("ConcernT")


class Concern(Protocol):
    """A machine that a call owns, such as a re-INVITE or the repeats of a reliable provisional.

    The call asks for its deadline and lets it run; it has the output and the transactions of the call.
    """

    @property
    def deadline(self) -> float | None:
        """Absolute time in seconds at which `handle_timeout` has work, or ``None``."""
        ...

    def handle_timeout(self, now: float) -> None:
        """Run everything that is due at ``now``."""
        ...

    def call_over(self, now: float) -> None:
        """Take note that the call has ended: answer what is open and want nothing more."""
        ...

    def settled(self, now: float) -> None:
        """Take note that something changed which may have been in the way, such as an open offer."""
        ...


class ConcernOwner(TableMachine[InviteState, InviteInput]):
    """A call's own table with the machines that run beside it.

    Args:
        now: Current time in seconds.

    Attributes:
        concerns: What the call is busy with.
    """

    __slots__ = ("concerns",)

    def __init__(self, now: float) -> None:
        super().__init__(InviteState.IDLE, now)
        self.concerns: tuple[Concern, ...] = ()

    @property
    def deadline(self) -> float | None:
        """Time of the next timer of the call or of one of its concerns."""
        at = self._repeat_at if self._repeat_at < self._expire_at else self._expire_at
        for concern in self.concerns:
            due = concern.deadline
            if due is not None and due < at:
                at = due
        return None if at == NEVER else at

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        super().handle_timeout(now)
        for concern in self.concerns:
            due = concern.deadline
            if due is not None and due <= self._now:
                concern.handle_timeout(self._now)

    def add_concern(self, concern: Concern) -> None:
        """Let a concern run with the call from now on."""
        self.concerns = (*self.concerns, concern)

    def drop_concern(self, concern: Concern) -> None:
        """Let a concern go that owes nothing any more."""
        self.concerns = tuple([other for other in self.concerns if other is not concern])

    def concern(self, kind: type[ConcernT]) -> ConcernT | None:
        """Return the first concern of a kind."""
        for concern in self.concerns:
            if isinstance(concern, kind):
                return concern
        return None

    def settled(self, now: float) -> None:
        """Tell every concern that something changed which may have been in its way."""
        self._clock(now)
        for concern in self.concerns:
            concern.settled(self._now)
