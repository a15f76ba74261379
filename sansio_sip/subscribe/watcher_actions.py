"""What the rows of a watcher's table do (RFC 6665 §4.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog
from ..errors import ProtocolError
from ..table import NEVER
from .ends import NotifyMissing, SubscriptionClosed
from .events import NotifierLost, SubscriptionAccepted, SubscriptionEnded, SubscriptionRetrying
from .retry import retry_delay
from .sendable import require_sendable_dialog
from .subscription import Subscription
from .usage import DialogHolder
from .usage_request import UsageRequest, seconds_of
from .watcher_states import WatcherInput, WatcherState

if TYPE_CHECKING:
    from ..message import Message, Response
    from .ends import SubscriptionEnd
    from .order import SubscribeOrder
    from .subscription_actions import SubscriptionActions
    from .usage_request import RequestFailure

__all__ = ["WatcherActions"]


class WatcherActions(DialogHolder[WatcherState, WatcherInput]):
    """The watcher's actions; `WatcherTable` says when which is done, `Watcher` what starts them."""

    # fmt: off
    __slots__ = ("_delay", "_end", "_failures", "_last_response", "_order", "_request", "_since",
                 "_subscriptions")
    # fmt: on

    _delay: float | None
    _end: SubscriptionEnd
    _failures: int
    _last_response: Response | None
    _order: SubscribeOrder
    _request: UsageRequest
    _since: float
    _subscriptions: dict[str, Subscription]

    # The first SUBSCRIBE

    def _subscribe(self, _message: Message | None = None) -> None:
        """Send the SUBSCRIBE that `_request` holds; Timer N runs from now (§4.1.2.4)."""
        self._delay = None
        self._since = self._now
        first = self._request.request
        self.registry[first.call_id, first.from_tag, ""] = self
        self._arm_expiry(WatcherInput.TIMER_N, self.config.timers.timeout)
        self._request.send(self._now)

    def _renew(self, _message: Message | None = None) -> None:
        self._failures += 1
        self._request = UsageRequest(self, self, self._order.build(self.config, self.ids))
        self._subscribe()

    def request_succeeded(self, request: UsageRequest, response: Response, now: float) -> None:
        """Take the 2xx of the first SUBSCRIBE; a 202 is the same as a 200 (§8.3.1)."""
        self._clock(now)
        if request is not self._request or self.state is WatcherState.TERMINATED:
            return
        self._order = self._order.raised(request.request)
        granted = seconds_of(response, "expires")
        expires = self._order.expires if granted is None else min(granted, self._order.expires)
        if self.state is not WatcherState.CLOSING:
            self.out.events.append(SubscriptionAccepted(self.name, expires, response))
        self._take_dialog_of(response, expires)

    def _take_dialog_of(self, response: Response, expires: int) -> None:
        """Keep the dialog of the 2xx, so that we can unsubscribe before the first NOTIFY."""
        known = self._subscriptions.get(response.to_tag)
        if known is not None:
            known.order = self._order
            known.granted(expires, self._now)
            return
        takes_more = self.state in (WatcherState.NOTIFY_WAIT, WatcherState.CLOSING)
        if not takes_more or len(self._subscriptions) >= self.config.max_forks:
            return
        try:
            dialog = require_sendable_dialog(Dialog.from_response(self._request.request, response))
        except ProtocolError:
            return  # the NOTIFY will make the dialog
        self._add(dialog, expires)

    def request_failed(
        self, request: UsageRequest, failure: RequestFailure, response: Response | None, now: float
    ) -> None:
        """Take any other end of the first SUBSCRIBE; where a NOTIFY came before, that one counts."""
        self._clock(now)
        alone = not self._subscriptions and self.state in (WatcherState.NOTIFY_WAIT, WatcherState.CLOSING)
        if request is self._request and alone:
            self._plan(failure)
            self._conclude(failure, response)

    # The subscriptions

    def clock(self, now: float) -> float:
        """Take the time in and return the last one seen."""
        return self._clock(now)

    def _add(self, dialog: Dialog, lifetime: int) -> Subscription:
        subscription = Subscription(self, self._order, dialog, lifetime, now=self._now)
        self._subscriptions[dialog.remote_tag] = subscription
        self.registry[dialog.id] = self
        if self.state is WatcherState.CLOSING:
            subscription.unsubscribe(self._now)
        return subscription

    def subscription_over(self, subscription: SubscriptionActions, end: SubscriptionEnd) -> None:
        """Take note that one notifier is gone; with the last one the watcher tries again or ends."""
        del self._subscriptions[subscription.dialog.remote_tag]
        dialog_id = subscription.dialog.id
        if dialog_id[2]:
            self.registry.pop(dialog_id, None)
        if self.state is not WatcherState.CLOSING:
            self.out.events.append(NotifierLost(self.name, subscription.dialog.remote_tag, end))
        self._plan(end)
        # Another notifier may still answer a look, until Timer N fires (§4.4.3).
        if not self._subscriptions and not (self._order.fetch and self._takes_forks):
            self._conclude(end, None)

    @property
    def _takes_forks(self) -> bool:
        waits = self.state in (WatcherState.NOTIFY_WAIT, WatcherState.FORKING)
        return waits and self.config.max_forks > 1 and self._expire_at != NEVER

    def _plan(self, end: SubscriptionEnd) -> None:
        """Note when to subscribe again: the soonest that any of the notifiers allows."""
        if self._now - self._since >= self.config.stable_after:
            self._failures = 0
        delay = retry_delay(end, self._failures, self.config, self.ids)
        if delay is not None and (self._delay is None or delay < self._delay):
            self._delay = delay

    def _conclude(self, end: SubscriptionEnd, response: Response | None) -> None:
        seen = self.state in (WatcherState.FORKING, WatcherState.SUBSCRIBED)
        self._end = SubscriptionClosed() if self._order.fetch and seen else end
        self._last_response = response
        again = self._delay is not None and self._order.resubscribe and not self._order.fetch
        self._fire(WatcherInput.LOST_FOR_NOW if again else WatcherInput.LOST_FOR_GOOD)

    def _take_no_more(self, _message: Message | None = None) -> None:
        """Timer N fired: who has not sent a NOTIFY has no subscription."""
        if not self._subscriptions and self._request.pending:
            # Its transaction decides: it may have moved on to another server, or still wait for the DNS.
            self._arm_expiry(WatcherInput.TIMER_N, self.config.timers.timeout)
        elif not self._subscriptions:
            self._plan(NotifyMissing())
            self._conclude(NotifyMissing(), None)
        for subscription in list(self._subscriptions.values()):
            subscription.give_up(self._now)

    def _unsubscribe(self, _message: Message | None = None) -> None:
        for subscription in list(self._subscriptions.values()):
            subscription.unsubscribe(self._now)

    def _withdraw(self, _message: Message | None = None) -> None:
        if self._request.give_up():  # still waits for the DNS: nobody knows of it
            self._stop_timers()
            self.state = WatcherState.TERMINATED
            self._forget()

    # Ends

    def _suspend(self, _message: Message | None = None) -> None:
        self._forget()
        delay = self._delay or 0.0
        self._arm_expiry(WatcherInput.RETRY_DUE, delay)
        self.out.events.append(SubscriptionRetrying(self.name, self._end, delay))

    def _report_end(self, _message: Message | None = None) -> None:
        self.out.events.append(SubscriptionEnded(self.name, self._end, self._last_response))

    def _report_closed(self, _message: Message | None = None) -> None:
        self.out.events.append(SubscriptionEnded(self.name, SubscriptionClosed()))

    def _forget(self, _message: Message | None = None) -> None:
        """Leave the registry: what still comes is a stranger's and gets 481."""
        self._stop_timers()
        first = self._request.request
        self.registry.pop((first.call_id, first.from_tag, ""), None)
