"""What a coordinator does besides calls: messages, subscriptions, publications, requests to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from sansio_sip.pager import MessageDelivered, MessageDropped, MessageFailed, MessageReceived
from sansio_sip.subscribe import (
    NotifierLost,
    NotifyReceived,
    PublicationEnded,
    PublicationRetrying,
    PublicationUpdated,
    SubscriptionAccepted,
    SubscriptionEnded,
    SubscriptionRetrying,
)
from trio_runtime.coordinator.messaging.messages import Messages
from trio_runtime.coordinator.messaging.requests import InboundRequests
from trio_runtime.coordinator.subscribing.publications import Publications
from trio_runtime.coordinator.subscribing.subscriptions import Subscriptions
from trio_runtime.dialog import Requesting

if TYPE_CHECKING:
    from sansio_sip.outbound import Way
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent

__all__ = ["AskingSide", "open_asking"]


@attrs.frozen
class AskingSide:
    """The parts for it.

    Attributes:
        messages: Messages both ways.
        requests: Requests that the application answers.
        subscriptions: What we watch.
        publications: What we publish.
    """

    messages: Messages
    requests: InboundRequests
    subscriptions: Subscriptions
    publications: Publications

    def handlers(self) -> dict[type[object], Callable[[Any], None]]:
        """Return what takes each event of the signalling side."""
        return {
            MessageReceived: self.messages.received,
            MessageDelivered: self.messages.delivered,
            MessageFailed: self.messages.failed,
            MessageDropped: self.messages.dropped,
            SubscriptionAccepted: self.subscriptions.accepted,
            NotifyReceived: self.subscriptions.notified,
            NotifierLost: self.subscriptions.notifier_lost,
            SubscriptionRetrying: self.subscriptions.retrying,
            SubscriptionEnded: self.subscriptions.ended,
            PublicationUpdated: self.publications.updated,
            PublicationRetrying: self.publications.retrying,
            PublicationEnded: self.publications.ended,
        }

    def close(self) -> None:
        """Tell whoever still waits that nothing comes any more."""
        self.requests.close()
        self.subscriptions.close()
        self.publications.close()


def open_asking(
    environment: Environment,
    config: CoordinatorConfig,
    dialogs: DialogManager,
    bus: EventBus[SessionEvent],
    ways_to: Callable[[str], Sequence[Way]],
) -> AskingSide:
    """Make the parts.

    Args:
        environment: Clock.
        config: The coordinator's configuration.
        dialogs: The signalling side.
        bus: Where events are published.
        ways_to: Gives where a user is registered with us; empty for strangers.
    """
    requesting = Requesting(environment, lambda: dialogs.endpoint)
    return AskingSide(
        Messages(environment, requesting, bus, ways_to),
        InboundRequests(requesting, config.requests.max_waiting),
        Subscriptions(requesting),
        Publications(requesting),
    )
