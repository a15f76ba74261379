"""The presence server among the parts of a coordinator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sansio_sip.register import Binding, BindingsChanged
from sansio_sip.subscribe import StatePublished, SubscriberGone, SubscriptionRequested
from trio_runtime.dialog import PresenceSide, Service, presence_settings
from trio_runtime.presence import PresenceServer

if TYPE_CHECKING:
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.presence_config import PresenceConfig
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.presence import PresenceStatistics
    from trio_runtime.registrar import RegistrarPart
    from trio_runtime.session import SessionRegistry

__all__ = ["PresencePart"]


class PresencePart:
    """A presence server, which knows who is registered where there is a registrar.

    Args:
        environment: Clock.
        config: What is told, and to whom.
        registrar: Ours, or ``None``.

    Attributes:
        server: The server, after `connect`.
    """

    server: PresenceServer

    def __init__(
        self, environment: Environment, config: PresenceConfig, registrar: RegistrarPart | None
    ) -> None:
        self._environment = environment
        self._config = config
        self._registrar = registrar
        known = () if registrar is None else registrar.domains
        self._domains = frozenset([domain.lower() for domain in config.domains or known])

    def service(self, service: Service) -> Service:
        """Return what makes the agent a presence server besides."""
        return service.also(presence_settings(self._config, self._domains))

    def _serves(self, resource: str) -> bool:
        return not self._domains or resource.rpartition("@")[2] in self._domains

    def connect(
        self,
        dialogs: DialogManager,
        registry: SessionRegistry,
        bus: EventBus[SessionEvent],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
    ) -> dict[type[object], Callable[[Any], None]]:
        """Begin to work with an open agent; return who takes which event."""
        registrar = self._registrar
        self.server = PresenceServer(
            self._environment,
            self._config,
            PresenceSide(self._environment, lambda: dialogs.endpoint),
            registry,
            bus,
            start_soon,
            self._serves,
            _nobody if registrar is None else registrar.bindings_of,
            () if registrar is None else registrar.addresses,
        )
        handlers: dict[type[object], Callable[[Any], None]] = {
            SubscriptionRequested: self.server.subscription_requested,
            SubscriberGone: self.server.subscriber_gone,
            StatePublished: self.server.state_published,
        }
        if registrar is not None:
            handlers[BindingsChanged] = self.server.bindings_changed
        return handlers

    def close(self) -> None:
        """Hear of calls no more."""
        self.server.close()

    def statistics(self, dialogs: DialogManager) -> PresenceStatistics:
        """Return what the server counts."""
        return self.server.statistics(dialogs.statistics().agent.published)


def _nobody(_: str) -> list[Binding]:
    return []
