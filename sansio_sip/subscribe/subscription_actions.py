"""What the rows of a subscription's table do (RFC 6665 §4.1.2.2, §4.1.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..headers import SubscriptionState
from ..table import NEVER, TableMachine
from .ends import (
    NotifyMissing,
    RequestRefused,
    RequestTimedOut,
    SubscriptionExpired,
    TerminatedByNotifier,
)
from .usage_request import RequestOwner, UsageRequest, seconds_of
from .watcher_states import SubscriptionInput, SubscriptionStep

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Message, Response
    from .config import SubscribeConfig
    from .ends import SubscriptionEnd
    from .order import SubscribeOrder
    from .usage_request import RequestFailure

__all__ = ["SubscriptionActions", "SubscriptionOwner"]

# A failure of a refresh with one of these ends the subscription (§4.1.2.2); any other does not.
_FATAL = frozenset({404, 405, 410, 416, *range(480, 486), 489, 501, 604})


class SubscriptionOwner(RequestOwner, Protocol):
    """The watcher that a subscription belongs to."""

    config: SubscribeConfig

    def clock(self, now: float) -> float:
        """Take the time in and return the last one seen."""
        ...

    def subscription_over(self, subscription: SubscriptionActions, end: SubscriptionEnd) -> None:
        """Take note that one notifier is gone."""


class SubscriptionActions(TableMachine[SubscriptionStep, SubscriptionInput]):
    """The subscription with one notifier; `Subscription` has the table.

    Args:
        owner: The watcher.
        order: What was subscribed to.
        dialog: The dialog with the notifier.
        lifetime: Seconds that it lasts as far as is known.
        now: Current time in seconds.
    """

    __slots__ = ("_failure", "_lifetime", "_request", "_said", "dialog", "order", "owner")

    def __init__(
        self, owner: SubscriptionOwner, order: SubscribeOrder, dialog: Dialog, lifetime: int, *, now: float
    ) -> None:
        super().__init__(SubscriptionStep.NOTIFY_WAIT, now)
        self.owner = owner
        self.order = order
        self.dialog = dialog
        self._lifetime = lifetime
        self._request: UsageRequest | None = None  # the SUBSCRIBE on its way
        self._said = SubscriptionState("pending")  # what the last NOTIFY said
        self._failure: RequestFailure = RequestTimedOut()  # of the last SUBSCRIBE that failed

    # Time

    def _clock(self, now: float) -> float:
        """Take the time in; what the watcher has seen counts for all of its subscriptions."""
        return super()._clock(self.owner.clock(now))

    def _arm_lifetime(self, _message: Message | None = None) -> None:
        """Count from now; a look that a notifier takes for a subscription ends at once."""
        lifetime = 0 if self.order.fetch else self._lifetime
        self._arm_expiry(SubscriptionInput.EXPIRED, lifetime)
        if not self._waits_for_notify:
            self._arm_refresh()

    def _arm_refresh(self) -> None:
        after = self.owner.config.refresh_after(self._expire_at - self._now)
        if after is None:
            self._stop_repeat()
        else:
            self._arm_repeat(SubscriptionInput.REFRESH_DUE, after)

    @property
    def _waits_for_notify(self) -> bool:
        return self._repeat_at != NEVER and self._repeat_input is SubscriptionInput.TIMER_N

    def _take_notify(self, _message: Message | None = None) -> None:
        """A NOTIFY came: Timer N has done its duty, and the notifier's own time counts (§4.1.3)."""
        self._stop_repeat()
        if self._said.expires is not None:
            self._lifetime = self._said.expires
            self._arm_lifetime()
        elif self._expire_at == NEVER:
            self._arm_lifetime()  # an old notifier that leaves it out (§4.2.2)
        else:
            self._arm_refresh()

    # SUBSCRIBE in the dialog

    def _send(self, expires: int) -> None:
        request = self.order.refresh(self.dialog, self.owner.config, expires)
        self._request = UsageRequest(self.owner, self, request, self.dialog)
        self._arm_repeat(SubscriptionInput.TIMER_N, self.owner.config.timers.timeout)
        self._request.send(self._now)

    def _refresh(self, _message: Message | None = None) -> None:
        if self._request is None:  # the answer to one on its way arms the timer again
            self._send(self.order.expires)

    def _unsubscribe(self, _message: Message | None = None) -> None:
        self._stop_timers()
        if self._request is not None:
            self._request.give_up()
        self._send(0)

    def request_succeeded(self, request: UsageRequest, response: Response, now: float) -> None:
        """Take a 2xx: the notifier's time counts, and a NOTIFY has to follow (§4.1.2.2)."""
        self._clock(now)
        if request is not self._request:
            return
        self._request = None
        self.order = self.order.raised(request.request)
        granted = seconds_of(response, "expires")
        if granted is not None:
            self._lifetime = granted
        if response.status_code == 204 and self._waits_for_notify:
            self._stop_repeat()  # no NOTIFY will come (RFC 5839)
        self._fire(SubscriptionInput.REFRESHED, response)

    def request_failed(
        self, request: UsageRequest, failure: RequestFailure, response: Response | None, now: float
    ) -> None:
        """Take any other end of a SUBSCRIBE in the dialog."""
        self._clock(now)
        if request is not self._request:
            return
        self._request = None
        self._failure = failure
        # No answer for 64·T1 means that no NOTIFY came before Timer N either (§4.1.2.2).
        fatal = isinstance(failure, RequestTimedOut) or (
            response is not None and response.status_code in _FATAL
        )
        self._fire(SubscriptionInput.REFRESH_FATAL if fatal else SubscriptionInput.REFRESH_FAILED, response)

    def _try_later(self, _message: Message | None = None) -> None:
        """The old subscription holds until it expires; try again before, if there is time."""
        left = self._expire_at - self._now
        asked = self._failure.retry_after if isinstance(self._failure, RequestRefused) else None
        after = max(left / 2, float(asked or 0), self.owner.config.min_refresh)
        if after < left:
            self._arm_repeat(SubscriptionInput.REFRESH_DUE, after)
        else:
            self._stop_repeat()

    # Ends

    def _end(self, end: SubscriptionEnd) -> None:
        self.owner.subscription_over(self, end)

    def _end_terminated(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._end(TerminatedByNotifier(self._said.reason, self._said.retry_after))

    def _end_missing(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._end(NotifyMissing())

    def _end_failed(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._end(self._failure)

    def _end_expired(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._end(SubscriptionExpired())
