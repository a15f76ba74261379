"""The INVITE client transaction (RFC 3261 §17.1.1, RFC 6026 §7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..machine import Transmit
from ..message import build_ack
from ..table import Rule, Table
from .client import ClientTransaction
from .states import Input, State

if TYPE_CHECKING:
    from ..message import Message, Response

__all__ = ["ClientInvite"]

_T = ClientTransaction  # the actions that both sorts share
_CALLING, _PROCEEDING = State.CALLING, State.PROCEEDING
_ACCEPTED, _COMPLETED, _TERMINATED = State.ACCEPTED, State.COMPLETED, State.TERMINATED


class ClientInvite(ClientTransaction):
    """Sends an INVITE until it is answered and acknowledges failures itself.

    Proceeding has no timer: a phone may ring for as long as the transaction user lets it.
    """

    __slots__ = ("_ack",)

    def _start(self) -> None:
        self._ack: bytes | None = None
        self.state = State.CALLING
        self._send(self.request.to_bytes())
        if not self.destination.reliable:
            self._arm_repeat(Input.TIMER_A, self._interval)
        self._arm_expiry(Input.TIMER_B, self.timers.timeout)

    def _repeat_doubled(self, _message: Message | None) -> None:
        self._resend()
        self._interval *= 2  # timer A has no upper bound but timer B (RFC 3261 §17.1.1.2)
        self._arm_repeat(Input.TIMER_A, self._interval)

    def _acknowledge(self, response: Response) -> None:
        if self._ack is None:
            self._ack = build_ack(self.request, response).to_bytes()
        self.out.transmits.append(Transmit(self._ack, self.destination))

    def _arm_d(self, _message: Message | None) -> None:
        self._arm_expiry(Input.TIMER_D, 0.0 if self.destination.reliable else self.timers.timer_d)

    def _arm_m(self, _message: Message | None) -> None:
        self._arm_expiry(Input.TIMER_M, self.timers.timeout)

    table = Table(
        "INVITE client transaction",
        {
            (_CALLING, Input.TIMER_A): Rule(_CALLING, (_repeat_doubled,)),
            (_CALLING, Input.TIMER_B): Rule(_TERMINATED, (_T._report_timeout, _T._terminate)),
            (_CALLING, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
            (_CALLING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._stop_timers, _T._deliver)),
            (_CALLING, Input.SUCCESS): Rule(_ACCEPTED, (_T._stop_repeat, _arm_m, _T._deliver)),
            (_CALLING, Input.FAILURE): Rule(_COMPLETED, (_T._stop_repeat, _acknowledge, _arm_d, _T._deliver)),
            (_PROCEEDING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._deliver,)),
            (_PROCEEDING, Input.SUCCESS): Rule(_ACCEPTED, (_arm_m, _T._deliver)),
            (_PROCEEDING, Input.FAILURE): Rule(_COMPLETED, (_acknowledge, _arm_d, _T._deliver)),
            (_ACCEPTED, Input.SUCCESS): Rule(_ACCEPTED, (_T._deliver,)),
            (_ACCEPTED, Input.TIMER_M): Rule(_TERMINATED, (_T._terminate,)),
            (_COMPLETED, Input.FAILURE): Rule(_COMPLETED, (_acknowledge,)),
            (_COMPLETED, Input.TIMER_D): Rule(_TERMINATED, (_T._terminate,)),
            (_COMPLETED, Input.TRANSPORT_ERROR): Rule(_TERMINATED, (_T._terminate,)),
        },
        ignored=frozenset(
            {
                # The peer has the request: what fails now is at most an ICMP error of an old copy.
                (_PROCEEDING, Input.TRANSPORT_ERROR),
                (_ACCEPTED, Input.TRANSPORT_ERROR),
                (_ACCEPTED, Input.PROVISIONAL),
                (_ACCEPTED, Input.FAILURE),
                (_COMPLETED, Input.PROVISIONAL),
                (_COMPLETED, Input.SUCCESS),
            }
        ),
        user_owned=frozenset({_PROCEEDING}),
        final=_TERMINATED,
        lingering=frozenset({_ACCEPTED, _COMPLETED}),
    )
