"""Whom an agent asks for credentials, and what it knows of its users (RFC 3261 §22, RFC 7616)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..auth import Credentials, DigestServerConfig

__all__ = ["AuthenticationConfig"]

_Methods = frozenset[str]


def _asks_as_an_end(
    _config: object, field: attrs.Attribute[DigestServerConfig], value: DigestServerConfig
) -> None:
    if value.proxy:
        raise ValueError(f"{field.name}: only a proxy challenges with 407 (RFC 3261 §22.3)")


def _can_be_challenged(_config: object, field: attrs.Attribute[_Methods], value: _Methods) -> None:
    if not value.isdisjoint({"ACK", "CANCEL"}):
        raise ValueError(f"{field.name}: ACK and CANCEL cannot be sent again (RFC 3261 §22.1)")


@attrs.frozen(kw_only=True)
class AuthenticationConfig:
    """Which requests outside of dialogs need credentials, and whose.

    Requests inside a dialog carry the tags that only its peers know, and are not challenged again.

    Attributes:
        digest: The realm and what is offered.
        methods: Methods that are challenged with 401; never ACK or CANCEL.
        users: The users with their passwords; one with a realm counts in that realm only.
        trusted_hosts: Numeric addresses that are not asked, as those of a trunk; a registrar asks
            everybody.
        nonce_lifetime: Seconds that a nonce is good for.
        max_nonces: How many nonces in use are remembered.
    """

    digest: DigestServerConfig = attrs.field(validator=_asks_as_an_end)
    methods: _Methods = attrs.field(
        default=frozenset({"INVITE", "MESSAGE", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE"}),
        validator=_can_be_challenged,
    )
    users: tuple[Credentials, ...] = ()
    trusted_hosts: frozenset[str] = frozenset()
    nonce_lifetime: float = attrs.field(default=300.0, validator=attrs.validators.gt(0))
    max_nonces: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
