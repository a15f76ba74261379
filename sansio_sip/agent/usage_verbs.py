"""Verbs for registrations, subscriptions and publications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..subscribe import Publisher, Watcher
from .dialog_verbs import DialogVerbs

if TYPE_CHECKING:
    from ..register import RegistrationConfig
    from ..subscribe import EventState, FixedState, PublishOrder, SubscribeOrder
    from .sender import Sender

__all__ = ["UsageVerbs"]


class UsageVerbs(DialogVerbs):
    """The verbs of an `Agent` that concern neither calls nor single requests."""

    __slots__ = ()

    def _begin_usage(self, now: float) -> None:
        self._core.clock(now)
        if self._reception.closing:
            raise LocalProtocolError("the agent is closing")

    def register(self, config: RegistrationConfig, now: float) -> str:
        """Register and keep it alive; its events carry the name that is returned.

        Raises:
            LocalProtocolError: The agent is closing.
        """
        self._begin_usage(now)
        name = self._usages.register(config)
        self._settle()
        return name

    def refresh_registration(self, name: str, now: float) -> None:
        """Register again at once, as after a change of networks; while an answer is awaited, nothing.

        Raises:
            LocalProtocolError: There is no such registration, or it is ending.
        """
        usages = self._usages
        usages.settle(usages.registrations.refresh(name, self._core.clock(now)))
        self._settle()

    def subscribe(self, order: SubscribeOrder, now: float, *, sender: Sender | None = None) -> str:
        """Subscribe and keep it alive; its events carry the name that is returned.

        Args:
            order: What to subscribe to.
            now: Current time in seconds.
            sender: Who subscribes: his address, his way and his credentials go before those of the order.

        Raises:
            LocalProtocolError: The agent is closing, or a value of the order cannot stand in a message.
        """
        self._begin_usage(now)
        name = self._usages.subscribe(order, None if sender is None else self._voice(sender))
        self._settle()
        return name

    def refresh_subscription(self, name: str, now: float) -> None:
        """Ask for the full state, as after a gap in partial states (RFC 6665 §5.3.2).

        Raises:
            LocalProtocolError: There is no such subscription.
        """
        watcher = self._usages.find(name, Watcher)
        watcher.refresh(self._core.clock(now))
        self._usages.settle(watcher)
        self._settle()

    def publish(
        self, order: PublishOrder, state: FixedState, now: float, *, sender: Sender | None = None
    ) -> str:
        """Publish and keep it alive; its events carry the name that is returned.

        Args:
            order: What to publish about.
            state: The state.
            now: Current time in seconds.
            sender: Who publishes; see `subscribe`.

        Raises:
            LocalProtocolError: The agent is closing, the state is empty, or a value of the order cannot
                stand in a message.
        """
        self._begin_usage(now)
        name = self._usages.publish(order, state, None if sender is None else self._voice(sender))
        self._settle()
        return name

    def change_publication(self, name: str, state: FixedState, now: float) -> None:
        """Publish a new state in place of the old one.

        Raises:
            LocalProtocolError: There is no such publication, it is over, or the state is empty.
        """
        publisher = self._usages.find(name, Publisher)
        publisher.change(state, self._core.clock(now))
        self._usages.settle(publisher)
        self._settle()

    def drop(self, name: str, now: float) -> None:
        """Unregister, unsubscribe or remove what is published; what is gone is no error."""
        self._core.clock(now)
        self._usages.drop(name)
        self._settle()

    # Subscriptions to us

    def accept_subscription(self, name: str, state: EventState, now: float) -> None:
        """Let somebody watch, and tell the state; see `Notifier.accept`."""
        notifier = self._usages.notifiers.find(name)
        notifier.accept(state, self._core.clock(now))
        self._usages.settle(notifier)
        self._settle()

    def reject_subscription(self, name: str, now: float, status_code: int = 403) -> None:
        """Refuse a subscription; see `Notifier.reject`."""
        notifier = self._usages.notifiers.find(name)
        notifier.reject(self._core.clock(now), status_code)
        self._usages.settle(notifier)
        self._settle()

    def end_subscription(self, name: str, reason: str, now: float, retry_after: int | None = None) -> None:
        """End a subscription to us; see `Notifier.terminate`."""
        notifier = self._usages.notifiers.find(name)
        notifier.terminate(reason, self._core.clock(now), retry_after)
        self._usages.settle(notifier)
        self._settle()

    def notify(self, resource: str, package: str, state: EventState, now: float) -> int:
        """Tell a new state to all who watch a resource; return how many subscriptions it has.

        Args:
            resource: What `resource_of` makes of its URI.
            package: Name of the event package.
            state: The state.
            now: Current time in seconds.
        """
        count = self._usages.notifiers.notify(resource, package, state, self._core.clock(now))
        self._settle()
        return count
