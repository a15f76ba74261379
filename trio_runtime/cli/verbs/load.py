"""``load``: make many calls at a rate, and say how they went."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from trio_runtime.api import open_client
from trio_runtime.base.errors import CallEnded, ConfigurationError
from trio_runtime.cli.collector import tuned_collector
from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK, UsageError
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.common import add_media
from trio_runtime.cli.flags.configuring import add_config, base_config, configured
from trio_runtime.cli.flags.outlet import outlet_to
from trio_runtime.cli.flags.speaking import add_speaker, speaker_of
from trio_runtime.cli.flags.transports import transports_to
from trio_runtime.cli.loading.plan import LoadPlan
from trio_runtime.cli.loading.plot import PlotError, check_plot, draw_load
from trio_runtime.cli.loading.run import Load
from trio_runtime.cli.printing.live import LiveTable, live_tables
from trio_runtime.cli.printing.output import Output, Record
from trio_runtime.media.player import open_player

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import SessionCoordinator

__all__ = ["add_load", "load"]

_TOLD_EVERY_S = 5.0


def add_load(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument("uri", metavar="URI", type=values.sip_uri, help="whom to call: sip:bob@example.com")
    plan = LoadPlan()
    for option, metavar, kind, default, what in (
        ("--calls", "N", values.count, plan.calls, "calls in all"),
        ("--rate", "CPS", values.duration, plan.rate, "calls a second"),
        ("--ramp", "S", values.seconds, plan.ramp, "seconds in which the rate rises from 0"),
        ("--hold", "S", values.seconds, plan.hold, "seconds that each call lasts"),
        ("--timeout", "S", values.duration, plan.timeout, "seconds to wait for an answer"),
        ("--max-open", "N", values.count, plan.max_open, "calls at one time"),
        ("--allow-failed", "SHARE", values.share, 0.0, "share of calls that may fail for exit status 0"),
    ):
        parser.add_argument(
            option, metavar=metavar, type=kind, default=default, help=f"{what} (default {default:g})"
        )
    parser.add_argument(
        "--audio", metavar="FILE", type=Path, help="WAV file that each call plays, again and again"
    )
    parser.add_argument("--no-media", action="store_true", help="calls without audio, for signalling load")
    parser.add_argument(
        "--plot", metavar="FILE.png", type=Path, help="draw set-up times and calls into this file"
    )
    add_config(parser)
    add_media(parser)
    parser.set_defaults(capture=None, capture_media=False, capture_decrypted=False)
    add_speaker(parser)


async def load(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Make the calls and print the numbers; 0 when no more failed than ``--allow-failed`` has it.

    Raises:
        VoipError: It could not begin, or the picture cannot be drawn.
    """
    plan = await _plan(options)
    phone = await _phone(options, environment)
    loading = Load(phone, options.uri, plan, account=speaker_of(options))
    with tuned_collector("tuned"):
        async with phone, live_tables(lambda: [_table(loading)], output), trio.open_nursery() as nursery:
            nursery.start_soon(_tell, loading, output)
            with interrupt.scope:
                await loading.run()
            nursery.cancel_scope.cancel()
    result = loading.result
    output.write(Record("load", result.words(), result.values()))
    if options.plot is not None:
        draw_load(result, options.plot)
    whole = not interrupt.received and len(result.calls) == plan.calls
    return EXIT_OK if whole and result.failed <= options.allow_failed * plan.calls else EXIT_FAILED


async def _plan(options: Namespace) -> LoadPlan:
    if options.no_media and options.audio is not None:
        raise UsageError("--no-media leaves nothing for --audio to do")
    if options.plot is not None:
        try:
            check_plot()
        except PlotError as error:
            raise UsageError(str(error)) from error
    if options.audio is not None:
        await open_player(options.audio, ended=lambda: CallEnded("not playing"))
    names = ("calls", "rate", "ramp", "hold", "audio", "timeout", "max_open")
    try:
        return LoadPlan(**{name: getattr(options, name) for name in names})
    except ConfigurationError as error:
        raise UsageError(f"--{error.field.replace('_', '-')}: {error.problem}") from error


async def _phone(options: Namespace, environment: Environment) -> SessionCoordinator:
    base = base_config(options, sip_port=0)
    way = options.proxy or options.uri
    bind = options.bind if "--bind" in options.given else (base.bind_host, base.sip_port)
    outlet, transports = await outlet_to(way, bind, environment), transports_to(way, options, base)
    return open_client(
        options.from_uri,
        sip_port=outlet.sip_port,
        environment=environment,
        config=configured(options, base),
        bind_host=outlet.bind_host,
        advertised_host=base.advertised_host or outlet.advertised_host,
        no_media=options.no_media or base.no_media,
        max_sessions=max(base.max_sessions, options.max_open),
        trace_messages=0,
        listen=transports.listen,
        connect=transports.connect,
        tls=transports.tls,
    )


async def _tell(loading: Load, output: Output) -> None:
    """Say every few seconds how far it is, where no table shows it."""
    while not output.watched:
        await trio.sleep(_TOLD_EVERY_S)
        result, all_calls = loading.result, loading.plan.calls
        over = len(result.calls)
        output.write(
            Record(
                "progress",
                f"{over} of {all_calls} calls are over, {result.open} open, {result.failed} failed",
                {"over": over, "open": result.open, "failed": result.failed},
            )
        )
    await trio.sleep_forever()


def _table(loading: Load) -> LiveTable:
    result, plan = loading.result, loading.plan
    over = len(result.calls)
    bar = "#" * (20 * over // plan.calls)
    rows = [
        ("calls", f"{over} over, {result.open} open, {result.failed} failed"),
        ("rate", f"{result.rate:.1f} calls a second"),
        *[(f"set-up {name}", f"{value * 1_000:.1f} ms") for name, value in result.set_up.items()],
        *[(f"{count} times", reason) for reason, count in list(result.failures.items())[:5]],
    ]
    return LiveTable(f"[{bar:<20}] {over} of {plan.calls} calls", ("", ""), rows)
