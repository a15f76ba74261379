"""What the user of an agent can want of the dialog of a call: its state, its peer's health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .transfer_verbs import TransferVerbs

if TYPE_CHECKING:
    from ..dialog import DialogState

__all__ = ["DialogVerbs"]


class DialogVerbs(TransferVerbs):
    """The verbs of an `Agent` that concern the dialog of a call."""

    __slots__ = ()

    def dialog_state(self, session: str) -> DialogState | None:
        """Return how far the dialog of a call has come; ``None`` before there is one, and after the call."""
        call = self._calls.get(session)
        return None if call is None or call.dialog is None else call.dialog.state

    def check_call(self, session: str, now: float) -> None:
        """Ask the peer of a call whether it is there; `CallRecovering` tells when it is not (DLG-8).

        Raises:
            LocalProtocolError: There is no such call, it has no dialog, or it is over.
        """
        self._with(session, now, lambda call, at: call.check(at))
