"""Where a registrar keeps its bindings (the location service of RFC 3261 §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .binding import Binding

__all__ = ["BindingStore", "MemoryBindingStore", "StoreError"]


class StoreError(Exception):
    """A store could not read or write; nothing was changed."""


class BindingStore(Protocol):
    """Keeps the bindings of each address of record.

    Each call is atomic, and takes no time to speak of: a store behind a network is written behind this one
    from the registrar's events.
    """

    def load(self, aor: str) -> tuple[Binding, ...]:
        """Return the bindings of an address, none for an unknown one.

        Raises:
            StoreError: They could not be read.
        """
        ...

    def save(self, aor: str, bindings: tuple[Binding, ...]) -> None:
        """Replace the bindings of an address; without any it is forgotten.

        Raises:
            StoreError: They could not be written, and the old ones stand.
        """
        ...

    def addresses(self) -> Iterable[str]:
        """Return the addresses that have bindings."""
        ...

    def __len__(self) -> int:
        """Return how many addresses have bindings."""
        ...


class MemoryBindingStore:
    """Bindings in memory; the registrar's limits bound it."""

    __slots__ = ("_bindings",)

    def __init__(self) -> None:
        self._bindings: dict[str, tuple[Binding, ...]] = {}

    def load(self, aor: str) -> tuple[Binding, ...]:
        """Return the bindings of an address, none for an unknown one."""
        return self._bindings.get(aor, ())

    def save(self, aor: str, bindings: tuple[Binding, ...]) -> None:
        """Replace the bindings of an address; without any it is forgotten."""
        if bindings:
            self._bindings[aor] = bindings
        else:
            self._bindings.pop(aor, None)

    def addresses(self) -> Iterable[str]:
        """Return the addresses that have bindings."""
        return tuple(self._bindings)

    def __len__(self) -> int:
        return len(self._bindings)
