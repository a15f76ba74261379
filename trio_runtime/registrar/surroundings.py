"""What a registrar needs of the server that it is part of, be that a coordinator or a proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeAlias

from trio_runtime.events import types as facts

if TYPE_CHECKING:
    from sansio_sip.register import RegistrarStatistics

__all__ = ["RegistrarBus", "RegistrarCounts", "RegistrarFact"]

P = ParamSpec("P")
RegistrarFact: TypeAlias = (
    facts.ContactRegistered | facts.ContactRemoved | facts.RegisterRefused | facts.StoreFailed
)
"""What a registrar publishes."""


class RegistrarBus(Protocol):
    """The bus of a server that is a registrar among other things; see `EventBus`."""

    def announce(self, kind: Callable[P, RegistrarFact], *values: P.args, **named: P.kwargs) -> None:
        """Publish ``kind(*values)``."""


class RegistrarCounts(Protocol):
    """The counters of a machine with a registrar in it: an agent, or a proxy."""

    @property
    def registered(self) -> int:
        """Addresses that have phones now."""

    @property
    def held(self) -> int:
        """REGISTERs that wait for a word."""

    @property
    def registrar(self) -> RegistrarStatistics | None:
        """What the registrar counts."""
