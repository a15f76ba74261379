"""Taking secrets out of messages and texts: every octet of one is replaced, so that all lengths stay.

A star stands for each, and an A in a key of SRTP, which must stay base64 for those who read descriptions.
"""

from __future__ import annotations

import re

__all__ = ["redact", "redact_text"]

# Every pattern has the secret as its last group, begins at a fixed word and never backtracks over it.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        # Credentials, also on continuation lines; the scheme stays. In a log the header may stand in quotes.
        r"\b(?:proxy-)?authorization[\"']?[ \t]*:[ \t]*[\"']?(?:[a-z0-9-]{1,20}[ \t]+)?"
        r"((?:[^\r\n\\]|\\(?![rn])|\r?\n[ \t])+)",
        # Keys of SRTP (RFC 4568 §6.1) and of old descriptions (RFC 4566 §5.12).
        r"\binline:([^|\s;\"'\\]+)",
        r"^k=[a-z0-9]{1,16}:([^\r\n]+)",
        # A password in a URI (RFC 3261 §19.1.1).
        r"\bsips?:[^\s:@<>;,\"']{1,256}:([^\s@<>;\"']{1,256})(?=@)",
        # What programs write of their own configuration.
        r"\b(?:password|passwd|secret)[\"']?[ \t]*[=:][ \t]*[\"']?([^\s\"',;&)}\]]+)",
    )
)


def redact_text(text: str) -> str:
    """Return a text without credentials, keys and passwords; its length stays."""
    for pattern in _PATTERNS:
        text = pattern.sub(_masked, text)
    return text


def redact(data: bytes) -> bytes:
    """Do the same with a message; what is no text stays as it is."""
    return redact_text(data.decode("latin-1")).encode("latin-1")


def _masked(found: re.Match[str]) -> str:
    start = found.start(1) - found.start()
    key = found[0][:start].lower().endswith("inline:")
    secret = re.sub(r"[^\s=]", "A", found[1]) if key else re.sub(r"[^\s]", "*", found[1])
    return found[0][:start] + secret + found[0][start + len(secret) :]
