"""Typed headers of the SIP extensions: each reads and writes one header field."""

from .answer_mode import AnswerMode
from .auth_params import AuthParams, AuthValue, parse_auth_info, parse_auth_params
from .caller_preferences import ContactPreference, accepted_contacts, rejected_contacts
from .date import format_date, parse_date
from .dialog_match import Join, Replaces
from .feature_value import FeatureKind, FeatureValue, parse_feature_values
from .features import BASE_TAGS, FeatureSet
from .form_table import HEADER_FORMS, HeaderForm
from .history_info import HistoryEntry, HistoryIndex, Retargeting, history_of, lost_target
from .identity import Identity, asserted_identity, preferred_identity, withhold_identity
from .privacy import ANONYMOUS, Privacy
from .reason import Reason, reasons_of
from .refer_to import ReferredBy, ReferTo, refer_sub_of
from .reliability import RAck, rseq_of
from .request_disposition import RequestDisposition
from .resource_priority import (
    RESOURCE_NAMESPACES,
    ResourcePriority,
    refused_priorities,
    resource_priorities,
)
from .retry_after import RetryAfter
from .session_expires import LEAST_SESSION_INTERVAL, MinSe, Refresher, SessionExpires
from .small_values import (
    Timestamp,
    TokenValue,
    parse_bracketed,
    parse_call_id,
    parse_mime_version,
    parse_products,
    quality_of,
)
from .subscription_state import EventType, SubscriptionState
from .typed_values import typed_values, write_values
from .warning import WARNING_TEXTS, SipWarning, warnings_of

__all__ = [
    "ANONYMOUS",
    "BASE_TAGS",
    "HEADER_FORMS",
    "LEAST_SESSION_INTERVAL",
    "RESOURCE_NAMESPACES",
    "WARNING_TEXTS",
    "AnswerMode",
    "AuthParams",
    "AuthValue",
    "ContactPreference",
    "EventType",
    "FeatureKind",
    "FeatureSet",
    "FeatureValue",
    "HeaderForm",
    "HistoryEntry",
    "HistoryIndex",
    "Identity",
    "Join",
    "MinSe",
    "Privacy",
    "RAck",
    "Reason",
    "ReferTo",
    "ReferredBy",
    "Refresher",
    "Replaces",
    "RequestDisposition",
    "ResourcePriority",
    "Retargeting",
    "RetryAfter",
    "SessionExpires",
    "SipWarning",
    "SubscriptionState",
    "Timestamp",
    "TokenValue",
    "accepted_contacts",
    "asserted_identity",
    "format_date",
    "history_of",
    "lost_target",
    "parse_auth_info",
    "parse_auth_params",
    "parse_bracketed",
    "parse_call_id",
    "parse_date",
    "parse_feature_values",
    "parse_mime_version",
    "parse_products",
    "preferred_identity",
    "quality_of",
    "reasons_of",
    "refer_sub_of",
    "refused_priorities",
    "rejected_contacts",
    "resource_priorities",
    "rseq_of",
    "typed_values",
    "warnings_of",
    "withhold_identity",
    "write_values",
]
