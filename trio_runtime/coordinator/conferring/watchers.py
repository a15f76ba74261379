"""Who watches which conference: subscriptions to the event package ``conference`` (RFC 4575)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sansio_sip.subscribe import resource_of
from trio_runtime.base.errors import CallStateError
from trio_runtime.coordinator.conferring.roster import roster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sansio_sip.subscribe import SubscriberGone, SubscriptionRequested
    from trio_runtime.bridge import Conference
    from trio_runtime.dialog import Watched

__all__ = ["ConferenceWatchers"]

_PACKAGE = "conference"

logger = logging.getLogger("trio_runtime")


class ConferenceWatchers:
    """Shows conferences that have a URI to those who subscribe to it.

    Args:
        watched: The signalling side.
        epoch: Seconds since 1970 at the zero of the clock.
        conferences: Gives the open conferences.
    """

    def __init__(
        self, watched: Watched, epoch: float, conferences: Callable[[], Iterable[Conference]]
    ) -> None:
        self._watched = watched
        self._epoch = epoch
        self._conferences = conferences
        self._conference_of: dict[str, Conference] = {}
        self._watching: dict[Conference, dict[str, str]] = {}  # the resource by which each subscription came

    def __len__(self) -> int:
        return len(self._conference_of)

    def find(self, uri: str) -> Conference | None:
        """Return the conference of a URI: its own one, or the Contact of its calls."""
        own = self._watched.focus_at(uri)
        return next((each for each in self._conferences() if own and each.config.uri == own), None)

    def subscription_requested(self, event: SubscriptionRequested) -> None:
        """Let somebody watch a conference; where there is none, refuse. Other packages are others' affair."""
        if event.event.package != _PACKAGE:
            return
        conference = self.find(event.request.uri)
        if conference is None or conference.config.uri is None:
            self._watched.reject(event.subscription, 404)
            return
        if not conference.may_watch(str(event.request.from_.uri)):
            self._watched.reject(event.subscription, 403)
            return
        self._conference_of[event.subscription] = conference
        watching = self._watching.setdefault(conference, {})
        watching[event.subscription] = resource_of(event.request.uri)
        self._watched.accept(event.subscription, roster(conference, conference.config.uri, self._epoch))

    def subscriber_gone(self, event: SubscriberGone) -> None:
        """Take note that somebody does not watch any more."""
        conference = self._conference_of.pop(event.subscription, None)
        if conference is not None:
            watching = self._watching[conference]
            del watching[event.subscription]
            if not watching:
                del self._watching[conference]

    def changed(self, conference: Conference, uris: frozenset[str]) -> None:
        """Tell the watchers of a conference that it has changed: some of its users, or with none, itself."""
        uri = conference.config.uri
        watching = self._watching.get(conference)
        if uri is None or not watching:
            return
        state = roster(conference, uri, self._epoch, uris)
        for resource in set(watching.values()):
            try:
                self._watched.tell(resource, _PACKAGE, state)
            except CallStateError:  # it concerns the watchers: the members are to go on
                logger.exception("those who watch %s were not told a change", uri)

    def over(self, conference: Conference) -> None:
        """Tell the watchers of a conference that it is over, and that there is nothing more to watch."""
        self.changed(conference, frozenset())
        for name in list(self._watching.get(conference, ())):
            try:
                self._watched.end(name, "noresource")
            except CallStateError as error:
                logger.debug("a watcher has gone already: %s", error)
