"""Branches of a proxy, and the loops that show in them (RFC 3261 §16.6 item 8, RFC 5393 §4.2)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..errors import ParseError
from ..ids import BRANCH_COOKIE
from ..message import Via

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request
    from .identity import Identity

__all__ = ["has_looped", "loop_mark", "marked_branch", "stateless_branch"]

_SEPARATOR = "."


def _digest(parts: Iterable[str], size: int) -> str:
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=size).hexdigest()


def loop_mark(request: Request, source: Endpoint) -> str:
    """Return the second part of a branch: all that decides where a request goes from here.

    Call-ID and CSeq are in it so that a collision does not come back in the next try (RFC 5393 §4.2.4);
    the method is not, for CANCEL and ACK have their request's branch.

    Args:
        request: The request as it was received.
        source: Where it came from; a router may ask who sent it.
    """
    parts = [request.uri, *request.values("route"), "", *request.values("proxy-require"), ""]
    parts += request.get_all("proxy-authorization")
    parts += [request.call_id, str(request.cseq.number), request.from_tag, request.to_tag, source.host]
    return _digest(parts, 8)


def marked_branch(branch: str, mark: str) -> str:
    """Return a branch of two parts: one that is unique, and the mark."""
    return f"{branch}{_SEPARATOR}{mark}"


def has_looped(request: Request, mark: str, identity: Identity) -> bool:
    """Tell whether a request was here before and nothing that decides its way has changed since.

    A Via of somebody else that cannot be read says nothing about loops through us.
    """
    for value in request.values("via"):
        try:
            via = Via.parse(value)
        except ParseError:
            continue
        if via.branch.rpartition(_SEPARATOR)[2] == mark and identity.is_own_via(via):
            return True
    return False


def stateless_branch(request: Request) -> str:
    """Return the branch that every copy of a request gets (RFC 3261 §16.11).

    The CANCEL of a request, and the ACK of its failure, come with its branch and so get the same.

    Args:
        request: The request as it was received.
    """
    via = request.via
    if via.branch.startswith(BRANCH_COOKIE):
        parts = [via.branch, *map(str, via.sent_by)]
    else:
        parts = [str(via), request.to_tag, request.from_tag, request.call_id]
        parts += [str(request.cseq.number), request.uri]
    return BRANCH_COOKIE + _digest(parts, 16)
