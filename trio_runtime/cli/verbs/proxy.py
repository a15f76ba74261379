"""``proxy``: forward requests by the beginning of what was dialled."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

import attrs

from sansio_sip.proxy import FinalResponseSent, RequestForwarded, RequestRefused
from trio_runtime.api import open_proxy
from trio_runtime.cli.failures import EXIT_OK
from trio_runtime.cli.flags.routes import add_routes, targets_for
from trio_runtime.cli.flags.serving_options import placed
from trio_runtime.cli.flags.transports import add_listen_options
from trio_runtime.cli.printing.output import Json, Output, Record
from trio_runtime.cli.printing.reports import plain
from trio_runtime.cli.verbs.serving import forward
from trio_runtime.proxy import ProxyServerConfig, Reply, RouteFailed, RouteTimedOut

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.proxy import ProxyRequest, ProxyServer, ProxyServerEvent, RouteAnswer

__all__ = ["add_proxy", "proxy"]


def add_proxy(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    add_listen_options(parser)
    add_routes(parser)
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


async def proxy(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Forward until interrupted or ``--duration`` is over, then print the numbers.

    Raises:
        VoipError: It could not begin, as when the port is in use.
    """

    def route(request: ProxyRequest) -> RouteAnswer:
        return targets_for(options.routes, request.user) or Reply(404)

    server = open_proxy(route, config=_config(options), environment=environment)
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
    return attrs.evolve(
        placed(options, base),
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
    return Record("proxy", words, plain(statistics))
