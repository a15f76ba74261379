"""Changing the session: re-INVITE and UPDATE of ours, one at a time (RFC 3261 §14.1, RFC 3311 §5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..table import Rule, Table
from .modify_actions import ModifyActions
from .modify_request import Wish
from .modify_states import ModifyInput as I
from .modify_states import ModifyState as S

if TYPE_CHECKING:
    from .leg import Leg

__all__ = ["MODIFY_TABLE", "Modifier"]

_T = ModifyActions
_QUIET = (S.IDLE, S.QUEUED, S.BACKOFF)


class Modifier(ModifyActions):
    """What we want to change, until the peer has taken or refused it."""

    __slots__ = ()

    def want(self, wish: Wish, now: float) -> None:
        """Ask for a change as soon as the dialog allows it; a later wish takes the place of a waiting one.

        Raises:
            LocalProtocolError: One is on its way already, or the call is over.
        """
        self._clock(now)
        if not self._allows(I.WANT):
            raise LocalProtocolError(f"no change can be wanted in {self.state.name}")
        self._wish = wish
        self._tries = 0
        self._fire(I.WANT)
        self.settled(now)

    def withdraw(self, now: float) -> None:
        """Take the wish back; what can still come of it is told as ever."""
        self._clock(now)
        if self.state is not S.SENT or self.inviting:
            self._fire(I.WITHDRAW)

    def follow(self, leg: Leg, now: float) -> None:
        """Change another leg: that of the branch that won; what is on its way to a loser is lost."""
        self._clock(now)
        if self._leg is leg:
            return
        if self.state in _QUIET:
            self._leg = leg
            return
        self._status, self._reason = 481, "another branch answered"
        self._tell_failure()
        self.call_over(now)

    table = Table(
        "re-INVITE and UPDATE, client side",
        {
            (S.IDLE, I.WANT): Rule(S.QUEUED),
            (S.QUEUED, I.WANT): Rule(S.QUEUED),
            (S.BACKOFF, I.WANT): Rule(S.BACKOFF),
            (S.QUEUED, I.SEND): Rule(S.SENT, (_T._send,)),
            (S.SENT, I.SUCCESS): Rule(S.IDLE, (_T._stop_timers, _T._report)),
            (S.SENT, I.GLARE): Rule(S.BACKOFF, (_T._stop_timers, _T._arm_backoff)),
            (S.SENT, I.FAILURE): Rule(S.IDLE, (_T._stop_timers, _T._report_failure)),
            # A peer that says 100 and nothing more: take the wish back.
            (S.SENT, I.EXPIRED): Rule(S.CANCELLING, (_T._cancel,)),
            (S.QUEUED, I.WITHDRAW): Rule(S.IDLE, (_T._tell_withdrawn,)),
            (S.BACKOFF, I.WITHDRAW): Rule(S.IDLE, (_T._stop_timers, _T._tell_withdrawn)),
            (S.SENT, I.WITHDRAW): Rule(S.CANCELLING, (_T._stop_timers, _T._cancel)),
            (S.SENT, I.CALL_OVER): Rule(S.ENDING, (_T._arm_end,)),
            (S.CANCELLING, I.SUCCESS): Rule(S.IDLE, (_T._stop_timers, _T._report)),
            (S.CANCELLING, I.GLARE): Rule(S.IDLE, (_T._stop_timers, _T._report_failure)),
            (S.CANCELLING, I.FAILURE): Rule(S.IDLE, (_T._stop_timers, _T._report_failure)),
            (S.CANCELLING, I.EXPIRED): Rule(S.IDLE, (_T._drop, _T._report_silence)),
            (S.CANCELLING, I.CALL_OVER): Rule(S.ENDING, (_T._arm_end,)),
            (S.BACKOFF, I.RETRY_DUE): Rule(S.QUEUED, (_T._try_again,)),
            (S.ENDING, I.SUCCESS): Rule(S.OVER, (_T._leave,)),
            (S.ENDING, I.GLARE): Rule(S.OVER, (_T._leave,)),
            (S.ENDING, I.FAILURE): Rule(S.OVER, (_T._leave,)),
            # The BYE has killed the peer's INVITE, or the peer is dead.
            (S.ENDING, I.EXPIRED): Rule(S.OVER, (_T._drop, _T._leave)),
            (S.IDLE, I.CALL_OVER): Rule(S.OVER, (_T._leave,)),
            (S.QUEUED, I.CALL_OVER): Rule(S.OVER, (_T._leave,)),
            (S.BACKOFF, I.CALL_OVER): Rule(S.OVER, (_T._leave,)),
        },
        ignored=frozenset(
            # The answer of a request whose transaction was dropped.
            {(state, what) for state in _QUIET for what in (I.SUCCESS, I.GLARE, I.FAILURE)}
            | {(S.ENDING, I.CALL_OVER)}
            | {(state, I.WITHDRAW) for state in (S.IDLE, S.CANCELLING, S.ENDING)}
        ),
        # Others end what is in the way of a queued wish; an UPDATE has the timer of its transaction.
        user_owned=frozenset({S.IDLE, S.QUEUED, S.SENT}),
        final=S.OVER,
    )


MODIFY_TABLE = Modifier.table
