"""A call that was taken over from a snapshot: established on either side, and quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table import Rule, Table
from .session import InviteSession
from .states import InviteInput as I
from .states import InviteState as S

if TYPE_CHECKING:
    from .leg import Leg

__all__ = ["RESTORED_TABLE", "RestoredCall"]

_T = InviteSession


class RestoredCall(InviteSession):
    """One call from its snapshot to its end; who called whom makes no difference any more."""

    __slots__ = ()

    def resume(self, leg: Leg) -> None:
        """Go on where the snapshot was taken.

        Args:
            leg: The leg of the call, with its dialog and what was agreed on.
        """
        self.leg = leg
        self.call_id = leg.dialog.call_id
        self._register(leg.dialog.id)
        self.state = S.ESTABLISHED

    table = Table(
        "call taken over from a snapshot",
        {
            (S.ESTABLISHED, I.HANG_UP): Rule(S.TERMINATING, (_T._send_bye, _T._end_locally)),
            (S.ESTABLISHED, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._end_by_bye,)),
            (S.ESTABLISHED, I.LOST): Rule(S.TERMINATING, (_T._send_bye, _T._end_lost)),
            (S.TERMINATING, I.BYE_DONE): Rule(S.TERMINATED),
        },
        ignored=frozenset(
            {
                (S.TERMINATING, I.HANG_UP),
                (S.TERMINATING, I.BYE_RECEIVED),  # both hung up at once
            }
        ),
        user_owned=frozenset({S.ESTABLISHED, S.TERMINATING}),
        final=S.TERMINATED,
    )


RESTORED_TABLE = RestoredCall.table
