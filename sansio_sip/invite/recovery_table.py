"""When a dialog is probed, found again or given up."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import TYPE_CHECKING

from ..dialog import DialogState
from ..table import Rule, Table, TableMachine
from .dialog_request import DialogRequest
from .ends import Failed, TimedOut, TransportLost
from .recovery_events import CallRecovered, CallRecovering

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Message, Request, Response
    from .call_base import CallBase
    from .ends import CallEnd
    from .recovery_config import RecoveryConfig

__all__ = ["RECOVERY_TABLE", "RecoveryInput", "RecoveryState", "RecoveryTable", "end_of"]

_GONE = 481
_UNREACHABLE = (408, 503, 504)  # also from a proxy that cannot reach the peer


@unique
class RecoveryState(IntEnum):
    """How it stands with the peer; CHECKING is a probe that the user wanted, without trouble before."""

    HEALTHY = 0
    CHECKING = 1
    PROBING = 2
    WAITING = 3
    OVER = 4


@unique
class RecoveryInput(IntEnum):
    """What can happen to a dialog's health."""

    TROUBLE = 0
    CHECK = 1
    ANSWERED = 2
    HEARD = 3
    SILENT = 4
    GONE = 5
    RETRY_DUE = 6
    GIVE_UP = 7
    CALL_OVER = 8


def end_of(status_code: int, reason: str, response: Response | None) -> CallEnd:
    """Return how a call ends whose peer cannot be reached: 408 for no answer, 503 for no transport."""
    if status_code == _GONE:
        return Failed(reason, status_code)
    return TransportLost(reason) if status_code == 503 and response is None else TimedOut()


class _Probe(DialogRequest):
    """An OPTIONS in the dialog; any answer of the peer shows that it lives (RFC 3261 §11.2)."""

    __slots__ = ("_recovery",)

    def __init__(self, owner: CallBase, dialog: Dialog, request: Request, recovery: RecoveryActions) -> None:
        super().__init__(owner, dialog, request)
        self._recovery = recovery

    def succeeded(self, response: Response, now: float) -> None:
        self._recovery.probed(response.status_code, "", response, now)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        self._recovery.probed(status_code, reason, response, now)


class RecoveryActions(TableMachine[RecoveryState, RecoveryInput]):
    """What is done about a dialog whose peer may be gone; `RecoveryTable` says when.

    Args:
        call: The call.
        dialog: Its dialog.
        config: How often to try.
        now: Current time in seconds.
    """

    __slots__ = ("_call", "_cause", "_config", "_delay", "_dialog", "_end", "_left")

    def __init__(self, call: CallBase, dialog: Dialog, config: RecoveryConfig, now: float) -> None:
        super().__init__(RecoveryState.HEALTHY, now)
        self._call = call
        self._dialog = dialog
        self._config = config
        self._cause = ""
        self._end: CallEnd = TimedOut()
        self._delay = config.first_delay
        self._left = config.probes

    def probed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take what became of a probe."""
        self._clock(now)
        if status_code not in (_GONE, *_UNREACHABLE):
            self._fire(RecoveryInput.ANSWERED)
            return
        self._cause, self._end = reason, end_of(status_code, reason, response)
        self._fire(RecoveryInput.GONE if status_code == _GONE else RecoveryInput.SILENT)

    # What the rows of the table are made of

    def _send(self, _message: Message | None = None) -> None:
        self._left -= 1
        request = self._dialog.request("OPTIONS", self._call.config.target_fields)
        _Probe(self._call, self._dialog, request, self).send(self._now)

    def _report_trouble(self, _message: Message | None = None) -> None:
        self._dialog.state = DialogState.RECOVERING
        self._call.out.events.append(CallRecovering(self._call.session, self._cause))

    def _report_recovery(self, _message: Message | None = None) -> None:
        self._dialog.state = DialogState.CONFIRMED
        self._call.out.events.append(CallRecovered(self._call.session))

    def _begin_anew(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._delay = self._config.first_delay
        self._left = self._config.probes

    def _wait(self, _message: Message | None = None) -> None:
        if self._left <= 0:
            self._fire(RecoveryInput.GIVE_UP)
            return
        self._arm_expiry(RecoveryInput.RETRY_DUE, self._delay)
        self._delay = min(2 * self._delay, self._config.max_delay)

    def _lose(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._call.lose(self._end)


_T = RecoveryActions
_S = RecoveryState
_I = RecoveryInput
_TROUBLED = (_S.PROBING, _S.WAITING)
_LIVE = (_S.HEALTHY, _S.CHECKING, *_TROUBLED)


class RecoveryTable(RecoveryActions):
    """When a dialog is probed, found again or given up."""

    __slots__ = ()

    table = Table(
        "dialog recovery",
        {
            (_S.HEALTHY, _I.TROUBLE): Rule(_S.PROBING, (_T._report_trouble, _T._send)),
            (_S.HEALTHY, _I.CHECK): Rule(_S.CHECKING, (_T._send,)),
            (_S.CHECKING, _I.TROUBLE): Rule(_S.PROBING, (_T._report_trouble,)),
            (_S.CHECKING, _I.ANSWERED): Rule(_S.HEALTHY, (_T._begin_anew,)),
            (_S.CHECKING, _I.HEARD): Rule(_S.HEALTHY, (_T._begin_anew,)),
            (_S.CHECKING, _I.SILENT): Rule(_S.WAITING, (_T._report_trouble, _T._wait)),
            (_S.PROBING, _I.SILENT): Rule(_S.WAITING, (_T._wait,)),
            (_S.WAITING, _I.RETRY_DUE): Rule(_S.PROBING, (_T._send,)),
            (_S.WAITING, _I.GIVE_UP): Rule(_S.OVER, (_T._lose,)),
            **{
                (state, what): Rule(_S.HEALTHY, (_T._begin_anew, _T._report_recovery))
                for state in _TROUBLED
                for what in (_I.ANSWERED, _I.HEARD)
            },
            **{(state, _I.GONE): Rule(_S.OVER, (_T._lose,)) for state in _LIVE},
            **{(state, _I.CALL_OVER): Rule(_S.OVER, (_T._stop_timers,)) for state in _LIVE},
        },
        ignored=frozenset(
            # An answer to a probe that came after the peer had been heard.
            {(state, what) for state in (_S.HEALTHY, _S.WAITING) for what in (_I.SILENT,)}
            | {(_S.HEALTHY, _I.ANSWERED), (_S.HEALTHY, _I.HEARD)}
            | {(state, _I.TROUBLE) for state in _TROUBLED}
            | {(state, _I.CHECK) for state in (_S.CHECKING, *_TROUBLED)}
        ),
        user_owned=frozenset({_S.HEALTHY, _S.CHECKING, _S.PROBING}),  # a probe has its transaction
        final=_S.OVER,
    )


RECOVERY_TABLE = RecoveryTable.table
