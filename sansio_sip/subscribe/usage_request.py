"""One request of a subscription or publication, with the second tries that its answers ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..errors import ProtocolError
from ..message.scalars import parse_number
from ..transaction import (
    FailureResponse,
    ProvisionalResponse,
    SuccessResponse,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from .ends import RequestRefused, RequestTimedOut, RequestUnreachable

if TYPE_CHECKING:
    from ..auth import ChallengeAnswerer
    from ..dialog import Dialog
    from ..machine import Endpoint
    from ..message import Message, Request, Response
    from ..outbound import Outbound
    from ..transaction import TransactionEvent

__all__ = ["RequestFailure", "RequestHandler", "RequestOwner", "UsageRequest", "seconds_of"]

RequestFailure = RequestRefused | RequestTimedOut | RequestUnreachable

_MAX_SECONDS = 2**32 - 1
# A server that asks for ever longer intervals is not followed for ever.
_MAX_TRIES_BRIEF = 3


class RequestOwner(Protocol):
    """The usage that requests belong to; an agent settles it after each event of a transaction."""

    outbound: Outbound
    challenges: ChallengeAnswerer

    def transaction_opened(self) -> None:
        """Count an own transaction."""

    def transaction_ended(self) -> None:
        """Count the end of an own transaction."""


class RequestHandler(Protocol):
    """Who acts on the final answer."""

    def request_succeeded(self, request: UsageRequest, response: Response, now: float) -> None:
        """Take a 2xx."""

    def request_failed(
        self, request: UsageRequest, failure: RequestFailure, response: Response | None, now: float
    ) -> None:
        """Take any other end of a request."""


class UsageRequest:
    """A SUBSCRIBE, NOTIFY, PUBLISH or MESSAGE on its way.

    A 401 or 407 is answered with credentials, a 423 with the interval that it asks for.

    Args:
        owner: The usage it belongs to.
        handler: Who acts on the final answer.
        request: The request, without Via.
        dialog: The dialog it is in, None outside of any.
        flow: Where it goes whatever its URIs say, or None.

    Attributes:
        pending: Whether it is on its way: to the DNS, or to one server after another.
    """

    __slots__ = ("_brief", "_dialog", "_flow", "_handler", "_retries", "owner", "pending", "request")

    def __init__(
        self, owner: RequestOwner, handler: RequestHandler, request: Request, dialog: Dialog | None = None,
        flow: Endpoint | None = None,
    ) -> None:  # fmt: skip
        self.owner = owner
        self.request = request
        self._handler = handler
        self._dialog = dialog
        self._flow = flow
        self._brief = 0
        self._retries = True
        self.pending = False

    def send(self, now: float) -> None:
        """Send it."""
        self.pending = True
        self.owner.transaction_opened()
        next_hop = "" if self._dialog is None else self._dialog.next_hop
        self.owner.outbound.send(self.request, self, now, next_hop, flow=self._flow)

    def give_up(self) -> bool:
        """Do not try again; return whether it was still waiting for its target and is never sent."""
        self._retries = False
        withdrawn = self.owner.outbound.withdraw(self.request)
        if withdrawn:
            self.owner.transaction_ended()
        return withdrawn

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of its transaction."""
        if not isinstance(event, ProvisionalResponse | TransactionTerminated):
            self.pending = False
        match event:
            case TransactionTerminated():
                self.owner.transaction_ended()
            case SuccessResponse(_, response):
                self._handler.request_succeeded(self, response, now)
            case FailureResponse(_, response):
                if not self._try_again(response, now):
                    self._handler.request_failed(self, _refusal(response), response, now)
            case TransactionTimedOut():
                self._handler.request_failed(self, RequestTimedOut(), None, now)
            case TransportFailed(_, cause):
                self._handler.request_failed(self, RequestUnreachable(cause), None, now)
            case _:
                return  # a provisional response

    def _try_again(self, response: Response, now: float) -> bool:
        if not self._retries or response.status_code not in (401, 407, 423):
            return False
        again = self._renumbered()
        if not self._repaired(again, response):
            return False
        self.request = again
        self.send(now)
        return True

    def _renumbered(self) -> Request:
        if self._dialog is not None:
            return self._dialog.renumbered(self.request)
        again = self.request.copy()
        again.remove("via")
        again.set("CSeq", f"{again.cseq.number + 1} {again.method}")
        return again

    def _repaired(self, again: Request, response: Response) -> bool:
        if response.status_code != 423:
            return self.owner.challenges.authorize(again, response)
        least = seconds_of(response, "min-expires")
        wanted = seconds_of(again, "expires")
        self._brief += 1
        if least is None or wanted is None or not wanted < least or self._brief > _MAX_TRIES_BRIEF:
            return False
        again.set("Expires", str(least))
        return True


def _refusal(response: Response) -> RequestRefused:
    return RequestRefused(response.status_code, response.reason, seconds_of(response, "retry-after"))


def seconds_of(message: Message, key: str) -> int | None:
    """Return the seconds that Expires, Min-Expires or Retry-After gives; None when it gives none.

    A comment or parameter behind the number, as Retry-After may have (RFC 3261 §20.33), is left out.
    """
    value = (message.get(key) or "").replace("(", ";").partition(";")[0].strip(" \t")
    try:
        return parse_number(value, key, _MAX_SECONDS) if value else None
    except ProtocolError:
        return None
