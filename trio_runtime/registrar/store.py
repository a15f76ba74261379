"""Where bindings outlive the process: the contract of stores, and one in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import trio

from trio_runtime.base.errors import VoipError

if TYPE_CHECKING:
    from sansio_sip.register import Binding

__all__ = ["Change", "MemoryStore", "RegistrarStore", "StoreFailedError", "StoreSession"]

Change = tuple[str, tuple["Binding", ...]]
"""An address of record and all the bindings that it has now, none to forget it; times are wall time."""


class StoreFailedError(VoipError):
    """A store cannot be opened, read or written."""


class StoreSession(Protocol):
    """A store that is open."""

    async def load(self) -> dict[str, tuple[Binding, ...]]:
        """Return the bindings of all addresses; what cannot be read of them is left out, and logged.

        Raises:
            StoreFailedError: The store cannot be read.
        """
        ...

    async def save(self, changes: Iterable[Change]) -> None:
        """Replace the bindings of addresses, all or none; when it returns they survive our process.

        Raises:
            StoreFailedError: They could not be written.
        """
        ...


class RegistrarStore(Protocol):
    """Keeps bindings. One task opens it and uses it; there may be other processes."""

    def opened(self) -> AbstractAsyncContextManager[StoreSession]:
        """Return a block in which the store is open.

        Raises:
            StoreFailedError: It cannot be opened.
        """
        ...


class MemoryStore:
    """Keeps bindings for as long as the object lives, so a coordinator may be closed and opened anew."""

    def __init__(self) -> None:
        self._bindings: dict[str, tuple[Binding, ...]] = {}

    def __len__(self) -> int:
        return len(self._bindings)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[MemoryStore]:
        """Return a block in which the store is open."""
        await trio.lowlevel.checkpoint()
        yield self

    async def load(self) -> dict[str, tuple[Binding, ...]]:
        """Return the bindings of all addresses."""
        await trio.lowlevel.checkpoint()
        return dict(self._bindings)

    async def save(self, changes: Iterable[Change]) -> None:
        """Replace the bindings of addresses."""
        await trio.lowlevel.checkpoint()
        for aor, bindings in changes:
            if bindings:
                self._bindings[aor] = bindings
            else:
                self._bindings.pop(aor, None)
