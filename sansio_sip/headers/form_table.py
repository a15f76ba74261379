"""The typed form of every header field of the RFCs that this package is for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import attrs

from ..message import MediaType, NameAddr, Via
from ..message.cseq import parse_cseq
from ..message.scalars import parse_number
from ._reading import checked_token, fault
from .answer_mode import AnswerMode
from .auth_params import AuthValue, parse_auth_info
from .caller_preferences import ContactPreference
from .date import format_date, parse_date
from .dialog_match import Join, Replaces
from .history_info import HistoryEntry
from .privacy import Privacy
from .reason import Reason
from .refer_to import ReferredBy, ReferTo
from .reliability import RAck
from .request_disposition import RequestDisposition
from .resource_priority import ResourcePriority
from .retry_after import RetryAfter
from .session_expires import MinSe, SessionExpires
from .small_values import (
    Timestamp,
    TokenValue,
    parse_bracketed,
    parse_call_id,
    parse_mime_version,
    parse_products,
)
from .subscription_state import EventType, SubscriptionState
from .warning import SipWarning

__all__ = ["HEADER_FORMS", "HeaderForm"]

_SECONDS: Final = 2**32 - 1
_TOKEN = "RFC 3261 §25.1 token"


@attrs.frozen
class HeaderForm:
    """How one header field is read and written.

    Attributes:
        read: Reads one value, or one element of a list.
        rule: RFC and section that define the header field.
        listed: Whether a value is a comma-separated list.
        repeated: Whether several fields may stand in a message; a list always may.
        write: Writes what was read.
    """

    read: Callable[[str], object]
    rule: str
    listed: bool = False
    repeated: bool = False
    write: Callable[[Any], str] = str


def _many(read: Callable[[str], object], rule: str) -> HeaderForm:
    return HeaderForm(read, rule, listed=True, repeated=True)


def _tokens(key: str, rule: str) -> HeaderForm:
    return _many(partial(checked_token, header=key, rule=_TOKEN), rule)


def _words(key: str, rule: str, *, listed: bool = True) -> HeaderForm:
    read = partial(TokenValue.parse, header=key)
    return _many(read, rule) if listed else HeaderForm(read, rule)


def _addresses(key: str, rule: str) -> HeaderForm:
    return _many(partial(parse_bracketed, header=key), rule)


def _number(key: str, rule: str, maximum: int = _SECONDS) -> HeaderForm:
    return HeaderForm(partial(parse_number, header=key, maximum=maximum), rule)


def _auth(key: str, rule: str) -> HeaderForm:
    return HeaderForm(partial(AuthValue.parse, header=key), rule, repeated=True)


def _products(key: str, rule: str) -> HeaderForm:
    return HeaderForm(partial(parse_products, header=key), rule, write=" ".join)


def _address(key: str, rule: str) -> HeaderForm:
    return HeaderForm(partial(NameAddr.parse, header=key), rule)


def _contact(text: str) -> NameAddr | str:
    return text if text == "*" else NameAddr.parse(text, "contact")


def _rseq(text: str) -> int:
    number = parse_number(text, "rseq", _SECONDS)
    if not number:
        raise fault("RSeq is 0", "rseq", "RFC 3262 §7.1", error_class="number-range")
    return number


def _params(params: tuple[tuple[str, str], ...]) -> str:
    return ", ".join([f'{name}="{value}"' for name, value in params])


HEADER_FORMS: Final[dict[str, HeaderForm]] = {
    "accept": _many(MediaType.parse, "RFC 3261 §20.1"),
    "accept-contact": _many(ContactPreference.parse, "RFC 3841 §9.2"),
    "accept-encoding": _words("accept-encoding", "RFC 3261 §20.2"),
    "accept-language": _words("accept-language", "RFC 3261 §20.3"),
    "accept-resource-priority": _many(
        partial(ResourcePriority.parse, header="accept-resource-priority"), "RFC 4412 §3.2"
    ),
    "alert-info": _addresses("alert-info", "RFC 3261 §20.4"),
    "allow": _tokens("allow", "RFC 3261 §20.5"),
    "allow-events": _tokens("allow-events", "RFC 6665 §8.2.2"),
    "answer-mode": HeaderForm(AnswerMode.parse, "RFC 5373 §3"),
    "authentication-info": HeaderForm(parse_auth_info, "RFC 3261 §20.6", write=_params),
    "authorization": _auth("authorization", "RFC 3261 §20.7"),
    "call-id": HeaderForm(parse_call_id, "RFC 3261 §20.8"),
    "call-info": _addresses("call-info", "RFC 3261 §20.9"),
    "contact": _many(_contact, "RFC 3261 §20.10"),
    "content-disposition": _words("content-disposition", "RFC 3261 §20.11", listed=False),
    "content-encoding": _tokens("content-encoding", "RFC 3261 §20.12"),
    "content-language": _tokens("content-language", "RFC 3261 §20.13"),
    "content-length": _number("content-length", "RFC 3261 §20.14", 2**31 - 1),
    "content-type": HeaderForm(MediaType.parse, "RFC 3261 §20.15"),
    "cseq": HeaderForm(parse_cseq, "RFC 3261 §20.16"),
    "date": HeaderForm(parse_date, "RFC 3261 §20.17", write=format_date),
    "error-info": _addresses("error-info", "RFC 3261 §20.18"),
    "event": HeaderForm(EventType.parse, "RFC 6665 §8.2.1"),
    "expires": _number("expires", "RFC 3261 §20.19"),
    "flow-timer": _number("flow-timer", "RFC 5626 §10"),
    "from": _address("from", "RFC 3261 §20.20"),
    "history-info": _many(HistoryEntry.parse, "RFC 7044 §5"),
    "identity": HeaderForm(partial(TokenValue.parse, header="identity"), "RFC 8224 §4", repeated=True),
    "in-reply-to": _many(partial(parse_call_id, header="in-reply-to"), "RFC 3261 §20.21"),
    "info-package": _words("info-package", "RFC 6086 §7.2", listed=False),
    "join": HeaderForm(Join.parse, "RFC 3911 §7.1"),
    "max-breadth": _number("max-breadth", "RFC 5393 §5.3.3"),
    "max-forwards": _number("max-forwards", "RFC 3261 §20.22", 255),
    "mime-version": HeaderForm(
        parse_mime_version, "RFC 3261 §20.24", write=lambda value: f"{value[0]}.{value[1]}"
    ),
    "min-expires": _number("min-expires", "RFC 3261 §20.23"),
    "min-se": HeaderForm(MinSe.parse, "RFC 4028 §5"),
    "organization": HeaderForm(str, "RFC 3261 §20.25"),
    "p-asserted-identity": _many(partial(NameAddr.parse, header="p-asserted-identity"), "RFC 3325 §9.1"),
    "p-preferred-identity": _many(partial(NameAddr.parse, header="p-preferred-identity"), "RFC 3325 §9.2"),
    "path": _addresses("path", "RFC 3327 §4"),
    "priority": HeaderForm(partial(checked_token, header="priority", rule=_TOKEN), "RFC 3261 §20.26"),
    "priv-answer-mode": HeaderForm(partial(AnswerMode.parse, privileged=True), "RFC 5373 §3"),
    "privacy": HeaderForm(Privacy.parse, "RFC 3323 §4.2", repeated=True),
    "proxy-authenticate": _auth("proxy-authenticate", "RFC 3261 §20.27"),
    "proxy-authorization": _auth("proxy-authorization", "RFC 3261 §20.28"),
    "proxy-require": _tokens("proxy-require", "RFC 3261 §20.29"),
    "rack": HeaderForm(RAck.parse, "RFC 3262 §7.2"),
    "reason": _many(Reason.parse, "RFC 3326 §2"),
    "record-route": _addresses("record-route", "RFC 3261 §20.30"),
    "recv-info": _words("recv-info", "RFC 6086 §7.3"),
    "refer-to": HeaderForm(ReferTo.parse, "RFC 3515 §2.1"),
    "referred-by": HeaderForm(ReferredBy.parse, "RFC 3892 §3"),
    "reject-contact": _many(partial(ContactPreference.parse, header="reject-contact"), "RFC 3841 §9.2"),
    "replaces": HeaderForm(Replaces.parse, "RFC 3891 §6.1"),
    "reply-to": _address("reply-to", "RFC 3261 §20.31"),
    "request-disposition": HeaderForm(RequestDisposition.parse, "RFC 3841 §9.1", repeated=True),
    "require": _tokens("require", "RFC 3261 §20.32"),
    "resource-priority": _many(ResourcePriority.parse, "RFC 4412 §3.1"),
    "retry-after": HeaderForm(RetryAfter.parse, "RFC 3261 §20.33"),
    "route": _addresses("route", "RFC 3261 §20.34"),
    "rseq": HeaderForm(_rseq, "RFC 3262 §7.1"),
    "server": _products("server", "RFC 3261 §20.35"),
    "service-route": _addresses("service-route", "RFC 3608 §5"),
    "session-expires": HeaderForm(SessionExpires.parse, "RFC 4028 §4"),
    "sip-etag": HeaderForm(partial(checked_token, header="sip-etag", rule=_TOKEN), "RFC 3903 §11.3.1"),
    "sip-if-match": HeaderForm(
        partial(checked_token, header="sip-if-match", rule=_TOKEN), "RFC 3903 §11.3.2"
    ),
    "subject": HeaderForm(str, "RFC 3261 §20.36"),
    "subscription-state": HeaderForm(SubscriptionState.parse, "RFC 6665 §8.2.3"),
    "supported": _tokens("supported", "RFC 3261 §20.37"),
    "timestamp": HeaderForm(Timestamp.parse, "RFC 3261 §20.38"),
    "to": _address("to", "RFC 3261 §20.39"),
    "unsupported": _tokens("unsupported", "RFC 3261 §20.40"),
    "user-agent": _products("user-agent", "RFC 3261 §20.41"),
    "via": _many(Via.parse, "RFC 3261 §20.42"),
    "warning": _many(SipWarning.parse, "RFC 3261 §20.43"),
    "www-authenticate": _auth("www-authenticate", "RFC 3261 §20.44"),
}
"""The forms by key; `typed_values` reads with them."""
