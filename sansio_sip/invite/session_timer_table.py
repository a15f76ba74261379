"""When a session timer refreshes, waits, or gives the call up (RFC 4028 §10)."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import TYPE_CHECKING, Protocol

from ..table import Rule, Table, TableMachine

if TYPE_CHECKING:
    from ..message import Message
    from .session_terms import SessionTerms

__all__ = ["SESSION_TIMER_TABLE", "SessionRefresher", "SessionTimerTable", "TimerInput", "TimerState"]

_MAX_FAILURES = 3  # refreshes in a row that may fail for other reasons than a lost dialog (§10)


class SessionRefresher(Protocol):
    """The call that a session timer keeps alive or ends."""

    def refresh_session(self, now: float) -> bool:
        """Send UPDATE without, or re-INVITE with, the same description; False when it cannot be now."""
        ...

    def session_expired(self, now: float) -> None:
        """End the call: nobody refreshed it."""
        ...


@unique
class TimerState(IntEnum):
    """Who has to do something: nobody, we, the peer, or the request that is on its way."""

    OFF = 0
    REFRESHING = 1
    WATCHING = 2
    IN_FLIGHT = 3
    OVER = 4


@unique
class TimerInput(IntEnum):
    """What can happen to a session timer."""

    AGREED_LOCAL = 0
    AGREED_REMOTE = 1
    AGREED_NONE = 2
    REFRESH_DUE = 3
    REFRESH_FAILED = 4
    EXPIRED = 5
    CALL_OVER = 6


class SessionTimerActions(TableMachine[TimerState, TimerInput]):
    """What a session timer does; `SessionTimerTable` says when."""

    __slots__ = ("_failures", "_owner", "_running")

    _running: SessionTerms  # set before a timer runs
    _failures: int
    _owner: SessionRefresher

    def _arm_refresh(self, _message: Message | None = None) -> None:
        self._arm_repeat(TimerInput.REFRESH_DUE, self._running.refresh_after)

    def _arm_end(self, _message: Message | None = None) -> None:
        self._arm_expiry(TimerInput.EXPIRED, self._running.expires_after)

    def _refresh(self, _message: Message | None = None) -> None:
        if not self._owner.refresh_session(self._now):
            self._fire(TimerInput.REFRESH_FAILED)

    def _arm_retry(self, _message: Message | None = None) -> None:
        """Try again at half of the time that is left, a few times (§10)."""
        self._failures += 1
        if self._failures < _MAX_FAILURES:
            self._arm_repeat(TimerInput.REFRESH_DUE, (self._expire_at - self._now) / 2)

    def _give_up(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._owner.session_expired(self._now)


_T = SessionTimerActions
_S = TimerState
_I = TimerInput
_RUNNING = (_S.REFRESHING, _S.WATCHING, _S.IN_FLIGHT)
_LIVE = (_S.OFF, *_RUNNING)


class SessionTimerTable(SessionTimerActions):
    """When a session timer does what."""

    __slots__ = ()

    table = Table(
        "session timer",
        {
            **{(s, _I.AGREED_LOCAL): Rule(_S.REFRESHING, (_T._arm_refresh, _T._arm_end)) for s in _LIVE},
            **{(s, _I.AGREED_REMOTE): Rule(_S.WATCHING, (_T._stop_repeat, _T._arm_end)) for s in _LIVE},
            **{(state, _I.AGREED_NONE): Rule(_S.OFF, (_T._stop_timers,)) for state in _LIVE},
            (_S.REFRESHING, _I.REFRESH_DUE): Rule(_S.IN_FLIGHT, (_T._refresh,)),
            (_S.IN_FLIGHT, _I.REFRESH_FAILED): Rule(_S.REFRESHING, (_T._arm_retry,)),
            **{(state, _I.EXPIRED): Rule(_S.OVER, (_T._give_up,)) for state in _RUNNING},
            **{(state, _I.CALL_OVER): Rule(_S.OVER, (_T._stop_timers,)) for state in _LIVE},
        },
        # A request that the user sent, and not the timer, may fail at any time.
        ignored=frozenset((state, _I.REFRESH_FAILED) for state in (_S.OFF, _S.REFRESHING, _S.WATCHING)),
        user_owned=frozenset({_S.OFF}),
        final=_S.OVER,
    )


SESSION_TIMER_TABLE = SessionTimerTable.table
