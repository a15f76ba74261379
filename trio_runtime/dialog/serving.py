"""What an agent serves besides calls, out of the coordinator's configuration."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from sansio_sip import register
from sansio_sip.agent import AgentBackends, AgentConfig, AuthenticationConfig
from sansio_sip.auth import DigestServerConfig, Secret
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.user_secrets import read_secret

if TYPE_CHECKING:
    from sansio_sip.register import BindingStore
    from trio_runtime.base.registrar_config import RegistrarConfig

__all__ = ["Service", "changed", "registrar_service"]

logger = logging.getLogger("trio_runtime")
_ASKED = frozenset({"PUBLISH", "REFER", "REGISTER", "SUBSCRIBE"})


def _unchanged(settings: AgentConfig) -> AgentConfig:
    return settings


def changed(settings: AgentConfig, **changes: Any) -> AgentConfig:
    """Return a configuration of an agent with something else in it.

    Raises:
        ConfigurationError: The application wants to answer what the agent would answer then.
    """
    try:
        return attrs.evolve(settings, **changes)
    except ValueError as error:
        raise ConfigurationError(str(error), field="requests") from error


@attrs.frozen(kw_only=True)
class Service:
    """How an agent becomes more than a phone.

    Attributes:
        adapt: Changes its configuration.
        backends: What it asks besides.
    """

    adapt: Callable[[AgentConfig], AgentConfig] = _unchanged
    backends: AgentBackends = attrs.field(factory=AgentBackends)

    def also(self, more: Callable[[AgentConfig], AgentConfig]) -> Service:
        """Return one that does something more."""
        return attrs.evolve(self, adapt=lambda settings: more(self.adapt(settings)))


def registrar_service(config: RegistrarConfig, store: BindingStore, *, epoch: float, hold: bool) -> Service:
    """Return what makes an agent a registrar.

    Args:
        config: What it serves.
        store: The bindings that there are already, and where they are kept.
        epoch: Wall time in seconds when our clock showed 0.
        hold: Whether each change waits for `RegistrarSide.confirm`.
    """
    users = dict(config.users)

    # Both are asked in the midst of a message: what they raise must not stop all others.
    def secret_of(username: str, realm: str) -> Secret | None:
        known = users.get(username)
        if known is not None or config.registry is None:
            return known
        try:
            found = config.registry(username, realm)
            return None if found is None else read_secret(found)
        except Exception:
            logger.exception("the registry failed; the user %r is unknown for now", username)
            return None

    def owns(username: str, address: str) -> bool:
        try:
            return config.owns is not None and config.owns(username, address)
        except Exception:
            logger.exception("owns failed; the user %r may not register %s", username, address)
            return False

    def adapt(settings: AgentConfig) -> AgentConfig:
        return changed(
            settings,
            registrar=_registrar(config, epoch, hold=hold),
            authentication=_authentication(config, settings.authentication),
        )

    asked = None if config.owns is None else owns
    return Service(adapt=adapt, backends=AgentBackends(store=store, secrets=secret_of, owns=asked))


def _registrar(config: RegistrarConfig, epoch: float, *, hold: bool) -> register.RegistrarConfig:
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


def _authentication(
    config: RegistrarConfig, inbound: AuthenticationConfig | None
) -> AuthenticationConfig | None:
    """Return who is asked: phones by the registrar, callers where `InboundConfig` says so."""
    if config.anonymous:
        return None if inbound is None else attrs.evolve(inbound, methods=inbound.methods - {"REGISTER"})
    digest = DigestServerConfig(realm=config.challenge_realm, algorithms=config.algorithms)
    if inbound is None:
        return AuthenticationConfig(digest=digest, methods=_ASKED)
    return attrs.evolve(inbound, digest=digest)
