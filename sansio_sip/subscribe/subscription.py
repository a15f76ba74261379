"""The subscription with one notifier: one dialog, one timer for its life, one for its refresh (RFC 6665)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog.route import checked_routes
from ..table import Rule, Table
from .sendable import require_sendable
from .subscription_actions import SubscriptionActions
from .watcher_states import SubscriptionInput as I
from .watcher_states import SubscriptionStep as S

if TYPE_CHECKING:
    from ..headers import SubscriptionState
    from ..message import Request

__all__ = ["SUBSCRIPTION_TABLE", "Subscription"]

_T = SubscriptionActions
_LIVE = (S.PENDING, S.ACTIVE)


class Subscription(SubscriptionActions):
    """Keeps one subscription alive; its watcher answers the NOTIFY requests and tells the user."""

    __slots__ = ()

    table = Table(
        "subscription, subscriber's side, one notifier",
        {
            (S.NOTIFY_WAIT, I.NOTIFY_PENDING): Rule(S.PENDING, (_T._take_notify,)),
            (S.NOTIFY_WAIT, I.NOTIFY_ACTIVE): Rule(S.ACTIVE, (_T._take_notify,)),
            (S.NOTIFY_WAIT, I.NOTIFY_TERMINATED): Rule(S.TERMINATED, (_T._end_terminated,)),
            (S.NOTIFY_WAIT, I.UNSUBSCRIBE): Rule(S.ENDING, (_T._unsubscribe,)),
            (S.NOTIFY_WAIT, I.TIMER_N): Rule(S.TERMINATED, (_T._end_missing,)),
            (S.PENDING, I.NOTIFY_PENDING): Rule(S.PENDING, (_T._take_notify,)),
            (S.PENDING, I.NOTIFY_ACTIVE): Rule(S.ACTIVE, (_T._take_notify,)),
            (S.ACTIVE, I.NOTIFY_PENDING): Rule(S.PENDING, (_T._take_notify,)),
            (S.ACTIVE, I.NOTIFY_ACTIVE): Rule(S.ACTIVE, (_T._take_notify,)),
            (S.ENDING, I.NOTIFY_TERMINATED): Rule(S.TERMINATED, (_T._end_terminated,)),
            (S.ENDING, I.REFRESH_FAILED): Rule(S.TERMINATED, (_T._end_failed,)),
            (S.ENDING, I.REFRESH_FATAL): Rule(S.TERMINATED, (_T._end_failed,)),
            (S.ENDING, I.TIMER_N): Rule(S.TERMINATED, (_T._end_missing,)),
        }
        | {(state, I.NOTIFY_TERMINATED): Rule(S.TERMINATED, (_T._end_terminated,)) for state in _LIVE}
        | {(state, I.REFRESH_DUE): Rule(state, (_T._refresh,)) for state in _LIVE}
        | {(state, I.REFRESHED): Rule(state, (_T._arm_lifetime,)) for state in _LIVE}
        | {(state, I.REFRESH_FAILED): Rule(state, (_T._try_later,)) for state in _LIVE}
        | {(state, I.REFRESH_FATAL): Rule(S.TERMINATED, (_T._end_failed,)) for state in _LIVE}
        | {(state, I.UNSUBSCRIBE): Rule(S.ENDING, (_T._unsubscribe,)) for state in _LIVE}
        | {(state, I.TIMER_N): Rule(S.TERMINATED, (_T._end_missing,)) for state in _LIVE}
        | {(state, I.EXPIRED): Rule(S.TERMINATED, (_T._end_expired,)) for state in _LIVE},
        ignored=frozenset(
            {
                (S.NOTIFY_WAIT, I.REFRESHED),
                (S.NOTIFY_WAIT, I.REFRESH_DUE),
                (S.ENDING, I.NOTIFY_PENDING),  # sent before our SUBSCRIBE with Expires 0 was seen
                (S.ENDING, I.NOTIFY_ACTIVE),
                (S.ENDING, I.REFRESH_DUE),
                (S.ENDING, I.REFRESHED),  # the final NOTIFY is still to come (§4.4.1)
                (S.ENDING, I.UNSUBSCRIBE),
            }
        ),
        user_owned=frozenset({S.NOTIFY_WAIT}),  # the watcher's Timer N ends it
        final=S.TERMINATED,
    )

    def receive_in_dialog(self, notify: Request) -> None:
        """Check a NOTIFY against the dialog and take from it where the notifier is to be found.

        The first one also gives the route set, in place of that of the 2xx (§4.4.1).

        Raises:
            RemoteProtocolError: It is out of order (status 500), or its addresses cannot be read.
        """
        dialog = self.dialog
        routes = checked_routes(notify.record_routes) if self.state is S.NOTIFY_WAIT else dialog.route_set
        require_sendable(*routes, *(str(contact.uri) for contact in notify.contacts))
        dialog.receive_request(notify)
        dialog.refresh_target(notify)
        dialog.route_set = routes

    def receive_notify(self, notify: Request, state: SubscriptionState, now: float) -> None:
        """Take an answered NOTIFY in the dialog."""
        self._clock(now)
        self._said = state
        if state.terminated:
            self._fire(I.NOTIFY_TERMINATED, notify)
        else:
            self._fire(I.NOTIFY_ACTIVE if state.state == "active" else I.NOTIFY_PENDING, notify)

    def granted(self, expires: int, now: float) -> None:
        """Take the time that the 2xx of the first SUBSCRIBE gives."""
        self._clock(now)
        self._lifetime = expires
        self._fire(I.REFRESHED)

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due; Timer N not before there is an answer.

        Until then the transaction decides: it may have moved on to another server.
        """
        now = self._clock(now)
        if self._request is not None and self._waits_for_notify and self._repeat_at <= now:
            self._arm_repeat(I.TIMER_N, self.owner.config.timers.timeout)
        super().handle_timeout(now)

    def refresh(self, now: float) -> None:
        """Send a SUBSCRIBE now, which brings a NOTIFY with the full state (RFC 6665 §4.4.3)."""
        self._clock(now)
        self._fire(I.REFRESH_DUE)

    def unsubscribe(self, now: float) -> None:
        """Send a SUBSCRIBE with Expires 0 and wait for the final NOTIFY (§4.1.2.3)."""
        self._clock(now)
        self._fire(I.UNSUBSCRIBE)

    def give_up(self, now: float) -> None:
        """Timer N of the first SUBSCRIBE fired: without a NOTIFY there is no subscription."""
        self._clock(now)
        if self.state is S.NOTIFY_WAIT:
            self._fire(I.TIMER_N)


SUBSCRIPTION_TABLE = Subscription.table
