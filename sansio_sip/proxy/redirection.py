"""Targets out of 3xx and 416 responses (RFC 3261 §16.7 item 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import ParseError
from ..message import NameAddr, TelUri, Uri, parse_uri
from .targets import Target

if TYPE_CHECKING:
    from ..message import Request, Response

__all__ = ["Recursion", "recurse"]


class Recursion(NamedTuple):
    """What became of a response by recursing.

    Attributes:
        targets: New targets.
        response: What is left of the response for the context, or None.
    """

    targets: list[Target]
    response: Response | None


def recurse(request: Request, tried: Request, response: Response) -> Recursion:
    """Take the targets out of a response that names better ones.

    Args:
        request: The request as it was received.
        tried: The copy that the response answers.
        response: The response; it is not changed.
    """
    if response.status_code == 416:
        return _as_sip(request, tried, response)
    if 300 <= response.status_code < 400:
        return _follow(request, response)
    return Recursion([], response)


def _follow(request: Request, response: Response) -> Recursion:
    targets: list[Target] = []
    kept: list[str] = []
    schemes = ("sips",) if request.uri.startswith("sips:") else ("sip", "sips")
    try:
        for value in response.values("contact"):
            contact = NameAddr.parse(value, "contact")
            if isinstance(contact.uri, Uri) and contact.uri.scheme in schemes:
                targets.append(Target(uri=str(contact.uri), q=_q(contact), params=contact.params))
            else:
                kept.append(value)
    except ParseError:
        return Recursion([], response)  # not ours to mend: the caller gets it as it came
    if not targets:
        return Recursion([], response)
    if not kept:
        return Recursion(targets, None)
    rest = response.copy()
    rest.set("Contact", ", ".join(kept))
    return Recursion(targets, rest)


def _q(contact: NameAddr) -> float:
    try:
        return min(1.0, max(0.0, float(contact.param("q") or "1")))
    except ValueError:
        return 1.0


def _as_sip(request: Request, tried: Request, response: Response) -> Recursion:
    """Try the ``sip`` form of a number where we made a ``tel`` URI of a ``sip`` one (§19.1.6)."""
    number, routes = parse_uri(tried.uri), tried.routes
    if not isinstance(number, TelUri) or not routes or not request.uri.startswith(("sip:", "sips:")):
        return Recursion([], response)
    domain = NameAddr.parse(routes[0], "route").uri
    if not isinstance(domain, Uri):
        return Recursion([], response)
    user = str(number).partition(":")[2].replace("#", "%23")
    uri = Uri(domain.scheme, domain.host, user, port=domain.port, params=(("user", "phone"),))
    return Recursion([Target(uri=str(uri))], None)
