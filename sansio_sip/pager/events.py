"""What a pager tells the user of the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..message import Request, Response
    from ..subscribe import RequestFailure

__all__ = ["MessageDelivered", "MessageDropped", "MessageFailed", "MessageReceived", "PagerEvent"]


@attrs.frozen
class MessageReceived:
    """A MESSAGE came and was accepted; whether anybody reads it is not said (RFC 3428 §7).

    Attributes:
        content_type: Media type without parameters, empty when there is no body.
        body: The message.
        expires: Seconds for which it is of use, None for ever.
        request: The whole request.
        session: Name of the call that it came in, empty outside of calls.
        username: Whose password the sender knows, empty when nobody asked.
    """

    content_type: str
    body: bytes
    expires: int | None
    request: Request
    session: str = ""
    username: str = ""


@attrs.frozen
class MessageDelivered:
    """Our MESSAGE got a 2xx.

    Attributes:
        message: Number that `Pager.send` gave.
        stored: Whether it is only stored somewhere on the way (202): delivery is not known (§4).
        response: The response.
    """

    message: int
    stored: bool
    response: Response


@attrs.frozen
class MessageFailed:
    """Our MESSAGE was refused or got no answer.

    Attributes:
        message: Number that `Pager.send` gave.
        failure: What happened.
        response: The response, where there was one.
    """

    message: int
    failure: RequestFailure
    response: Response | None = None


@attrs.frozen
class MessageDropped:
    """Our MESSAGE still waited when the pager was closed, and was never sent."""

    message: int


PagerEvent = MessageReceived | MessageDelivered | MessageFailed | MessageDropped
