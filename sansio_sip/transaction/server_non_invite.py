"""The non-INVITE server transaction (RFC 3261 §17.2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table import Rule, Table
from .server import ServerTransaction
from .states import Input, State

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["ServerNonInvite"]

_TIMER_TRYING = Input.TIMER_TRYING
_T = ServerTransaction  # the actions that both sorts share
_TRYING, _PROCEEDING = State.TRYING, State.PROCEEDING
_COMPLETED, _TERMINATED = State.COMPLETED, State.TERMINATED


class ServerNonInvite(ServerTransaction):
    """Answers a request other than INVITE and repeats the answer when the request is repeated.

    When the transaction user is silent for so long that the client repeats its request at T2, 100
    goes out, and not before (RFC 4320 §4.1). Proceeding is ended by the transaction user.
    """

    __slots__ = ()

    def _start(self) -> None:
        self.state = _TRYING
        self._arm_repeat(_TIMER_TRYING, self.timers.late_trying_delay)

    def _arm_j(self, _message: Message | None) -> None:
        self._stop_repeat()
        self._arm_expiry(Input.TIMER_J, 0.0 if self.destination.reliable else self.timers.timeout)

    table = Table(
        "non-INVITE server transaction",
        {
            (_TRYING, Input.TIMER_TRYING): Rule(_PROCEEDING, (_T._send_trying,)),
            (_TRYING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._stop_repeat, _T._respond)),
            (_TRYING, Input.SUCCESS): Rule(_COMPLETED, (_T._respond, _arm_j)),
            (_TRYING, Input.FAILURE): Rule(_COMPLETED, (_T._respond, _arm_j)),
            (_TRYING, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
            (_PROCEEDING, Input.REQUEST): Rule(_PROCEEDING, (_T._resend,)),
            (_PROCEEDING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._respond,)),
            (_PROCEEDING, Input.SUCCESS): Rule(_COMPLETED, (_T._respond, _arm_j)),
            (_PROCEEDING, Input.FAILURE): Rule(_COMPLETED, (_T._respond, _arm_j)),
            (_PROCEEDING, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
            (_COMPLETED, Input.REQUEST): Rule(_COMPLETED, (_T._resend,)),
            (_COMPLETED, Input.TIMER_J): Rule(_TERMINATED, (_T._terminate,)),
            (_COMPLETED, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
        },
        ignored=frozenset(
            {
                (_TRYING, Input.REQUEST),
                (_TRYING, Input.ACK),
                (_PROCEEDING, Input.ACK),
                (_COMPLETED, Input.ACK),
            }
        ),
        user_owned=frozenset({_PROCEEDING}),
        final=_TERMINATED,
        lingering=frozenset({_COMPLETED}),
    )
