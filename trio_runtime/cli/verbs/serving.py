"""What the verbs that forward have in common: they tell, count, measure, drain and end."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs
import trio

from trio_runtime.cli.metrics import serve_text
from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.cli.printing.readiness import ready_record
from trio_runtime.observe.exposition import render_exposition
from trio_runtime.observe.record_metrics import record_families

if TYPE_CHECKING:
    from trio_runtime.base.listening import Listener
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.events import EventStream

__all__ = ["Forwarder", "forward", "tell_rest"]

EventT = TypeVar("EventT")


class Forwarder(Protocol):
    """A proxy, or a back-to-back user agent."""

    @property
    def listening(self) -> list[Listener]:
        """Where it listens."""

    def statistics(self) -> attrs.AttrsInstance:
        """Return its numbers."""

    def drain(self, *, deadline: float | None = None) -> Awaitable[int]:
        """Take nothing new."""


async def forward(
    server: Forwarder,
    events: AsyncIterable[EventT],
    tell: Callable[[EventT, float], Record | None],
    count: Callable[[], Record],
    options: Namespace,
    output: Output,
    interrupt: Interrupt,
) -> None:
    """Let an open server work until interrupted or ``--duration`` is over.

    Args:
        server: It.
        events: What it tells.
        tell: Makes a line of an event, given the seconds since the beginning.
        count: Makes the line of its numbers.
        options: The command line.
        output: Where lines go.
        interrupt: The wish that it end.
    """
    began = trio.current_time()

    async def print_events() -> None:
        async for event in events:
            record = tell(event, trio.current_time() - began)
            if record is not None:
                output.write(record)

    async def print_numbers() -> None:
        while True:
            await trio.sleep(options.counts or math.inf)
            output.write(count())

    async def drain() -> None:
        interrupt.can_drain = True
        await interrupt.drain.wait()
        output.write(Record("draining", f"draining for {options.drain:g} s", {"seconds": options.drain}))
        await server.drain(deadline=trio.current_time() + options.drain)
        interrupt.trigger()

    with interrupt.scope, trio.move_on_after(options.duration or math.inf):
        async with trio.open_nursery() as nursery:
            await serve_text(
                lambda: render_exposition(record_families(server.statistics(), "voip")),
                options.metrics,
                output,
                nursery,
            )
            output.write(ready_record(server.listening))
            if not options.quiet:
                nursery.start_soon(print_events)
            nursery.start_soon(print_numbers)
            nursery.start_soon(drain)
            await trio.sleep_forever()


def tell_rest(
    events: EventStream[EventT], tell: Callable[[EventT, float], Record | None], output: Output
) -> None:
    """Write the lines of what a stream still holds."""
    while True:
        try:
            record = tell(events.receive_nowait(), trio.current_time())
        except (trio.WouldBlock, trio.EndOfChannel, StopAsyncIteration):
            return
        if record is not None:
            output.write(record)
