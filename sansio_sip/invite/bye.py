"""The BYE of one dialog (RFC 3261 §15.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..transaction import FailureResponse, ProvisionalResponse, TransactionTerminated, TransactionUser
from .challenge import is_challenge

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Request, Response
    from ..transaction import Outbound, TransactionEvent
    from .challenge import ChallengeAnswerer

__all__ = ["ByeOwner", "ByeRequest"]


class ByeOwner(TransactionUser, Protocol):
    """The call that a BYE is for."""

    outbound: Outbound
    challenges: ChallengeAnswerer

    def transaction_opened(self) -> None:
        """Count an own transaction."""

    def transaction_ended(self) -> None:
        """Count the end of an own transaction."""

    def bye_done(self, dialog: Dialog, now: float) -> None:
        """Take note that a BYE has its final answer, or will never have one."""


class ByeRequest:
    """A BYE and, when it is challenged, its second try with credentials.

    A forked call sends several, each in the dialog of its branch, so that an answer to one never
    touches the others.

    Args:
        owner: The call.
        dialog: The dialog to end.
    """

    __slots__ = ("_dialog", "_request", "owner")

    def __init__(self, owner: ByeOwner, dialog: Dialog) -> None:
        self.owner = owner
        self._dialog = dialog
        self._request = dialog.request("BYE")

    def send(self, now: float) -> None:
        """Send it."""
        self.owner.transaction_opened()
        self.owner.outbound.send(self._request, self, now, self._dialog.next_hop)

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of its transaction."""
        if isinstance(event, TransactionTerminated):
            self.owner.transaction_ended()
        elif isinstance(event, ProvisionalResponse):
            return
        elif not (isinstance(event, FailureResponse) and self._try_again(event.response, now)):
            # Whatever the answer, the dialog is over (§15.1.1).
            self.owner.bye_done(self._dialog, now)

    def _try_again(self, response: Response, now: float) -> bool:
        if not is_challenge(response):
            return False
        again: Request = self._dialog.renumbered(self._request)
        if not self.owner.challenges.authorize(again, response):
            return False
        self._request = again
        self.send(now)
        return True
