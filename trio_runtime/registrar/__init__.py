"""A registrar for phones: where users are, and stores in which that outlives the process."""

from trio_runtime.base.registrar_store import RegistrarStore, StoreFailedError, StoreSession
from trio_runtime.registrar.location import LocationService
from trio_runtime.registrar.manager import RegistrationManager
from trio_runtime.registrar.memory_store import MemoryStore
from trio_runtime.registrar.opening import load_bindings, store_of
from trio_runtime.registrar.part import RegistrarPart, open_registrar_part
from trio_runtime.registrar.redis_store import RedisStore
from trio_runtime.registrar.sqlite_store import SqliteStore
from trio_runtime.registrar.types import Contact, RegistrarStatistics
from trio_runtime.registrar.writer import StoreStatistics, StoreWriter

__all__ = [
    "Contact",
    "LocationService",
    "MemoryStore",
    "RedisStore",
    "RegistrarPart",
    "RegistrarStatistics",
    "RegistrarStore",
    "RegistrationManager",
    "SqliteStore",
    "StoreFailedError",
    "StoreSession",
    "StoreStatistics",
    "StoreWriter",
    "load_bindings",
    "open_registrar_part",
    "store_of",
]
