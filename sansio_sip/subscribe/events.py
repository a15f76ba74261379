"""What subscriptions, notifiers and publications tell the user of the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .referral import ReferRequested

if TYPE_CHECKING:
    from ..headers import EventType, SubscriptionState
    from ..message import Request, Response
    from .ends import SubscriptionEnd
    from .publication import Publication

__all__ = [
    "NotifierLost",
    "NotifyReceived",
    "PublicationEnded",
    "PublicationRetrying",
    "PublicationUpdated",
    "StatePublished",
    "SubscribeEvent",
    "SubscriberGone",
    "SubscriptionAccepted",
    "SubscriptionEnded",
    "SubscriptionRequested",
    "SubscriptionRetrying",
]


@attrs.frozen
class SubscriptionAccepted:
    """The SUBSCRIBE got a 2xx; a NOTIFY will follow (RFC 6665 §4.1.2.1).

    Attributes:
        subscription: Name of the subscription.
        expires: Seconds that the notifier grants.
        response: The response.
    """

    subscription: str
    expires: int
    response: Response


@attrs.frozen
class NotifyReceived:
    """A NOTIFY, already answered.

    Attributes:
        subscription: Name of the subscription.
        notifier: Which notifier it is from, when the SUBSCRIBE was forked to several: its tag.
        state: What became of the subscription.
        content_type: Media type of the body without parameters, empty when there is none.
        body: The state of the resource.
        request: The whole request.
    """

    subscription: str
    notifier: str
    state: SubscriptionState
    content_type: str
    body: bytes
    request: Request


@attrs.frozen
class NotifierLost:
    """One of the notifiers of a subscription will send no more; others may go on."""

    subscription: str
    notifier: str
    end: SubscriptionEnd


@attrs.frozen
class SubscriptionRetrying:
    """No notifier is left; a new SUBSCRIBE follows after ``delay`` seconds."""

    subscription: str
    end: SubscriptionEnd
    delay: float


@attrs.frozen
class SubscriptionEnded:
    """A subscription of ours is over; the last event with this name, and there is always exactly one.

    Attributes:
        subscription: Name of the subscription.
        end: How it ended.
        response: The failure response, where one ended it; a 489 has Allow-Events.
    """

    subscription: str
    end: SubscriptionEnd
    response: Response | None = None


@attrs.frozen
class SubscriptionRequested:
    """Somebody subscribes to us; it waits for `accept`, `pend` or `reject`, but not for long.

    Attributes:
        subscription: Name of the subscription in every verb and event.
        event: Package and parameters.
        expires: Seconds that are granted; 0 for a fetch.
        request: The SUBSCRIBE.
        username: Whose password the subscriber knows, empty when nobody asked.
    """

    subscription: str
    event: EventType
    expires: int
    request: Request
    username: str = ""


@attrs.frozen
class SubscriberGone:
    """A subscription to us is over; the last event with this name, and there is always exactly one."""

    subscription: str
    end: SubscriptionEnd


@attrs.frozen
class PublicationUpdated:
    """Our state is known to the compositor, for ``expires`` seconds unless refreshed."""

    publication: str
    expires: int


@attrs.frozen
class PublicationRetrying:
    """A PUBLISH failed; it is tried again after ``delay`` seconds."""

    publication: str
    end: SubscriptionEnd
    delay: float


@attrs.frozen
class PublicationEnded:
    """A publication of ours is over; the last event with this name, and there is always exactly one."""

    publication: str
    end: SubscriptionEnd
    response: Response | None = None


@attrs.frozen
class StatePublished:
    """The state that was published for a resource has changed.

    Attributes:
        resource: The resource.
        package: Event package.
        publications: What is published now, the latest PUBLISH last; empty when all has gone.
        username: Whose password the publisher knows, empty when nobody asked or the time was over.
    """

    resource: str
    package: str
    publications: tuple[Publication, ...]
    username: str = ""


SubscribeEvent = (
    SubscriptionAccepted
    | NotifyReceived
    | NotifierLost
    | SubscriptionRetrying
    | SubscriptionEnded
    | SubscriptionRequested
    | ReferRequested
    | SubscriberGone
    | PublicationUpdated
    | PublicationRetrying
    | PublicationEnded
    | StatePublished
)
