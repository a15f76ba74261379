"""Refuses an INVITE from its octets alone: at three times the load that can be carried, parsing is too dear.

Only what a plain client sends is read here. Whatever is unusual, folded lines or two Via in one, is left to
the parser, which comes to the same answer.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ParseError
from ..ids import BRANCH_COOKIE
from ..machine import Endpoint, Transmit
from ..message import Via, reason_phrase
from ..transaction import STATELESS_TAG

if TYPE_CHECKING:
    from ..transaction import TransactionKey
    from .refusal import Refusal

__all__ = ["QuickInvite", "branch_of", "quick_refusal", "read_invite"]

_COPIED = re.compile(rb"\r\n(Via|v|From|f|To|t|Call-ID|i|CSeq)[ \t]*:[ \t]*([^\r\n]*)")
_VIA, _TO = (b"Via", b"v"), (b"To", b"t")
_ONCE = {b"From": 1, b"f": 1, b"To": 2, b"t": 2, b"Call-ID": 4, b"i": 4, b"CSeq": 8}
_ALL = 15
_PLAIN_VIA = re.compile(
    rb"SIP/2\.0/UDP ([0-9A-Za-z.\-]+)(?::([1-9][0-9]{0,4}))?;branch=(z9hG4bK[0-9A-Za-z.\-]+)(;rport)?"
)
"""What nearly every client writes; any other is read by the parser."""
_BRANCH = re.compile(
    rb"\r\n(?:via|v)[ \t]*:[^\r\n,]*?;[ \t]*branch[ \t]*=[ \t]*(z9hG4bK[^;,\s\"]+)", re.IGNORECASE
)
_TAGGED = b"%s: %s;tag=" + STATELESS_TAG.encode() + b"\r\n"


class QuickInvite(NamedTuple):
    """What of an INVITE outside of dialogs its refusal needs.

    Attributes:
        branch: Branch of the topmost Via.
        host: Its sent-by.
        port: The same; the default one where none is written.
        stamped: The value with what a server writes into it.
        has_rport: Whether the answer goes to the port that the INVITE came from.
        rest: The lines that a response repeats below it.
    """

    branch: str
    host: str
    port: int
    stamped: bytes
    has_rport: bool
    rest: bytes

    @property
    def key(self) -> TransactionKey:
        """Names its transaction."""
        return (self.branch, self.host, self.port, "INVITE")


def branch_of(data: bytes) -> str:
    """Return the branch of a request, empty when it is none of RFC 3261 or stands in an unusual place."""
    match = _BRANCH.search(data)
    return "" if match is None else match.group(1).decode("utf-8", "surrogateescape")


def read_invite(data: bytes, source: Endpoint) -> QuickInvite | None:
    """Read an INVITE, ``None`` for one inside a dialog or of another form than this knows."""
    head, blank, _ = data.partition(b"\r\n\r\n")
    if not blank or b"\0" in head or b"\r\n " in head or b"\r\n\t" in head:
        return None
    lines = _COPIED.findall(head)
    if not lines or lines[0][0] not in _VIA:
        return None
    top = lines.pop(0)[1]
    rest = _rest_of(lines)
    if not rest:
        return None
    match = _PLAIN_VIA.fullmatch(top)
    if match is None:
        return _read_via(top, source, rest)
    host, port, branch, rport = match.groups()
    if port and int(port) > 65_535:
        return None
    name = host.decode().lower()
    if rport:
        stamped = b"%s=%d;received=%s" % (top, source.port, source.host.encode())
    else:
        stamped = top if name == source.host else b"%s;received=%s" % (top, source.host.encode())
    return QuickInvite(branch.decode(), name, int(port or 5060), stamped, bool(rport), rest)


def _read_via(top: bytes, source: Endpoint, rest: bytes) -> QuickInvite | None:
    """Read a Via that is not of the plainest form."""
    if b"," in top:
        return None
    try:
        via = Via.parse(top.decode("utf-8", "surrogateescape"))
    except ParseError:
        return None
    branch = via.branch
    if not branch.startswith(BRANCH_COOKIE) or branch == BRANCH_COOKIE:
        return None
    stamped = via.stamped(source.host, source.port)
    if stamped is not via:
        top = str(stamped).encode("utf-8", "surrogateescape")
    return QuickInvite(branch, *via.sent_by, top, via.has_rport, rest)


def _rest_of(lines: list[tuple[bytes, bytes]]) -> bytes:
    """Return the lines below the topmost Via, To with a tag; nothing where one is missing or twice there."""
    seen, rest = 0, b""
    for name, value in lines:
        if name in _TO:
            if b"tag" in value.lower():
                return b""
            rest += _TAGGED % (name, value)
        else:
            rest += b"%s: %s\r\n" % (name, value)
        bit = _ONCE.get(name, 0)
        if seen & bit:
            return b""
        seen |= bit
    return rest if seen == _ALL else b""


def quick_refusal(invite: QuickInvite, source: Endpoint, refusal: Refusal, retry_after: int) -> Transmit:
    """Return the refusal of an INVITE, the same for every copy of it (RFC 3261 §8.2.7)."""
    data = b"%sVia: %s\r\n%s%s" % (
        _status_line(refusal.status_code),
        invite.stamped,
        invite.rest,
        _tail(refusal.status_code, retry_after),
    )
    if invite.has_rport or invite.port == source.port or source.reliable:
        return Transmit(data, source)
    return Transmit(data, Endpoint(source.transport, source.host, invite.port, source.flow))


@functools.lru_cache(maxsize=16)
def _status_line(status_code: int) -> bytes:
    return f"SIP/2.0 {status_code} {reason_phrase(status_code)}\r\n".encode()


@functools.lru_cache(maxsize=16)
def _tail(status_code: int, retry_after: int) -> bytes:
    wait = f"Retry-After: {retry_after}\r\n" if status_code == 503 else ""
    return f"{wait}Content-Length: 0\r\n\r\n".encode()
