"""From the words of a configuration to a store, and from a store to the bindings of a registrar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.register import MemoryBindingStore
from trio_runtime.registrar.records import from_wall_time
from trio_runtime.registrar.redis_store import RedisStore
from trio_runtime.registrar.sqlite_store import SqliteStore

if TYPE_CHECKING:
    from sansio_sip.register import Binding
    from trio_runtime.base.registrar_store import RegistrarStore

__all__ = ["load_bindings", "store_of"]


def store_of(wanted: str | RegistrarStore) -> RegistrarStore | None:
    """Return the store that a configuration names; ``None`` where bindings end with the process.

    Args:
        wanted: See `RegistrarConfig`.

    Raises:
        UnsupportedError: A library for it is missing.
    """
    if not isinstance(wanted, str):
        return wanted
    kind, _, rest = wanted.partition(":")
    if kind == "memory":
        return None
    return SqliteStore(rest) if kind == "sqlite" else RedisStore(wanted)


async def load_bindings(store: RegistrarStore, epoch: float, now: float) -> MemoryBindingStore:
    """Return what a store has, as the registrar keeps it.

    Left out is what has ended, and what can only be reached by a connection: that ended with the process that
    had it, and the phone comes again by itself.

    Args:
        store: The store.
        epoch: Wall time in seconds when our clock showed 0.
        now: Current time in seconds.

    Raises:
        StoreFailedError: It cannot be read.
    """
    async with store.opened() as session:
        found = await session.load()
    memory = MemoryBindingStore()
    for aor, bindings in found.items():
        live = [each for each in from_wall_time(bindings, epoch) if each.expires_at > now and _is_there(each)]
        memory.save(aor, tuple(live))
    return memory


def _is_there(binding: Binding) -> bool:
    only_by_connection = (binding.outbound or binding.by_source) and not binding.path
    return not (only_by_connection and binding.source.reliable)
