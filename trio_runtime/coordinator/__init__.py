"""The coordinator and its parts."""

from trio_runtime.coordinator.coordinator import SessionCoordinator
from trio_runtime.coordinator.messaging.incoming import IncomingRequest
from trio_runtime.coordinator.onward import hops_left
from trio_runtime.coordinator.outgoing import OutgoingCall
from trio_runtime.coordinator.preparing import PreparedCall
from trio_runtime.coordinator.registering.block import RegisteredBlock
from trio_runtime.coordinator.registering.registration import Registration
from trio_runtime.coordinator.registering.state import RegistrationState
from trio_runtime.coordinator.statistics import CoordinatorStatistics
from trio_runtime.coordinator.subscribing.notification import Notification
from trio_runtime.coordinator.subscribing.publication import Publication
from trio_runtime.coordinator.subscribing.subscription import Subscription, SubscriptionStatus

__all__ = [
    "CoordinatorStatistics",
    "IncomingRequest",
    "Notification",
    "OutgoingCall",
    "PreparedCall",
    "Publication",
    "RegisteredBlock",
    "Registration",
    "RegistrationState",
    "SessionCoordinator",
    "Subscription",
    "SubscriptionStatus",
    "hops_left",
]
