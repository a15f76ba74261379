"""Those who watch: who is let in, and who is there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from sansio_sip.subscribe import EventState, resource_of
from trio_runtime.base.watch_request import WatchRequest
from trio_runtime.events import types as facts
from trio_runtime.presence.types import Watcher

if TYPE_CHECKING:
    from sansio_sip import subscribe
    from trio_runtime.base.presence_config import WatchHook
    from trio_runtime.dialog import PresenceSide
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent

__all__ = ["Watching"]

logger = logging.getLogger("trio_runtime")
_OPEN = frozenset({"presence", "dialog"})


class Watching:
    """Asks about each watcher, and knows all of them.

    Args:
        side: Answers them.
        may_watch: What is asked; ``None`` for the usual rule.
        serves: Tells whether a resource is a user that can be watched.
        state_of: Gives what watchers of a resource see, for a package.
        bus: Where events are published.
        start_soon: Starts a task that lives as long as the coordinator.
        packages: What can be watched.

    Attributes:
        accepted: Those that were let in.
        refused: Those that were not.
        decisions_failed: How often the function of the application raised.
    """

    def __init__(
        self,
        side: PresenceSide,
        may_watch: WatchHook | None,
        serves: Callable[[str], bool],
        state_of: Callable[[str, str], EventState],
        bus: EventBus[SessionEvent],
        start_soon: Callable[[Callable[[], Awaitable[object]]], None],
        packages: Iterable[str],
    ) -> None:
        self.accepted = self.refused = self.decisions_failed = 0
        self._side = side
        self._may_watch = may_watch or _usual_rule
        self._serves = serves
        self._state_of = state_of
        self._bus = bus
        self._packages = frozenset(packages)
        self._start_soon = start_soon
        self._watchers: dict[str, Watcher] = {}

    def __len__(self) -> int:
        return len(self._watchers)

    def of(self, resource: str) -> list[Watcher]:
        """Return who watches a user."""
        return [watcher for watcher in self._watchers.values() if watcher.resource == resource]

    def requested(self, event: subscribe.SubscriptionRequested) -> None:
        """Take a SUBSCRIBE; other packages are others' affair."""
        if event.event.package not in self._packages:
            return
        watcher = Watcher(
            resource_of(event.request.uri),
            event.event.package,
            str(event.request.from_.uri),
            event.username,
        )
        if not self._serves(watcher.resource):
            self._refuse(event, watcher, 404)
            return
        request = WatchRequest(
            resource=watcher.resource,
            package=watcher.package,
            watcher=watcher.uri,
            username=watcher.username,
        )
        try:
            decision = self._may_watch(request)
        except Exception:
            self._failed(event, watcher)
            return
        if isinstance(decision, Awaitable):
            self._start_soon(lambda: self._decide_later(event, watcher, decision))
        else:
            self._apply(event, watcher, allowed=decision)

    async def _decide_later(
        self, event: subscribe.SubscriptionRequested, watcher: Watcher, decision: Awaitable[bool]
    ) -> None:
        """Wait for the application; the watcher is told nothing until then (RFC 6665 §4.2.1.1)."""
        try:
            allowed = await decision
        except Exception:
            self._failed(event, watcher)
        else:
            self._apply(event, watcher, allowed=allowed)

    def _failed(self, event: subscribe.SubscriptionRequested, watcher: Watcher) -> None:
        """Report the function of the application, from within the handling of what it raised."""
        self.decisions_failed += 1
        logger.exception("the decision about a watcher of %s failed", watcher.resource)
        self._refuse(event, watcher, 500)

    def _apply(self, event: subscribe.SubscriptionRequested, watcher: Watcher, *, allowed: bool) -> None:
        if not allowed:
            self._refuse(event, watcher, 403)
            return
        if self._side.accept(event.subscription, self._state_of(watcher.resource, watcher.package)):
            self._watchers[event.subscription] = watcher
            self.accepted += 1
            self._bus.announce(
                facts.WatcherSubscribed, watcher.resource, watcher.package, watcher.uri, event.expires
            )
        self._side.flush()

    def _refuse(self, event: subscribe.SubscriptionRequested, watcher: Watcher, status_code: int) -> None:
        if self._side.reject(event.subscription, status_code):
            self.refused += 1
            self._bus.announce(
                facts.WatcherRefused, watcher.resource, watcher.package, watcher.uri, status_code
            )
        self._side.flush()

    def gone(self, event: subscribe.SubscriberGone) -> None:
        """Take the news that a subscription is over."""
        watcher = self._watchers.pop(event.subscription, None)
        if watcher is not None:
            self._bus.announce(facts.WatcherGone, watcher.resource, watcher.package, watcher.uri)


def _usual_rule(request: WatchRequest) -> bool:
    """Let everybody see who is there, and each user what is his own."""
    if request.package in _OPEN or not request.username:
        return True
    return request.username in (request.resource, request.resource.rpartition("@")[0])
