"""How a MESSAGE is answered (RFC 3428 §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .events import MessageReceived

if TYPE_CHECKING:
    from ..message import Request
    from .config import PagerConfig

__all__ = ["MessageAnswer", "answer_message"]


class MessageAnswer(NamedTuple):
    """Status, fields and event of one answered MESSAGE."""

    status_code: int
    fields: tuple[tuple[str, str], ...] = ()
    event: MessageReceived | None = None


def answer_message(request: Request, config: PagerConfig) -> MessageAnswer:
    """Return the answer; a 2xx has neither body nor Contact.

    Raises:
        ParseError: Expires cannot be read (400).
    """
    encoding = (request.get("content-encoding") or "identity").lower()
    content_type = request.content_type or ""
    if request.body and (content_type not in config.content_types or encoding != "identity"):
        accept = (("Accept", ", ".join(config.content_types)), ("Accept-Encoding", "identity"))
        return MessageAnswer(415, accept)
    event = MessageReceived(content_type, request.body, request.expires, request)
    software = (("Server", config.software),) if config.software else ()
    return MessageAnswer(202 if config.relay else 200, software, event)
