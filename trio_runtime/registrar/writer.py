"""The one task that writes to a store: what has gathered, in one transaction, in order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.base.registrar_store import StoreFailedError
from trio_runtime.registrar.records import at_wall_time

if TYPE_CHECKING:
    from sansio_sip.register import Binding
    from trio_runtime.base.clock import Clock
    from trio_runtime.base.registrar_store import RegistrarStore, StoreSession

__all__ = ["StoreStatistics", "StoreWriter", "Written"]

logger = logging.getLogger("trio_runtime")
_RETRY_S, _MAX_RETRY_S = 2.0, 60.0
_MAX_BATCH = 1_000


@attrs.frozen
class StoreStatistics:
    """What became of changes that go to the store.

    Attributes:
        waiting: Addresses whose bindings wait to be written.
        transactions: How often something was written.
        written: Addresses written.
        failures: Transactions that failed, and tries to open the store.
        longest_s: The longest transaction, in seconds.
    """

    waiting: int
    transactions: int
    written: int
    failures: int
    longest_s: float


@attrs.frozen
class Written:
    """What became of a change that somebody waits for.

    Attributes:
        change: Its number.
        error: Why it is not in the store; ``None`` when it is.
    """

    change: int
    error: StoreFailedError | None


@attrs.frozen
class _Waiting:
    """What is to be written of an address: a change, or, without one, what it has by then."""

    change: int | None = None
    bindings: tuple[Binding, ...] = ()


class StoreWriter:
    """Writes behind its callers, who never wait; `run` is its task.

    An address that waits already is written once, as it is then. What fails is told; what nobody waits for is
    tried again.

    Args:
        store: Where to.
        bindings_of: Gives the bindings that an address has.
        clock: Measures, and waits.
        epoch: Wall time in seconds when the clock showed 0.
        on_written: Told of each change.
        on_failure: Told of each failure.
    """

    def __init__(
        self,
        store: RegistrarStore,
        bindings_of: Callable[[str], tuple[Binding, ...]],
        clock: Clock,
        epoch: float,
        on_written: Callable[[list[Written]], None],
        on_failure: Callable[[StoreFailedError], None],
    ) -> None:
        self._store = store
        self._bindings_of = bindings_of
        self._clock = clock
        self._epoch = epoch
        self._on_written = on_written
        self._on_failure = on_failure
        self._waiting: dict[str, _Waiting] = {}
        self._news = trio.Event()
        self._closing = False
        self._done = trio.Event()
        self._in_work = self._transactions = self._written = self._failures = 0
        self._longest_s, self._retry_s = 0.0, _RETRY_S

    def submit(self, aor: str, change: int, bindings: tuple[Binding, ...]) -> None:
        """Write a change; `on_written` tells what became of it."""
        self._waiting[aor] = _Waiting(change, bindings)
        self._news.set()

    def touch(self, aor: str) -> None:
        """Write what an address has, some time soon; a change of it that waits says more."""
        if self._waiting.setdefault(aor, _Waiting()).change is None:
            self._news.set()

    async def run(self) -> None:
        """Write for ever, or until `finish`."""
        try:
            while not self._closing or self._waiting:
                await self._wait()
                if not self._waiting:
                    continue
                try:
                    async with self._store.opened() as session:
                        await self._serve(session)
                except Exception as error:  # a store of the application's own may raise what it likes
                    self._fail(error if isinstance(error, StoreFailedError) else _failure_of(error))
                    if self._closing:
                        return
        finally:
            self._done.set()

    async def finish(self, grace: float) -> int:
        """Write what waits, for at most ``grace`` seconds, and end; return how many addresses were not."""
        self._closing = True
        self._news.set()
        with trio.move_on_after(grace):
            await self._done.wait()
        return len(self._waiting)

    async def _wait(self) -> None:
        """Wait for something to do; after a failure only for a while."""
        timeout = self._retry_s if self._waiting else float("inf")
        if not self._closing:
            with trio.move_on_after(timeout):
                await self._news.wait()
        await trio.lowlevel.checkpoint()

    async def _serve(self, session: StoreSession) -> None:
        while self._waiting:
            self._news = trio.Event()
            aors = list(self._waiting)[:_MAX_BATCH]
            batch = {aor: self._waiting.pop(aor) for aor in aors}
            self._in_work = len(batch)
            try:
                await self._write(session, batch)
            except BaseException:
                for aor, waiting in batch.items():  # unless something newer waits
                    self._waiting.setdefault(aor, waiting)
                raise
            finally:
                self._in_work = 0
            if not self._waiting and not self._closing:
                await self._news.wait()

    async def _write(self, session: StoreSession, batch: dict[str, _Waiting]) -> None:
        changes = [
            (aor, at_wall_time(self._bindings_of(aor) if each.change is None else each.bindings, self._epoch))
            for aor, each in batch.items()
        ]
        begun = self._clock.now()
        await session.save(changes)
        self._longest_s = max(self._longest_s, self._clock.now() - begun)
        self._retry_s = _RETRY_S
        self._transactions += 1
        self._written += len(batch)
        self._on_written([Written(each.change, None) for each in batch.values() if each.change is not None])

    def _fail(self, error: StoreFailedError) -> None:
        """Tell everybody who waits; the store keeps what it had, and is told again what we have."""
        self._failures += 1
        self._retry_s = min(2 * self._retry_s, _MAX_RETRY_S)
        self._news = trio.Event()
        refused = [each.change for each in self._waiting.values() if each.change is not None]
        self._waiting = dict.fromkeys(self._waiting, _Waiting())
        logger.error("the store of the registrar failed: %s", str(error))
        self._on_failure(error)
        self._on_written([Written(change, error) for change in refused])

    def statistics(self) -> StoreStatistics:
        """Return the counters."""
        waiting = len(self._waiting) + self._in_work
        return StoreStatistics(waiting, self._transactions, self._written, self._failures, self._longest_s)


def _failure_of(error: Exception) -> StoreFailedError:
    logger.error("the store of the registrar raised what it should not", exc_info=error)
    return StoreFailedError(f"{type(error).__name__}: {error}")
