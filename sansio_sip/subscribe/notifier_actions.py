"""What the rows of a notifier's table do (RFC 6665 §4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..headers import SubscriptionState
from .ends import (
    NotifyFailed,
    RemotelyUnsubscribed,
    RequestRefused,
    RequestTimedOut,
    SubscriptionClosed,
    SubscriptionExpired,
)
from .events import SubscriberGone
from .notifier_answers import NotifierAnswers
from .notifier_states import NotifierInput, NotifierState
from .usage_request import UsageRequest

if TYPE_CHECKING:
    from ..message import Message, Response
    from .usage_request import RequestFailure

__all__ = ["NotifierActions"]

# A NOTIFY that fails with one of these removes the subscription (§4.2.2); any other does not.
_FATAL = frozenset({404, 405, 410, 416, *range(480, 486), 489, 501, 604})


class NotifierActions(NotifierAnswers):
    """The notifier's actions; `NotifierTable` says when which is done, `Notifier` what starts them."""

    __slots__ = ()

    # The decision

    def _decide(self, _message: Message | None = None) -> None:
        """Nobody decided in time: the subscription is pending; a fetch sees the neutral state."""
        if self._silent:
            self._accept_silently()
        elif self._admission.expires:
            self._fire(NotifierInput.PEND)
        else:
            self._show_once()

    def _accept_silently(self) -> None:
        self._end = SubscriptionClosed()
        self._fire(NotifierInput.ACCEPT_SILENTLY)

    def _show_once(self) -> None:
        self._end, self._reason = RemotelyUnsubscribed(), "timeout"
        self._fire(NotifierInput.SHOW_ONCE)

    # NOTIFY

    def _tell_all(self, _message: Message | None = None) -> None:
        """Send a NOTIFY with the full state at once, as after each SUBSCRIBE (§4.2.1.2)."""
        self._tell(full=True)

    def _tell_change(self, _message: Message | None = None) -> None:
        self._untold += 1
        self._tell_when_due()

    def _tell_when_due(self, _message: Message | None = None) -> None:
        """Tell what has changed, but not too often (§5.4.10), and one NOTIFY after the other.

        A NOTIFY that overtakes another would make the subscriber refuse the older one with 500.
        """
        due = self._sent_at + self._admission.package.min_interval
        if not self._untold or self._request is not None:
            return
        if self._now < due:
            self._arm_repeat(NotifierInput.NOTIFY_DUE, due - self._now)
        else:
            self._tell(full=self._untold > 1)  # a change on top of another is only told by the whole

    def _tell(self, *, full: bool) -> None:
        value = "active" if self.state is NotifierState.ACTIVE else "pending"
        left = max(int(self._expire_at - self._now), 0)
        self._request = self._build_notify(SubscriptionState(value, expires=left), full=full)
        self._request.send(self._now)

    def _tell_end(self, _message: Message | None = None) -> None:
        self._stop_timers()
        state = SubscriptionState("terminated", None, self._reason, retry_after=self._retry_after)
        self._last = self._build_notify(state, full=True)
        self._last.send(self._now)

    def _build_notify(self, state: SubscriptionState, *, full: bool) -> UsageRequest:
        fields = (("Event", str(self._admission.event)), ("Subscription-State", str(state)))
        body = self._state.document(self._version, full=full)
        content_type = self._state.content_type if body else ""
        notify = self.dialog.request(
            "NOTIFY", (*fields, *self.config.request_fields), content_type=content_type, body=body
        )
        self._version += 1
        self._untold = 0
        self._sent_at = self._now
        self._stop_repeat()
        return UsageRequest(self, self, notify, self.dialog)

    def _try_later(self, _message: Message | None = None) -> None:
        """The subscriber could not take a NOTIFY just now: tell all again, but later."""
        self._untold += 2
        self._arm_repeat(NotifierInput.NOTIFY_DUE, max(float(self._pause), self.config.timers.timeout))

    def request_succeeded(self, request: UsageRequest, response: Response, now: float) -> None:
        """Take a 2xx to a NOTIFY."""
        self._clock(now)
        if request is self._last:
            self._fire(NotifierInput.LAST_NOTIFY_DONE)
        elif request is self._request:
            self._request = None
            self._fire(NotifierInput.NOTIFY_DONE)

    def request_failed(
        self, request: UsageRequest, failure: RequestFailure, response: Response | None, now: float
    ) -> None:
        """Take any other end of a NOTIFY; no answer at all removes the subscription, too."""
        self._clock(now)
        if request is self._last:
            self._fire(NotifierInput.LAST_NOTIFY_DONE)
            return
        current = request is self._request
        if current:
            self._request = None
        if isinstance(failure, RequestTimedOut):
            self._end = NotifyFailed(408, "no response in time")
            self._fire(NotifierInput.NOTIFY_FATAL)
        elif isinstance(failure, RequestRefused) and failure.status_code in _FATAL:
            self._end = NotifyFailed(failure.status_code, failure.reason)
            self._fire(NotifierInput.NOTIFY_FATAL)
        elif current:
            self._pause = (failure.retry_after or 0) if isinstance(failure, RequestRefused) else 0
            self._fire(NotifierInput.NOTIFY_FAILED)

    # Ends

    def _report_end(self, _message: Message | None = None) -> None:
        self.out.events.append(SubscriberGone(self.name, self._end))

    def _end_expired(self, _message: Message | None = None) -> None:
        self._end, self._reason = SubscriptionExpired(), "timeout"

    def _forget(self, _message: Message | None = None) -> None:
        """Leave the registry; a refresh that still comes gets 481."""
        self._stop_timers()
        self.registry.pop(self.dialog.id, None)
