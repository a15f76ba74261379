"""What a call is busy with beside its own beginning and end: one machine for each concern."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Concern"]


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
