"""A request of ours inside a dialog, and its second try when it is challenged (RFC 3261 §12.2.1, §22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import is_challenge
from ..transaction import (
    FailureResponse,
    ProvisionalResponse,
    SuccessResponse,
    TransactionTerminated,
    TransportFailed,
)

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Request, Response
    from ..transaction import TransactionEvent
    from .call_base import CallBase

__all__ = ["DialogRequest"]


class DialogRequest:
    """One request; what became of it goes to the methods that a kind of request overrides.

    Args:
        owner: The call, which stays until the transaction has ended.
        dialog: The dialog that it is sent in.
        request: The request without Via.
    """

    __slots__ = ("dialog", "owner", "request")

    def __init__(self, owner: CallBase, dialog: Dialog, request: Request) -> None:
        self.owner = owner
        self.dialog = dialog
        self.request = request

    def send(self, now: float) -> None:
        """Send it."""
        self.owner.transaction_opened()
        self.owner.outbound.send(self.request, self, now, self.dialog.next_hop)

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of its transaction."""
        match event:
            case TransactionTerminated():
                self.owner.transaction_ended()
            case ProvisionalResponse(_, response):
                self.provisional(response, now)
            case SuccessResponse(_, response):
                self.succeeded(response, now)
            case FailureResponse(_, response):
                if not self._try_again(response, now):
                    self.failed(response.status_code, response.reason, response, now)
            case TransportFailed(_, cause):
                self.failed(503, cause, None, now)
            case _:
                self.failed(408, "no response in time", None, now)

    def provisional(self, response: Response, now: float) -> None:
        """Take a 1xx."""

    def succeeded(self, response: Response, now: float) -> None:
        """Take a 2xx; of an INVITE each copy."""

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take a failure; a timeout counts as 408, a lost transport as 503 (RFC 3261 §8.1.3.1)."""

    def _try_again(self, response: Response, now: float) -> bool:
        if not is_challenge(response):
            return False
        again: Request = self.dialog.renumbered(self.request)
        if not self.owner.challenges.authorize(again, response):
            return False
        self.request = again
        self.send(now)
        return True
