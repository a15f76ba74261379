"""The table of the caller's side (RFC 3261 §13.2, §9.1, §15)."""

from __future__ import annotations

from ..table import Rule, Table
from .client import InviteClient
from .states import InviteInput as I
from .states import InviteState as S

__all__ = ["CLIENT_TABLE"]

_T = InviteClient

CLIENT_TABLE = Table(
    "call, caller's side",
    {
        (S.IDLE, I.INVITE): Rule(S.CALLING, (_T._send_invite,)),
        (S.IDLE, I.HANG_UP): Rule(S.TERMINATED),
        (S.CALLING, I.PROVISIONAL): Rule(S.PROCEEDING, (_T._report_progress,)),
        (S.CALLING, I.SUCCESS): Rule(S.ESTABLISHED, (_T._report_answer,)),
        (S.CALLING, I.BAD_ANSWER): Rule(S.TERMINATING, (_T._send_bye, _T._end_bad_answer)),
        (S.CALLING, I.CHALLENGE): Rule(S.CALLING, (_T._send_invite,)),
        (S.CALLING, I.FAILURE): Rule(S.TERMINATED, (_T._end_rejected,)),
        (S.CALLING, I.TIMED_OUT): Rule(S.TERMINATED, (_T._end_timed_out,)),
        (S.CALLING, I.TRANSPORT_FAILED): Rule(S.TERMINATED, (_T._end_unreachable,)),
        # CANCEL has to wait for a provisional answer (§9.1).
        (S.CALLING, I.HANG_UP): Rule(S.CANCEL_PENDING, (_T._withdraw, _T._end_cancelled)),
        (S.PROCEEDING, I.PROVISIONAL): Rule(S.PROCEEDING, (_T._report_progress,)),
        (S.PROCEEDING, I.SUCCESS): Rule(S.ESTABLISHED, (_T._report_answer,)),
        (S.PROCEEDING, I.BAD_ANSWER): Rule(S.TERMINATING, (_T._send_bye, _T._end_bad_answer)),
        (S.PROCEEDING, I.CHALLENGE): Rule(S.CALLING, (_T._send_invite,)),
        (S.PROCEEDING, I.FAILURE): Rule(S.TERMINATED, (_T._end_rejected,)),
        (S.PROCEEDING, I.TRANSPORT_FAILED): Rule(S.TERMINATED, (_T._end_unreachable,)),
        (S.PROCEEDING, I.HANG_UP): Rule(S.CANCELLING, (_T._send_cancel, _T._end_cancelled)),
        # A callee whose 2xx were all lost gives up with BYE after 64·T1 (§13.3.1.4).
        (S.PROCEEDING, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._end_by_bye, _T._drop_invite)),
        (S.CANCEL_PENDING, I.PROVISIONAL): Rule(S.CANCELLING, (_T._send_cancel,)),
        (S.CANCEL_PENDING, I.SUCCESS): Rule(S.TERMINATING, (_T._send_bye,)),
        (S.CANCEL_PENDING, I.BAD_ANSWER): Rule(S.TERMINATING, (_T._send_bye,)),
        (S.CANCEL_PENDING, I.FAILURE): Rule(S.TERMINATED),
        (S.CANCEL_PENDING, I.TIMED_OUT): Rule(S.TERMINATED),
        (S.CANCEL_PENDING, I.TRANSPORT_FAILED): Rule(S.TERMINATED),
        (S.CANCELLING, I.SUCCESS): Rule(S.TERMINATING, (_T._stop_timers, _T._send_bye)),
        (S.CANCELLING, I.BAD_ANSWER): Rule(S.TERMINATING, (_T._stop_timers, _T._send_bye)),
        (S.CANCELLING, I.FAILURE): Rule(S.TERMINATED, (_T._stop_timers,)),
        (S.CANCELLING, I.TRANSPORT_FAILED): Rule(S.TERMINATED, (_T._stop_timers,)),
        (S.CANCELLING, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._stop_timers, _T._drop_invite)),
        (S.CANCELLING, I.CANCEL_EXPIRED): Rule(S.TERMINATED, (_T._drop_invite,)),
        (S.ESTABLISHED, I.REPEATED_SUCCESS): Rule(S.ESTABLISHED, (_T._acknowledge_again,)),
        (S.ESTABLISHED, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._end_by_bye,)),
        (S.ESTABLISHED, I.HANG_UP): Rule(S.TERMINATING, (_T._send_bye, _T._end_locally)),
        (S.TERMINATING, I.REPEATED_SUCCESS): Rule(S.TERMINATING, (_T._acknowledge_again,)),
        (S.TERMINATING, I.BYE_RECEIVED): Rule(S.TERMINATING),
        (S.TERMINATING, I.BYE_DONE): Rule(S.TERMINATED),
        (S.TERMINATED, I.REPEATED_SUCCESS): Rule(S.TERMINATED, (_T._acknowledge_again,)),
    },
    ignored=frozenset(
        {
            (S.CALLING, I.BYE_RECEIVED),  # an early dialog of an INVITE that is being retried
            (S.PROCEEDING, I.TIMED_OUT),
            (S.CANCEL_PENDING, I.HANG_UP),
            (S.CANCEL_PENDING, I.BYE_RECEIVED),
            (S.CANCELLING, I.PROVISIONAL),
            (S.CANCELLING, I.HANG_UP),
            (S.CANCELLING, I.TIMED_OUT),
            (S.ESTABLISHED, I.BYE_DONE),  # of another branch of the fork
            (S.ESTABLISHED, I.TRANSPORT_FAILED),
            (S.TERMINATING, I.HANG_UP),
        }
    ),
    # A phone rings for as long as the user lets it; a call lasts until somebody hangs up; the
    # transactions of CANCEL_PENDING and TERMINATING have timers of their own.
    user_owned=frozenset({S.IDLE, S.CALLING, S.PROCEEDING, S.CANCEL_PENDING, S.ESTABLISHED, S.TERMINATING}),
    final=S.TERMINATED,
)
InviteClient.table = CLIENT_TABLE
