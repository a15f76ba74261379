"""``registrar``: let phones register, and connect their calls where that is asked for."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.api import open_server
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.presence_config import PresenceConfig
from trio_runtime.cli.failures import EXIT_OK
from trio_runtime.cli.flags.configuring import base_config
from trio_runtime.cli.flags.phones import add_phones, phones_of
from trio_runtime.cli.flags.serving_options import add_counts, add_duration, add_metrics, placed
from trio_runtime.cli.flags.transports import add_listen_options
from trio_runtime.cli.metrics import serve_metrics
from trio_runtime.cli.printing.output import Output
from trio_runtime.cli.printing.printer import printing_events
from trio_runtime.cli.printing.readiness import ready_record
from trio_runtime.cli.printing.reports import registrar_record
from trio_runtime.handlers import Route, RoutingHandler
from trio_runtime.observe.metrics import Metrics

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import SessionCoordinator

__all__ = ["add_registrar", "registrar"]


def add_registrar(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument(
        "domains", metavar="DOMAIN", nargs="+", help="what stands behind the @: example.com, or our address"
    )
    add_listen_options(parser)
    add_phones(parser)
    parser.add_argument("--connect-calls", action="store_true", help="connect calls from phone to phone")
    parser.add_argument("--presence", action="store_true", help="let users watch each other, and publish")
    add_counts(parser)
    add_duration(parser)
    add_metrics(parser)
    parser.add_argument("--quiet", action="store_true", help="no line for each event")


async def registrar(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Serve phones until interrupted or ``--duration`` is over, then print the numbers.

    Raises:
        VoipError: It could not begin, as when the port is in use or the store cannot be read.
    """
    config = _config(options)
    handler = None
    if options.connect_calls:
        handler = RoutingHandler([Route.to("", f"sip:{{user}}@{options.domains[0]}")])
    server = open_server(handler=handler, environment=environment, config=config)
    metrics = None if options.metrics is None else Metrics(server)
    async with _printer(server, options, output), server:
        with interrupt.scope, trio.move_on_after(options.duration or math.inf):
            async with trio.open_nursery() as nursery:
                await serve_metrics(metrics, options.metrics, output, nursery)
                output.write(ready_record(server.listening))
                await _count(server, options.counts, output)
    output.write(registrar_record(server.statistics().registrar))
    return EXIT_OK


async def _count(server: SessionCoordinator, every: float | None, output: Output) -> None:
    while True:
        await trio.sleep(every or math.inf)
        output.write(registrar_record(server.statistics().registrar))


def _config(options: Namespace) -> CoordinatorConfig:
    base = base_config(options, sip_port=CoordinatorConfig().sip_port)
    return attrs.evolve(
        placed(options, base),
        no_media=not options.connect_calls,
        trace_messages=0,
        registrar=phones_of(options, options.domains, base.registrar),
        presence=base.presence or (PresenceConfig() if options.presence else None),
    )


def _printer(
    server: SessionCoordinator, options: Namespace, output: Output
) -> AbstractAsyncContextManager[object, bool | None]:
    if options.quiet:
        return nullcontext()
    return printing_events(server.subscribe(max_events=10_000), output)
