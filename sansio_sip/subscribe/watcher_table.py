"""The table of the subscriber's side (RFC 6665 §4.1.2)."""

from __future__ import annotations

from ..table import Rule, Table
from .watcher_actions import WatcherActions
from .watcher_states import WatcherInput as I
from .watcher_states import WatcherState as S

__all__ = ["WATCHER_TABLE", "WatcherTable"]

_T = WatcherActions


class WatcherTable(WatcherActions):
    """When a watcher does what."""

    __slots__ = ()

    table = Table(
        "subscription, subscriber's side",
        {
            (S.IDLE, I.SUBSCRIBE): Rule(S.NOTIFY_WAIT, (_T._subscribe,)),
            (S.IDLE, I.CLOSE): Rule(S.TERMINATED),
            (S.NOTIFY_WAIT, I.NOTIFIER_FOUND): Rule(S.FORKING),
            (S.NOTIFY_WAIT, I.TIMER_N): Rule(S.NOTIFY_WAIT, (_T._take_no_more,)),
            (S.NOTIFY_WAIT, I.LOST_FOR_NOW): Rule(S.RETRY_WAIT, (_T._suspend,)),
            (S.NOTIFY_WAIT, I.LOST_FOR_GOOD): Rule(S.TERMINATED, (_T._forget, _T._report_end)),
            (S.NOTIFY_WAIT, I.CLOSE): Rule(S.CLOSING, (_T._report_closed, _T._unsubscribe, _T._withdraw)),
            (S.FORKING, I.NOTIFIER_FOUND): Rule(S.FORKING),
            (S.FORKING, I.TIMER_N): Rule(S.SUBSCRIBED, (_T._take_no_more,)),
            (S.FORKING, I.LOST_FOR_NOW): Rule(S.RETRY_WAIT, (_T._suspend,)),
            (S.FORKING, I.LOST_FOR_GOOD): Rule(S.TERMINATED, (_T._forget, _T._report_end)),
            (S.FORKING, I.CLOSE): Rule(S.CLOSING, (_T._report_closed, _T._unsubscribe)),
            (S.SUBSCRIBED, I.LOST_FOR_NOW): Rule(S.RETRY_WAIT, (_T._suspend,)),
            (S.SUBSCRIBED, I.LOST_FOR_GOOD): Rule(S.TERMINATED, (_T._forget, _T._report_end)),
            (S.SUBSCRIBED, I.CLOSE): Rule(S.CLOSING, (_T._report_closed, _T._unsubscribe)),
            (S.RETRY_WAIT, I.RETRY_DUE): Rule(S.NOTIFY_WAIT, (_T._renew,)),
            (S.RETRY_WAIT, I.CLOSE): Rule(S.TERMINATED, (_T._forget, _T._report_closed)),
            # A NOTIFY that was on its way when we closed: its notifier has to be told, too.
            (S.CLOSING, I.NOTIFIER_FOUND): Rule(S.CLOSING),
            (S.CLOSING, I.TIMER_N): Rule(S.CLOSING, (_T._take_no_more,)),
            (S.CLOSING, I.LOST_FOR_NOW): Rule(S.TERMINATED, (_T._forget,)),
            (S.CLOSING, I.LOST_FOR_GOOD): Rule(S.TERMINATED, (_T._forget,)),
        },
        ignored=frozenset({(S.CLOSING, I.CLOSE)}),
        # The subscriptions with the notifiers have the timers while it is SUBSCRIBED.
        user_owned=frozenset({S.IDLE, S.SUBSCRIBED}),
        final=S.TERMINATED,
    )


WATCHER_TABLE = WatcherTable.table
