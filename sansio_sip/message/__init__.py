"""SIP messages: octets to requests and responses and back."""

from .base import Message
from .body_part import BodyPart
from .build import build_ack, build_cancel, build_request, build_response
from .check import check_request, check_response
from .cseq import MAX_CSEQ, CSeq
from .fields import Field
from .media_type import MediaType
from .mode import DEVIATIONS, ParseMode
from .multipart import build_multipart, find_part, parse_multipart
from .name_addr import NameAddr
from .names import canonical_name
from .params import Params, quote_string, split_list, unquote_string
from .parse import parse_message
from .reason import REASON_PHRASES, reason_phrase
from .request import Request
from .response import Response
from .sipfrag import SIPFRAG_TYPE, SipFragment, build_sipfrag, parse_sipfrag
from .uri import AbsoluteUri, AnyUri, TelUri, Uri, escape_user, parse_uri, unescape
from .uri_compare import uris_equal
from .via import Via

__all__ = [
    "DEVIATIONS",
    "MAX_CSEQ",
    "REASON_PHRASES",
    "SIPFRAG_TYPE",
    "AbsoluteUri",
    "AnyUri",
    "BodyPart",
    "CSeq",
    "Field",
    "MediaType",
    "Message",
    "NameAddr",
    "Params",
    "ParseMode",
    "Request",
    "Response",
    "SipFragment",
    "TelUri",
    "Uri",
    "Via",
    "build_ack",
    "build_cancel",
    "build_multipart",
    "build_request",
    "build_response",
    "build_sipfrag",
    "canonical_name",
    "check_request",
    "check_response",
    "escape_user",
    "find_part",
    "parse_message",
    "parse_multipart",
    "parse_sipfrag",
    "parse_uri",
    "quote_string",
    "reason_phrase",
    "split_list",
    "unescape",
    "unquote_string",
    "uris_equal",
]
