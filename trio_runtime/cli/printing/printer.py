"""Prints the events of a coordinator as they come, without ever making the signalling wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from trio_runtime.base.service import ServiceScope
from trio_runtime.cli.printing.event_records import event_record
from trio_runtime.cli.printing.ladders import LadderPrinter
from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.events import EventStream
from trio_runtime.events.types import SessionEvent

__all__ = ["printing_events"]

_LAST_LINES_S = 2.0
"""How long a reader that stands still may keep the program from ending."""


@asynccontextmanager
async def printing_events(
    events: EventStream[SessionEvent], output: Output, *, ladders: LadderPrinter | None = None
) -> AsyncIterator[None]:
    """Print while the block lasts, which should be around the coordinator's: then it prints to the end.

    A reader that stands still, such as a full pipe, holds up a thread and no call; of more than the
    subscription can hold, the oldest events are lost and counted.

    Args:
        events: The coordinator's events; ended when the block is left.
        output: Where to.
        ladders: Adds the ladder of each call that is over; ``None`` for none.
    """
    printer = _EventPrinter(events, output, ladders)
    async with ServiceScope(printer.finish) as services:
        services.start_soon(printer.print_all, name="event printer")
        yield


class _EventPrinter:
    def __init__(
        self, events: EventStream[SessionEvent], output: Output, ladders: LadderPrinter | None
    ) -> None:
        self._events = events
        self._output = output
        self._ladders = ladders
        self._start = trio.current_time()
        self._done = trio.Event()

    async def finish(self) -> None:
        self._events.end()
        with trio.move_on_after(_LAST_LINES_S):
            await self._done.wait()

    async def print_all(self) -> None:
        try:
            async for event in self._events:
                records = [record for each in self._batch(event) for record in self._records(each)]
                if records:
                    await self._output.write_patiently(records)
        finally:
            self._done.set()

    def _batch(self, first: SessionEvent) -> list[SessionEvent]:
        """Return everything that waits, so that one hop to a thread serves a burst."""
        batch = [first]
        while True:
            try:
                batch.append(self._events.receive_nowait())
            except (trio.WouldBlock, trio.EndOfChannel):
                return batch

    def _records(self, event: SessionEvent) -> list[Record]:
        line = event_record(event, trio.current_time() - self._start)
        records = [] if line is None else [line]
        if self._ladders is not None:
            records += self._ladders.records(event)
        return records
