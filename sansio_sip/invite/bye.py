"""The BYE of one dialog (RFC 3261 §15.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dialog_request import DialogRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialog import Dialog
    from ..message import Response
    from .call_base import CallBase

__all__ = ["ByeRequest"]


class ByeRequest(DialogRequest):
    """A BYE and, when it is challenged, its second try with credentials.

    A forked call sends several, each in the dialog of its branch, so that an answer to one never
    touches the others.

    Args:
        owner: The call.
        dialog: The dialog to end.
        extra: More header fields, such as Reason.
    """

    __slots__ = ()

    def __init__(self, owner: CallBase, dialog: Dialog, extra: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(owner, dialog, dialog.request("BYE", extra))

    def succeeded(self, response: Response, now: float) -> None:
        """Take note that the dialog is over."""
        self.owner.bye_done(self.dialog, now)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take note that the dialog is over, whatever the answer (§15.1.1)."""
        self.owner.bye_done(self.dialog, now)
