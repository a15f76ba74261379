"""``message``: write to somebody."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.outlet import open_asker
from trio_runtime.cli.flags.speaking import add_speaker, speaker_of
from trio_runtime.cli.printing.output import Output, Record

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.session import SipResponse

__all__ = ["add_message", "write_message"]


def add_message(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument(
        "uri", metavar="URI", type=values.sip_uri, help="whom to write to: sip:bob@example.com"
    )
    parser.add_argument("text", metavar="TEXT", help="the message")
    parser.add_argument(
        "--type",
        dest="content_type",
        metavar="TYPE",
        type=values.media_type,
        default="text/plain;charset=UTF-8",
        help="media type of the message (default text/plain;charset=UTF-8)",
    )
    add_speaker(parser)


async def write_message(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Send a message and print what came back; 0 for a 2xx.

    Raises:
        VoipError: The URI is none, the message is too long, or there was no answer.
    """
    account = speaker_of(options)
    response: SipResponse | None = None
    with interrupt.scope:
        way = options.proxy or options.uri
        async with await open_asker(way, options, environment, options.from_uri) as client:
            response = await client.send_message(
                options.uri, options.text, content_type=options.content_type, account=account
            )
    if response is None:
        return EXIT_FAILED
    milliseconds = response.round_trip_s * 1_000
    output.write(
        Record(
            "response",
            f"{response.status_code} {response.reason}, after {milliseconds:.1f} ms",
            {
                "status_code": response.status_code,
                "reason": response.reason,
                "round_trip_ms": round(milliseconds, 3),
            },
        )
    )
    return EXIT_OK if response.status_code < 300 else EXIT_FAILED
