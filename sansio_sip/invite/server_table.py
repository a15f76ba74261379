"""The table of the callee's side (RFC 3261 §13.3, §9.2, §15)."""

from __future__ import annotations

from ..table import Rule, Table
from .server_actions import ServerActions
from .states import InviteInput as I
from .states import InviteState as S

__all__ = ["SERVER_TABLE", "ServerTable"]

_T = ServerActions
_WAITING = (S.RECEIVED, S.RINGING, S.HELD)
_ACCEPTED = (S.ACCEPTED, S.ACCEPTED_CLOSING)
_LATER = (S.ESTABLISHED, S.TERMINATING)


class ServerTable(ServerActions):
    """When a callee does what."""

    __slots__ = ()

    table = Table(
        "call, callee's side",
        {
            (S.IDLE, I.INVITE): Rule(S.RECEIVED, (_T._arm_expires,)),
            (S.IDLE, I.HANG_UP): Rule(S.TERMINATED),
            (S.RECEIVED, I.RING): Rule(S.RINGING, (_T._send_ringing,)),
            (S.RECEIVED, I.ANSWER): Rule(S.ACCEPTED, (_T._respond, _T._arm_acceptance)),
            (S.RECEIVED, I.REJECT): Rule(S.TERMINATED, (_T._stop_timers, _T._respond, _T._end_rejected)),
            # A handler that leaves without a decision: nobody is there to take the call.
            (S.RECEIVED, I.HANG_UP): Rule(S.TERMINATED, (_T._stop_timers, _T._refuse_480, _T._end_locally)),
            (S.RECEIVED, I.CANCEL_RECEIVED): Rule(
                S.TERMINATED, (_T._stop_timers, _T._refuse_487, _T._end_cancelled)
            ),
            (S.RECEIVED, I.BYE_RECEIVED): Rule(
                S.TERMINATED, (_T._stop_timers, _T._refuse_487, _T._end_by_bye)
            ),
            # The caller said with Expires how long it would wait (§13.3.1).
            (S.RECEIVED, I.INVITE_EXPIRED): Rule(S.TERMINATED, (_T._refuse_487, _T._end_cancelled)),
            (S.RINGING, I.RING): Rule(S.RINGING, (_T._send_ringing,)),
            (S.RINGING, I.REPEAT_DUE): Rule(S.RINGING, (_T._repeat_ringing,)),
            (S.RINGING, I.INVITE_EXPIRED): Rule(
                S.TERMINATED, (_T._stop_timers, _T._refuse_487, _T._end_cancelled)
            ),
            (S.RINGING, I.ANSWER): Rule(S.ACCEPTED, (_T._respond, _T._arm_acceptance)),
            (S.RINGING, I.REJECT): Rule(S.TERMINATED, (_T._stop_timers, _T._respond, _T._end_rejected)),
            (S.RINGING, I.HANG_UP): Rule(S.TERMINATED, (_T._stop_timers, _T._refuse_480, _T._end_locally)),
            (S.RINGING, I.CANCEL_RECEIVED): Rule(
                S.TERMINATED, (_T._stop_timers, _T._refuse_487, _T._end_cancelled)
            ),
            (S.RINGING, I.BYE_RECEIVED): Rule(
                S.TERMINATED, (_T._stop_timers, _T._refuse_487, _T._end_by_bye)
            ),
            # Answered, but a PRACK or another exchange has to come first (RFC 3262 §5).
            (S.RINGING, I.LOST): Rule(S.TERMINATED, (_T._stop_timers, _T._refuse_lost, _T._end_lost)),
            (S.HELD, I.LOST): Rule(S.TERMINATED, (_T._refuse_lost, _T._end_lost)),
            (S.RINGING, I.HOLD_BACK): Rule(S.HELD, (_T._stop_timers,)),
            (S.HELD, I.READY): Rule(S.ACCEPTED, (_T._respond, _T._arm_acceptance)),
            (S.HELD, I.REJECT): Rule(S.TERMINATED, (_T._respond, _T._end_rejected)),
            (S.HELD, I.HANG_UP): Rule(S.TERMINATED, (_T._refuse_480, _T._end_locally)),
            (S.HELD, I.CANCEL_RECEIVED): Rule(S.TERMINATED, (_T._refuse_487, _T._end_cancelled)),
            (S.HELD, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._refuse_487, _T._end_by_bye)),
            (S.ACCEPTED, I.REPEAT_DUE): Rule(S.ACCEPTED, (_T._repeat,)),
            (S.ACCEPTED, I.ACK_RECEIVED): Rule(S.ESTABLISHED, (_T._confirm,)),
            (S.ACCEPTED, I.BAD_ANSWER): Rule(
                S.TERMINATING, (_T._stop_timers, _T._send_bye, _T._end_bad_answer)
            ),
            (S.ACCEPTED, I.ACK_EXPIRED): Rule(S.TERMINATING, (_T._stop_timers, _T._send_bye, _T._end_no_ack)),
            (S.ACCEPTED, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._stop_timers, _T._end_by_bye)),
            # No BYE before the ACK came or the 2xx timed out (§15).
            (S.ACCEPTED, I.HANG_UP): Rule(S.ACCEPTED_CLOSING, (_T._end_locally,)),
            (S.ACCEPTED_CLOSING, I.REPEAT_DUE): Rule(S.ACCEPTED_CLOSING, (_T._repeat,)),
            (S.ACCEPTED_CLOSING, I.ACK_RECEIVED): Rule(S.TERMINATING, (_T._stop_timers, _T._send_bye)),
            (S.ACCEPTED_CLOSING, I.ACK_EXPIRED): Rule(S.TERMINATING, (_T._stop_timers, _T._send_bye)),
            (S.ACCEPTED_CLOSING, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._stop_timers,)),
            (S.ACCEPTED, I.LOST): Rule(S.ACCEPTED_CLOSING, (_T._end_lost,)),
            (S.ESTABLISHED, I.LOST): Rule(S.TERMINATING, (_T._send_bye, _T._end_lost)),
            (S.ESTABLISHED, I.HANG_UP): Rule(S.TERMINATING, (_T._send_bye, _T._end_locally)),
            (S.ESTABLISHED, I.BYE_RECEIVED): Rule(S.TERMINATED, (_T._end_by_bye,)),
            (S.TERMINATING, I.BYE_DONE): Rule(S.TERMINATED),
        },
        ignored=frozenset(
            {
                (S.ACCEPTED_CLOSING, I.HANG_UP),
                (S.ACCEPTED_CLOSING, I.BAD_ANSWER),
                (S.TERMINATING, I.HANG_UP),
                (S.TERMINATING, I.BYE_RECEIVED),  # both hung up at once
                (S.ESTABLISHED, I.BYE_DONE),
            }
            # An ACK before the answer is a stranger's; one after the first a repeat.
            | {(state, what) for state in _WAITING for what in (I.ACK_RECEIVED, I.BAD_ANSWER, I.BYE_DONE)}
            # A CANCEL after the answer comes too late (§9.2).
            | {(state, what) for state in _ACCEPTED for what in (I.CANCEL_RECEIVED, I.BYE_DONE)}
            | {(state, I.CANCEL_RECEIVED) for state in _LATER}
            | {(state, what) for state in _LATER for what in (I.ACK_RECEIVED, I.BAD_ANSWER)}
        ),
        # The user decides about a ringing call and ends a talking one; BYE has its transaction, and
        # what holds a 2xx back has timers of its own.
        user_owned=frozenset({S.IDLE, S.RECEIVED, S.RINGING, S.HELD, S.ESTABLISHED, S.TERMINATING}),
        final=S.TERMINATED,
    )


SERVER_TABLE = ServerTable.table
