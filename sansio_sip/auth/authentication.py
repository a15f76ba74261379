"""Whom a server asks for credentials, and what it knows of its users (RFC 3261 §22, RFC 7616)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .nonces import NonceStore
from .secret import Secret
from .server import DigestServer

if TYPE_CHECKING:
    from ..ids import Ids
    from .credentials import Credentials
    from .secret import SecretLookup
    from .server_config import DigestServerConfig

__all__ = ["AuthenticationConfig", "DigestServers"]

_Methods = frozenset[str]


def _asks_as_an_end(
    _config: object, field: attrs.Attribute[DigestServerConfig], value: DigestServerConfig
) -> None:
    if value.proxy:
        raise ValueError(f"{field.name}: only a proxy challenges with 407, and by itself (RFC 3261 §22.3)")


def _can_be_challenged(_config: object, field: attrs.Attribute[_Methods], value: _Methods) -> None:
    if not value.isdisjoint({"ACK", "CANCEL"}):
        raise ValueError(f"{field.name}: ACK and CANCEL cannot be sent again (RFC 3261 §22.1)")


@attrs.frozen(kw_only=True)
class AuthenticationConfig:
    """Which requests outside of dialogs need credentials, and whose.

    Requests inside a dialog carry the tags that only its peers know, and are not challenged again.

    Attributes:
        digest: The realm and what is offered.
        methods: Methods that are challenged, with 401 by an end and with 407 by a proxy; never ACK or CANCEL.
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


class DigestServers:
    """Judges credentials by an `AuthenticationConfig`, for an end, for a proxy, or for what is both.

    A client may answer the challenge of one with the nonce of the other, so both remember the same ones.

    Args:
        config: Whom to ask.
        more: Knows the users that the configuration does not list.
        ids: Makes nonces.

    Attributes:
        end: Challenges with 401 (RFC 3261 §22.2).
        proxy: Challenges with 407 (RFC 3261 §22.3).
    """

    __slots__ = ("_more", "_users", "end", "proxy")

    def __init__(self, config: AuthenticationConfig, more: SecretLookup | None, ids: Ids) -> None:
        realm = config.digest.realm
        self._users = {
            user.username: Secret(user.password) for user in config.users if user.realm in (None, realm)
        }
        self._more = more
        nonces = NonceStore(ids=ids, lifetime=config.nonce_lifetime, max_nonces=config.max_nonces)
        self.end = DigestServer(config.digest, self._secret_of, nonces)
        self.proxy = DigestServer(attrs.evolve(config.digest, proxy=True), self._secret_of, nonces)

    def _secret_of(self, username: str, realm: str) -> Secret | None:
        known = self._users.get(username)
        return self._more(username, realm) if known is None and self._more is not None else known
