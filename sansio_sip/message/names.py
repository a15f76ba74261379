"""Header field names: canonical keys, the spellings to send, and the compact forms."""

from __future__ import annotations

import re

from ..errors import ParseError

__all__ = ["COMPACT_FORMS", "LIST_HEADERS", "STANDARD_NAMES", "canonical_name", "is_token", "known_name"]

STANDARD_NAMES: tuple[str, ...] = (
    "Accept", "Accept-Contact", "Accept-Encoding", "Accept-Language", "Accept-Resource-Priority",
    "Alert-Info", "Allow", "Answer-Mode",
    "Allow-Events", "Authentication-Info", "Authorization", "Call-ID", "Call-Info", "Contact",
    "Content-Disposition", "Content-Encoding", "Content-ID", "Content-Language", "Content-Length",
    "Content-Type", "CSeq", "Date", "Diversion", "Error-Info", "Event", "Expires", "Feature-Caps",
    "Flow-Timer", "From", "Geolocation", "History-Info", "Identity", "In-Reply-To", "Info-Package",
    "Join", "Max-Breadth", "Max-Forwards", "MIME-Version", "Min-Expires", "Min-SE", "Organization",
    "P-Access-Network-Info", "P-Asserted-Identity", "P-Associated-URI", "P-Called-Party-ID",
    "P-Preferred-Identity", "Path", "Priority", "Priv-Answer-Mode", "Privacy", "Proxy-Authenticate",
    "Proxy-Authorization", "Proxy-Require", "RAck", "Reason", "Record-Route", "Recv-Info",
    "Refer-Sub", "Refer-To", "Referred-By", "Reject-Contact", "Remote-Party-ID", "Replaces",
    "Reply-To", "Request-Disposition", "Require", "Resource-Priority", "Retry-After", "Route", "RSeq",
    "Server", "Service-Route", "Session-Expires", "SIP-ETag", "SIP-If-Match", "Subject",
    "Subscription-State", "Supported", "Target-Dialog", "Timestamp", "To", "Unsupported",
    "User-Agent", "User-to-User", "Via", "Warning", "WWW-Authenticate",
)  # fmt: skip
"""Names as their RFCs write them; the spelling every known field is sent with."""

COMPACT_FORMS: dict[str, str] = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
    "e": "content-encoding", "f": "from", "i": "call-id", "j": "reject-contact",
    "k": "supported", "l": "content-length", "m": "contact", "n": "identity-info", "o": "event",
    "r": "refer-to", "s": "subject", "t": "to", "u": "allow-events", "v": "via",
    "x": "session-expires", "y": "identity",
}  # fmt: skip
"""One-letter names of the IANA registry of SIP header fields, with their long keys."""

LIST_HEADERS = frozenset(
    {
        "accept", "accept-contact", "accept-encoding", "accept-language", "accept-resource-priority",
        "alert-info", "allow", "allow-events", "call-info", "contact", "content-encoding",
        "content-language", "error-info", "history-info", "in-reply-to", "p-asserted-identity",
        "p-preferred-identity", "path", "proxy-require", "reason", "record-route", "recv-info",
        "reject-contact", "request-disposition", "require", "resource-priority", "route", "service-route",
        "supported", "unsupported", "via", "warning",
    }
)  # fmt: skip
"""Keys whose values may hold a comma-separated list that somebody walks through."""

_BY_KEY: dict[str, str] = {name.lower(): name for name in STANDARD_NAMES}
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")

# A peer chooses spellings, so what it can make us remember is bounded in number and in length.
_MAX_CACHED_NAMES = 4_096
_MAX_CACHED_LENGTH = 64
_cache: dict[str, tuple[str, str]] = {}

known_name = _cache.get
"""Like `canonical_name` for spellings met before; None for others. For the hot path."""


def is_token(text: str) -> bool:
    """Tell whether the text is a ``token`` (RFC 3261 §25.1)."""
    return _TOKEN.fullmatch(text) is not None


def canonical_name(raw: str) -> tuple[str, str]:
    """Give the canonical key and the spelling to send for a received field name.

    Args:
        raw: The text before the colon, white space after it allowed (RFC 3261 §7.3.1).

    Returns:
        ``(key, name)``: the lower-case long name, and the standard spelling of a known field or the
        received spelling of an unknown one.

    Raises:
        ParseError: The text is not a token.
    """
    known = _cache.get(raw)
    if known is not None:
        return known
    text = raw.rstrip(" \t")
    if not is_token(text):
        raise ParseError(
            f"header field name {text[:40]!r} is not a token",
            error_class="header-syntax",
            rule="RFC 3261 §25.1 header-name",
        )
    key = text.lower()
    key = COMPACT_FORMS.get(key, key)
    pair = (key, _BY_KEY.get(key, text))
    if len(_cache) < _MAX_CACHED_NAMES and len(raw) <= _MAX_CACHED_LENGTH:
        _cache[raw] = pair
    return pair


for _name in (*STANDARD_NAMES, *COMPACT_FORMS):
    for _spelling in (_name, _name.lower(), _name.upper()):
        canonical_name(_spelling)
