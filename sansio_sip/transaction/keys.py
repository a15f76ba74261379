"""What a message is matched to a transaction by (RFC 3261 §17.1.3, §17.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ids import BRANCH_COOKIE
from ..machine import Endpoint

if TYPE_CHECKING:
    from ..message import Request, Response
    from .events import TransactionKey

__all__ = ["client_key", "is_answer_to", "merge_key", "reply_endpoint", "server_key"]


def client_key(response: Response) -> TransactionKey:
    """Return the client transaction that a response belongs to: branch and CSeq method."""
    return (response.via.branch or "", response.cseq.method)


def is_answer_to(response: Response, request: Request) -> bool:
    """Return whether a response came to who sent the request.

    A response with another sent-by, or with more or fewer Via values than were sent, went astray
    (RFC 3261 §18.1.2, §8.1.3.3). A request that a proxy sent has those of the way so far as well.
    """
    count = _count_vias(response)
    return count == _count_vias(request) and response.via.sent_by == request.via.sent_by


def _count_vias(message: Request | Response) -> int:
    values = message.get_all("via")
    return len(values) + sum([value.count(",") for value in values])


def server_key(request: Request, method: str | None = None) -> TransactionKey:
    """Return the server transaction that a request belongs to.

    Args:
        request: The request; an ACK belongs to its INVITE.
        method: Match as if the request had this method, as CANCEL does to find its INVITE.
    """
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.via
    branch = via.branch or ""
    if branch.startswith(BRANCH_COOKIE) and len(branch) > len(BRANCH_COOKIE):
        # sent-by is in the key: two elements may by accident or design choose the same branch.
        return (branch, *via.sent_by, method)
    # RFC 2543 client (RFC 3261 §17.2.3, second half). The To tag is left out because the ACK
    # has one that the INVITE had not.
    return (
        request.uri,
        request.call_id,
        request.from_tag,
        request.cseq.number,
        *via.sent_by,
        branch,
        method,
    )


def merge_key(request: Request) -> TransactionKey:
    """Return what two copies of one request that took different ways share (§8.2.2.2)."""
    return (request.call_id, request.from_tag, request.cseq.number, request.method)


def reply_endpoint(request: Request, source: Endpoint) -> Endpoint:
    """Return where responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4).

    A stream's answer goes back on its connection. Over UDP it goes to the source address: to its
    port when the client asked with ``rport``, else to the port of sent-by. A ``maddr`` is not
    followed: a forged one would make us send to strangers.
    """
    via = request.via
    if source.reliable or via.has_rport:
        return source
    port = via.sent_by[1]
    return source if port == source.port else Endpoint(source.transport, source.host, port, source.flow)
