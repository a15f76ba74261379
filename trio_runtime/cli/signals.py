"""Ctrl-C and SIGTERM: the first one ends the program in good order, a later one at once."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import trio

from trio_runtime.base.service import ServiceScope

__all__ = ["Interrupt", "run_interruptible"]


class Interrupt:
    """The wish of whoever runs the program that it end.

    Attributes:
        scope: What is cancelled then: enter it around what shall stop.
        received: Whether the wish came.
        can_drain: Whether SIGTERM shall first only set ``drain``, because somebody waits for it.
        drain: Whether the wish came that calls end by themselves.
    """

    def __init__(self) -> None:
        self.scope = trio.CancelScope()
        self.received = False
        self.can_drain = False
        self.drain = trio.Event()

    def trigger(self) -> None:
        """End what runs in the scope."""
        self.received = True
        self.scope.cancel()


async def run_interruptible(body: Callable[[Interrupt], Awaitable[int]]) -> int:
    """Run ``body`` and let SIGINT and SIGTERM interrupt it; return what it returns."""
    interrupt = Interrupt()
    with ExitStack() as stack:
        signals = stack.enter_context(trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM))

        async def watch() -> None:
            async for number in signals:
                if number == signal.SIGTERM and interrupt.can_drain and not interrupt.drain.is_set():
                    interrupt.drain.set()
                    continue
                interrupt.trigger()
                # From here on the signals have their ordinary effect: who is in a hurry asks again.
                stack.close()
                return

        async with ServiceScope(trio.lowlevel.checkpoint) as services:
            services.start_soon(watch, name="signals")
            return await body(interrupt)
