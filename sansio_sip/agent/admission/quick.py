"""Refuses an INVITE from its octets alone: at three times the load that can be carried, parsing is too dear.

Only what a plain client sends is read here. Whatever is unusual, folded lines or two Via in one, is left to
the parser, which comes to the same answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ...errors import ParseError
from ...ids import BRANCH_COOKIE
from ...machine import Transmit
from ...message import Via, reason_phrase
from ...transaction import STATELESS_TAG, reply_endpoint_of

if TYPE_CHECKING:
    from ...machine import Endpoint
    from ...transaction import TransactionKey
    from .refusal import Refusal

__all__ = ["QuickInvite", "branch_of", "quick_refusal", "read_invite"]

_COPIED = re.compile(rb"\r\n(via|v|from|f|to|t|call-id|i|cseq)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_NAMES = {
    b"via": b"Via", b"v": b"Via", b"from": b"From", b"f": b"From", b"to": b"To", b"t": b"To",
    b"call-id": b"Call-ID", b"i": b"Call-ID", b"cseq": b"CSeq",
}  # fmt: skip
_ONCE = [b"CSeq", b"Call-ID", b"From", b"To"]
_BRANCH = re.compile(
    rb"\r\n(?:via|v)[ \t]*:[^\r\n,]*?;[ \t]*branch[ \t]*=[ \t]*(z9hG4bK[^;,\s\"]+)", re.IGNORECASE
)
_TO_TAG = b";tag=" + STATELESS_TAG.encode()


@attrs.frozen
class QuickInvite:
    """What of an INVITE outside of dialogs its refusal needs.

    Attributes:
        via: The topmost Via.
        lines: Names and values that the response repeats, that Via left out.
    """

    via: Via
    lines: list[tuple[bytes, bytes]]

    @property
    def key(self) -> TransactionKey:
        """Names its transaction."""
        return (self.via.branch, *self.via.sent_by, "INVITE")


def branch_of(data: bytes) -> str:
    """Return the branch of a request, empty when it is none of RFC 3261 or stands in an unusual place."""
    match = _BRANCH.search(data)
    return "" if match is None else match.group(1).decode("utf-8", "surrogateescape")


def read_invite(data: bytes) -> QuickInvite | None:
    """Read an INVITE, ``None`` for one inside a dialog or of another form than this knows."""
    head, blank, _ = data.partition(b"\r\n\r\n")
    if not blank or b"\0" in head or b"\r\n " in head or b"\r\n\t" in head:
        return None
    lines = [(_NAMES[name.lower()], value) for name, value in _COPIED.findall(head)]
    if not lines or lines[0][0] != b"Via" or sorted([name for name, _ in lines if name != b"Via"]) != _ONCE:
        return None
    first = lines.pop(0)[1]
    if b"," in first or any(name == b"To" and b"tag" in value.lower() for name, value in lines):
        return None
    try:
        via = Via.parse(first.decode("utf-8", "surrogateescape"))
    except ParseError:
        return None
    branch = via.branch
    if not branch.startswith(BRANCH_COOKIE) or branch == BRANCH_COOKIE:
        return None
    return QuickInvite(via, lines)


def quick_refusal(invite: QuickInvite, source: Endpoint, refusal: Refusal, retry_after: int) -> Transmit:
    """Return the refusal of an INVITE, the same for every copy of it (RFC 3261 §8.2.7)."""
    via = str(invite.via.stamped(source.host, source.port))
    status = f"SIP/2.0 {refusal.status_code} {reason_phrase(refusal.status_code)}\r\nVia: {via}"
    out = [status.encode("utf-8", "surrogateescape")]
    for name, value in invite.lines:
        out.append(b"%s: %s%s" % (name, value, _TO_TAG if name == b"To" else b""))
    if refusal.status_code == 503:
        out.append(b"Retry-After: %d" % retry_after)
    out.append(b"Content-Length: 0\r\n\r\n")
    return Transmit(b"\r\n".join(out), reply_endpoint_of(invite.via, source))
