"""SIP messages: octets to requests and responses and back."""

from .base import Message
from .build import build_ack, build_cancel, build_request, build_response
from .check import check_request, check_response
from .cseq import MAX_CSEQ, CSeq
from .fields import Field
from .mode import DEVIATIONS, ParseMode
from .name_addr import NameAddr
from .names import canonical_name
from .params import Params, quote_string, split_list, unquote_string
from .parse import parse_message
from .reason import REASON_PHRASES, reason_phrase
from .request import Request
from .response import Response
from .uri import AbsoluteUri, AnyUri, TelUri, Uri, parse_uri, unescape
from .uri_compare import uris_equal
from .via import Via

__all__ = [
    "DEVIATIONS",
    "MAX_CSEQ",
    "REASON_PHRASES",
    "AbsoluteUri",
    "AnyUri",
    "CSeq",
    "Field",
    "Message",
    "NameAddr",
    "Params",
    "ParseMode",
    "Request",
    "Response",
    "TelUri",
    "Uri",
    "Via",
    "build_ack",
    "build_cancel",
    "build_request",
    "build_response",
    "canonical_name",
    "check_request",
    "check_response",
    "parse_message",
    "parse_uri",
    "quote_string",
    "reason_phrase",
    "split_list",
    "unescape",
    "unquote_string",
    "uris_equal",
]
