"""From an account to what the agent takes: who speaks, and what is registered where."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sansio_sip.agent import Sender, contact_for
from sansio_sip.auth import Credentials
from sansio_sip.message import Uri, parse_uri, quote_string
from sansio_sip.register import BackOff, RegistrationConfig
from trio_runtime.base.account_config import Account
from trio_runtime.base.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.agent import AgentConfig
    from trio_runtime.base.config import CoordinatorConfig

__all__ = ["instance_urn", "own_account", "registrations_of", "sender_of"]


def own_account(config: CoordinatorConfig) -> Account:
    """Return the account that a coordinator's own fields describe.

    Raises:
        ConfigurationError: It has no address of record.
    """
    if config.uri is None:
        raise ConfigurationError("an account needs an address such as sip:alice@example.com", field="uri")
    return Account(
        config.uri,
        display_name=config.display_name,
        username=config.username,
        password=config.password,
        realm=config.realm,
        outbound_proxy=config.outbound_proxy,
    )


def sender_of(account: Account, registrations: tuple[str, ...]) -> Sender:
    """Return who speaks for an account, by the agent's names of its registrations."""
    proxy = account.outbound_proxy or next(iter(account.edges), "")
    return Sender(
        address=_address(account),
        credentials=_credentials(account),
        outbound_proxy=proxy,
        registrations=registrations,
    )


def registrations_of(
    settings: AgentConfig, account: Account, expires: int | None, instance: str
) -> tuple[RegistrationConfig, ...]:
    """Return what to register for an account: one thing, or one for each of its edges.

    Args:
        settings: The agent's configuration.
        account: The account.
        expires: Seconds to ask for; None for the account's own.
        instance: URN of this phone.

    Raises:
        ConfigurationError: A value cannot be used.
    """
    proxies = account.edges or (account.outbound_proxy,)
    try:
        return tuple(
            [
                _registration(settings, account, expires, instance, number, proxy)
                for number, proxy in enumerate(proxies, 1)
            ]
        )
    except ValueError as error:
        raise ConfigurationError(str(error), field="account") from error


def _registration(
    settings: AgentConfig,
    account: Account,
    expires: int | None,
    instance: str,
    number: int,
    proxy: str | None,
) -> RegistrationConfig:
    address = _address(account)
    base = account.retry_base
    return RegistrationConfig(
        address=address,
        contacts=(contact_for(settings, address),),
        registrar=account.registrar or "",
        expires=account.expires if expires is None else expires,
        route=() if proxy is None else (f"<{proxy};lr>",),
        credentials=_credentials(account),
        instance=instance if account.uses_flows else account.instance or "",
        reg_id=number if account.uses_flows else None,
        software=settings.software,
        back_off=BackOff(base_time=base, base_time_other_flows=3 * base, max_time=max(1_800.0, base)),
    )


def instance_urn(random_bytes: Callable[[int], bytes]) -> str:
    """Return a URN for a phone that was given none."""
    return uuid.UUID(bytes=random_bytes(16), version=4).urn


def _address(account: Account) -> str:
    name = f"{quote_string(account.display_name)} " if account.display_name else ""
    return f"{name}<{account.uri}>"


def _credentials(account: Account) -> tuple[Credentials, ...]:
    if account.password is None:
        return ()
    uri = parse_uri(account.uri)
    user = (uri.user or "") if isinstance(uri, Uri) else ""
    return (Credentials(account.username or user, account.password, account.realm),)
