"""Where the bindings of a registrar outlive the process: what a store has to do."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from trio_runtime.base.errors import VoipError

if TYPE_CHECKING:
    from sansio_sip.register import Binding

__all__ = ["Change", "RegistrarStore", "StoreFailedError", "StoreSession"]

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
