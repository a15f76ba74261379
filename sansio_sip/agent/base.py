"""The inside of an agent: its parts, and how transaction events reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from ..invite import InviteSession
from ..transaction import AckReceived, RequestReceived, StrayResponse
from .backends import AgentBackends
from .calls import Calls
from .core import Core
from .reception import Reception
from .services import Services
from .usages import Usages
from .users import settled_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from ..outbound import TransactionUser
    from ..transaction import TransactionEvent
    from .config import AgentConfig

__all__ = ["AgentBase"]

_NO_BACKENDS = AgentBackends()


class AgentBase:
    """Parts of an `Agent`.

    Args:
        config: See `AgentConfig`.
        now: Current monotonic time in seconds.
        ids: Makes branches, tags and numbers; nothing else is random.
        backends: Objects of the application's own that it asks, beside the configuration.
    """

    __slots__ = ("_calls", "_core", "_events", "_reception", "_services", "_transmits", "_usages")

    def __init__(
        self, config: AgentConfig, *, now: float, ids: Ids, backends: AgentBackends = _NO_BACKENDS
    ) -> None:
        self._core = Core(config, now=now, ids=ids)
        self._calls = Calls(self._core)
        self._usages = Usages(self._core, self._calls.registry)
        self._services = Services(self._core, self._usages.notifiers, backends)
        self._reception = Reception(self._core, self._calls, self._usages, self._services)
        self._transmits = self._core.layer.out.transmits
        self._events = self._core.out.events

    def _settle(self) -> None:
        """Hand what the transactions report to whom it concerns, until nothing is left."""
        layer = self._core.layer
        while layer.out.events and (event := layer.next_event()) is not None:
            try:
                self._dispatch(event)
            except ProtocolError:  # a response whose headers cannot be read when they are needed
                self._core.counters.malformed += 1

    def _dispatch(self, event: TransactionEvent) -> None:
        if isinstance(event, RequestReceived):
            self._reception.receive(event)
        elif isinstance(event, AckReceived):
            self._reception.receive_ack(event)
        elif not isinstance(event, StrayResponse):
            self._settle_user(self._core.outbound.dispatch(event, event.key, self._core.now))

    def _settle_users(self, users: Iterable[TransactionUser]) -> None:
        """After the DNS has spoken: look after those who heard of it, and after all others."""
        for user in users:
            self._settle_user(user)
        self._settle()

    def _settle_user(self, user: TransactionUser | None) -> None:
        """After somebody heard of one of its transactions: note its timer, or forget it."""
        usage = settled_user(user)
        if isinstance(usage, InviteSession):
            self._calls.settle(usage)
        else:
            self._usages.settle(usage)
