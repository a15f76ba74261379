"""What an agent serves besides calls, out of the coordinator's configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from sansio_sip.agent import AgentBackends, AgentConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.dialog.registrar_settings import phone_authentication, registrar_settings

if TYPE_CHECKING:
    from sansio_sip.register import BindingStore
    from trio_runtime.base.registrar_config import RegistrarConfig
    from trio_runtime.dialog.phone_users import PhoneUsers

__all__ = ["Service", "changed", "registrar_service"]

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


def registrar_service(
    config: RegistrarConfig, users: PhoneUsers, store: BindingStore, *, epoch: float, hold: bool
) -> Service:
    """Return what makes an agent a registrar.

    Args:
        config: What it serves.
        users: Those that may register.
        store: The bindings that there are already, and where they are kept.
        epoch: Wall time in seconds when our clock showed 0.
        hold: Whether each change waits for `RegistrarSide.confirm`.
    """

    def adapt(settings: AgentConfig) -> AgentConfig:
        return changed(
            settings,
            registrar=registrar_settings(config, epoch, hold=hold),
            authentication=phone_authentication(config, settings.authentication, _ASKED),
        )

    backends = AgentBackends(store=store, secrets=users.secret_of, owns=users.owns)
    return Service(adapt=adapt, backends=backends)
