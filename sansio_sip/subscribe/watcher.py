"""The subscriber: one SUBSCRIBE, one or more notifiers, and new tries when all are lost (RFC 6665 §4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..headers import SubscriptionState
from .event_match import event_of, same_event
from .events import NotifyReceived
from .notify_dialog import dialog_from_notify
from .usage_request import UsageRequest
from .watcher_states import WatcherInput, WatcherState
from .watcher_table import WatcherTable

if TYPE_CHECKING:
    from ..dialog import DialogId
    from ..ids import Ids
    from ..machine import Outbox
    from ..message import Request
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .config import SubscribeConfig
    from .events import SubscribeEvent
    from .order import SubscribeOrder
    from .subscription import Subscription
    from .usage import DialogUsage

__all__ = ["Watcher"]

_TAKES_NOTIFIERS = frozenset({WatcherState.NOTIFY_WAIT, WatcherState.FORKING, WatcherState.CLOSING})
_TAKES_NOTIFY = _TAKES_NOTIFIERS | {WatcherState.SUBSCRIBED}


class Watcher(WatcherTable):
    """Subscribes to a resource and keeps the subscription alive until it is closed.

    Args:
        name: Name of the subscription in its events.
        config: What all usages of the agent share.
        now: Current time in seconds.
        ids: Makes tags and Call-IDs.
        outbound: How requests get out.
        registry: Where dialogs are entered, so that a NOTIFY finds its watcher; while a first NOTIFY
            may come, also the Call-ID and our tag with an empty remote tag.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ()

    def __init__(
        self,
        name: str,
        config: SubscribeConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        registry: dict[DialogId, DialogUsage],
        outbox: Outbox[SubscribeEvent] | None = None,
    ) -> None:
        super().__init__(name, config, WatcherState.IDLE, now=now, ids=ids, outbound=outbound, outbox=outbox)
        self.registry = registry
        self._subscriptions = {}
        self._failures = 0
        self._delay = None
        self._last_response = None

    def __repr__(self) -> str:
        return f"<Watcher {self.name} {self.state.name} notifiers={len(self._subscriptions)}>"

    @property
    def notifiers(self) -> tuple[str, ...]:
        """The tags of the notifiers that are known."""
        return tuple(self._subscriptions)

    # Time

    @property
    def deadline(self) -> float | None:
        """The earliest timer of this watcher and of its subscriptions, which `max_forks` bounds."""
        times = [subscription.deadline for subscription in self._subscriptions.values()]
        times.append(super().deadline)
        return min((time for time in times if time is not None), default=None)

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        self._clock(now)
        for subscription in list(self._subscriptions.values()):
            subscription.handle_timeout(self._now)
        # Last, because the end of the last subscription may make a new SUBSCRIBE due at once.
        super().handle_timeout(self._now)

    # Verbs

    def subscribe(self, order: SubscribeOrder, now: float) -> None:
        """Send the SUBSCRIBE.

        Raises:
            LocalProtocolError: It subscribed already, or a value of the order cannot stand in a message.
        """
        self._clock(now)
        if not self._allows(WatcherInput.SUBSCRIBE):
            raise LocalProtocolError(f"a subscription in {self.state.name} cannot be made again")
        self._request = UsageRequest(self, self, order.build(self.config, self.ids))
        self._order = order
        self._fire(WatcherInput.SUBSCRIBE)

    def refresh(self, now: float) -> None:
        """Ask every notifier for the full state now, as after a gap in partial states (§5.3.2)."""
        self._clock(now)
        for subscription in list(self._subscriptions.values()):
            subscription.refresh(self._now)

    def close(self, now: float) -> None:
        """Unsubscribe from every notifier; may be called again without effect (§4.1.2.3)."""
        self._clock(now)
        self._fire(WatcherInput.CLOSE)

    # NOTIFY

    def receive_request(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request that was sent to the dialog of this watcher, and answer it (§4.1.3)."""
        self._clock(now)
        if request.method != "NOTIFY":
            self.respond(key, request, 405, (("Allow", "NOTIFY"),))
            return
        try:
            state = SubscriptionState.of(request)
            subscription = self._find(request)
        except RemoteProtocolError as error:
            self.respond(key, request, error.status_hint)
            return
        self.respond(key, request, 200, self.config.answer_fields)
        if self.state is not WatcherState.CLOSING:
            self._report(request, state)
        subscription.receive_notify(request, state, self._now)

    def _find(self, notify: Request) -> Subscription:
        """Return the subscription of a NOTIFY, a new one for a notifier that was not known.

        Raises:
            RemoteProtocolError: It belongs to none (481), is of another package (489), is out of order
                (500), or could not be answered to (400).
        """
        if self.state not in _TAKES_NOTIFY:
            raise RemoteProtocolError("there is no subscription", status_hint=481)
        event, wanted = event_of(notify), self._order.event
        if not same_event(event, wanted):
            status = 481 if event.package == wanted.package else 489
            raise RemoteProtocolError(f"a NOTIFY for {event}", status_hint=status)
        known = self._subscriptions.get(notify.from_tag)
        if known is None:
            known = self._new_notifier(notify)
        else:
            known.receive_in_dialog(notify)
        if self.state in _TAKES_NOTIFIERS:
            self._fire(WatcherInput.NOTIFIER_FOUND)
        return known

    def _new_notifier(self, notify: Request) -> Subscription:
        if self.state not in _TAKES_NOTIFIERS or len(self._subscriptions) >= self.config.max_forks:
            raise RemoteProtocolError("no SUBSCRIBE waits for this NOTIFY", status_hint=481)
        return self._add(dialog_from_notify(self._request.request, notify), self._order.expires)

    def _report(self, notify: Request, state: SubscriptionState) -> None:
        content_type = notify.content_type or ""
        self.out.events.append(
            NotifyReceived(self.name, notify.from_tag, state, content_type, notify.body, notify)
        )
