"""Pager-mode messages (RFC 3428)."""

from .config import PagerConfig
from .events import MessageDelivered, MessageDropped, MessageFailed, MessageReceived, PagerEvent
from .pager import Pager
from .reception import MessageAnswer, answer_message

__all__ = [
    "MessageAnswer",
    "MessageDelivered",
    "MessageDropped",
    "MessageFailed",
    "MessageReceived",
    "Pager",
    "PagerConfig",
    "PagerEvent",
    "answer_message",
]
