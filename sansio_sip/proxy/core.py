"""The proxy core: what becomes of each request (RFC 3261 §16.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..transaction import TransactionTerminated
from .backends import ProxyBackends
from .reception import Reception
from .services import add_services
from .shared import Shared

if TYPE_CHECKING:
    from ..admission import AdmissionControl
    from ..ids import Ids
    from ..machine import Endpoint, Outbox, Transmit
    from ..message import Request
    from ..outbound import Outbound
    from ..register import Registrar
    from ..transaction import TransactionEvent, TransactionKey
    from .config import ProxyConfig
    from .events import ProxyEvent
    from .preprocessing import Flows
    from .statistics import ProxyCounters
    from .targets import Authorizer, Router, Routing

__all__ = ["ProxyCore"]

_NO_BACKENDS = ProxyBackends()


class ProxyCore:
    """The transaction user that forwards: it stands on a transaction layer that somebody else pumps.

    Requests must have their Via stamped with their source, and the layer must let merged requests
    through (`LayerConfig.refuse_merged`).

    Args:
        config: See `ProxyConfig`.
        router: Gives the targets of requests for our domains.
        now: Current time in seconds.
        ids: Makes branches and tags; nothing else is random.
        outbound: How requests get out.
        authorize: Asks for credentials; without it everybody is let through.
        flows: Names flows in Record-Route, for peers that only their connection reaches.
        backends: What registrar and gate ask, where the configuration has them.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ("_reception", "_shared", "scheduled")

    def __init__(
        self,
        config: ProxyConfig,
        router: Router,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        authorize: Authorizer | None = None,
        flows: Flows | None = None,
        backends: ProxyBackends = _NO_BACKENDS,
        outbox: Outbox[ProxyEvent] | None = None,
    ) -> None:
        self._shared = Shared(
            config,
            router,
            authorize=authorize,
            flows=flows,
            outbound=outbound,
            ids=ids,
            outbox=outbox,
            now=now,
        )
        add_services(self._shared, backends)
        self._reception = Reception(self._shared)
        self.scheduled = float("inf")

    def __len__(self) -> int:
        return len(self._reception.by_number)

    @property
    def counters(self) -> ProxyCounters:
        """Counters since the start."""
        return self._shared.counters

    @property
    def pending(self) -> int:
        """How many requests have no final response yet."""
        return len(self._shared.pending)

    @property
    def registrar(self) -> Registrar | None:
        """Where users are, or None."""
        registrations = self._shared.registrations
        return None if registrations is None else registrations.registrar

    @property
    def deadline(self) -> float | None:
        """The earliest timer of all branches."""
        return self._shared.schedule.deadline

    @property
    def closed(self) -> bool:
        """Whether `close` was called and no request is left."""
        return self._shared.closing and not self._reception.by_number

    @property
    def now(self) -> float:
        """The last time seen."""
        return self._shared.now

    def limit(self, admission: AdmissionControl) -> None:
        """Let requests count for their sources."""
        self._shared.admission = admission

    def refuse_new_requests(self, now: float) -> None:
        """Refuse requests outside of dialogs with 503 from now on; dialogs go on."""
        self._shared.clock(now)
        self._shared.draining = True

    def clock(self, now: float) -> float:
        """Take the time in; one that goes back counts as the last one seen."""
        return self._shared.clock(now)

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self._shared.outbound.layer.next_transmit()

    def next_event(self) -> ProxyEvent | None:
        """Pop one event."""
        return self._shared.out.next_event()

    def handle_timeout(self, now: float) -> None:
        """Fire every timer of a branch that is due."""
        shared = self._shared
        shared.clock(now)
        while (branch := shared.schedule.pop_due(shared.now)) is not None:
            branch.handle_timeout(shared.now)

    def close(self, now: float) -> None:
        """Cancel every branch that rings and refuse new requests with 503."""
        self._shared.clock(now)
        self._shared.closing = True
        for context in list(self._reception.by_number.values()):
            context.cancel()

    # Input

    def receive_request(self, key: TransactionKey, request: Request, source: Endpoint, now: float) -> None:
        """Take a request that opened a server transaction; it is answered now or by its context."""
        self._shared.clock(now)
        self._reception.receive(key, request, source)

    def receive_ack(self, request: Request, source: Endpoint, now: float) -> None:
        """Forward the ACK of a 2xx; one that cannot be forwarded is dropped."""
        self._shared.clock(now)
        self._reception.receive_ack(request, source)

    def server_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of a server transaction; all but its end is of no consequence (§16.7 item 9)."""
        self._shared.clock(now)
        if isinstance(event, TransactionTerminated):
            self._reception.server_gone(event.key)

    def route(self, context: int, routing: Routing, now: float) -> None:
        """Give the targets that `RoutingNeeded` asked for.

        A request that is gone, or was cancelled meanwhile, is ignored.

        Raises:
            LocalProtocolError: It has its targets.
        """
        self._shared.clock(now)
        found = self._reception.by_number.get(context)
        if found is not None:
            found.route(self._shared.prefer(found.routed, routing))
