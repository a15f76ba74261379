"""What the parts of an agent share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..invite import InviteConfig
from ..machine import Outbox
from ..message import build_response
from ..outbound import Outbound, OwnAddresses
from ..transaction import LayerConfig, TransactionLayer
from .foci import Foci
from .statistics import AgentCounters

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..admission import AdmissionControl
    from ..ids import Ids
    from ..invite import InCallTaker
    from ..machine import Endpoint
    from ..message import Request
    from ..transaction import TransactionKey
    from .config import AgentConfig
    from .events import AgentEvent

__all__ = ["Core"]

_SUPPORTED = ("100rel", "norefersub", "replaces", "timer")
_WITHOUT_REPLACES = ("100rel", "norefersub", "timer")


class Core:
    """Configuration, identity, transactions and output of one agent.

    Args:
        config: See `AgentConfig`.
        now: Current time in seconds.
        ids: Makes branches, tags and numbers.
        local_host: See `AgentBackends`.
    """

    # fmt: off
    __slots__ = ("admission", "config", "counters", "foci", "ids", "in_call", "invite_config", "layer",
                 "methods", "now", "out", "outbound")
    # fmt: on

    in_call: Callable[[str], InCallTaker | None]  # set by the services

    def __init__(
        self,
        config: AgentConfig,
        *,
        now: float,
        ids: Ids,
        local_host: Callable[[str], str] | None = None,
    ) -> None:
        self.config = config
        self.admission: AdmissionControl | None = None  # it has to know the calls, which come later
        self.ids = ids
        self.now = now
        self.methods = config.methods
        self.counters = AgentCounters()
        self.foci = Foci(config)
        self.out: Outbox[AgentEvent] = Outbox()
        layer_config = LayerConfig(timers=config.timers, max_transactions=config.max_transactions)
        self.layer = TransactionLayer(layer_config, now=now)
        self.outbound = Outbound(
            self.layer,
            ids=ids,
            sent_by=config.sent_by,
            questions=self.events().events,
            resolver=config.resolver,
            own=OwnAddresses(config.sent_by, config.contact, config.own_addresses, local_host),
        )
        self.invite_config = InviteConfig(
            contact=config.contact,
            allow=", ".join(self.methods),
            software=config.software,
            credentials=config.credentials,
            timers=config.timers,
            supported=_SUPPORTED if config.accept_replaces else _WITHOUT_REPLACES,
            require_reliable=config.require_reliable,
            max_ringing=config.max_ringing,
            offer_patience=config.offer_patience,
            accept_undecided=config.accept_undecided,
            max_redirects=config.max_redirects,
            session_timer=config.session_timer,
            refer=config.refer,
            recovery=config.recovery,
            info_packages=config.info_packages,
            others=lambda method: self.in_call(method),
        )

    def events(self) -> Any:
        """Return the outbox as the parts see it."""
        return self.out

    def clock(self, now: float) -> float:
        """Take the time in; one that goes back counts as the last one seen."""
        if now > self.now:
            self.now = now
        return self.now

    def respond(
        self,
        key: TransactionKey,
        request: Request,
        status_code: int,
        extra: tuple[tuple[str, str], ...] = (),
        to_tag: str = "",
    ) -> None:
        """Answer a request that belongs to no call."""
        response = build_response(request, status_code, to_tag=to_tag or self.ids.tag(), extra=extra)
        self.layer.respond(key, response, self.now)

    def call_opened(self, session: str, request: Request, source: Endpoint) -> None:
        """Take note that there is an incoming call, which counts for its source."""
        if self.admission is not None:
            self.admission.opened(session, request, source)

    def call_closed(self, session: str) -> None:
        """Take note that an incoming call is over, and counts for its source no more."""
        if self.admission is not None:
            self.admission.closed(session)
