"""Taking secrets out of messages and texts: every octet of one is replaced, so that all lengths stay.

A star stands for each, and an A in a key of SRTP, which must stay base64 for those who read descriptions.
"""

from __future__ import annotations

import re

__all__ = ["redact", "redact_text"]

# Every pattern has the secret as its last group, begins at a fixed word and never backtracks over it.
_CREDENTIALS = r"\b(?:proxy-)?authorization[\"']?[ \t]*:[ \t]*[\"']?(?:[a-z0-9-]{1,20}[ \t]+)?((?:%s)++)"
# Continuation lines belong to it (RFC 3261 §7.3.1). A backslash ends nothing: a quoted string may hold any.
_IN_MESSAGE = _CREDENTIALS % r"[^\r\n]++|\r?\n[ \t]"
# A message within a log line may have its line ends written as escapes.
_IN_TEXT = _CREDENTIALS % r"[^\r\n\\]++|\\r\\n(?: |\\t)|\\(?!r\\n)|\r?\n[ \t]"
_OTHERS = (
    # Keys of SRTP (RFC 4568 §6.1) and of old descriptions (RFC 4566 §5.12).
    r"\binline:([^|\s;\"'\\]+)",
    r"^k=[a-z0-9]{1,16}:([^\r\n]+)",
    # A password in a URI (RFC 3261 §19.1.1).
    r"\bsips?:[^\s:@<>;,\"']{1,1024}+:([^\s@<>;\"']{1,1024}+)(?=@)",
    # What programs write of their own configuration.
    r"\b(?:password|passwd|secret)[\"']?[ \t]*[=:][ \t]*[\"']?([^\s\"',;&)}\]]+)",
)


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple([re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in patterns])


_MESSAGE_PATTERNS = _compiled(_IN_MESSAGE, *_OTHERS)
_TEXT_PATTERNS = _compiled(_IN_TEXT, *_OTHERS)


def redact_text(text: str) -> str:
    """Return a text without credentials, keys and passwords; its length stays."""
    return _without_secrets(text, _TEXT_PATTERNS)


def redact(data: bytes) -> bytes:
    """Do the same with a message; what is no text stays as it is."""
    return _without_secrets(data.decode("latin-1"), _MESSAGE_PATTERNS).encode("latin-1")


def _without_secrets(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    for pattern in patterns:
        text = pattern.sub(_masked, text)
    return text


def _masked(found: re.Match[str]) -> str:
    start = found.start(1) - found.start()
    key = found[0][:start].lower().endswith("inline:")
    secret = re.sub(r"[^\s=]", "A", found[1]) if key else re.sub(r"[^\s]", "*", found[1])
    return found[0][:start] + secret + found[0][start + len(secret) :]
