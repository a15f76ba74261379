"""``queue``: a call centre of one queue."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import trio

from trio_runtime.api import open_server
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.cli.failures import EXIT_OK, UsageError
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.configuring import base_config
from trio_runtime.cli.flags.serving_options import add_duration, placed
from trio_runtime.cli.flags.transports import add_listen_options
from trio_runtime.cli.printing.centre_table import centre_record, tables_of
from trio_runtime.cli.printing.live import live_tables
from trio_runtime.cli.printing.output import Output
from trio_runtime.cli.printing.printer import printing_events
from trio_runtime.cli.printing.readiness import ready_record
from trio_runtime.queue import (
    BySkill,
    FewestCalls,
    LongestIdle,
    QueueAgent,
    QueueConfig,
    RingAll,
    RoundRobin,
    Strategy,
)

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt

__all__ = ["add_queue", "serve_queue"]

_NAME = "calls"
_STRATEGIES: dict[str, Strategy] = {
    "longest-idle": LongestIdle(),
    "round-robin": RoundRobin(),
    "fewest-calls": FewestCalls(),
    "ring-all": RingAll(),
    "by-skill": BySkill(),
}


def add_queue(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    add_listen_options(parser)
    parser.add_argument(
        "--agent",
        metavar="URI",
        action="append",
        default=[],
        type=values.sip_uri,
        help="an agent's phone: sip:anna@10.0.0.5; again for more",
    )
    parser.add_argument("--strategy", choices=_STRATEGIES, default="longest-idle", help="whom callers get")
    parser.add_argument("--greeting", metavar="FILE", type=Path, help="WAV file that callers hear first")
    parser.add_argument("--music", metavar="FILE", type=Path, help="WAV file that they hear then")
    parser.add_argument(
        "--max-wait", metavar="S", type=values.duration, default=600.0, help="longest wait (default 600)"
    )
    parser.add_argument(
        "--max-length", metavar="N", type=int, default=100, help="callers who may wait (default 100)"
    )
    parser.add_argument(
        "--ring-time", metavar="S", type=values.duration, default=20.0, help="ringing of agents (default 20)"
    )
    parser.add_argument(
        "--wrap-up", metavar="S", type=values.seconds, default=0.0, help="rest after a call (default 0)"
    )
    parser.add_argument(
        "--overflow", metavar="URI", type=values.sip_uri, help="where callers go who cannot wait (any more)"
    )
    add_duration(parser)


async def serve_queue(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Serve callers until interrupted or ``--duration`` is over, then print the numbers.

    Raises:
        VoipError: It could not begin, as when the port is in use.
    """
    agents, rules = _agents(options), _rules(options)
    server = open_server(environment=environment, config=_config(options))
    printing = printing_events(server.subscribe(max_events=10_000), output)
    async with printing, server, server.open_call_centre(agents) as centre:
        queue = centre.open_queue(_NAME, rules)
        try:
            with interrupt.scope, trio.move_on_after(options.duration or math.inf):
                async with trio.open_nursery() as nursery:
                    await nursery.start(server.serve, queue.join)
                    output.write(ready_record(server.listening))
                    async with live_tables(partial(tables_of, server, centre), output):
                        await trio.sleep_forever()
        finally:
            record = centre_record(queue.statistics(), centre.agent_statistics())
    output.write(record)
    return EXIT_OK


def _agents(options: Namespace) -> list[QueueAgent]:
    if not options.agent:
        raise UsageError("nobody can take a call: --agent is needed")
    if len(set(options.agent)) < len(options.agent):
        raise UsageError("--agent names one address twice")
    return [QueueAgent(uri, uri, wrap_up=options.wrap_up) for uri in options.agent]


def _rules(options: Namespace) -> QueueConfig:
    files: dict[str, Any] = {}
    for name in ("greeting", "music"):
        path: Path | None = getattr(options, name)
        if path is not None and not path.is_file():
            raise UsageError(f"--{name}: there is no file {path}")
        files[name] = path
    try:
        return QueueConfig(
            strategy=_STRATEGIES[options.strategy],
            max_wait=options.max_wait,
            max_length=options.max_length,
            ring_time=options.ring_time,
            overflow=() if options.overflow is None else (options.overflow,),
            **files,
        )
    except ConfigurationError as error:
        raise UsageError(f"--{error}") from error


def _config(options: Namespace) -> CoordinatorConfig:
    base = base_config(options, sip_port=CoordinatorConfig().sip_port)
    return attrs.evolve(placed(options, base), trace_messages=0)
