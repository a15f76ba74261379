"""What an agent keeps besides calls: registrations, subscriptions both ways, publications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import LocalProtocolError
from ..machine import earliest
from ..register import Registration
from ..subscribe import Notifier, Notifiers, Publisher, SubscribeConfig, Watcher
from ..transaction import Schedule
from .registrations import Registrations
from .sender import spoken_by
from .users import settled_user

if TYPE_CHECKING:
    from ..dialog import DialogId
    from ..machine import Endpoint
    from ..outbound import TransactionUser
    from ..register import RegistrationConfig
    from ..subscribe import DialogUsage, FixedState, PublishOrder, SubscribeOrder
    from .core import Core
    from .sender import Voice

__all__ = ["ClientUsage", "Usages"]

_Found = TypeVar("_Found", Watcher, Publisher)

ClientUsage = Registration | Watcher | Publisher
"""What we keep alive at a server, until it is closed."""


class Usages:
    """Holds every usage but calls, from its first request until nothing is owed to its peer.

    Args:
        core: What the parts of the agent share.
        registry: Where dialogs are entered, so that their requests find their usage.

    Attributes:
        notifiers: Subscriptions of others to us.
        registrations: Those of ours.
    """

    __slots__ = ("_by_name", "_config", "_core", "_registry", "_schedule", "notifiers", "registrations")

    def __init__(self, core: Core, registry: dict[DialogId, Any]) -> None:
        config = core.config
        self._core = core
        self._registry: dict[DialogId, DialogUsage] = registry
        self._by_name: dict[str, ClientUsage] = {}
        self.registrations = Registrations()
        self._schedule = Schedule()
        self._config = SubscribeConfig(
            contact=config.contact,
            software=config.software,
            credentials=config.credentials,
            timers=config.timers,
        )
        self.notifiers = Notifiers(
            self._config,
            config.event_packages,
            max_subscriptions=config.max_subscriptions,
            now=core.now,
            ids=core.ids,
            outbound=core.outbound,
            registry=self._registry,
            outbox=core.events(),
        )

    def __len__(self) -> int:
        return len(self._by_name) + len(self.notifiers)

    @property
    def notifiers_fields(self) -> tuple[tuple[str, str], ...]:
        """Allow-Events, when others may subscribe to us."""
        return self.notifiers.allow_events if self._core.config.event_packages else ()

    # Verbs

    def register(self, config: RegistrationConfig) -> str:
        """Register, keep it alive, and return the name of the registration."""
        registration = self.registrations.open(config, self._core)
        return self._keep(registration.registration, registration)

    def subscribe(self, order: SubscribeOrder, voice: Voice | None = None) -> str:
        """Subscribe, keep it alive, and return the name of the subscription.

        Raises:
            LocalProtocolError: A value of the order cannot stand in a message.
        """
        core = self._core
        config, order = spoken_by(voice, self._config, order)
        watcher = Watcher(
            core.ids.tag(),
            config,
            now=core.now,
            ids=core.ids,
            outbound=core.outbound,
            registry=self._registry,
            outbox=core.events(),
        )
        watcher.subscribe(order, core.now)
        return self._keep(watcher.name, watcher)

    def publish(self, order: PublishOrder, state: FixedState, voice: Voice | None = None) -> str:
        """Publish, keep it alive, and return the name of the publication.

        Raises:
            LocalProtocolError: The state is empty, or a value of the order cannot stand in a message.
        """
        core = self._core
        config, order = spoken_by(voice, self._config, order)
        publisher = Publisher(
            core.ids.tag(),
            config,
            now=core.now,
            ids=core.ids,
            outbound=core.outbound,
            outbox=core.events(),
        )
        publisher.publish(order, state, core.now)
        return self._keep(publisher.name, publisher)

    def _keep(self, name: str, usage: ClientUsage) -> str:
        self._by_name[name] = usage
        self.settle(usage)
        return name

    def flow_failed(self, destination: Endpoint) -> None:
        """Register anew what is registered by a flow that is gone (RFC 5626 §4.5)."""
        for registration in self.registrations.by(destination):
            registration.flow_failed(self._core.now)
            self.settle(registration)

    def find(self, name: str, kind: type[_Found]) -> _Found:
        """Return a subscription or publication of ours.

        Raises:
            LocalProtocolError: There is none of that kind.
        """
        found = self._by_name.get(name)
        if not isinstance(found, kind):
            raise LocalProtocolError(f"there is no subscription or publication {name!r} of that kind")
        return found

    def drop(self, name: str) -> None:
        """Unregister, unsubscribe or remove what is published; what is gone is no error."""
        found = self._by_name.get(name)
        if found is not None:
            found.close(self._core.now)
            self.settle(found)

    # The shape of a machine

    def settle(self, user: TransactionUser | object | None) -> None:
        """After anything happened to a usage: note its timer, or forget it; of others nothing."""
        usage = settled_user(user)
        if isinstance(usage, Notifier):
            self.notifiers.settle(usage)
        elif isinstance(usage, (Registration, Watcher, Publisher)):
            self._schedule.update(usage)
            if isinstance(usage, Registration):
                self.registrations.settle(usage)
            if usage.closed:
                name = usage.registration if isinstance(usage, Registration) else usage.name
                self._by_name.pop(name, None)

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all usages."""
        if not self._by_name and not self.notifiers:
            return None  # as in most agents, which are asked after each message
        return earliest(self._schedule.deadline, self.notifiers.deadline)

    def handle_timeout(self, now: float) -> None:
        """Fire every timer that is due."""
        while (usage := self._schedule.pop_due(now)) is not None:
            usage.handle_timeout(now)
            self.settle(usage)
        self.notifiers.handle_timeout(now)

    def close(self, now: float) -> None:
        """Unregister, unsubscribe, remove what is published and end the subscriptions to us."""
        for name in list(self._by_name):
            self.drop(name)
        self.notifiers.close(now)
