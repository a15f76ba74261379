"""One subscription as an application sees it: a stream of notifications, and where it stands."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

import trio

from sansio_sip.subscribe import SubscriptionClosed
from trio_runtime.base.subscription_errors import describe_subscription_end, subscription_error
from trio_runtime.events import EventStream

if TYPE_CHECKING:
    from sansio_sip.subscribe import SubscriptionEnd
    from trio_runtime.coordinator.subscribing.notification import Notification

__all__ = ["Subscription", "SubscriptionOwner", "SubscriptionStatus"]

_MAX_WAITING = 256


class SubscriptionStatus(Enum):
    """Where a subscription stands.

    ``PENDING`` is accepted, but nobody has let us in yet. ``WAITING`` has failed and will be tried again.
    """

    SUBSCRIBING = "subscribing"
    PENDING = "pending"
    ACTIVE = "active"
    WAITING = "waiting"
    ENDED = "ended"


class SubscriptionOwner(Protocol):
    """What a subscription asks of its coordinator."""

    def refresh(self, name: str) -> None:
        """Ask for the full state."""
        ...

    def drop(self, name: str) -> None:
        """Unsubscribe."""
        ...


class Subscription:
    """Iterate over it for what is told, until it is over; the last state of all is kept, not each of them.

    It is refreshed, and made again after a loss that can be mended, as soon as the notifier allows. More than
    256 notifications that nobody reads drop the oldest, since a later one says it all.

    Args:
        uri: What is subscribed to.
        event: Value of Event.
        owner: The coordinator's subscriptions.

    Attributes:
        uri: See above.
        event: See above.
        status: Where it stands.
        last: What was told last, or None.
        retry_in: Seconds from its loss until it is tried again; None while it is not lost.
        end: How it was lost, or ended; None while it lasts.
    """

    def __init__(self, uri: str, event: str, owner: SubscriptionOwner) -> None:
        self.uri = uri
        self.event = event
        self.status = SubscriptionStatus.SUBSCRIBING
        self.last: Notification | None = None
        self.retry_in: float | None = None
        self.end: SubscriptionEnd | None = None
        self._owner = owner
        self._name = ""
        self._notifications: EventStream[Notification] = EventStream(lambda _: None, None, _MAX_WAITING)
        self._changed = trio.lowlevel.ParkingLot()

    def __repr__(self) -> str:
        return f"<Subscription {self.event} of {self.uri} {self.status.value}>"

    def __aiter__(self) -> Subscription:
        """Return itself."""
        return self

    async def __anext__(self) -> Notification:
        """Wait for the next notification; the iteration stops when the subscription is over."""
        return await anext(self._notifications)

    # Waiting

    async def accepted(self, *, patient: bool = True) -> None:
        """Wait until the peer has accepted it.

        Args:
            patient: Whether to go on waiting while it is tried again.

        Raises:
            SubscriptionRejected: The peer refused.
            RequestTimedOutError: There was no answer, or no state after it.
            NetworkError: The peer cannot be reached.
            SubscriptionEndedError: It is over.
        """
        await trio.lowlevel.checkpoint()
        while self.status not in (SubscriptionStatus.PENDING, SubscriptionStatus.ACTIVE):
            lost = self.status is SubscriptionStatus.WAITING and not patient
            if self.last is not None and isinstance(self.end, SubscriptionClosed):
                return  # one look was all that was wanted, and it was had
            if self.end is not None and (lost or self.status is SubscriptionStatus.ENDED):
                raise subscription_error(self.uri, self.end)
            await self._changed.park()

    async def ended(self) -> SubscriptionEnd:
        """Wait until it is over, and return how it ended."""
        await trio.lowlevel.checkpoint()
        while self.end is None or self.status is not SubscriptionStatus.ENDED:
            await self._changed.park()
        return self.end

    @property
    def end_text(self) -> str:
        """How it was lost, or ended, in words; empty while it lasts."""
        return "" if self.end is None else describe_subscription_end(self.end)

    # Doing

    def refresh(self) -> None:
        """Ask for the full state now; once it is over, nothing."""
        if self.status is not SubscriptionStatus.ENDED:
            self._owner.refresh(self._name)

    def unsubscribe(self) -> None:
        """End it; nothing is waited for."""
        if self.status is not SubscriptionStatus.ENDED:
            self._owner.drop(self._name)

    # What the coordinator tells

    def started(self, name: str) -> None:
        """Note the agent's name of it."""
        self._name = name

    def accepted_by_peer(self) -> None:
        """Note a 2xx; a NOTIFY that came before it says more."""
        if self.status in (SubscriptionStatus.SUBSCRIBING, SubscriptionStatus.WAITING):
            self._become(SubscriptionStatus.PENDING)
        self.end = self.retry_in = None

    def notified(self, notification: Notification) -> None:
        """Give a notification to who reads."""
        self.last = notification
        self._notifications.offer(notification)
        if notification.status != "terminated":
            self.end = self.retry_in = None
            active = notification.status == "active"
            self._become(SubscriptionStatus.ACTIVE if active else SubscriptionStatus.PENDING)

    def lost(self, end: SubscriptionEnd, retry_in: float) -> None:
        """Note that it will be tried again."""
        self.end, self.retry_in = end, retry_in
        self._become(SubscriptionStatus.WAITING)

    def over(self, end: SubscriptionEnd) -> None:
        """Note that it is over."""
        self.end, self.retry_in = end, None
        self._notifications.end()
        self._become(SubscriptionStatus.ENDED)

    def _become(self, status: SubscriptionStatus) -> None:
        self.status = status
        self._changed.unpark_all()
