"""``b2bua``: connect each call with one that is made for it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

import attrs

from trio_runtime.api import open_b2bua
from trio_runtime.b2bua import B2buaConfig, CallRecord, CallRouteFailed
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.cli.failures import EXIT_OK
from trio_runtime.cli.flags.capturing import add_capture
from trio_runtime.cli.flags.configuring import base_config, configured
from trio_runtime.cli.flags.routes import add_routes, targets_for, user_of
from trio_runtime.cli.flags.serving_options import placed
from trio_runtime.cli.flags.transports import add_listen_options
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.cli.printing.reports import plain
from trio_runtime.cli.verbs.serving import forward, tell_rest
from trio_runtime.handlers import Reject

if TYPE_CHECKING:
    from trio_runtime.b2bua import B2bua, B2buaEvent, CallRouteAnswer
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import IncomingRequest
    from trio_runtime.session import IncomingCall

__all__ = ["add_b2bua", "b2bua"]


def add_b2bua(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    add_listen_options(parser)
    add_routes(parser)
    parser.add_argument("--no-media", action="store_true", help="without audio, for signalling load")
    parser.add_argument(
        "--caller",
        choices=("pass", "own"),
        default="pass",
        help="whom callees see: the caller, or us (default pass)",
    )
    parser.add_argument(
        "--transfers",
        choices=("follow", "pass", "refuse"),
        help="what becomes of a REFER (default follow; pass with --media pass)",
    )
    parser.add_argument(
        "--media",
        choices=("anchor", "pass"),
        default="anchor",
        help="where audio and video go: through us, or from phone to phone (default anchor)",
    )
    add_capture(parser)


async def b2bua(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Connect calls until interrupted or ``--duration`` is over, then print the numbers.

    Raises:
        VoipError: It could not begin, as when the port is in use.
    """

    def route(call: IncomingCall) -> CallRouteAnswer:
        return targets_for(options.routes, call.called_user) or Reject(404)

    def route_message(request: IncomingRequest) -> str | Reject:
        targets = targets_for(options.routes, user_of(request.uri))
        return targets[0][0] if targets else Reject(404)

    transfers = options.transfers or ("pass" if options.media == "pass" else "follow")
    policy = B2buaConfig(caller=options.caller, transfers=transfers, media=options.media)
    server = open_b2bua(
        route,
        policy=policy,
        route_message=route_message,
        config=_config(options),
        environment=environment,
    )
    with server.subscribe(max_events=10_000) as events:
        async with server:
            count = lambda: _numbers(server)  # noqa: E731
            await forward(server, events, _told, count, options, output, interrupt)
        if not options.quiet:
            tell_rest(events, _told, output)  # of the calls that were hung up in the end
    output.write(_numbers(server))
    return EXIT_OK


def _config(options: Namespace) -> CoordinatorConfig:
    base = base_config(options, sip_port=CoordinatorConfig().sip_port)
    return attrs.evolve(
        placed(options, configured(options, base)),
        no_media=options.no_media or base.no_media,
        trace_messages=0,
    )


def _told(event: B2buaEvent, at_s: float) -> Record | None:
    """Return the line of an event."""
    match event:
        case CallRecord():
            ended = f"{event.duration_s:.1f} s, ended by {event.ended_by}"
            words = f"{event.caller} to {event.target or event.called}: {event.status_code}, {ended}"
            values = plain(attrs.evolve(event, end=None))
            return Record("call", f"{at_s:9.3f}  {words}", {"time": round(at_s, 6), **values})
        case CallRouteFailed(session, error):
            told: dict[str, Json] = {"time": round(at_s, 6), "call": session, "error": repr(error)}
            return Record("route_failed", f"{at_s:9.3f}  no route: {error!r}", told)
        case _:
            return None


def _numbers(server: B2bua) -> Record:
    found = server.statistics()
    words = (
        f"{found.calls} calls, {found.answered} answered, {found.refused} refused, {found.talking} talking; "
        f"{found.transfers} transfers, {found.requests_passed} requests passed, "
        f"{found.route_failures} without a route"
    )
    return Record("b2bua", words, plain(found))
