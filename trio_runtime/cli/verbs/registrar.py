"""``registrar``: let phones register, and connect their calls where that is asked for."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.api import open_server
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.presence_config import PresenceConfig
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.cli.failures import EXIT_OK, UsageError
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.configuring import base_config
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
    users = parser.add_argument_group("who may register")
    users.add_argument(
        "--user",
        metavar="NAME:PASSWORD",
        action="append",
        default=[],
        type=values.name_and_password,
        help="a user; again for more",
    )
    users.add_argument("--users", metavar="FILE", type=Path, help="file with NAME:PASSWORD on each line")
    users.add_argument("--anonymous", action="store_true", help="let everybody in, without a password")
    users.add_argument("--realm", metavar="R", help="realm of the challenge (default: the first domain)")
    parser.add_argument(
        "--store",
        metavar="WHERE",
        default="memory",
        help="where registrations outlive this program: sqlite:FILE or redis://HOST (default memory)",
    )
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
    try:
        phones = _phones(options, base.registrar)
    except ConfigurationError as error:
        if error.field == "users":
            raise UsageError("nobody may register: --user, --users or --anonymous is needed") from error
        raise UsageError(f"--{error}") from error
    return attrs.evolve(
        placed(options, base),
        no_media=not options.connect_calls,
        trace_messages=0,
        registrar=phones,
        presence=base.presence or (PresenceConfig() if options.presence else None),
    )


def _phones(options: Namespace, base: RegistrarConfig | None) -> RegistrarConfig:
    """Return what the flags say, and before them what the configuration says."""
    changes: dict[str, object] = {"domains": tuple(options.domains)}
    if users := dict([*_users_in(options.users), *options.user]):
        changes["users"] = users
    for name in ("realm", "anonymous", "store"):
        if f"--{name}" in options.given:
            changes[name] = getattr(options, name)
    if base is None:
        return RegistrarConfig(**changes)  # type: ignore[arg-type]
    return attrs.evolve(base, **changes)  # type: ignore[arg-type]


def _users_in(path: Path | None) -> list[tuple[str, str]]:
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--users {path} cannot be read: {error}") from error
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        name, colon, password = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not (colon and name):
            raise UsageError(f"--users {path}: line {number} is not of the form NAME:PASSWORD")
        found.append((name, password))
    return found


def _printer(
    server: SessionCoordinator, options: Namespace, output: Output
) -> AbstractAsyncContextManager[object, bool | None]:
    if options.quiet:
        return nullcontext()
    return printing_events(server.subscribe(max_events=10_000), output)
