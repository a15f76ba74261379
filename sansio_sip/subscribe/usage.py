"""What the machines of this folder share: name, output, own transactions, answers."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from ..auth import ChallengeAnswerer
from ..machine import Outbox
from ..message import build_response
from ..table import TableMachine

if TYPE_CHECKING:
    from ..dialog import DialogId
    from ..ids import Ids
    from ..machine import Transmit
    from ..message import Request
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .config import SubscribeConfig
    from .events import SubscribeEvent

__all__ = ["DialogHolder", "DialogUsage", "Usage"]

StateT = TypeVar("StateT")
InputT = TypeVar("InputT")


class DialogUsage(Protocol):
    """Whatever can be entered in a registry of dialogs and takes their requests."""

    def receive_request(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request inside the dialog and answer it."""


class Usage(TableMachine[StateT, InputT]):
    """The base of `Watcher`, `Notifier` and `Publisher`.

    Args:
        name: Name in events.
        config: What all usages of the agent share.
        state: The state it starts in.
        now: Current time in seconds.
        ids: Makes tags and numbers.
        outbound: How requests get out.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ("_open", "challenges", "config", "ids", "name", "out", "outbound")

    def __init__(
        self,
        name: str,
        config: SubscribeConfig,
        state: StateT,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        outbox: Outbox[SubscribeEvent] | None,
    ) -> None:
        super().__init__(state, now)
        self.name = name
        self.config = config
        self.ids = ids
        self.outbound = outbound
        self.out: Outbox[SubscribeEvent] = Outbox() if outbox is None else outbox
        self.challenges = ChallengeAnswerer(config.credentials, ids)
        self._open = 0  # client transactions that have not terminated yet

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self.outbound.layer.next_transmit()

    def next_event(self) -> SubscribeEvent | None:
        """Pop one event."""
        return self.out.next_event()

    @property
    def closed(self) -> bool:
        """Whether it is over and nothing is owed to the peer any more."""
        return self.state == self.table.final and not self._open and self.deadline is None

    def transaction_opened(self) -> None:
        """Count an own transaction; the usage stays until the last one has ended."""
        self._open += 1

    def transaction_ended(self) -> None:
        """Count the end of an own transaction."""
        self._open -= 1

    def receive_request(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request that was sent to a dialog of this usage, and answer it."""
        self._clock(now)
        self.respond(key, request, 481)

    def respond(
        self,
        key: TransactionKey,
        request: Request,
        status_code: int,
        extra: tuple[tuple[str, str], ...] = (),
        *,
        to_tag: str = "",
        reason: str = "",
    ) -> None:
        """Answer a request."""
        response = build_response(request, status_code, reason or None, to_tag=to_tag, extra=extra)
        self.outbound.layer.respond(key, response, self._now)


class DialogHolder(Usage[StateT, InputT]):
    """A usage that runs in a dialog: the base of `Watcher` and `Notifier`.

    Args:
        name: Name of the subscription in its events.
        config: What all usages of the agent share.
        now: Current time in seconds.
        ids: Makes tags and Call-IDs.
        outbound: How requests get out.
        registry: Where dialogs are entered, so that their requests find this usage.
        outbox: Where events go; the agent's, or a new one.

    Attributes:
        first: The state it starts in.
    """

    __slots__ = ("registry",)

    first: ClassVar[Any]

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
        super().__init__(name, config, self.first, now=now, ids=ids, outbound=outbound, outbox=outbox)
        self.registry = registry
        self._prepare()

    @abstractmethod
    def _prepare(self) -> None:
        """Set what the subclass has of its own."""
