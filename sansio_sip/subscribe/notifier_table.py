"""The table of the notifier's side (RFC 6665 §4.2)."""

from __future__ import annotations

from ..table import Rule, Table
from .notifier_actions import NotifierActions
from .notifier_states import NotifierInput as I
from .notifier_states import NotifierState as S

__all__ = ["NOTIFIER_TABLE", "NotifierTable"]

_T = NotifierActions
_ANSWERS = (I.NOTIFY_DONE, I.NOTIFY_FAILED, I.NOTIFY_FATAL)


class NotifierTable(NotifierActions):
    """When a notifier does what."""

    __slots__ = ()

    table = Table(
        "subscription, notifier's side",
        {
            (S.IDLE, I.SUBSCRIBE): Rule(S.RECEIVED, (_T._arm_decision,)),
            (S.IDLE, I.TERMINATE): Rule(S.TERMINATED),
            (S.RECEIVED, I.ACCEPT): Rule(S.ACTIVE, (_T._answer_200, _T._tell_all)),
            # A REFER that wants no reports has no subscription (RFC 4488 §4).
            (S.RECEIVED, I.ACCEPT_SILENTLY): Rule(
                S.TERMINATED, (_T._answer_silently, _T._forget, _T._report_end)
            ),
            (S.RECEIVED, I.PEND): Rule(S.PENDING, (_T._answer_200, _T._tell_all)),
            (S.RECEIVED, I.SHOW_ONCE): Rule(S.ENDING, (_T._answer_200, _T._report_end, _T._tell_end)),
            (S.RECEIVED, I.REFUSE): Rule(S.TERMINATED, (_T._refuse, _T._forget, _T._report_end)),
            (S.RECEIVED, I.DECISION_DUE): Rule(S.RECEIVED, (_T._decide,)),
            (S.PENDING, I.ACCEPT): Rule(S.ACTIVE, (_T._tell_all,)),
            (S.ACTIVE, I.CHANGE): Rule(S.ACTIVE, (_T._tell_change,)),
            (S.ACTIVE, I.NOTIFY_DUE): Rule(S.ACTIVE, (_T._tell_when_due,)),
            (S.ACTIVE, I.NOTIFY_DONE): Rule(S.ACTIVE, (_T._tell_when_due,)),
            (S.ACTIVE, I.NOTIFY_FAILED): Rule(S.ACTIVE, (_T._try_later,)),
            (S.ENDING, I.LAST_NOTIFY_DONE): Rule(S.TERMINATED, (_T._forget,)),
            (S.PENDING, I.REFRESH): Rule(S.PENDING, (_T._answer_200, _T._tell_all)),
            (S.PENDING, I.UNSUBSCRIBE): Rule(S.ENDING, (_T._answer_200, _T._report_end, _T._tell_end)),
            (S.PENDING, I.EXPIRED): Rule(S.ENDING, (_T._end_expired, _T._report_end, _T._tell_end)),
            (S.PENDING, I.TERMINATE): Rule(S.ENDING, (_T._report_end, _T._tell_end)),
            (S.PENDING, I.NOTIFY_FATAL): Rule(S.TERMINATED, (_T._forget, _T._report_end)),
            (S.ACTIVE, I.REFRESH): Rule(S.ACTIVE, (_T._answer_200, _T._tell_all)),
            (S.ACTIVE, I.UNSUBSCRIBE): Rule(S.ENDING, (_T._answer_200, _T._report_end, _T._tell_end)),
            (S.ACTIVE, I.EXPIRED): Rule(S.ENDING, (_T._end_expired, _T._report_end, _T._tell_end)),
            (S.ACTIVE, I.TERMINATE): Rule(S.ENDING, (_T._report_end, _T._tell_end)),
            (S.ACTIVE, I.NOTIFY_FATAL): Rule(S.TERMINATED, (_T._forget, _T._report_end)),
        },
        ignored=frozenset(
            {
                (S.RECEIVED, I.CHANGE),  # `accept` brings the state
                (S.PENDING, I.CHANGE),
                (S.PENDING, I.NOTIFY_DONE),
                (S.PENDING, I.NOTIFY_FAILED),
                (S.ENDING, I.CHANGE),
                (S.ENDING, I.TERMINATE),
            }
            | {(S.ENDING, what) for what in _ANSWERS}
        ),
        user_owned=frozenset({S.IDLE, S.ENDING}),  # the last NOTIFY has a transaction with timers
        final=S.TERMINATED,
    )


NOTIFIER_TABLE = NotifierTable.table
