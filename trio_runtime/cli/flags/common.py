"""Options that verbs have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.accounts import add_register_option, add_sign_in, way_of
from trio_runtime.cli.flags.capturing import add_capture
from trio_runtime.cli.flags.configuring import add_config, base_config, configured
from trio_runtime.cli.flags.serving_options import add_duration, placed
from trio_runtime.cli.flags.transports import add_listen_options

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["add_common", "add_media", "add_service", "service_config"]


def add_common(parser: ArgumentParser, *, default_port: int | None) -> None:
    """Add what nearly every verb has.

    Args:
        parser: The verb's.
        default_port: Port that it listens on where none is written; None for verbs that do not listen.
    """
    parser.add_argument("--json", action="store_true", help="write JSON, one object a line")
    if default_port is None:
        return
    bind = values.bind_address(default_port)
    parser.add_argument(
        "--bind",
        metavar="HOST:PORT",
        type=bind,
        default=("0.0.0.0", default_port),
        help=f"address to listen on; port 0 is any free one (default 0.0.0.0:{default_port})",
    )


def add_media(parser: ArgumentParser) -> None:
    """Add how audio is sent and received."""
    parser.add_argument(
        "--media-ports",
        metavar="FIRST-LAST",
        type=values.port_range,
        default=MediaConfig().ports,
        help="UDP ports for audio (default 10000-20000)",
    )
    parser.add_argument(
        "--srtp",
        choices=("off", "optional", "required"),
        default=MediaConfig().srtp,
        help="encrypt audio with keys from SIP; required takes no call without (default off)",
    )


def add_service(parser: ArgumentParser) -> None:
    """Add everything that a verb has which serves calls until it is interrupted."""
    add_common(parser, default_port=5060)
    add_config(parser)
    add_listen_options(parser)
    add_media(parser)
    add_sign_in(parser)
    add_register_option(parser)
    add_capture(parser)
    add_duration(parser)
    parser.add_argument("--quiet", action="store_true", help="no line for each event")


def service_config(options: Namespace) -> CoordinatorConfig:
    """Return the configuration of such a verb: the file, before it the environment, before that the flags.

    Raises:
        ConfigurationError: Something cannot be used.
        UsageError: A certificate is missing or cannot be used.
    """
    base = base_config(options, sip_port=CoordinatorConfig().sip_port)
    way = None if options.register is None else way_of(options, options.register)
    return attrs.evolve(placed(options, configured(options, base), way), trace_messages=0)
