"""Session descriptions that pass as they came: octets, and the fields that say what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import find_part
from .descriptions import SDP_TYPE

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["SessionBody", "body_of", "put_description"]

_DESCRIBES = frozenset(
    {"content-disposition", "content-encoding", "content-id", "content-language", "mime-version"}
)


@attrs.frozen
class SessionBody:
    """The body of a message with a session description, that of another call as a rule; nobody looks into it.

    Attributes:
        content: The octets.
        content_type: Their media type with its parameters.
        fields: What else describes them, such as Content-Disposition.
    """

    content: bytes
    content_type: str = SDP_TYPE
    fields: tuple[tuple[str, str], ...] = ()


def body_of(message: Message) -> SessionBody | None:
    """Return the body of a message that has a session description, or has one among its parts.

    Raises:
        ParseError: A body of several parts cannot be read.
    """
    if not message.body or find_part(message, SDP_TYPE, disposition="session") is None:
        return None
    fields = tuple([(name, value) for key, name, value in message.fields if key in _DESCRIBES])
    return SessionBody(message.body, message.get("content-type") or SDP_TYPE, fields)


def put_description(message: Message, body: bytes | SessionBody) -> None:
    """Put a description into a message that has no body; an empty one changes nothing."""
    if isinstance(body, SessionBody):
        message.body = body.content
        message.add("Content-Type", body.content_type)
        for name, value in body.fields:
            message.add(name, value)
    elif body:
        message.body = body
        message.add("Content-Type", SDP_TYPE)
