"""What a person wants to know of a message at a glance, found by searching octets.

A trace must also show what no parser accepts, and must not pay for parsing what nobody looks at.
"""

from __future__ import annotations

import re

__all__ = ["headline", "is_sip", "scan_call_id"]

_TOKEN = rb"[A-Za-z0-9.!%*_+`'~-]{1,32}"
_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(rb"^cseq[ \t]*:[ \t]*\d+[ \t]+(" + _TOKEN + rb")", re.IGNORECASE | re.MULTILINE)
_SDP = re.compile(rb"^(?:content-type|c)[ \t]*:[ \t]*application/sdp", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") [^\r\n]* SIP/2\.0(?=[\r\n]|$)", re.IGNORECASE)
_STATUS_LINE = re.compile(rb"SIP/2\.0 (\d{3})(?: ([^\r\n]*))?(?=[\r\n]|$)", re.IGNORECASE)


def _head(data: bytes) -> bytes:
    end = _BLANK_LINE.search(data)
    return data[: end.start()] if end else data


def scan_call_id(data: bytes) -> bytes | None:
    """Return the Call-ID of a message, or None when none is to be seen."""
    found = _CALL_ID.search(_head(data))
    return found[1].strip() if found else None


def is_sip(data: bytes) -> bool:
    """Tell whether octets begin like a message of SIP, after line ends at most."""
    message = data.lstrip(b"\r\n")
    return bool(_STATUS_LINE.match(message) or _REQUEST_LINE.match(message))


def headline(data: bytes) -> str:
    """Return one short line of printable ASCII: method or status, CSeq method of a response, "(SDP)".

    Only the start line and the CSeq are shown: URIs, names and credentials stay out.
    """
    if not data.strip(b"\r\n\0"):
        return "keep-alive"
    message = data.lstrip(b"\r\n")
    head = _head(message)
    body = " (SDP)" if _SDP.search(head) else ""
    if status := _STATUS_LINE.match(head):
        method = _CSEQ.search(head)
        about = f" ({_printable(method[1])})" if method else ""
        return f"{_printable(status[1] + b' ' + (status[2] or b'')).rstrip()[:40]}{about}{body}"
    if request := _REQUEST_LINE.match(head):
        return _printable(request[1]) + body
    return f"malformed, {len(data)} octets"


def _printable(text: bytes) -> str:
    return "".join(chr(octet) if 32 <= octet < 127 else "?" for octet in text)
