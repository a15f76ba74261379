"""A store of bindings in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from sansio_sip.register import Binding
    from trio_runtime.base.registrar_store import Change

__all__ = ["MemoryStore"]


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
