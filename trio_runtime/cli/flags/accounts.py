"""The account of the command line: who we are, with what password, and registered where."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import attrs

from sansio_sip.message import Uri
from trio_runtime.base.account_config import Account
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.cli.failures import UsageError
from trio_runtime.cli.flags import values

if TYPE_CHECKING:
    from trio_runtime.coordinator import SessionCoordinator

__all__ = [
    "account_of",
    "account_uri",
    "add_register_option",
    "add_registrar_options",
    "add_sign_in",
    "registering",
    "way_of",
]

_EXPIRES_S = 300


def add_sign_in(parser: ArgumentParser) -> None:
    """Add user name and password."""
    parser.add_argument("--user", metavar="U", help="user name for authentication")
    parser.add_argument("--password", metavar="P", help="password for authentication")


def add_registrar_options(parser: ArgumentParser) -> None:
    """Add where and for how long an address is registered."""
    parser.add_argument(
        "--proxy",
        metavar="URI",
        type=values.sip_uri,
        help="send there first: sip:proxy.example.com;transport=tcp",
    )
    parser.add_argument(
        "--expires",
        metavar="S",
        type=values.whole_seconds,
        default=_EXPIRES_S,
        help=f"seconds to register for, refreshed in time (default {_EXPIRES_S})",
    )
    parser.add_argument(
        "--outbound", action="store_true", help="be reached by the connection that registered (RFC 5626)"
    )


def add_register_option(parser: ArgumentParser) -> None:
    """Add what registers an address while the verb runs."""
    parser.add_argument(
        "--register",
        metavar="URI",
        type=values.sip_uri,
        help="be registered meanwhile: sip:alice@example.com",
    )
    add_registrar_options(parser)


def account_of(options: Namespace, uri: str) -> Account:
    """Return the account for an address; parameters of its URI, such as a transport, are the registrar's.

    Raises:
        UsageError: It cannot be registered.
    """
    parsed = Uri.parse(uri)
    try:
        return Account(
            str(attrs.evolve(parsed, params=())),
            registrar=_server_of(parsed) if parsed.params else None,
            username=options.user,
            password=options.password,
            outbound_proxy=options.proxy,
            outbound=options.outbound,
            expires=options.expires,
        )
    except ConfigurationError as error:
        raise UsageError(str(error)) from error


def way_of(options: Namespace, uri: str) -> str:
    """Return the URI that decides where an account's requests go: its proxy, or its domain."""
    if options.proxy is not None:
        return str(options.proxy)
    return _server_of(Uri.parse(uri))


def _server_of(uri: Uri) -> str:
    return str(Uri(uri.scheme, uri.host, port=uri.port, params=uri.params))


@asynccontextmanager
async def registering(phone: SessionCoordinator, options: Namespace) -> AsyncIterator[None]:
    """Be registered while the block lasts, where ``--register`` asks for it.

    Raises:
        VoipError: The registrar refused, or cannot be reached.
    """
    if options.register is None:
        yield
        return
    async with phone.registered(account_of(options, options.register)):
        yield


def account_uri(options: Namespace) -> str | None:
    """Return the address that ``--register`` registers, ``None`` without it."""
    return None if options.register is None else account_of(options, options.register).uri
