"""Which subscription a request is about: its Event header (RFC 6665 §8.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..headers import EventType

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["event_of", "same_event"]


def event_of(request: Request) -> EventType:
    """Return the one Event that a SUBSCRIBE, NOTIFY or PUBLISH must have.

    Raises:
        ParseError: There is none, there are several, or it cannot be read; the status is 489 (Bad Event).
    """
    try:
        event = EventType.of(request)
    except ParseError as error:
        raise _bad(str(error)) from error
    if event is None:
        raise _bad("no Event header")
    return event


def same_event(one: EventType, other: EventType) -> bool:
    """Return whether both name the same package and id, octet by octet; nothing else is compared."""
    return one.package == other.package and one.id == other.id


def _bad(message: str) -> ParseError:
    return ParseError(
        message, error_class="header-syntax", rule="RFC 6665 §8.2.1", header="event", status_hint=489
    )
