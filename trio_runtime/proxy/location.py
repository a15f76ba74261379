"""Where registered users are, as a routing function asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sansio_sip.proxy import Target

__all__ = ["Location", "Reachable", "targets_of"]


class Reachable(Protocol):
    """One phone of a user; the `Contact` of a registrar is such a thing."""

    @property
    def uri(self) -> str:
        """Where it wants to be called."""

    @property
    def q(self) -> float:
        """Its preference, 0 to 1."""

    @property
    def path(self) -> tuple[str, ...]:
        """Proxies on the way to it, the first one first."""


class Location(Protocol):
    """Knows the phones of users: a coordinator with a registrar, or a table of the application's own."""

    def locate(self, uri: str) -> Sequence[Reachable]:
        """Return the phones of an address of record, none for who is not registered."""
        ...


def targets_of(phones: Iterable[Reachable]) -> list[Target]:
    """Return the targets that lead to phones: the preferred first, those of one preference together.

    Each is called at its URI, by its path. What a registrar reaches by a connection that the phone opened
    to it is reached by its own sockets only: let the call go through it.
    """
    return [Target(uri=phone.uri, q=phone.q, routes=phone.path) for phone in phones]
