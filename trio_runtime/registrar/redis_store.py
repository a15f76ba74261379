"""Bindings in Redis: a key for each address, which goes by itself when its last binding has ended."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from trio_runtime.base.errors import UnsupportedError
from trio_runtime.base.registrar_store import Change, StoreFailedError
from trio_runtime.registrar.records import read_record, write_record

if TYPE_CHECKING:
    from sansio_sip.register import Binding

__all__ = ["RedisStore"]

logger = logging.getLogger("trio_runtime")
_TIMEOUT_S = 5.0
_BATCH = 500


class RedisStore:
    """Keeps bindings in a Redis server, which several registrars may share.

    How long after a crash of the *server* they are there is up to its ``appendfsync``.

    Args:
        url: Such as ``redis://127.0.0.1:6379/0``.
        prefix: What its keys begin with.

    Raises:
        UnsupportedError: The library is missing.
    """

    def __init__(self, url: str, *, prefix: str = "sansio:bindings:") -> None:
        try:
            import coredis
        except ImportError as error:
            raise UnsupportedError(
                "Redis needs the library coredis: pip install 'sansio-voip[redis]'"
            ) from error
        self._library: Any = coredis
        self._url = url
        self._prefix = prefix.encode()

    def __repr__(self) -> str:
        return "<RedisStore>"  # the URL may hold a password

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[_Session]:
        """Return a block in which there is a connection.

        Raises:
            StoreFailedError: There is none to be had.
        """
        library = self._library
        try:
            client = library.Redis.from_url(
                self._url, connect_timeout=_TIMEOUT_S, stream_timeout=_TIMEOUT_S, max_connections=4
            )
        except ValueError as error:
            raise StoreFailedError(f"the URL of Redis cannot be used: {error}") from error
        with _failures(library, "reached"):
            async with client:
                await client.ping()
                yield _Session(library, client, self._prefix)


class _Session:
    """The connection."""

    def __init__(self, library: Any, client: Any, prefix: bytes) -> None:
        self._library = library
        self._client = client
        self._prefix = prefix

    async def load(self) -> dict[str, tuple[Binding, ...]]:
        found: dict[str, tuple[Binding, ...]] = {}
        with _failures(self._library, "read"):
            keys = [key async for key in self._client.scan_iter(match=self._prefix + b"*", count=_BATCH)]
            for start in range(0, len(keys), _BATCH):
                some = keys[start : start + _BATCH]
                for key, record in zip(some, await self._client.mget(some), strict=True):
                    self._take(found, key, record)
        return found

    def _take(self, found: dict[str, tuple[Binding, ...]], key: bytes, record: bytes | None) -> None:
        if record is None:
            return  # has just ended
        aor = key[len(self._prefix) :].decode("utf-8", "surrogateescape")
        try:
            found[aor] = read_record(record)
        except ValueError as error:
            logger.error("bindings of %r are left out: %s", aor, error)

    async def save(self, changes: Iterable[Change]) -> None:
        with _failures(self._library, "written"):
            async with self._client.pipeline(transaction=True) as pipeline:
                for aor, bindings in changes:
                    key = self._prefix + aor.encode("utf-8", "surrogateescape")
                    if bindings:
                        ends = math.ceil(max(binding.expires_at for binding in bindings))
                        pipeline.set(key, write_record(bindings), exat=ends)
                    else:
                        pipeline.delete([key])


@contextmanager
def _failures(library: Any, what: str) -> Iterator[None]:
    """Turn what the library raises, also in a group, into our error."""
    try:
        yield
    except StoreFailedError:
        raise
    except (library.exceptions.RedisError, OSError, TimeoutError) as error:
        raise StoreFailedError(f"Redis cannot be {what}: {error or type(error).__name__}") from error
    except BaseExceptionGroup as group:
        only = _only(group)
        if isinstance(only, StoreFailedError):
            raise only from group
        if not isinstance(only, (library.exceptions.RedisError, OSError, TimeoutError)):
            raise
        raise StoreFailedError(f"Redis cannot be {what}: {only or type(only).__name__}") from group


def _only(error: BaseException) -> BaseException:
    """Return the one exception within groups of one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
