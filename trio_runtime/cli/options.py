"""``options``: ask a peer what it can."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from trio_runtime.api import open_client
from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.outlet import outlet_to
from trio_runtime.cli.output import Json, Output, Record
from trio_runtime.cli.transports import transports_to

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.session import SipResponse

__all__ = ["ask_options"]


async def ask_options(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Send OPTIONS and print what came back; 0 for a 2xx.

    Raises:
        VoipError: The URI is none, or there was no answer.
    """
    response: SipResponse | None = None
    with interrupt.scope:
        transports = transports_to(options.uri, options)
        outlet = await outlet_to(options.uri, options.bind, environment)
        async with open_client(
            sip_port=outlet.sip_port,
            environment=environment,
            bind_host=outlet.bind_host,
            advertised_host=outlet.advertised_host,
            no_media=True,
            trace_messages=0,
            listen=transports.listen,
            connect=transports.connect,
            tls=transports.tls,
        ) as client:
            response = await client.options(options.uri)
    if response is None:
        return EXIT_FAILED
    output.write(_record(response))
    return EXIT_OK if response.status_code < 300 else EXIT_FAILED


def _record(response: SipResponse) -> Record:
    headers = response.headers
    server = headers.get("Server") or headers.get("User-Agent") or ""
    allow = [method.strip() for line in headers.get_all("Allow") for method in line.split(",")]
    round_trip_ms = response.round_trip_s * 1_000
    lines = [
        f"round trip  {round_trip_ms:.1f} ms",
        f"status      {response.status_code} {response.reason}",
        f"server      {server or 'not told'}",
        f"allow       {', '.join(allow) or 'not told'}",
    ]
    values: dict[str, Json] = {
        "round_trip_ms": round(round_trip_ms, 3),
        "status_code": response.status_code,
        "reason": response.reason,
        "server": server or None,
        "allow": list(allow),
    }
    return Record("options", "\n".join(lines), values)
