"""What a machine is told of the registrar in it, and of those that have to show a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sansio_sip import register
from sansio_sip.auth import AuthenticationConfig, Credentials, DigestServerConfig
from trio_runtime.base.errors import ConfigurationError

if TYPE_CHECKING:
    from trio_runtime.base.inbound_config import InboundConfig
    from trio_runtime.base.registrar_config import RegistrarConfig

__all__ = ["inbound_authentication", "phone_authentication", "registrar_settings"]


def registrar_settings(config: RegistrarConfig, epoch: float, *, hold: bool) -> register.RegistrarConfig:
    """Return the configuration of the registrar.

    Args:
        config: What it serves.
        epoch: Wall time in seconds when our clock showed 0.
        hold: Whether each change waits for `RegistrarSide.confirm`.
    """
    return register.RegistrarConfig(
        domains=frozenset([domain.lower() for domain in config.domains]),
        min_expires=config.min_expires,
        default_expires=config.default_expires,
        max_expires=config.max_expires,
        max_bindings=config.max_contacts,
        max_addresses=config.max_addresses,
        hold_changes=hold,
        patience=config.store_patience,
        epoch=epoch,
    )


def inbound_authentication(inbound: InboundConfig | None) -> AuthenticationConfig | None:
    """Return who is asked for a password by what `InboundConfig` says; ``None`` for nobody.

    Raises:
        ConfigurationError: It cannot be asked for like that.
    """
    if inbound is None:
        return None
    try:
        users = tuple([Credentials(name, password) for name, password in inbound.users])
        digest = DigestServerConfig(realm=inbound.realm)
    except ValueError as error:
        raise ConfigurationError(str(error), field="inbound") from error
    trusted = frozenset(inbound.trusted_hosts)
    return AuthenticationConfig(digest=digest, users=users, trusted_hosts=trusted)


def phone_authentication(
    config: RegistrarConfig, inbound: AuthenticationConfig | None, methods: frozenset[str]
) -> AuthenticationConfig | None:
    """Return who is asked: phones by the registrar, callers where `InboundConfig` says so.

    Args:
        config: The registrar's.
        inbound: What `inbound_authentication` gave.
        methods: What phones are asked for where callers are not.
    """
    if config.anonymous:
        return None if inbound is None else attrs.evolve(inbound, methods=inbound.methods - {"REGISTER"})
    digest = DigestServerConfig(realm=config.challenge_realm, algorithms=config.algorithms)
    if inbound is None:
        return AuthenticationConfig(digest=digest, methods=methods)
    return attrs.evolve(inbound, digest=digest)
