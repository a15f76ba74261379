"""Bindings in a file: SQLite with a write-ahead log, in one worker thread."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from os import PathLike, fspath
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.registrar_store import Change, StoreFailedError
from trio_runtime.base.threads import run_blocking
from trio_runtime.registrar.records import read_record, write_record

if TYPE_CHECKING:
    from sansio_sip.register import Binding

__all__ = ["SqliteStore"]

logger = logging.getLogger("trio_runtime")
_VERSION = 1
_BUSY_S = 5.0  # another process that looks into the file does not hold it for longer
_SCHEMA = "CREATE TABLE IF NOT EXISTS bindings (aor BLOB PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID"
_SAVE = "INSERT INTO bindings VALUES (?, ?) ON CONFLICT (aor) DO UPDATE SET record = excluded.record"
_FORGET = "DELETE FROM bindings WHERE aor = ?"


class SqliteStore:
    """Keeps bindings in a file; a transaction is on the disk when it counts, also when the power fails.

    Args:
        path: The file, made when there is none.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = fspath(path)

    def __repr__(self) -> str:
        return f"<SqliteStore {self._path}>"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[_Session]:
        """Return a block in which the file is open.

        Raises:
            StoreFailedError: It cannot be opened, is no such file, or of a version to come.
        """
        limiter = trio.CapacityLimiter(1)  # one thread at a time: writes keep their order
        connection = await run_blocking(self._connect, limiter=limiter)
        try:
            yield _Session(connection, limiter)
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreFailedError(f"{self._path} cannot be opened: {error}") from error
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise StoreFailedError(f"{self._path} is of version {version}, which is not known here")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version={_VERSION}")
        except sqlite3.Error as error:
            connection.close()
            raise StoreFailedError(f"{self._path} cannot be used: {error}") from error
        except BaseException:
            connection.close()
            raise
        return connection


class _Session:
    """The open file."""

    def __init__(self, connection: sqlite3.Connection, limiter: trio.CapacityLimiter) -> None:
        self._connection = connection
        self._limiter = limiter

    async def load(self) -> dict[str, tuple[Binding, ...]]:
        return await run_blocking(self._load, limiter=self._limiter)

    def _load(self) -> dict[str, tuple[Binding, ...]]:
        found: dict[str, tuple[Binding, ...]] = {}
        try:
            for aor, record in self._connection.execute("SELECT aor, record FROM bindings"):
                try:
                    found[aor.decode("utf-8", "surrogateescape")] = read_record(record)
                except ValueError as error:
                    logger.error("bindings of %r are left out: %s", aor, error)
        except sqlite3.Error as error:
            raise StoreFailedError(f"bindings cannot be read: {error}") from error
        return found

    async def save(self, changes: Iterable[Change]) -> None:
        rows = [
            (aor.encode("utf-8", "surrogateescape"), write_record(bindings) if bindings else None)
            for aor, bindings in changes
        ]
        await run_blocking(partial(self._save, rows), limiter=self._limiter)

    def _save(self, rows: list[tuple[bytes, str | None]]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for aor, record in rows:
                if record is None:
                    connection.execute(_FORGET, (aor,))
                else:
                    connection.execute(_SAVE, (aor, record))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise StoreFailedError(f"bindings cannot be written: {error}") from error
