"""A request outside of calls from what the user gives of it; the rest is made here (RFC 3261 §8.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import build_standalone
from ..errors import LocalProtocolError, ParseError
from ..message import NameAddr, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .core import Core
    from .sender import Voice

__all__ = ["check_address", "whole_request"]

_Fields = list[tuple[str, str]]

_REPLACED = ("from", "to", "call-id", "cseq", "max-forwards", "contact", "user-agent")
"""What is made here unless the user gives it."""

_MADE_HERE = frozenset({"via", "content-length"})


def check_address(value: str) -> None:
    """Make sure that a From value of the user can be sent.

    Raises:
        LocalProtocolError: It is no address, or has a tag.
    """
    try:
        tag = NameAddr.parse(value).tag
    except ParseError as error:
        raise LocalProtocolError(f"{value!r} cannot stand in From: {error}") from error
    if tag:
        raise LocalProtocolError(f"{value!r} has a tag, which the agent makes")


def whole_request(
    core: Core,
    voice: Voice,
    method: str,
    uri: str,
    headers: Iterable[tuple[str, str]],
    content_type: str,
    body: bytes,
) -> Request:
    """Build a request without Via.

    Args:
        core: What the parts of the agent share.
        voice: Who asks.
        method: Method.
        uri: Request-URI.
        headers: Header fields; they replace those that would be made here.
        content_type: Media type of the body.
        body: Body octets.

    Raises:
        LocalProtocolError: A value cannot stand in a message, or only the agent can know it.
    """
    given = Request("OPTIONS", uri)
    for name, value in headers:
        given.add(name, value)
    keys = {key for key, _, _ in given.fields}
    if not keys.isdisjoint(_MADE_HERE):
        raise LocalProtocolError("Via and Content-Length are made by the agent")
    request = build_standalone(
        method,
        uri,
        voice.address,
        f"<{uri}>",
        core.ids,
        _own_fields(core, voice, method),
        content_type or given.get("content-type") or "",
        body,
    )
    tag = request.from_tag
    for key in _REPLACED:
        if key in keys:
            request.remove(key)
    for key, name, value in given.fields:
        if key != "content-type" or not body:
            request.add(name, value)
    if "from" in keys:
        _complete_from(request, tag)
    _check(request)
    return request


def _own_fields(core: Core, voice: Voice, method: str) -> _Fields:
    fields = voice.route_fields
    if method != "MESSAGE":  # which has none (RFC 3428 §4)
        fields.append(("Contact", voice.contact))
    if core.config.software:
        fields.append(("User-Agent", core.config.software))
    return fields


def _complete_from(request: Request, tag: str) -> None:
    value = request.get("from") or ""
    try:
        complete = bool(NameAddr.parse(value).tag)
    except ParseError as error:
        raise LocalProtocolError(f"{value!r} cannot stand in From: {error}") from error
    if not complete:
        request.set("From", f"{value};tag={tag}")


def _check(request: Request) -> None:
    try:
        matches = request.cseq.method == request.method
        _ = (request.to.uri, request.call_id)
    except ParseError as error:
        raise LocalProtocolError(f"the request cannot be sent: {error}") from error
    repeated = [name for name in ("from", "to", "call-id", "cseq") if len(request.get_all(name)) != 1]
    if not matches or repeated:
        raise LocalProtocolError("there is not one From, To, Call-ID and CSeq of the method")
