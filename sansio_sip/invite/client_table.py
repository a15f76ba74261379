"""The table of the caller's side (RFC 3261 §13.2, §9.1, §15)."""

from __future__ import annotations

from ..table import Rule, Table
from .client_actions import ClientActions
from .states import InviteInput as I
from .states import InviteState as S

__all__ = ["CLIENT_TABLE", "ClientTable"]

_T = ClientActions
# What one half of a call's life cannot bring is ignored in it all the same: the INVITE transaction
# has one final answer, after which only a repeated 2xx comes from it, and no BYE goes out before it.
_WAITING = (S.CALLING, S.PROCEEDING, S.CANCEL_PENDING, S.CANCELLING)
_ANSWERED = (S.ESTABLISHED, S.TERMINATING)
_OF_ANSWERED = (I.REPEATED_SUCCESS, I.BYE_DONE)
_OF_WAITING = (I.PROVISIONAL, I.SUCCESS, I.FAILURE, I.BAD_ANSWER, I.TIMED_OUT, I.TRANSPORT_FAILED)


class ClientTable(ClientActions):
    """When a caller does what."""

    __slots__ = ()

    table = Table(
        "call, caller's side",
        {
            (S.IDLE, I.INVITE): Rule(S.CALLING, (_T._send_invite,)),
            (S.IDLE, I.HANG_UP): Rule(S.TERMINATED),
            (S.CALLING, I.PROVISIONAL): Rule(S.PROCEEDING, (_T._report_progress,)),
            (S.CALLING, I.SUCCESS): Rule(S.ESTABLISHED, (_T._report_answer,)),
            (S.CALLING, I.BAD_ANSWER): Rule(S.TERMINATING, (_T._send_bye, _T._end_bad_answer)),
            (S.CALLING, I.AGAIN): Rule(S.CALLING, (_T._drop_legs, _T._send_invite)),
            (S.CALLING, I.FAILURE): Rule(S.TERMINATED, (_T._end_rejected,)),
            (S.CALLING, I.TIMED_OUT): Rule(S.TERMINATED, (_T._end_timed_out,)),
            (S.CALLING, I.TRANSPORT_FAILED): Rule(S.TERMINATED, (_T._end_unreachable,)),
            # CANCEL has to wait for a provisional answer (§9.1).
            (S.CALLING, I.HANG_UP): Rule(S.CANCEL_PENDING, (_T._withdraw, _T._end_cancelled)),
            (S.PROCEEDING, I.PROVISIONAL): Rule(S.PROCEEDING, (_T._report_progress,)),
            (S.PROCEEDING, I.SUCCESS): Rule(S.ESTABLISHED, (_T._report_answer,)),
            (S.PROCEEDING, I.BAD_ANSWER): Rule(S.TERMINATING, (_T._send_bye, _T._end_bad_answer)),
            (S.PROCEEDING, I.AGAIN): Rule(S.CALLING, (_T._drop_legs, _T._send_invite)),
            (S.PROCEEDING, I.FAILURE): Rule(S.TERMINATED, (_T._end_rejected,)),
            (S.PROCEEDING, I.TRANSPORT_FAILED): Rule(S.TERMINATED, (_T._end_unreachable,)),
            # Another call takes its place (RFC 3891 §3).
            (S.PROCEEDING, I.LOST): Rule(S.CANCELLING, (_T._send_cancel, _T._end_lost)),
            (S.PROCEEDING, I.HANG_UP): Rule(S.CANCELLING, (_T._send_cancel, _T._end_cancelled)),
            # A callee whose 2xx were all lost gives up with BYE after 64·T1 (§13.3.1.4); the other
            # branches of a fork may still ring, so they are cancelled.
            (S.PROCEEDING, I.BYE_RECEIVED): Rule(S.CANCELLING, (_T._send_cancel, _T._end_by_bye)),
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
            # The INVITE is destroyed if CANCEL does not end it in time (§9.1).
            (S.CANCELLING, I.CANCEL_EXPIRED): Rule(S.TERMINATED, (_T._drop_invite,)),
            (S.ESTABLISHED, I.REPEATED_SUCCESS): Rule(S.ESTABLISHED, (_T._acknowledge_again,)),
            (S.ESTABLISHED, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._end_by_bye,)),
            (S.ESTABLISHED, I.LOST): Rule(S.TERMINATING, (_T._send_bye, _T._end_lost)),
            (S.ESTABLISHED, I.HANG_UP): Rule(S.TERMINATING, (_T._send_bye, _T._end_locally)),
            (S.TERMINATING, I.REPEATED_SUCCESS): Rule(S.TERMINATING, (_T._acknowledge_again,)),
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
                (S.CANCELLING, I.BYE_RECEIVED),  # of one branch; the CANCEL is for all
                (S.ESTABLISHED, I.BYE_DONE),
                (S.TERMINATING, I.HANG_UP),
                (S.TERMINATING, I.BYE_RECEIVED),  # both hung up at once
            }
            | {(state, what) for state in _WAITING for what in _OF_ANSWERED}
            | {(state, what) for state in _ANSWERED for what in _OF_WAITING}
        ),
        # A phone rings for as long as the user lets it; a call lasts until somebody hangs up; the
        # transactions of CALLING, CANCEL_PENDING and TERMINATING have timers of their own.
        user_owned=frozenset(
            {S.IDLE, S.CALLING, S.PROCEEDING, S.CANCEL_PENDING, S.ESTABLISHED, S.TERMINATING}
        ),
        final=S.TERMINATED,
    )


CLIENT_TABLE = ClientTable.table
