"""All subscriptions of a coordinator, by the agent's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sansio_sip.errors import ParseError, ProtocolError
from sansio_sip.headers import EventType
from sansio_sip.message import parse_uri
from sansio_sip.subscribe import SubscribeOrder, SubscriptionClosed
from trio_runtime.base.errors import ConfigurationError, InvalidUriError, LimitExceededError
from trio_runtime.coordinator.subscribing.notification import Notification
from trio_runtime.coordinator.subscribing.state_reader import StateReader, reader_for
from trio_runtime.coordinator.subscribing.subscription import Subscription
from trio_runtime.session import CallHeaders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sansio_sip import subscribe as core
    from sansio_sip.agent import Sender
    from trio_runtime.dialog import Requesting

__all__ = ["Subscriptions"]


@attrs.define
class _Watched:
    """A subscription, and what its notifiers have told so far: by notifier and media type."""

    subscription: Subscription
    readers: dict[tuple[str, str], StateReader] = attrs.field(factory=dict)


class Subscriptions:
    """Holds the subscriptions from their first SUBSCRIBE to their end.

    Args:
        requesting: The signalling side.
        max_subscriptions: How many there may be; one more is refused.
    """

    def __init__(self, requesting: Requesting, max_subscriptions: int = 10_000) -> None:
        self._requesting = requesting
        self._max_subscriptions = max_subscriptions
        self._watched: dict[str, _Watched] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def start(
        self,
        uri: str,
        event: str,
        expires: int,
        headers: Iterable[tuple[str, str]],
        sender: Sender | None,
    ) -> Subscription:
        """Subscribe, and keep it alive.

        Raises:
            InvalidUriError: The URI cannot be reached, or a value cannot be sent.
            ConfigurationError: ``event`` or ``expires`` is none.
            LimitExceededError: There are ``max_subscriptions`` already.
        """
        if len(self._watched) >= self._max_subscriptions:
            raise LimitExceededError(f"there are {self._max_subscriptions} subscriptions already")
        order = self._order(uri, event, expires, headers)
        subscription = Subscription(uri, event, self)

        def enter(name: str) -> None:
            subscription.started(name)
            self._watched[name] = _Watched(subscription)

        self._requesting.subscribe(order, sender, enter)
        return subscription

    def _order(
        self, uri: str, event: str, expires: int, headers: Iterable[tuple[str, str]]
    ) -> SubscribeOrder:
        try:
            parse_uri(uri)
        except ParseError as error:
            raise InvalidUriError(f"{uri!r} cannot be subscribed to: {error}") from error
        try:
            kind = EventType.parse(event)
        except ParseError as error:
            raise ConfigurationError(f"{event!r} is no event package", field="event") from error
        own = self._requesting.own_address
        try:
            return SubscribeOrder(uri=uri, event=kind, from_=own, expires=expires, fields=tuple(headers))
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"must be 0 to 2**32-1 s, not {expires!r}", field="expires") from error

    def refresh(self, name: str) -> None:
        """Ask for the full state."""
        self._requesting.refresh(name)

    def drop(self, name: str) -> None:
        """Unsubscribe."""
        self._requesting.drop(name)

    def close(self) -> None:
        """Tell whoever still waits that nothing comes any more."""
        for watched in list(self._watched.values()):
            watched.subscription.over(SubscriptionClosed())
        self._watched.clear()

    # Events of the signalling side

    def accepted(self, event: core.SubscriptionAccepted) -> None:
        """Take a 2xx."""
        watched = self._watched.get(event.subscription)
        if watched is not None:
            watched.subscription.accepted_by_peer()

    def notified(self, event: core.NotifyReceived) -> None:
        """Take a NOTIFY."""
        watched = self._watched.get(event.subscription)
        if watched is None:
            return
        said = event.state
        notification = Notification(
            status=said.state,
            reason=said.reason,
            retry_after=said.retry_after,
            expires=said.expires,
            state=None,
            problem="",
            content_type=event.content_type,
            body=event.body,
            headers=CallHeaders(event.request),
            notifier=event.notifier,
        )
        watched.subscription.notified(self._with_state(watched, notification))

    def _with_state(self, watched: _Watched, notification: Notification) -> Notification:
        key = notification.notifier, notification.content_type
        reader = watched.readers.get(key) or reader_for(notification.content_type)
        if reader is None or not notification.body:
            return notification
        watched.readers[key] = reader
        try:
            state, missed = reader.read(notification.body)
        except ProtocolError as error:
            return attrs.evolve(notification, problem=str(error))
        if missed:
            watched.subscription.refresh()
        return attrs.evolve(notification, state=state)

    def notifier_lost(self, event: core.NotifierLost) -> None:
        """Forget what one notifier has told."""
        watched = self._watched.get(event.subscription)
        if watched is not None:
            for key in [key for key in watched.readers if key[0] == event.notifier]:
                del watched.readers[key]

    def retrying(self, event: core.SubscriptionRetrying) -> None:
        """Take the news that all is lost for now."""
        watched = self._watched.get(event.subscription)
        if watched is not None:
            watched.readers.clear()
            watched.subscription.lost(event.end, event.delay)

    def ended(self, event: core.SubscriptionEnded) -> None:
        """Take the news that a subscription is over."""
        watched = self._watched.pop(event.subscription, None)
        if watched is not None:
            watched.subscription.over(event.end)
