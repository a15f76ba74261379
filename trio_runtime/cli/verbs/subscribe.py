"""``subscribe``: watch the state of somebody."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

import trio

from trio_runtime.base.subscription_errors import subscription_error
from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.outlet import open_asker
from trio_runtime.cli.flags.speaking import add_speaker, speaker_of
from trio_runtime.cli.printing.state_words import notification_record

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.printing.output import Output
    from trio_runtime.cli.signals import Interrupt
    from trio_runtime.coordinator import Subscription

__all__ = ["add_subscribe", "watch"]

_EXPIRES_S = 3_600


def add_subscribe(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument("uri", metavar="URI", type=values.sip_uri, help="whom to watch: sip:bob@example.com")
    parser.add_argument(
        "--event",
        metavar="PACKAGE",
        type=values.event_package,
        default="presence",
        help="presence, dialog, message-summary, reg, conference or another one (default presence)",
    )
    parser.add_argument(
        "--expires",
        metavar="S",
        type=values.whole_seconds,
        default=_EXPIRES_S,
        help=f"seconds to subscribe for, refreshed in time (default {_EXPIRES_S})",
    )
    parser.add_argument("--once", action="store_true", help="look once, and end")
    parser.add_argument(
        "--duration",
        metavar="S",
        type=values.duration,
        help="stop after S seconds (default: when interrupted)",
    )
    add_speaker(parser)


async def watch(options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment) -> int:
    """Print each state until interrupted; 0 when the peer agreed and did not end it.

    Raises:
        VoipError: The peer refused, cannot be reached, or has ended it.
    """
    account, status = speaker_of(options), EXIT_FAILED
    with interrupt.scope:
        way = options.proxy or options.uri
        async with await open_asker(way, options, environment, options.from_uri) as client:
            expires = 0 if options.once else options.expires
            block = client.subscribe_to(options.uri, event=options.event, expires=expires, account=account)
            async with block as subscription:
                status = EXIT_OK
                with trio.move_on_after(options.duration or math.inf):
                    await _print(subscription, output)
                    if not options.once:
                        raise subscription_error(options.uri, await subscription.ended())
    return status


async def _print(subscription: Subscription, output: Output) -> None:
    start = trio.current_time()
    async for notification in subscription:
        output.write(notification_record(notification, trio.current_time() - start))
