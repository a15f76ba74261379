"""Everything an agent tells its runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..invite import InviteEvent
from ..pager import PagerEvent
from ..register import RegistrarEvent, RegistrationEvent
from ..resolve import DnsQuestion
from ..subscribe import SubscribeEvent

if TYPE_CHECKING:
    from ..auth import ChallengeCause
    from ..errors import ProtocolError
    from ..machine import Endpoint
    from ..message import Request, Response

__all__ = [
    "AgentEvent",
    "CredentialsRefused",
    "MessageRefused",
    "RequestFailed",
    "RequestHandedOver",
    "ResponseReceived",
]


@attrs.frozen
class ResponseReceived:
    """The final response to a request of the user's own.

    Attributes:
        request: Number that `Agent.request`, `send_info` or `request_in_call` gave.
        response: The response.
    """

    request: int
    response: Response


@attrs.frozen
class RequestFailed:
    """A request of the user's own got no response.

    Attributes:
        request: Number that `Agent.request`, `send_info` or `request_in_call` gave.
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


@attrs.frozen
class RequestHandedOver:
    """A request that the application answers with `Agent.respond`, in ``answer_patience`` seconds.

    Attributes:
        request: Its number.
        message: The request.
        source: Where it came from; ``None`` inside a call.
        session: Name of the call that it came in, empty outside of calls.
        username: Whose password the sender knows, empty when nobody asked.
    """

    request: int
    message: Request
    source: Endpoint | None
    session: str = ""
    username: str = ""


@attrs.frozen
class CredentialsRefused:
    """Somebody was challenged again because his credentials were no good, as with a wrong password.

    Attributes:
        method: What he wanted.
        source: Where it came from.
        username: The name that was given.
        cause: What was wrong.
    """

    method: str
    source: Endpoint
    username: str
    cause: ChallengeCause


AgentEvent = (
    InviteEvent
    | SubscribeEvent
    | RegistrationEvent
    | RegistrarEvent
    | PagerEvent
    | RequestHandedOver
    | CredentialsRefused
    | ResponseReceived
    | RequestFailed
    | MessageRefused
    | DnsQuestion
)
