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
    from ..admission import AdmissionControl
    from ..ids import Ids
    from ..machine import Endpoint
    from ..message import Request
    from ..outbound import Outbound
    from .config import ProxyConfig
    from .events import ProxyEvent
    from .preprocessing import Flows
    from .registrations import Registrations
    from .targets import Authorizer, Later, Router, Routing

__all__ = ["Shared"]

_UNAUTHORISED = frozenset({401, 403, 407})


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

    Attributes:
        admission: Counts what each source has under way; None where nothing is limited.
        pending: Requests that have no final response yet, by their numbers.
        registrations: Where phones register; None where a REGISTER is routed like any request.
    """

    # fmt: off
    __slots__ = ("_overload", "_router", "admission", "authorize", "closing", "config", "contexts",
                 "counters", "draining", "flows", "identity", "ids", "now", "out", "outbound", "pending",
                 "registrations", "schedule")
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
        self.closing = self.draining = False
        self.contexts = 0
        self.pending: set[int] = set()
        self._router = router
        self._overload = Reply(503, (("Retry-After", str(config.retry_after)),))
        self.registrations: Registrations | None = None
        self.admission: AdmissionControl | None = None  # it has to know the requests, which come later

    def clock(self, now: float) -> float:
        """Take the time in; one that goes back counts as the last one seen."""
        if now > self.now:
            self.now = now
        return self.now

    @property
    def overload(self) -> Reply | None:
        """What refuses a new request when the proxy is closing or has too many."""
        return self._overload if self.closing or self.contexts >= self.config.max_contexts else None

    def refusal_of(self, request: Request) -> Reply | None:
        """Return what refuses a request that opened a transaction for want of room or of time."""
        return self._overload if self.draining and not request.to_tag else self.overload

    def begun(self, number: int, request: Request, source: Endpoint) -> None:
        """Take note that a request is being forwarded; a call that is set up counts for its source."""
        self.pending.add(number)
        if self.admission is not None and request.method == "INVITE" and not request.to_tag:
            self.admission.opened(str(number), request, source)

    def finished(self, number: int) -> None:
        """Take note that a request has its final response, or is over, and counts for its source no more."""
        self.pending.discard(number)
        if self.admission is not None:
            self.admission.closed(str(number))

    def refused(self, status_code: int, source: Endpoint) -> None:
        """Take note of a refusal: who is refused again and again for want of a right is banned."""
        if self.admission is not None and status_code in _UNAUTHORISED:
            self.admission.bans.unauthorised(source, self.now)

    def is_responsible(self, request: Request) -> bool:
        """Whether the router may choose other targets than the Request-URI (RFC 3261 §16.5)."""
        uri = request.request_uri
        has_maddr = isinstance(uri, Uri) and uri.param("maddr") is not None
        return not has_maddr and self.identity.is_responsible(uri)

    def registers(self, request: Request) -> bool:
        """Whether a request for a domain of ours is for our registrar."""
        return self.registrations is not None and self.registrations.serves(request)

    def targets(self, request: Request, source: Endpoint) -> Routing | Later:
        """Ask the router for the targets of a request whose Request-URI is ours."""
        return self._router(request, source)

    def prefer(self, request: Request, routing: Routing) -> Routing:
        """Leave out and order what the router gave as the caller prefers, where that is wanted."""
        config = self.config
        if not config.caller_preferences or isinstance(routing, Reply):
            return routing
        return prefer_targets(request, routing, redirect=config.redirect_on_request)
