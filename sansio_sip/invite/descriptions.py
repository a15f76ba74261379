"""Session descriptions in messages: found, and put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import BodyPart, build_multipart, find_part
from ..sdp import parse_sdp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..message import Message
    from ..sdp import SessionDescription

__all__ = ["SDP_TYPE", "description_of", "put_parts"]

SDP_TYPE = "application/sdp"


def description_of(message: Message) -> SessionDescription | None:
    """Return the session description in a message, or in a part of its body; ``None`` for none.

    Raises:
        ParseError: The body claims to be a description and is not.
    """
    if not message.body:
        return None
    said = message.get("content-type")
    if said is None or (said == SDP_TYPE and message.get("content-disposition") is None):
        return parse_sdp(message.body)
    part = find_part(message, SDP_TYPE, disposition="session")
    return None if part is None else parse_sdp(part.body)


def put_parts(message: Message, parts: Iterable[BodyPart], boundary: str) -> None:
    """Put body parts beside the description of a message, or in place of one (RFC 5621).

    Raises:
        LocalProtocolError: The boundary stands in a part.
    """
    own = [BodyPart.of(SDP_TYPE, message.body)] if message.body else []
    content_type, message.body = build_multipart([*own, *parts], boundary)
    message.set("Content-Type", content_type)
