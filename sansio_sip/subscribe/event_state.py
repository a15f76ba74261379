"""The state that a notifier reports, as bodies of NOTIFY (RFC 6665 §5.3)."""

from __future__ import annotations

from typing import Protocol

import attrs

from ..errors import LocalProtocolError
from ..message.fields import checked_text

__all__ = ["EMPTY_STATE", "EventState", "FixedState"]


class EventState(Protocol):
    """State of a resource that writes its own documents."""

    @property
    def content_type(self) -> str:
        """Media type of the documents; empty when there is no state to tell."""
        ...

    def document(self, version: int, *, full: bool) -> bytes:
        """Return the body of one NOTIFY.

        Args:
            version: Rises by one with each NOTIFY of a subscription, from 0 (§5.3.2).
            full: Whether all is to be told, as after a SUBSCRIBE, or the last change will do.
        """
        ...


def _is_line(_state: object, field: attrs.Attribute[str], value: str) -> None:
    try:
        checked_text(value, field.name)
    except LocalProtocolError as error:
        raise ValueError(str(error)) from error


@attrs.frozen
class FixedState:
    """State whose document is the same for every subscriber.

    Attributes:
        content_type: Media type.
        body: The document.
    """

    content_type: str = attrs.field(validator=_is_line)
    body: bytes

    def document(self, version: int, *, full: bool) -> bytes:
        """Return the one document; see `EventState`."""
        return self.body


EMPTY_STATE = FixedState("", b"")
"""The neutral state of a resource of which nothing is known or may be told (§4.2.1.2)."""
