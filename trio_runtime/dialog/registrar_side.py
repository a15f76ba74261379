"""The verbs of signalling that concern our own registrar, be it in an agent or in a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sansio_sip.errors import LocalProtocolError
from sansio_sip.register import way_to
from trio_runtime.base.errors import InvalidUriError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sansio_sip.outbound import Way
    from sansio_sip.register import Binding
    from trio_runtime.base.environment import Environment

__all__ = ["RegistrarMachine", "RegistrarSide"]


class RegistrarMachine(Protocol):
    """A machine with a registrar in it; see `Agent` for each member."""

    def lookup(self, uri: str) -> list[Binding]:
        """Return where a user is."""
        ...

    def confirm_registration(self, change: int, now: float) -> None:
        """Let a change count."""

    def refuse_registration(
        self,
        change: int,
        status_code: int,
        now: float,
        *,
        reason: str = "",
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Drop a change."""


class RegistrarSide:
    """Asks the registrar, and gives it the last word about a change.

    Args:
        environment: Clock.
        machine: Gives the machine, which is there by the time it is asked.
        flush: Sends what the machine has to say.
    """

    def __init__(
        self, environment: Environment, machine: Callable[[], RegistrarMachine], flush: Callable[[], None]
    ) -> None:
        self._now = environment.clock.now
        self._machine = machine
        self._flush = flush

    def confirm(self, change: int) -> None:
        """Let a change that was held count."""
        self._machine().confirm_registration(change, self._now())
        self._flush()

    def refuse(
        self, change: int, status_code: int, reason: str = "", headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Drop a change that was held.

        Raises:
            LocalProtocolError: What it is to be answered with cannot be sent; it still waits.
        """
        self._machine().refuse_registration(change, status_code, self._now(), reason=reason, headers=headers)
        self._flush()

    def bindings(self, uri: str) -> list[Binding]:
        """Return where a user is, the preferred contact first.

        Raises:
            InvalidUriError: It is no address of record.
        """
        try:
            return self._machine().lookup(uri)
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error

    def ways(self, uri: str) -> list[Way]:
        """Return how requests get to a user; raises as `bindings` does."""
        return [way_to(binding) for binding in self.bindings(uri)]
