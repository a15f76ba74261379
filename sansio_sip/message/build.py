"""Requests from parts, responses from requests, ACK and CANCEL from INVITE."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import LocalProtocolError, ParseError
from .cseq import MAX_CSEQ
from .fields import Field, checked_field, checked_text
from .name_addr import NameAddr
from .names import is_token
from .reason import reason_phrase
from .request import Request
from .response import Response
from .scalars import fast_tag

__all__ = ["build_ack", "build_cancel", "build_request", "build_response"]

_COPIED = frozenset({"via", "from", "to", "call-id", "cseq"})
_COPIED_WITH_ROUTES = _COPIED | {"record-route"}
_COPIED_INTO_100 = _COPIED | {"timestamp"}
_DIALOG_METHODS = frozenset({"INVITE", "NOTIFY", "REFER", "SUBSCRIBE"})


def build_request(
    method: str, uri: str, *, via: str, from_: str, to: str, call_id: str, cseq: int, max_forwards: int = 70,
    routes: Iterable[str] = (), extra: Iterable[tuple[str, str]] = (), content_type: str | None = None,
    body: bytes = b"",
) -> Request:  # fmt: skip
    """Build a request (RFC 3261 §8.1.1).

    Args:
        method: Any token.
        uri: Request-URI text.
        via: Topmost Via value.
        from_: From value with its tag.
        to: To value.
        call_id: Call-ID.
        cseq: Sequence number, below 2**31.
        max_forwards: 0 to 255.
        routes: Route values, topmost first.
        extra: More fields as ``(name, value)``.
        content_type: Content-Type of the body; needed when there is one.
        body: The body's octets.

    Raises:
        LocalProtocolError: A value cannot stand in a message.
    """
    if not is_token(method):
        raise LocalProtocolError(f"method {method!r} is not a token")
    if not uri or any(character in uri for character in ' \t<>"'):
        raise LocalProtocolError(f"Request-URI {uri!r} is empty or holds spaces, brackets or quotes")
    if not 0 <= cseq <= MAX_CSEQ:
        raise LocalProtocolError(f"cseq {cseq} is not in 0..2**31-1")
    if not 0 <= max_forwards <= 255:
        raise LocalProtocolError(f"max_forwards {max_forwards} is not in 0..255")
    fields: list[Field] = [("via", "Via", checked_text(via, "via"))]
    fields += [("route", "Route", checked_text(route, "routes")) for route in routes]
    fields += [
        ("max-forwards", "Max-Forwards", str(max_forwards)),
        ("from", "From", checked_text(from_, "from_")),
        ("to", "To", checked_text(to, "to")),
        ("call-id", "Call-ID", checked_text(call_id, "call_id")),
        ("cseq", "CSeq", f"{cseq} {method}"),
    ]
    request = Request(method, checked_text(uri, "uri"), fields, body)
    _finish(request.fields, extra, content_type, body)
    return request


def build_response(
    request: Request, status_code: int, reason: str | None = None, *, to_tag: str | None = None,
    extra: Iterable[tuple[str, str]] = (), content_type: str | None = None, body: bytes = b"",
) -> Response:  # fmt: skip
    """Build a response from the raw fields of a request (RFC 3261 §8.2.6).

    Via, From, To, Call-ID and CSeq are copied; Record-Route goes into what can make a dialog
    (§12.1.1), Timestamp into a 100 (§8.2.6.1).

    Args:
        request: The request to answer; its fields may be incomplete when it was malformed.
        status_code: 100 to 699.
        reason: Phrase; the registered one when None.
        to_tag: Tag for To when the request has none; not used in a 100.
        extra: More fields as ``(name, value)``.
        content_type: Content-Type of the body; needed when there is one.
        body: The body's octets.

    Raises:
        LocalProtocolError: A value cannot stand in a message.
    """
    if not 100 <= status_code <= 699:
        raise LocalProtocolError(f"status_code {status_code} is not in 100..699")
    phrase = reason_phrase(status_code) if reason is None else checked_text(reason, "reason")
    copied = _COPIED
    if status_code == 100:
        copied = _COPIED_INTO_100
    elif status_code < 300 and request.method in _DIALOG_METHODS:
        copied = _COPIED_WITH_ROUTES
    response = Response(status_code, phrase, body=body)
    response.fields = [field for field in request.fields if field[0] in copied]
    if to_tag and status_code != 100:
        _add_to_tag(response.fields, to_tag)
    if extra or content_type or body:
        _finish(response.fields, extra, content_type, body)
    return response


def _add_to_tag(fields: list[Field], to_tag: str) -> None:
    if not (to_tag.isalnum() and to_tag.isascii()) and not is_token(to_tag):
        raise LocalProtocolError(f"to_tag {to_tag!r} is not a token")
    # A To that cannot be read is copied as it is: this may be the 400 that says so.
    for index, (key, name, value) in enumerate(fields):
        if key == "to" and _has_no_tag(value):
            fields[index] = (key, name, f"{value};tag={to_tag}")


def _has_no_tag(value: str) -> bool:
    if value[-1:] == ">":
        return True
    tag = fast_tag(value)
    if tag is not None:
        return not tag
    try:
        return not NameAddr.parse(value, "to").tag
    except ParseError:
        return False


def _finish(
    fields: list[Field], extra: Iterable[tuple[str, str]], content_type: str | None, body: bytes
) -> None:  # fmt: skip
    fields += [checked_field(name, value) for name, value in extra]
    if content_type is not None:
        fields.append(("content-type", "Content-Type", checked_text(content_type, "content_type")))
    elif body and not any(field[0] == "content-type" for field in fields):
        raise LocalProtocolError("a body needs a content_type (RFC 3261 §20.15)")


def build_ack(invite: Request, response: Response) -> Request:
    """Build the ACK of a non-2xx final response; it belongs to the INVITE's transaction (§17.1.1.3).

    Args:
        invite: The INVITE as it was sent.
        response: The 3xx-6xx response; only its To is used.
    """
    to = next((field for field in response.fields if field[0] == "to"), None)
    ack = _same_transaction(invite, "ACK", to)
    # §22.1: an ACK carries the credentials of its INVITE, since it cannot be challenged.
    ack.fields += [field for field in invite.fields if field[0] in ("authorization", "proxy-authorization")]
    return ack


def build_cancel(invite: Request) -> Request:
    """Build the CANCEL of a pending INVITE (§9.1).

    Args:
        invite: The INVITE as it was sent.
    """
    return _same_transaction(invite, "CANCEL", None)


def _same_transaction(invite: Request, method: str, to: Field | None) -> Request:
    """Copy what identifies the transaction: topmost Via, routes, From, To, Call-ID, CSeq number."""
    fields: list[Field] = [("via", "Via", invite.values("via")[0])]
    fields += [field for field in invite.fields if field[0] == "route"]
    fields.append(("max-forwards", "Max-Forwards", "70"))
    for field in invite.fields:
        if field[0] in ("from", "call-id"):
            fields.append(field)
        elif field[0] == "to":
            fields.append(field if to is None else to)
    fields.append(("cseq", "CSeq", f"{invite.cseq.number} {method}"))
    return Request(method, invite.uri, fields)
