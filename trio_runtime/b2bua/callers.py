"""Whom a callee sees: who calls, or the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import ParseError
from sansio_sip.message import NameAddr
from trio_runtime.base.account_config import Account
from trio_runtime.base.errors import ConfigurationError

if TYPE_CHECKING:
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.session import CallHeaders

__all__ = ["caller_account"]


def caller_account(config: CoordinatorConfig, headers: CallHeaders) -> Account | None:
    """Return who sends something on, under the address of whom it came from, with our password.

    Args:
        config: Of the user agent.
        headers: Of what came in.

    Returns:
        ``None`` for an address that cannot be shown, such as one without a user.
    """
    try:
        caller = NameAddr.parse(headers.get("From", ""))
        return Account(
            str(caller.uri),
            display_name=caller.display_name or "",
            username=config.username,
            password=config.password,
            realm=config.realm,
            outbound_proxy=config.outbound_proxy,
        )
    except (ParseError, ConfigurationError):
        return None
