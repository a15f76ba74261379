"""What every request and response must have before anything looks at it (RFC 3261 §8.1.1, §8.2)."""

from __future__ import annotations

from ..errors import ParseError
from .base import MAX_FORWARDS, Message
from .mode import ParseMode
from .request import Request
from .response import Response
from .scalars import parse_number
from .strict import check_strictly
from .uri import Uri

__all__ = ["check_request", "check_response"]

_EXACTLY_ONCE = ("from", "to", "call-id", "cseq")
_AT_MOST_ONCE = ("max-forwards", "content-type")


def check_request(request: Request, *, mode: ParseMode = ParseMode.LENIENT) -> None:
    """Refuse a request that no layer could handle; the headers it types stay remembered.

    Mandatory headers stand exactly once and can be read, CSeq names the same method, numbers are in
    range and the Request-URI is a URI without header parts. Max-Forwards may be missing, as in
    RFC 2543.

    Raises:
        ParseError: A rule is broken; ``partial`` is the request.
    """
    try:
        _check_headers(request)
        if request.cseq.method != request.method:
            raise _bad("CSeq names another method", "method-mismatch", "RFC 3261 §8.1.1.5", "cseq")
        uri = request.request_uri
        if isinstance(uri, Uri) and uri.headers:
            raise _bad("the Request-URI has header parts", "uri", "RFC 3261 §19.1.1")
        if mode is ParseMode.STRICT:
            check_strictly(request)
    except ParseError as error:
        error.partial = request
        raise


def check_response(response: Response, *, mode: ParseMode = ParseMode.LENIENT) -> None:
    """Refuse a response that cannot be matched; such a response is discarded.

    Raises:
        ParseError: A rule is broken; ``partial`` is the response.
    """
    try:
        _check_headers(response)
        if mode is ParseMode.STRICT:
            check_strictly(response)
    except ParseError as error:
        error.partial = response
        raise


def _check_headers(message: Message) -> None:
    first = message.first_values()
    if len(first) != len(message.fields):
        _check_counts([field[0] for field in message.fields])
    # Reading them is the check; the transaction and dialog layers need the results anyway.
    message.read_mandatory()
    forwards = first.get("max-forwards")
    if forwards is not None:
        parse_number(forwards, "max-forwards", MAX_FORWARDS)


def _check_counts(keys: list[str]) -> None:
    for key in _EXACTLY_ONCE:
        count = keys.count(key)
        if count != 1:
            word = "duplicate" if count else "missing"
            raise _bad(f"{count} {key} headers", f"{word}-header", "RFC 3261 §8.1.1", key)
    for key in _AT_MOST_ONCE:
        if keys.count(key) > 1:
            raise _bad(f"several {key} headers", "duplicate-header", "RFC 3261 §7.3.1", key)


def _bad(message: str, error_class: str, rule: str, header: str | None = None) -> ParseError:
    return ParseError(message, error_class=error_class, rule=rule, header=header)
