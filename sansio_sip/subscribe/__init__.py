"""Events: subscriptions, notifications and publications (RFC 6665, RFC 3903) and their packages."""

from .admission import Admission, AdmissionRefused, admit, allow_events
from .composed import composed_state
from .compositor import Compositor
from .compositor_config import CompositorConfig
from .config import SubscribeConfig
from .dialog_info import (
    DialogEntry,
    DialogInfo,
    DialogInfoTable,
    DialogParticipant,
    DialogProgress,
    ReplacedDialog,
)
from .dialog_info_state import DialogInfoState
from .dialog_info_xml import DIALOG_INFO_TYPE, build_dialog_info, parse_dialog_info
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
from .event_match import event_of, same_event
from .event_state import EMPTY_STATE, EventState, FixedState
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
from .message_summary import (
    MESSAGE_SUMMARY_TYPE,
    MessageCounts,
    MessageSummary,
    build_message_summary,
    merge_message_summaries,
    parse_message_summary,
)
from .notifier import Notifier
from .notifier_states import NotifierInput, NotifierState
from .notifier_table import NOTIFIER_TABLE
from .notifiers import Notifiers
from .order import SubscribeOrder
from .package import CONFERENCE, DIALOG, MESSAGE_SUMMARY, PRESENCE, REFER, REG, EventPackage
from .pidf import PIDF_TYPE, build_pidf, parse_pidf, presence_state
from .presence import PresenceDocument, PresenceStatus, PresenceTuple, compose
from .publication import Publication, resource_of
from .publish_order import PublishOrder
from .publisher import Publisher
from .publisher_states import PublisherInput, PublisherState
from .publisher_table import PUBLISHER_TABLE
from .referral import Referral, ReferRequested, admit_referral, referral_report
from .retry import backoff, retry_delay
from .subscription import SUBSCRIPTION_TABLE, Subscription
from .unsolicited import UnsolicitedAnswer, answer_unsolicited
from .usage import DialogUsage, Usage
from .usage_request import RequestFailure, RequestHandler, RequestOwner, UsageRequest
from .watcher import Watcher
from .watcher_states import SubscriptionInput, SubscriptionStep, WatcherInput, WatcherState
from .watcher_table import WATCHER_TABLE
from .xml_element import XmlElement, without_illegal, write_xml
from .xml_reader import read_xml_untrusted

__all__ = [
    "CONFERENCE",
    "DIALOG",
    "DIALOG_INFO_TYPE",
    "EMPTY_STATE",
    "MESSAGE_SUMMARY",
    "MESSAGE_SUMMARY_TYPE",
    "NOTIFIER_TABLE",
    "PIDF_TYPE",
    "PRESENCE",
    "PUBLISHER_TABLE",
    "REFER",
    "REG",
    "SUBSCRIPTION_TABLE",
    "WATCHER_TABLE",
    "Admission",
    "AdmissionRefused",
    "Compositor",
    "CompositorConfig",
    "DialogEntry",
    "DialogInfo",
    "DialogInfoState",
    "DialogInfoTable",
    "DialogParticipant",
    "DialogProgress",
    "DialogUsage",
    "EventPackage",
    "EventState",
    "FixedState",
    "MessageCounts",
    "MessageSummary",
    "Notifier",
    "NotifierInput",
    "NotifierLost",
    "NotifierState",
    "Notifiers",
    "NotifyFailed",
    "NotifyMissing",
    "NotifyReceived",
    "PresenceDocument",
    "PresenceStatus",
    "PresenceTuple",
    "Publication",
    "PublicationEnded",
    "PublicationRetrying",
    "PublicationUpdated",
    "PublishOrder",
    "Publisher",
    "PublisherInput",
    "PublisherState",
    "ReferRequested",
    "Referral",
    "RemotelyUnsubscribed",
    "ReplacedDialog",
    "RequestFailure",
    "RequestHandler",
    "RequestOwner",
    "RequestRefused",
    "RequestTimedOut",
    "RequestUnreachable",
    "StatePublished",
    "SubscribeConfig",
    "SubscribeEvent",
    "SubscribeOrder",
    "SubscriberGone",
    "Subscription",
    "SubscriptionAccepted",
    "SubscriptionClosed",
    "SubscriptionEnd",
    "SubscriptionEnded",
    "SubscriptionExpired",
    "SubscriptionInput",
    "SubscriptionRequested",
    "SubscriptionRetrying",
    "SubscriptionStep",
    "TerminatedByNotifier",
    "UnsolicitedAnswer",
    "Usage",
    "UsageRequest",
    "Watcher",
    "WatcherInput",
    "WatcherState",
    "XmlElement",
    "admit",
    "admit_referral",
    "allow_events",
    "answer_unsolicited",
    "backoff",
    "build_dialog_info",
    "build_message_summary",
    "build_pidf",
    "compose",
    "composed_state",
    "event_of",
    "merge_message_summaries",
    "parse_dialog_info",
    "parse_message_summary",
    "parse_pidf",
    "presence_state",
    "read_xml_untrusted",
    "referral_report",
    "resource_of",
    "retry_delay",
    "same_event",
    "without_illegal",
    "write_xml",
]
