"""``conference``: a room for everybody who calls."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from trio_runtime.api import open_server
from trio_runtime.base.errors import CallEnded, ConfigurationError
from trio_runtime.bridge import ConferenceConfig
from trio_runtime.cli.failures import EXIT_OK, UsageError
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.accounts import registering
from trio_runtime.cli.flags.common import add_service, service_config
from trio_runtime.cli.printing.call_tables import members_table
from trio_runtime.cli.printing.live import live_tables
from trio_runtime.cli.printing.printer import printing_events
from trio_runtime.cli.printing.readiness import ready_record
from trio_runtime.cli.printing.reports import server_record
from trio_runtime.media.player import open_player

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from trio_runtime.base.environment import Environment
    from trio_runtime.bridge import Conference, ConferenceOptions
    from trio_runtime.cli.printing.output import Output
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import SessionCoordinator

__all__ = ["add_conference", "confer"]


def add_conference(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument("--music", metavar="FILE", type=Path, help="WAV file for whoever is alone")
    parser.add_argument(
        "--max-members",
        metavar="N",
        type=values.count,
        default=1_000,
        help="calls that it takes (default 1000)",
    )
    parser.add_argument(
        "--rate",
        metavar="HZ",
        type=values.count,
        default=ConferenceConfig().rate,
        help="samples a second of the mix: 8000, 16000 or 48000 (default: enough for all calls)",
    )
    parser.add_argument("--pin", metavar="KEYS", help="keys that a caller has to press to be let in")
    add_service(parser)


async def confer(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Let everybody into one room until interrupted or ``--duration`` is over, then print the statistics.

    Raises:
        VoipError: It could not begin, as when the port is in use, or the music cannot be played.
    """
    if options.music is not None:
        await open_player(options.music, ended=lambda: CallEnded("not playing"))
    settings = _settings(options)
    server = open_server(environment=environment, config=service_config(options))
    events: AbstractAsyncContextManager[object, bool | None] = nullcontext()
    if not options.quiet:
        events = printing_events(server.subscribe(max_events=10_000), output)
    async with events, server:
        with interrupt.scope, trio.move_on_after(options.duration or math.inf):
            async with server.open_conference(**settings) as room:
                await _serve(server, room, options, output)
    output.write(server_record(server.statistics()))
    return EXIT_OK


def _settings(options: Namespace) -> ConferenceOptions:
    settings: ConferenceOptions = {
        "max_members": options.max_members,
        "music": options.music,
        "rate": options.rate,
        "pin": options.pin,
    }
    try:
        ConferenceConfig(**settings)
    except ConfigurationError as error:
        raise UsageError(f"--{error.field.replace('_', '-')}: {error.problem}") from error
    return settings


async def _serve(server: SessionCoordinator, room: Conference, options: Namespace, output: Output) -> None:
    async with live_tables(lambda: [members_table(room)], output), trio.open_nursery() as nursery:
        await nursery.start(server.serve, room.join)
        async with registering(server, options):
            output.write(ready_record(server.listening))
            await trio.sleep_forever()
