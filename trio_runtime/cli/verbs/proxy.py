"""``proxy``: forward requests by the beginning of what was dialled."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

import attrs

from sansio_sip.proxy import FinalResponseSent, RequestForwarded, RequestRefused
from trio_runtime.api import open_proxy
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.cli.failures import EXIT_OK, UsageError
from trio_runtime.cli.flags.phones import PHONE_OPTIONS, add_phones, phones_of
from trio_runtime.cli.flags.routes import add_routes, targets_for
from trio_runtime.cli.flags.serving_options import placed
from trio_runtime.cli.flags.transports import add_listen_options
from trio_runtime.cli.printing.event_records import event_record
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.cli.printing.reports import plain, registrar_record
from trio_runtime.cli.verbs.serving import forward
from trio_runtime.events.types import ContactRegistered, ContactRemoved, RegisterRefused, StoreFailed
from trio_runtime.proxy import ProxyServerConfig, Reply, RouteFailed, RouteTimedOut, to_registered

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.proxy import ProxyRequest, ProxyServer, ProxyServerEvent, RouteAnswer

__all__ = ["add_proxy", "proxy"]


def add_proxy(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    add_listen_options(parser)
    add_routes(parser, required=False)
    parser.add_argument(
        "--domain",
        metavar="DOMAIN",
        dest="domains",
        action="append",
        default=[],
        help="what stands behind the @ of users that are routed, besides our address; again for more",
    )
    parser.add_argument(
        "--relay-foreign", action="store_true", help="forward requests for other domains to where they say"
    )
    parser.add_argument("--no-record-route", action="store_true", help="leave the path after a request")
    parser.add_argument(
        "--registrar",
        metavar="DOMAIN",
        dest="registered",
        action="append",
        default=[],
        help="let phones register: what stands behind the @, example.com or our address; again for more. "
        "They are called before any --route is looked at",
    )
    add_phones(parser)
    parser.add_argument(
        "--ask-callers",
        action="store_true",
        help="ask users of DOMAIN for their password when they call, too",
    )


async def proxy(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Forward until interrupted or ``--duration`` is over, then print the numbers.

    Raises:
        VoipError: It could not begin, as when the port is in use or the store cannot be read.
    """
    config = _config(options)

    def route(request: ProxyRequest) -> RouteAnswer:
        if config.registrar is None:
            return targets_for(options.routes, request.user) or Reply(404)
        return request.registered() or targets_for(options.routes, request.user) or to_registered(request)

    server = open_proxy(route, config=config, environment=environment)
    with server.subscribe(max_events=10_000) as events:
        async with server:
            count = lambda: _numbers(server)  # noqa: E731
            await forward(server, events, _told, count, options, output, interrupt)
    output.write(_numbers(server))
    return EXIT_OK


def _config(options: Namespace) -> ProxyServerConfig:
    """Return what file, environment and flags say, each before the one that stands before it."""
    base = ProxyServerConfig(trace_messages=0)
    if options.config is not None:
        base = ProxyServerConfig.from_toml(options.config, base=base)
    base = ProxyServerConfig.from_environment(base=base)
    registrar = base.registrar
    if options.registered or registrar is not None:
        registrar = phones_of(options, options.registered, registrar)
    elif useless := [name for name in (*PHONE_OPTIONS, "--ask-callers") if name in options.given]:
        raise UsageError(f"{useless[0]} needs --registrar")
    elif not options.routes:
        raise UsageError("nothing can be forwarded: --route or --registrar is needed")
    inbound = base.inbound
    if registrar is not None and options.ask_callers:
        inbound = inbound or InboundConfig(realm=registrar.challenge_realm)
    return attrs.evolve(
        placed(options, base),
        registrar=registrar,
        inbound=inbound,
        domains=(*base.domains, *options.domains),
        relay_foreign=options.relay_foreign or base.relay_foreign,
        record_route=base.record_route and not options.no_record_route,
    )


def _told(event: ProxyServerEvent, at_s: float) -> Record | None:
    """Return the line of an event."""
    values: dict[str, Json]
    match event:
        case RequestForwarded(context, method, target):
            words, values = f"{method} to {target}", {"request": context, "method": method, "target": target}
            name = "forwarded"
        case FinalResponseSent(context, status):
            name, words, values = "answered", f"{status}", {"request": context, "status_code": status}
        case RequestRefused(method, uri, source, status):
            name, words = "refused", f"{method} {uri} of {source.host}: {status}"
            values = {"method": method, "uri": uri, "source": source.host, "status_code": status}
        case RouteFailed(request, error):
            name, words = "route_failed", f"{request!r}: {error!r}"
            values = {"uri": request.uri, "error": repr(error)}
        case RouteTimedOut(request, seconds):
            name, words, values = "route_late", f"{request!r}", {"uri": request.uri, "seconds": seconds}
        case ContactRegistered() | ContactRemoved() | RegisterRefused() | StoreFailed():
            return event_record(event, at_s)
        case _:
            return None
    return Record(name, f"{at_s:9.3f}  {name} {words}", {"time": round(at_s, 6), **values})


def _numbers(server: ProxyServer) -> Record:
    statistics = server.statistics()
    found = statistics.proxy
    words = (
        f"{found.requests} requests, {found.pending} pending, {found.refused} refused; {found.branches} "
        f"branches, {found.failovers} failovers; {found.transactions} transactions; routes: "
        f"{statistics.routing.asked} asked, {statistics.routing.failed} failed"
    )
    if statistics.registrar is not None:
        words += f"; {registrar_record(statistics.registrar).text}"
    return Record("proxy", words, plain(statistics))
