"""Typed headers of the SIP extensions: each reads and writes one header field."""

from .answer_mode import AnswerMode
from .date import format_date, parse_date
from .dialog_match import Join, Replaces
from .history_info import HistoryEntry, HistoryIndex, Retargeting, history_of, lost_target
from .identity import Identity, asserted_identity, preferred_identity, withhold_identity
from .privacy import ANONYMOUS, Privacy
from .reason import Reason, reasons_of
from .refer_to import ReferredBy, ReferTo, refer_sub_of
from .reliability import RAck, rseq_of
from .retry_after import RetryAfter
from .session_expires import LEAST_SESSION_INTERVAL, MinSe, Refresher, SessionExpires
from .subscription_state import EventType, SubscriptionState
from .warning import WARNING_TEXTS, SipWarning, warnings_of

__all__ = [
    "ANONYMOUS",
    "LEAST_SESSION_INTERVAL",
    "WARNING_TEXTS",
    "AnswerMode",
    "EventType",
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
    "Retargeting",
    "RetryAfter",
    "SessionExpires",
    "SipWarning",
    "SubscriptionState",
    "asserted_identity",
    "format_date",
    "history_of",
    "lost_target",
    "parse_date",
    "preferred_identity",
    "reasons_of",
    "refer_sub_of",
    "rseq_of",
    "warnings_of",
    "withhold_identity",
]
