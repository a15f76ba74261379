"""Strict and lenient reading, and the name of every deviation that lenient reading forgives."""

from __future__ import annotations

import enum

__all__ = ["DEVIATIONS", "ParseMode"]


class ParseMode(enum.Enum):
    """How closely a message must follow the grammar; always an argument, never a global."""

    LENIENT = "lenient"
    STRICT = "strict"


DEVIATIONS: dict[str, str] = {
    "bare-line-feed": "lines end in LF alone",
    "missing-blank-line": "a datagram ends after its last header field without an empty line",
    "start-line-spaces": "several spaces between, or spaces after, the elements of the start line",
    "bracketed-request-uri": "angle brackets round the Request-URI; they are removed",
    "repeated-content-length": "Content-Length several times with one and the same value",
    "stray-semicolon": "one semicolon with no parameter behind it",
    "spaces-in-brackets": "white space between angle brackets and URI",
    "display-name-characters": "a display name of unquoted characters that no token may have",
    "uri-headers-without-brackets": "a URI with ? or , in a header field that needs angle brackets for it",
    "missing-scheme": "an address without a scheme, such as alice@example.com, outside the Request-URI",
    "three-colons": "an IPv6 reference with three colons, a bug of the RFC 3261 grammar (RFC 5118 §4.10)",
    "uri-characters": "characters in a URI that should have been escaped",
}
"""What `ParseMode.LENIENT` accepts and `ParseMode.STRICT` refuses, by name."""
