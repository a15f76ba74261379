"""Request lines and status lines (RFC 3261 §7.1, §7.2)."""

from __future__ import annotations

import re

from ..errors import ParseError
from .mode import ParseMode
from .names import is_token
from .request import Request
from .response import Response

__all__ = ["parse_start_line"]

_VERSION = re.compile(r"SIP/([0-9]+)\.([0-9]+)", re.IGNORECASE | re.ASCII)
_KNOWN_METHODS = frozenset(
    {
        "ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "PUBLISH", "REFER",
        "REGISTER", "SUBSCRIBE", "UPDATE",
    }
)  # fmt: skip


_ODD = ("", "<")  # what a Request-URI cannot begin with


def _bad(message: str, error_class: str = "start-line", *, status_hint: int = 400) -> ParseError:
    return ParseError(
        message, error_class=error_class, rule="RFC 3261 §7.1-7.2", position=0, status_hint=status_hint
    )


def parse_start_line(
    line: str, mode: ParseMode, max_uri_length: int
) -> tuple[Request | Response, ParseError | None]:
    """Read a start line into an empty message.

    Returns:
        The message, and the error of a line that still shows what to answer: a request of another
        SIP version must be answered with 505 (RFC 3261 §21.5.6), one with white space in the wrong
        place with 400 (RFC 4475 §3.1.2.8).

    Raises:
        ParseError: Nothing can be made of the line.
    """
    method, _, rest = line.partition(" ")
    uri, _, version = rest.partition(" ")
    if (
        version == "SIP/2.0"
        and method in _KNOWN_METHODS
        and len(uri) <= max_uri_length
        and uri[:1] not in _ODD
    ):
        return Request(method, uri), None
    if line[:4].upper() == "SIP/":
        return _parse_status_line(line), None
    if version != "SIP/2.0" or not uri:
        method, uri, version = _split_loosely(line)
    if method not in _KNOWN_METHODS and not is_token(method):
        raise _bad("the method is not a token")
    if " " in uri or (mode is ParseMode.STRICT and line != f"{method} {uri} {version}"):
        return Request(method, uri), _bad("white space where the request line has none")
    if uri[0] == "<" and uri[-1] == ">" and mode is ParseMode.LENIENT:
        uri = uri[1:-1]
    request = Request(method, uri)
    if len(uri) > max_uri_length:
        return request, _bad("the Request-URI is too long", "uri", status_hint=414)
    return request, _check_version(version)


def _split_loosely(line: str) -> tuple[str, str, str]:
    parts = [part for part in line.replace("\t", " ").split(" ") if part]
    if len(parts) < 3 or _VERSION.fullmatch(parts[-1]) is None:
        raise _bad("neither a request line nor a status line")
    return parts[0], " ".join(parts[1:-1]), parts[-1]


def _check_version(version: str) -> ParseError | None:
    if version.upper() == "SIP/2.0":
        return None
    return _bad(f"version {version[:20]} is not SIP/2.0", "version", status_hint=505)


def _parse_status_line(line: str) -> Response:
    version, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    if _VERSION.fullmatch(version) is None:
        raise _bad("neither a request line nor a status line")
    error = _check_version(version)
    if error is not None:
        raise error
    if len(code) != 3 or not (code.isascii() and code.isdecimal()) or not "100" <= code < "700":
        raise _bad(f"{code[:20]!r} is not a status code", "status-code")
    return Response(int(code), reason.strip(" \t"))
