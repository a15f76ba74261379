"""Which bodies an agent takes, and which its callers take (RFC 3261 §8.2.3, RFC 5621)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import parse_multipart

if TYPE_CHECKING:
    from ..message import BodyPart, Request

__all__ = ["ACCEPT_FIELDS", "SUPPORTED_BODIES", "refusal_of_body"]

_Fields = tuple[tuple[str, str], ...]

SUPPORTED_BODIES = ("application/sdp", "multipart/alternative", "multipart/mixed", "multipart/related")
"""Media types that are understood; of a body with several parts, each part counts."""

_ANSWERABLE = frozenset({"application/sdp", "application/*", "*/*"})

_UNUSUAL = frozenset({"accept", "content-disposition", "content-encoding"})

ACCEPT_FIELDS: _Fields = (
    ("Accept", ", ".join(SUPPORTED_BODIES)),
    ("Accept-Encoding", "identity"),
    ("Accept-Language", "en"),
)


def refusal_of_body(request: Request) -> tuple[int, _Fields]:
    """Return what refuses a request for its body or for what it takes, or status 0.

    Raises:
        ParseError: A body of several parts cannot be read.
    """
    plain = not request.body or request.get("content-type") == "application/sdp"
    if plain and _UNUSUAL.isdisjoint(request.first_values()):
        return 0, ()  # as nearly every request
    if not _can_be_answered(request):
        return 406, (("Warning", '399 sansio_sip "an answer would be application/sdp"'),)
    if not request.body or _is_optional(request):
        return 0, ()  # the peer can do without our understanding it (§8.2.3)
    encoding = request.get("content-encoding")
    if encoding and encoding.lower() != "identity":
        return 415, ACCEPT_FIELDS
    return (0, ()) if _is_understood(request) else (415, ACCEPT_FIELDS)


def _can_be_answered(request: Request) -> bool:
    """Return whether the caller takes what answers an INVITE; without Accept it does (§20.1)."""
    if request.method != "INVITE" or request.get("accept") is None:
        return True
    accepted = [value.partition(";")[0].strip(" \t").lower() for value in request.values("accept")]
    return not _ANSWERABLE.isdisjoint(accepted)


def _is_optional(body: Request | BodyPart) -> bool:
    return "handling=optional" in (body.get("content-disposition") or "").lower()


def _is_understood(body: Request | BodyPart) -> bool:
    """Return whether we know what to do with a body; of alternatives one is enough (RFC 5621 §4, §7)."""
    media_type = body.content_type or ""
    if media_type not in SUPPORTED_BODIES:
        return False
    if not media_type.startswith("multipart/"):
        return True
    parts = parse_multipart(body.body, body.get("content-type") or "")
    known = [part.content_type in SUPPORTED_BODIES or _is_optional(part) for part in parts]
    # Parts of a related body belong to its first one, which says what they are for.
    if media_type == "multipart/related":
        return known[0]
    return any(known) if media_type == "multipart/alternative" else all(known)
