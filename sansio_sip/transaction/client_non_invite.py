"""The non-INVITE client transaction (RFC 3261 §17.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table import Rule, Table
from .client import ClientTransaction
from .states import Input, State

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["ClientNonInvite"]

_T = ClientTransaction  # the actions that both sorts share
_TRYING, _PROCEEDING = State.TRYING, State.PROCEEDING
_COMPLETED, _TERMINATED = State.COMPLETED, State.TERMINATED


class ClientNonInvite(ClientTransaction):
    """Sends a request other than INVITE and ACK until its final response or timer F."""

    __slots__ = ()

    def _start(self) -> None:
        self.state = State.TRYING
        self._send(self.request.to_bytes())
        if not self.destination.reliable:
            self._arm_repeat(Input.TIMER_E, self._interval)
        self._arm_expiry(Input.TIMER_F, self.timers.timeout)

    def _repeat_slower(self, _message: Message | None) -> None:
        self._resend()
        doubled = min(2 * self._interval, self.timers.t2)
        self._interval = self.timers.t2 if self.state is State.PROCEEDING else doubled
        self._arm_repeat(Input.TIMER_E, self._interval)

    def _arm_k(self, _message: Message | None) -> None:
        self._stop_repeat()
        self._arm_expiry(Input.TIMER_K, 0.0 if self.destination.reliable else self.timers.t4)

    table = Table(
        "non-INVITE client transaction",
        {
            (_TRYING, Input.TIMER_E): Rule(_TRYING, (_repeat_slower,)),
            (_TRYING, Input.TIMER_F): Rule(_TERMINATED, (_T._report_timeout, _T._terminate)),
            (_TRYING, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
            (_TRYING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._deliver,)),
            (_TRYING, Input.SUCCESS): Rule(_COMPLETED, (_arm_k, _T._deliver)),
            (_TRYING, Input.FAILURE): Rule(_COMPLETED, (_arm_k, _T._deliver)),
            (_PROCEEDING, Input.TIMER_E): Rule(_PROCEEDING, (_repeat_slower,)),
            (_PROCEEDING, Input.TIMER_F): Rule(_TERMINATED, (_T._report_timeout, _T._terminate)),
            (_PROCEEDING, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
            (_PROCEEDING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._deliver,)),
            (_PROCEEDING, Input.SUCCESS): Rule(_COMPLETED, (_arm_k, _T._deliver)),
            (_PROCEEDING, Input.FAILURE): Rule(_COMPLETED, (_arm_k, _T._deliver)),
            (_COMPLETED, Input.TIMER_K): Rule(_TERMINATED, (_T._terminate,)),
        },
        ignored=frozenset(
            {
                (_COMPLETED, Input.PROVISIONAL),
                (_COMPLETED, Input.SUCCESS),
                (_COMPLETED, Input.FAILURE),
                (_COMPLETED, Input.TRANSPORT_ERROR),
            }
        ),
        user_owned=frozenset(),
        final=_TERMINATED,
        lingering=frozenset({_COMPLETED}),
    )
