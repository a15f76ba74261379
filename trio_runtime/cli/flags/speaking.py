"""Who speaks in verbs that ask, write and watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.account_config import Account
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.cli.failures import UsageError
from trio_runtime.cli.flags import values
from trio_runtime.cli.flags.accounts import add_sign_in
from trio_runtime.cli.flags.common import add_common
from trio_runtime.cli.flags.transports import add_tls_options

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["add_speaker", "speaker_of"]


def add_speaker(parser: ArgumentParser) -> None:
    """Add who speaks, with which password, and by which way."""
    add_common(parser, default_port=0)
    add_tls_options(parser)
    parser.add_argument(
        "--from",
        dest="from_uri",
        metavar="URI",
        type=values.sip_uri,
        help="who speaks: sip:alice@example.com",
    )
    add_sign_in(parser)
    parser.add_argument(
        "--proxy",
        metavar="URI",
        type=values.sip_uri,
        help="send there first: sip:proxy.example.com;transport=tcp",
    )


def speaker_of(options: Namespace) -> Account | None:
    """Return who speaks, None where the command line does not say.

    Raises:
        UsageError: There is a password and nobody whose it is.
    """
    if options.from_uri is None:
        if options.user or options.password or options.proxy:
            raise UsageError("--user, --password and --proxy need --from")
        return None
    try:
        return Account(
            options.from_uri,
            username=options.user,
            password=options.password,
            outbound_proxy=options.proxy,
        )
    except ConfigurationError as error:
        raise UsageError(f"--from {error}") from error
