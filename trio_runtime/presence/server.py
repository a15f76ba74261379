"""The presence server of a coordinator: what an application sets, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sansio_sip.subscribe import EventState, PresenceStatus, composed_state
from trio_runtime.events import types as facts
from trio_runtime.presence.board import PresenceBoard
from trio_runtime.presence.calls import UserCalls
from trio_runtime.presence.registrations import UserAddresses, changed_registrations, registrations_of
from trio_runtime.presence.types import PresenceStatistics, UserPresence, Watcher, resource_named
from trio_runtime.presence.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

    from sansio_sip import register, subscribe
    from sansio_sip.register import Binding
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.presence_config import PresenceConfig
    from trio_runtime.dialog import PresenceSide
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.session import SessionRegistry

__all__ = ["PresenceServer"]


class PresenceServer:
    """Lets users be watched; `SessionCoordinator.presence` is the one of a coordinator.

    Args:
        environment: Clock.
        config: What is told, and to whom.
        side: The agent's notifiers and publications.
        registry: The calls.
        bus: Where events are published.
        start_soon: Starts a task that lives as long as the coordinator.
        serves: Tells whether a resource is a user that can be watched.
        bindings: Gives the phones of an address of record.
        addresses: The addresses that have phones already.
    """

    def __init__(
        self,
        environment: Environment,
        config: PresenceConfig,
        side: PresenceSide,
        registry: SessionRegistry,
        bus: EventBus[SessionEvent],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        serves: Callable[[str], bool],
        bindings: Callable[[str], list[Binding]],
        addresses: Iterable[str],
    ) -> None:
        self._now = environment.clock.now
        self._side = side
        self._bus = bus
        self._bindings = bindings
        self._addresses = UserAddresses(addresses)
        self._changes = 0
        self._calls = UserCalls(registry, serves, self._calls_changed)
        self._board = PresenceBoard(
            side.published,
            self._addresses.__contains__,
            self._calls.in_call,
            automatic=config.automatic,
            max_states=config.max_states,
        )
        self._watching = Watching(
            side, config.may_watch, serves, self._state_of, bus, start_soon, config.packages
        )
        # The filter runs as an event is published, in order and without a task.
        self._stream = bus.subscribe(self._calls.take, max_events=1)
        self._states: dict[str, Callable[[str], EventState]] = {
            "presence": self._board.presence_state,
            "dialog": self._calls.state,
            "message-summary": self._board.mailbox_state,
            "reg": self._registrations,
        }

    # What the application wants

    def set(self, uri: str, status: PresenceStatus, note: str = "") -> None:
        """Let a user be seen like that from now on, whatever his phones say.

        Args:
            uri: The user.
            status: The status.
            note: Words for a human; what a CUSTOM status is about.

        Raises:
            InvalidUriError: It is no URI.
            LimitExceededError: There are ``max_states`` already.
            VoipError: The note cannot be sent.
        """
        resource = resource_named(uri)
        self._board.set(resource, status, note)
        self._tell_presence(resource)
        self._side.flush()

    def clear(self, uri: str) -> None:
        """Let a user be seen as his phones say, or as he is."""
        resource = resource_named(uri)
        self._board.clear(resource)
        self._tell_presence(resource)
        self._side.flush()

    def set_messages(self, uri: str, *, new: int, old: int = 0) -> None:
        """Tell phones how many voice messages wait in a mailbox (RFC 3842).

        Raises:
            InvalidUriError: It is no URI.
            LimitExceededError: There are ``max_states`` mailboxes already.
            VoipError: A count is below zero.
        """
        resource = resource_named(uri)
        self._board.set_messages(resource, new, old)
        self._side.notify(resource, "message-summary", self._board.mailbox_state(resource))
        self._side.flush()

    def status_of(self, uri: str) -> UserPresence:
        """Return what a watcher would see of a user now."""
        return self._board.presence(resource_named(uri))

    def watchers(self, uri: str) -> list[Watcher]:
        """Return who watches a user."""
        return self._watching.of(resource_named(uri))

    # What happens

    def subscription_requested(self, event: subscribe.SubscriptionRequested) -> None:
        """Take a SUBSCRIBE; conferences are others' affair."""
        if event.event.package in self._states:
            self._watching.requested(event)

    def subscriber_gone(self, event: subscribe.SubscriberGone) -> None:
        """Take the news that a subscription is over."""
        self._watching.gone(event)

    def state_published(self, event: subscribe.StatePublished) -> None:
        """Take what a phone has published, or the news that its time is over."""
        if event.package == "presence":
            self._tell_presence(event.resource)
        else:
            self._side.notify(event.resource, event.package, self._state_of(event.resource, event.package))

    def bindings_changed(self, event: register.BindingsChanged) -> None:
        """Take the news that a user has other phones now."""
        resource = self._addresses.changed(event)
        self._side.notify(resource, "reg", changed_registrations(event, self._now()))
        self._tell_presence(resource)

    def _calls_changed(self, resource: str, call: str) -> None:
        if not self._side.published(resource, "dialog"):
            self._side.notify(resource, "dialog", self._calls.state(resource, call))
        self._tell_presence(resource)
        self._side.flush_soon()

    def _registrations(self, resource: str) -> EventState:
        found = {aor: self._bindings(aor) for aor in self._addresses.of(resource)}
        return registrations_of(found, self._now())

    def _state_of(self, resource: str, package: str) -> EventState:
        published = () if package == "presence" else self._side.published(resource, package)
        return composed_state(published) if published else self._states[package](resource)

    def _tell_presence(self, resource: str) -> None:
        """Tell watchers what is to be seen, if that is something else than before."""
        if self._board.is_news(resource):
            self._changes += 1
            seen = self._board.presence(resource)
            count = self._side.notify(resource, "presence", self._board.presence_state(resource))
            self._bus.announce(facts.PresenceChanged, resource, seen.status.value, seen.note, count)

    def close(self) -> None:
        """Hear of calls no more, and say nothing."""
        self._stream.close()
        self._side.close()

    def statistics(self, published: int) -> PresenceStatistics:
        """Return the counters; ``published`` are the publications with us now."""
        return PresenceStatistics(
            watchers=len(self._watching),
            published=published,
            states=len(self._board),
            in_calls=len(self._calls),
            accepted=self._watching.accepted,
            refused=self._watching.refused,
            changes=self._changes,
            decisions_failed=self._watching.decisions_failed,
        )
