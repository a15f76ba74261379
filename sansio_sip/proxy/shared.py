"""What the parts of a proxy share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..machine import Outbox
from ..message import Uri
from ..transaction import Schedule
from .identity import Identity
from .preferences import prefer_targets
from .statistics import ProxyCounters
from .targets import Reply

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Endpoint
    from ..message import Request
    from ..outbound import Outbound
    from .config import ProxyConfig
    from .events import ProxyEvent
    from .preprocessing import Flows
    from .targets import Authorizer, Later, Router, Routing

__all__ = ["Shared"]


class Shared:
    """Configuration, identity, policy, output and clock of one proxy.

    Args:
        config: See `ProxyConfig`.
        router: Gives the targets of requests for our domains.
        authorize: Asks for credentials, or None to let everybody through.
        flows: Names flows, or None.
        outbound: How requests get out.
        ids: Makes branches and tags.
        outbox: Where events go.
        now: Current time in seconds.
    """

    # fmt: off
    __slots__ = ("_router", "authorize", "closing", "config", "contexts", "counters", "flows",
                 "identity", "ids", "now", "out", "outbound", "schedule")
    # fmt: on

    def __init__(
        self,
        config: ProxyConfig,
        router: Router,
        *,
        authorize: Authorizer | None,
        flows: Flows | None,
        outbound: Outbound,
        ids: Ids,
        outbox: Outbox[ProxyEvent] | None,
        now: float,
    ) -> None:
        self.config = config
        self.identity = Identity(config)
        self.authorize = authorize
        self.flows = flows
        self.outbound = outbound
        self.ids = ids
        self.out: Outbox[ProxyEvent] = Outbox() if outbox is None else outbox
        self.schedule = Schedule()
        self.counters = ProxyCounters()
        self.now = now
        self.closing = False
        self.contexts = 0
        self._router = router

    def clock(self, now: float) -> float:
        """Take the time in; one that goes back counts as the last one seen."""
        if now > self.now:
            self.now = now
        return self.now

    @property
    def overload(self) -> Reply | None:
        """What refuses a new request when the proxy is closing or has too many."""
        if not self.closing and self.contexts < self.config.max_contexts:
            return None
        return Reply(503, (("Retry-After", str(self.config.retry_after)),))

    def is_responsible(self, request: Request) -> bool:
        """Whether the router may choose other targets than the Request-URI (RFC 3261 §16.5)."""
        uri = request.request_uri
        has_maddr = isinstance(uri, Uri) and uri.param("maddr") is not None
        return not has_maddr and self.identity.is_responsible(uri)

    def targets(self, request: Request, source: Endpoint) -> Routing | Later:
        """Ask the router for the targets of a request whose Request-URI is ours."""
        return self._router(request, source)

    def prefer(self, request: Request, routing: Routing) -> Routing:
        """Leave out and order what the router gave as the caller prefers, where that is wanted."""
        config = self.config
        if not config.caller_preferences or isinstance(routing, Reply):
            return routing
        return prefer_targets(request, routing, redirect=config.redirect_on_request)
