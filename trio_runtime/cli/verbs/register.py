"""``register``: register an address, keep it registered, unregister."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

import trio

from trio_runtime.cli.failures import EXIT_FAILED, EXIT_OK
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.accounts import account_of, add_registrar_options, add_sign_in, way_of
from trio_runtime.cli.flags.outlet import open_asker
from trio_runtime.cli.flags.transports import add_tls_options
from trio_runtime.cli.printing.printer import printing_events

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.cli.printing.output import Output
    from trio_runtime.cli.signals import Interrupt

__all__ = ["add_register", "register"]


def add_register(parser: ArgumentParser) -> None:
    """Add the verb's own options."""
    parser.add_argument(
        "uri", metavar="URI", type=values.sip_uri, help="what to register: sip:alice@example.com"
    )
    add_tls_options(parser)
    add_sign_in(parser)
    add_registrar_options(parser)
    parser.add_argument("--once", action="store_true", help="unregister as soon as it is registered")
    parser.add_argument(
        "--duration",
        metavar="S",
        type=values.duration,
        help="unregister after S seconds (default: when interrupted)",
    )


async def register(
    options: Namespace, output: Output, interrupt: Interrupt, *, environment: Environment
) -> int:
    """Register, stay so until interrupted or ``--duration`` is over; 0 when the registrar agreed.

    Raises:
        VoipError: The registrar refused, at once or later, or cannot be reached.
    """
    account = account_of(options, options.uri)
    status = EXIT_FAILED
    with interrupt.scope:
        phone = await open_asker(way_of(options, options.uri), options, environment, account.uri)
        events = printing_events(phone.subscribe(), output)
        async with events, phone, phone.registered(account) as registration:
            status = EXIT_OK
            with trio.move_on_after(0.0 if options.once else options.duration or math.inf):
                raise await registration.refused()
    return status
