"""What the user of an agent can want of the dialog of a call: its state, its peer's health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..invite import call_to_dict
from .transfer_verbs import TransferVerbs

if TYPE_CHECKING:
    from ..dialog import DialogState, Snapshot

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

    def export_call(self, session: str, now: float, *, epoch: float = 0.0) -> Snapshot:
        """Return an established call as values that can be stored as JSON; the call goes on here.

        Args:
            session: Name of the call.
            now: Current time in seconds.
            epoch: Wall time at ``now`` 0.

        Raises:
            LocalProtocolError: There is no such call, it is not established, or something is under way.
        """
        return call_to_dict(self._calls.find(session), self._core.clock(now), epoch)

    def import_call(self, data: object, now: float, *, epoch: float = 0.0) -> str:
        """Take over a call that another agent has exported, and return its name.

        Args:
            data: What `export_call` has returned.
            now: Current time in seconds.
            epoch: Wall time at ``now`` 0.

        Raises:
            LocalProtocolError: The agent is closing, the values are no call, or its name is taken.
        """
        self._core.clock(now)
        if self._reception.closing:
            raise LocalProtocolError("the agent is closing")
        return self._calls.restore(data, epoch)

    def release_call(self, session: str, now: float) -> None:
        """Forget a call without telling its peer: another agent has taken it over.

        Raises:
            LocalProtocolError: There is no such call.
        """
        self._core.clock(now)
        self._calls.release(session)
