"""What the parts of an agent share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..invite import InviteConfig
from ..machine import Outbox
from ..message import build_response
from ..outbound import Outbound
from ..transaction import LayerConfig, TransactionLayer
from .statistics import AgentCounters

if TYPE_CHECKING:
    from ..ids import Ids
    from ..message import Request
    from ..transaction import TransactionKey
    from .config import AgentConfig
    from .events import AgentEvent

__all__ = ["ALLOWED_METHODS", "Core"]

_SUPPORTED = ("100rel", "norefersub", "replaces", "timer")
_WITHOUT_REPLACES = ("100rel", "norefersub", "timer")
ALLOWED_METHODS = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO", "PRACK", "UPDATE", "REFER")


class Core:
    """Configuration, identity, transactions and output of one agent.

    Args:
        config: See `AgentConfig`.
        now: Current time in seconds.
        ids: Makes branches, tags and numbers.
    """

    __slots__ = ("config", "counters", "ids", "invite_config", "layer", "methods", "now", "out", "outbound")

    def __init__(self, config: AgentConfig, *, now: float, ids: Ids) -> None:
        self.config = config
        self.ids = ids
        self.now = now
        # NOTIFY answers our own subscriptions; others may subscribe to us if there is a package for it.
        self.methods = (*ALLOWED_METHODS, "NOTIFY", *(("SUBSCRIBE",) if config.event_packages else ()))
        self.counters = AgentCounters()
        self.out: Outbox[AgentEvent] = Outbox()
        layer_config = LayerConfig(timers=config.timers, max_transactions=config.max_transactions)
        self.layer = TransactionLayer(layer_config, now=now)
        self.outbound = Outbound(
            self.layer,
            ids=ids,
            sent_by=config.sent_by,
            questions=self.events().events,
            resolver=config.resolver,
        )
        self.invite_config = InviteConfig(
            contact=config.contact,
            allow=", ".join(self.methods),
            software=config.software,
            credentials=config.credentials,
            timers=config.timers,
            supported=_SUPPORTED if config.accept_replaces else _WITHOUT_REPLACES,
            require_reliable=config.require_reliable,
            offer_patience=config.offer_patience,
            accept_undecided=config.accept_undecided,
            max_redirects=config.max_redirects,
            session_timer=config.session_timer,
            refer=config.refer,
            recovery=config.recovery,
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
