"""What a coordinator publishes of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["MessageReceived"]


@attrs.frozen
class MessageReceived:
    """A message came (MESSAGE, RFC 3428) and its sender was told so.

    Attributes:
        session_id: The call that it came in; None outside of calls.
        sender: URI of who sent it, as it says itself.
        recipient: URI that it was sent to.
        content_type: Media type without parameters; empty when there is no body.
        body: The message.
        username: Whose password the sender knows, where `InboundConfig` asks; empty when nobody asked.
    """

    session_id: SessionId | None
    sender: str
    recipient: str
    content_type: str
    body: bytes
    username: str

    @property
    def text(self) -> str:
        """The body as text; octets that are no UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")
