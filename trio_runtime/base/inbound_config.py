"""Who may call us: whose password is asked for, and who is let in by address."""

from __future__ import annotations

import ipaddress
from typing import Any

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import any_of, text

__all__ = ["InboundConfig"]


def _numeric(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    try:
        ipaddress.ip_address(str(value))
    except ValueError as error:
        raise ConfigurationError(f"{value!r} is no numeric address", field=attribute.name) from error


def _users(_: object, attribute: attrs.Attribute[Any], value: tuple[tuple[str, str], ...]) -> None:
    names = [name for name, _ in value]
    if not all(names) or len(set(names)) < len(names):
        raise ConfigurationError("has a user without a name, or one twice", field=attribute.name)


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    items = list(value.items()) if isinstance(value, dict) else value
    if isinstance(items, list | tuple) and all(
        isinstance(each, list | tuple) and len(each) == 2 for each in items
    ):
        return tuple([(str(name), str(secret)) for name, secret in items])
    raise ConfigurationError("must be passwords by user name", field="users")


@attrs.frozen(kw_only=True)
class InboundConfig:
    """Who is let in: everybody else is challenged, and without a known password refused.

    Attributes:
        realm: Realm of the challenge, as the domain.
        users: Passwords by user name, given as a dict; never shown.
        trusted_hosts: Numeric addresses that are not asked, as those of a trunk.
    """

    realm: str = attrs.field(validator=text)
    users: tuple[tuple[str, str], ...] = attrs.field(
        default=(), converter=_pairs, validator=_users, repr=False
    )
    trusted_hosts: tuple[str, ...] = attrs.field(default=(), validator=any_of(_numeric))
