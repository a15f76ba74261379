"""Everything an agent tells its runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..invite import InviteEvent
from ..register import RegistrationEvent
from ..resolve import DnsQuestion
from ..subscribe import SubscribeEvent

if TYPE_CHECKING:
    from ..errors import ProtocolError
    from ..machine import Endpoint
    from ..message import Response

__all__ = ["AgentEvent", "MessageRefused", "RequestFailed", "ResponseReceived"]


@attrs.frozen
class ResponseReceived:
    """The final response to a request outside of calls.

    Attributes:
        request: Number that `Agent.request` gave.
        response: The response.
    """

    request: int
    response: Response


@attrs.frozen
class RequestFailed:
    """A request outside of calls got no response.

    Attributes:
        request: Number that `Agent.request` gave.
        status_code: 408 when it timed out, 503 when it could not be sent (RFC 3261 §8.1.3.1).
        cause: What happened.
    """

    request: int
    status_code: int
    cause: str


@attrs.frozen
class MessageRefused:
    """A message from the network broke the rules; it was answered with 400 where possible."""

    source: Endpoint
    error: ProtocolError


AgentEvent = (
    InviteEvent
    | SubscribeEvent
    | RegistrationEvent
    | ResponseReceived
    | RequestFailed
    | MessageRefused
    | DnsQuestion
)
