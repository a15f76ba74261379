"""Events: subscriptions, notifications and publications (RFC 6665, RFC 3903) and their packages."""

from .admission import Admission, AdmissionRefused, admit, allow_events
from .config import SubscribeConfig
from .ends import (
    NotifyFailed,
    NotifyMissing,
    RemotelyUnsubscribed,
    RequestRefused,
    RequestTimedOut,
    RequestUnreachable,
    SubscriptionClosed,
    SubscriptionEnd,
    SubscriptionExpired,
    TerminatedByNotifier,
)
from .event_state import EMPTY_STATE, EventState, FixedState
from .event_match import event_of, same_event
from .events import (
    NotifierLost,
    NotifyReceived,
    PublicationEnded,
    PublicationRetrying,
    PublicationUpdated,
    StatePublished,
    SubscribeEvent,
    SubscriberGone,
    SubscriptionAccepted,
    SubscriptionEnded,
    SubscriptionRequested,
    SubscriptionRetrying,
)
from .notifier import Notifier
from .notifier_states import NotifierInput, NotifierState
from .notifier_table import NOTIFIER_TABLE
from .order import SubscribeOrder
from .package import DIALOG, MESSAGE_SUMMARY, PRESENCE, EventPackage
from .retry import backoff, retry_delay
from .subscription import SUBSCRIPTION_TABLE, Subscription
from .usage import DialogUsage, Usage
from .usage_request import UsageRequest
from .watcher import Watcher
from .watcher_states import SubscriptionInput, SubscriptionStep, WatcherInput, WatcherState
from .watcher_table import WATCHER_TABLE
