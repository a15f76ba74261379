"""``serve``: answer calls until interrupted."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.api import open_server
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.cli.collector import tuned_collector
from trio_runtime.cli.failures import EXIT_OK, UsageError
from trio_runtime.cli.flags.accounts import registering, way_of
from trio_runtime.cli.flags.configuring import base_config, configured
from trio_runtime.cli.flags.serving_options import placed
from trio_runtime.cli.metrics import serve_metrics
from trio_runtime.cli.printing.call_tables import calls_table
from trio_runtime.cli.printing.ladders import LadderPrinter
from trio_runtime.cli.printing.live import live_tables
from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.cli.printing.printer import printing_events
from trio_runtime.cli.printing.readiness import ready_record
from trio_runtime.cli.printing.reports import server_record
from trio_runtime.cli.verbs.answering import callback_of, prepare, task_of
from trio_runtime.observe.metrics import Metrics

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.cli.verbs.answering import CallTask
    from trio_runtime.coordinator import SessionCoordinator

__all__ = ["serve"]

_TRACED_MESSAGES = 10_000


async def serve(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Answer calls until interrupted or ``--duration`` is over, then print the statistics.

    Raises:
        VoipError: It could not begin, as when the port is in use.
    """
    config = _config(options)
    await prepare(options.answer)
    callback = callback_of(options.answer, no_media=config.no_media)
    server = open_server(handler=callback, environment=environment, config=config)
    task = task_of(options.answer) if callback is None else None
    metrics = None if options.metrics is None else Metrics(server)
    with tuned_collector(options.gc):
        show = live_tables(lambda: [calls_table(server)], output)
        async with _printer(server, options, output), server, show:
            with interrupt.scope, trio.move_on_after(options.duration or math.inf):
                measure = partial(serve_metrics, metrics, options.metrics, output)
                drain = partial(_drain_when_asked, server, options.drain, interrupt, output)
                register = partial(registering, server, options)
                await _take_calls(server, task, output, measure, drain, register)
    output.write(server_record(server.statistics()))
    return EXIT_OK


def _config(options: Namespace) -> CoordinatorConfig:
    base = base_config(options, sip_port=CoordinatorConfig().sip_port)
    way = None if options.register is None else way_of(options, options.register)
    config = attrs.evolve(
        placed(options, configured(options, base), way),
        no_media=options.no_media or base.no_media,
        trace_messages=_TRACED_MESSAGES if options.ladder else 0,
    )
    if config.no_media and options.answer.needs_audio:
        raise UsageError(f"no_media leaves nothing for --answer {options.answer.kind.value} to do")
    return config


async def _take_calls(
    server: SessionCoordinator,
    task: CallTask | None,
    output: Output,
    measure: Callable[[trio.Nursery], Awaitable[None]],
    drain: Callable[[], Awaitable[None]],
    register: Callable[[], AbstractAsyncContextManager[None]],
) -> None:
    async with trio.open_nursery() as nursery:
        await measure(nursery)
        nursery.start_soon(drain)
        if task is not None:
            await nursery.start(server.serve, task)
        async with register():
            output.write(ready_record(server.listening))
            await trio.sleep_forever()


async def _drain_when_asked(
    server: SessionCoordinator, seconds: float, interrupt: Interrupt, output: Output
) -> None:
    """After SIGTERM let calls end by themselves for a while, then end the program; another signal ends it."""
    interrupt.can_drain = True
    await interrupt.drain.wait()
    calls = len(server.list_active_sessions())
    output.write(Record("draining", f"draining {calls} calls", {"calls": calls, "seconds": seconds}))
    await server.drain(deadline=trio.current_time() + seconds)
    interrupt.trigger()


def _printer(
    server: SessionCoordinator, options: Namespace, output: Output
) -> AbstractAsyncContextManager[object, bool | None]:
    if options.quiet:
        return nullcontext()
    ladders = None
    if server.trace is not None:
        ladders = LadderPrinter(
            server.trace, server.find_session, lambda: dict.fromkeys(server.bound_addresses, "serve")
        )
    return printing_events(server.subscribe(max_events=10_000), output, ladders=ladders)
