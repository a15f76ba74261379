"""The INVITE server transaction (RFC 3261 §17.2.1, RFC 6026 §7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table import Rule, Table
from .server import ServerTransaction
from .states import Input, State

if TYPE_CHECKING:
    from ..message import Message

__all__ = ["ServerInvite"]

_T = ServerTransaction  # the actions that both sorts share
_TIMER_TRYING = Input.TIMER_TRYING
_PROCEEDING, _ACCEPTED = State.PROCEEDING, State.ACCEPTED
_COMPLETED, _CONFIRMED, _TERMINATED = State.COMPLETED, State.CONFIRMED, State.TERMINATED


class ServerInvite(ServerTransaction):
    """Answers an INVITE, repeats failures until the ACK, absorbs repeats after a 2xx.

    Proceeding is ended by the transaction user; repeating a 2xx is the user's work as well.
    """

    __slots__ = ()

    def _start(self) -> None:
        self.state = _PROCEEDING
        self._arm_repeat(_TIMER_TRYING, self.timers.trying_delay)

    def _arm_l(self, _message: Message | None) -> None:
        self._stop_repeat()
        self._repeat = None  # a 2xx is repeated by the call, not from here
        self._arm_expiry(Input.TIMER_L, self.timers.timeout)

    def _arm_g_h(self, _message: Message | None) -> None:
        self._stop_repeat()
        if not self.destination.reliable:
            self._arm_repeat(Input.TIMER_G, self._interval)
        self._arm_expiry(Input.TIMER_H, self.timers.timeout)

    def _repeat_slower(self, _message: Message | None) -> None:
        self._resend()
        self._interval = min(2 * self._interval, self.timers.t2)
        self._arm_repeat(Input.TIMER_G, self._interval)

    def _arm_i(self, _message: Message | None) -> None:
        self._stop_repeat()
        self._arm_expiry(Input.TIMER_I, 0.0 if self.destination.reliable else self.timers.t4)

    table = Table(
        "INVITE server transaction",
        {
            (_PROCEEDING, Input.TIMER_TRYING): Rule(_PROCEEDING, (_T._send_trying,)),
            (_PROCEEDING, Input.REQUEST): Rule(_PROCEEDING, (_T._resend,)),
            (_PROCEEDING, Input.PROVISIONAL): Rule(_PROCEEDING, (_T._stop_repeat, _T._respond)),
            (_PROCEEDING, Input.SUCCESS): Rule(_ACCEPTED, (_T._respond, _arm_l)),
            (_PROCEEDING, Input.FAILURE): Rule(_COMPLETED, (_T._respond, _arm_g_h)),
            # A server that cannot send keeps its state, or a repeated INVITE would be a new call
            # (RFC 6026 §7.1); its user is told all the same.
            (_PROCEEDING, Input.TRANSPORT_ERROR): Rule(_PROCEEDING),
            (_ACCEPTED, Input.SUCCESS): Rule(_ACCEPTED, (_T._respond,)),
            (_ACCEPTED, Input.TRANSPORT_ERROR): Rule(_ACCEPTED),
            (_ACCEPTED, Input.TIMER_L): Rule(_TERMINATED, (_T._terminate,)),
            (_COMPLETED, Input.REQUEST): Rule(_COMPLETED, (_T._resend,)),
            (_COMPLETED, Input.TIMER_G): Rule(_COMPLETED, (_repeat_slower,)),
            (_COMPLETED, Input.TIMER_H): Rule(_TERMINATED, (_T._report_timeout, _T._terminate)),
            (_COMPLETED, Input.ACK): Rule(_CONFIRMED, (_arm_i,)),
            (_COMPLETED, Input.TRANSPORT_ERROR): Rule(_COMPLETED),
            (_CONFIRMED, Input.TIMER_I): Rule(_TERMINATED, (_T._terminate,)),
        },
        ignored=frozenset(
            {
                (_PROCEEDING, Input.ACK),
                (_ACCEPTED, Input.REQUEST),
                # The user's dialog hears of the ACK from the layer, whatever branch it came with.
                (_ACCEPTED, Input.ACK),
                (_CONFIRMED, Input.REQUEST),
                (_CONFIRMED, Input.ACK),
                (_CONFIRMED, Input.TRANSPORT_ERROR),
            }
        ),
        user_owned=frozenset({_PROCEEDING}),
        final=_TERMINATED,
        lingering=frozenset({_CONFIRMED}),
    )
