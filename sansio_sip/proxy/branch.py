"""The table of one branch of a forwarded request, with timer C (RFC 3261 §16.6 to §16.10)."""

from __future__ import annotations

from ..table import Rule, Table
from .branch_actions import BranchActions
from .states import BranchInput as I
from .states import BranchState as S

__all__ = ["Branch"]

_T = BranchActions
_PENDING = (S.CALLING, S.PROCEEDING, S.CANCEL_PENDING, S.CANCELLING)
_OVER = (S.ANSWERED, S.DONE)


class Branch(BranchActions):
    """Sends a request to one target and watches over it; see `BranchActions` for its arguments."""

    __slots__ = ()

    table = Table(
        "branch of a proxied request",
        {
            (S.CALLING, I.TRYING): Rule(S.PROCEEDING),
            (S.CALLING, I.PROVISIONAL): Rule(S.PROCEEDING, (_T._restart_timer_c, _T._tell_provisional)),
            (S.CALLING, I.TIMER_C): Rule(S.DONE, (_T._destroy, _T._tell_timeout)),
            # Nobody may be cancelled who has not said a word (§9.1).
            (S.CALLING, I.RING_EXPIRED): Rule(S.CANCEL_PENDING, (_T._withdraw,)),
            (S.CALLING, I.CANCEL): Rule(S.CANCEL_PENDING, (_T._withdraw,)),
            (S.PROCEEDING, I.PROVISIONAL): Rule(S.PROCEEDING, (_T._restart_timer_c, _T._tell_provisional)),
            (S.PROCEEDING, I.TIMER_C): Rule(S.CANCELLING, (_T._send_cancel,)),
            (S.PROCEEDING, I.RING_EXPIRED): Rule(S.CANCELLING, (_T._send_cancel,)),
            (S.PROCEEDING, I.CANCEL): Rule(S.CANCELLING, (_T._send_cancel,)),
            (S.CANCEL_PENDING, I.WITHDRAWN): Rule(S.TERMINATED, (_T._stop_timers, _T._tell_cancelled)),
            (S.CANCEL_PENDING, I.TRYING): Rule(S.CANCELLING, (_T._send_cancel,)),
            (S.CANCEL_PENDING, I.PROVISIONAL): Rule(S.CANCELLING, (_T._send_cancel, _T._tell_provisional)),
            (S.CANCEL_PENDING, I.TIMER_C): Rule(S.DONE, (_T._destroy, _T._tell_timeout)),
            (S.CANCELLING, I.PROVISIONAL): Rule(S.CANCELLING, (_T._tell_provisional,)),
            # 64·T1 after its CANCEL an INVITE counts as cancelled (§9.1).
            (S.CANCELLING, I.CANCEL_EXPIRED): Rule(S.DONE, (_T._destroy, _T._tell_cancelled)),
            (S.ANSWERED, I.SUCCESS): Rule(S.ANSWERED, (_T._tell_success,)),
            (S.ANSWERED, I.GONE): Rule(S.TERMINATED),
            (S.DONE, I.GONE): Rule(S.TERMINATED),
            **{
                (state, I.SUCCESS): Rule(S.ANSWERED, (_T._stop_timers, _T._tell_success))
                for state in _PENDING
            },
            **{(state, I.FAILURE): Rule(S.DONE, (_T._stop_timers, _T._tell_failure)) for state in _PENDING},
            **{(state, I.TIMED_OUT): Rule(S.DONE, (_T._stop_timers,)) for state in _PENDING},
            **{
                (state, I.TRANSPORT_FAILED): Rule(S.DONE, (_T._stop_timers, _T._tell_unreachable))
                for state in _PENDING
            },
            **{(state, I.GONE): Rule(S.TERMINATED, (_T._stop_timers,)) for state in _PENDING},
        },
        ignored=frozenset(
            {
                (S.PROCEEDING, I.TRYING),
                (S.CANCEL_PENDING, I.CANCEL),
                (S.CANCELLING, I.TRYING),
                (S.CANCELLING, I.CANCEL),
                (S.DONE, I.SUCCESS),  # the transaction of a failure lets no 2xx through
            }
            | {
                (state, what)
                for state in _OVER
                for what in (I.TRYING, I.PROVISIONAL, I.FAILURE, I.TIMED_OUT, I.TRANSPORT_FAILED, I.CANCEL)
            }
        ),
        # Timer M, D or K of the client transaction ends these.
        user_owned=frozenset({S.ANSWERED, S.DONE}),
        final=S.TERMINATED,
    )
