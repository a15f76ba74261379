"""``options``: ask a peer what it can."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.flags.outlet import open_asker
from trio_runtime.cli.printing.output import Json, Output, Record

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
        async with await open_asker(options.uri, options, environment) as client:
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
