"""All subscriptions to us: their limits, their resources, their timers (RFC 6665 §4.2, §6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..errors import LocalProtocolError, RemoteProtocolError
from ..machine import Outbox
from ..message import build_response
from ..transaction import Schedule
from .admission import AdmissionRefused, admit, allow_events
from .notifier import Notifier
from .package import DIALOG, MESSAGE_SUMMARY, PRESENCE
from .referral import admit_referral

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..dialog import DialogId
    from ..ids import Ids
    from ..machine import Transmit
    from ..message import Request
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .config import SubscribeConfig
    from .event_state import EventState
    from .events import SubscribeEvent
    from .package import EventPackage
    from .usage import DialogUsage

__all__ = ["Notifiers"]


class Notifiers:
    """Makes a `Notifier` for each SUBSCRIBE, and tells changes to all who watch a resource.

    After a NOTIFY of one was answered, or a refresh came, its owner has to call `settle`.

    Args:
        config: What all usages of the agent share.
        packages: The event packages that are served.
        max_subscriptions: Subscriptions at once; more get 503.
        now: Current time in seconds.
        ids: Makes names and tags.
        outbound: How requests get out.
        registry: Where dialogs are entered.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ("_by_name", "_by_resource", "_closing", "_packages", "_schedule", "config", "ids",
                 "max_subscriptions", "now", "out", "outbound", "refused", "registry")  # fmt: skip

    def __init__(
        self,
        config: SubscribeConfig,
        packages: Iterable[EventPackage] = (PRESENCE, DIALOG, MESSAGE_SUMMARY),
        *,
        max_subscriptions: int = 100_000,
        now: float,
        ids: Ids,
        outbound: Outbound,
        registry: dict[DialogId, DialogUsage],
        outbox: Outbox[SubscribeEvent] | None = None,
    ) -> None:
        self.config = config
        self.ids = ids
        self.max_subscriptions = max_subscriptions
        self.now = now
        self.out: Outbox[SubscribeEvent] = Outbox() if outbox is None else outbox
        self.outbound = outbound
        self.refused = 0
        self.registry = registry
        self._by_name: dict[str, Notifier] = {}
        self._by_resource: dict[tuple[str, str], dict[str, Notifier]] = {}
        self._closing = False
        self._packages = {package.name: package for package in packages}
        self._schedule = Schedule()

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def allow_events(self) -> tuple[tuple[str, str], ...]:
        """The Allow-Events field, for OPTIONS and for what opens a dialog (RFC 6665 §4.4.4)."""
        return allow_events(self._packages)

    # The shape of a machine

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self.outbound.layer.next_transmit()

    def next_event(self) -> SubscribeEvent | None:
        """Pop one event."""
        return self.out.next_event()

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all subscriptions."""
        return self._schedule.deadline

    def handle_timeout(self, now: float) -> None:
        """Fire every timer that is due."""
        self._clock(now)
        while (due := self._schedule.pop_due(self.now)) is not None:
            due.handle_timeout(self.now)
            self.settle(cast("Notifier", due))

    def close(self, now: float) -> None:
        """End every subscription and take no new one; may be called again without effect."""
        self._clock(now)
        self._closing = True
        for notifier in list(self._by_name.values()):
            notifier.close(self.now)
            self.settle(notifier)

    @property
    def closed(self) -> bool:
        """Whether `close` was called and nothing is owed to any subscriber."""
        return self._closing and not self._by_name

    def _clock(self, now: float) -> None:
        self.now = max(now, self.now)

    # Subscriptions

    def find(self, subscription: str) -> Notifier:
        """Return a subscription by name.

        Raises:
            LocalProtocolError: There is none.
        """
        if (found := self._by_name.get(subscription)) is None:
            raise LocalProtocolError(f"there is no subscription {subscription!r}")
        return found

    def receive_request(
        self, key: TransactionKey, request: Request, now: float, *, username: str = ""
    ) -> Notifier | None:
        """Take a SUBSCRIBE or REFER outside of any dialog; return the subscription, or answer it.

        Args:
            key: Its transaction.
            request: The request.
            now: Current time in seconds.
            username: Whose password the subscriber knows, for events.
        """
        self._clock(now)
        try:
            return self._open(key, request, username)
        except RemoteProtocolError as error:
            said = error.fields if isinstance(error, AdmissionRefused) else ()
            refusal = build_response(request, error.status_hint, to_tag=self.ids.tag(), extra=said)
            self.outbound.layer.respond(key, refusal, self.now)
            return None

    def get(self, subscription: str) -> Notifier | None:
        """Return a subscription by name, or ``None``."""
        return self._by_name.get(subscription)

    def _open(self, key: TransactionKey, request: Request, username: str) -> Notifier:
        begin = self._beginning(request)
        if self._closing or len(self._by_name) >= self.max_subscriptions:
            self.refused += 1
            raise AdmissionRefused("no room", 503, (("Retry-After", str(round(self.config.probation))),))
        notifier = Notifier(
            self.ids.tag(), self.config, now=self.now, ids=self.ids, outbound=self.outbound,
            registry=self.registry, outbox=self.out,
        )  # fmt: skip
        begin(notifier, key, username)
        self._by_name[notifier.name] = notifier
        self._by_resource.setdefault(notifier.slot, {})[notifier.name] = notifier
        self.settle(notifier)
        return notifier

    def _beginning(self, request: Request) -> Callable[[Notifier, TransactionKey, str], None]:
        if request.method == "REFER":
            referral = admit_referral(request)
            return lambda notifier, key, name: notifier.receive_refer(key, request, referral, self.now, name)
        admission = admit(request, self._packages)
        return lambda notifier, key, name: notifier.receive_subscribe(key, request, admission, self.now, name)

    def notify(self, resource: str, package: str, state: EventState, now: float) -> int:
        """Tell a new state to all who may see a resource; return how many subscriptions it has."""
        self._clock(now)
        watching = list(self._by_resource.get((resource, package), {}).values())
        for notifier in watching:
            notifier.notify(state, self.now)
            self.settle(notifier)
        return len(watching)

    def settle(self, notifier: Notifier) -> None:
        """After anything happened to a subscription: note its timer, or forget it."""
        self._schedule.update(notifier)
        if notifier.closed and self._by_name.pop(notifier.name, None) is not None:
            own = self._by_resource[notifier.slot]
            del own[notifier.name]
            if not own:
                del self._by_resource[notifier.slot]
