"""The inside of a stateful proxy: its parts, and how transaction events reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..admission import AdmissionControl
from ..framing import answer_stun
from ..machine import Outbox, Transmit
from ..message import Request
from ..outbound import Outbound
from ..transaction import (
    AckReceived,
    LayerConfig,
    RequestReceived,
    StrayResponse,
    TransactionLayer,
    stateless_response,
)
from .backends import ProxyBackends
from .core import ProxyCore
from .flow_tokens import FlowTokens
from .statistics import snapshot

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Endpoint
    from ..transaction import TransactionEvent
    from .config import ProxyConfig
    from .events import ProxyEvent
    from .preprocessing import Flows
    from .statistics import ProxyStatistics
    from .targets import Authorizer, Router

__all__ = ["ProxyBase"]

_NO_BACKENDS = ProxyBackends()


class ProxyBase:
    """Parts of a `Proxy`.

    Args:
        config: See `ProxyConfig`.
        router: Gives the targets of requests for our domains.
        now: Current monotonic time in seconds.
        ids: Makes branches and tags; nothing else is random.
        authorize: Asks for credentials; without it everybody is let through.
        flows: Names flows in Record-Route, for peers that only their connection reaches; a registrar needs
            them, so it gets `FlowTokens` where there are none.
        backends: What registrar and gate ask, where the configuration has them.
    """

    __slots__ = ("_admission", "_config", "_core", "_flows", "_layer", "_out", "_outbound", "_registrar")

    def __init__(
        self,
        config: ProxyConfig,
        router: Router,
        *,
        now: float,
        ids: Ids,
        authorize: Authorizer | None = None,
        flows: Flows | None = None,
        backends: ProxyBackends = _NO_BACKENDS,
    ) -> None:
        if flows is None and config.registrar is not None:
            flows = FlowTokens(ids)
        self._config = config
        self._flows = flows
        self._out: Outbox[ProxyEvent] = Outbox()
        questions: Any = self._out.events  # one queue for all events; each part appends its own kind
        layer_config = LayerConfig(
            timers=config.timers, max_transactions=config.max_transactions, refuse_merged=False
        )
        self._layer = TransactionLayer(layer_config, now=now)
        self._outbound = Outbound(
            self._layer, ids=ids, sent_by=config.sent_by, questions=questions, resolver=config.resolver
        )
        self._core = ProxyCore(
            config, router, now=now, ids=ids, outbound=self._outbound, authorize=authorize, flows=flows,
            backends=backends, outbox=self._out,
        )  # fmt: skip
        self._registrar = self._core.registrar
        self._admission: AdmissionControl | None = None
        if config.admission is not None:
            self._admission = AdmissionControl(
                config.admission, self._core, config.max_contexts, self._layer, now
            )
            self._core.limit(self._admission)

    # What a user says about the load

    def measured_queue_time(self, seconds: float, now: float) -> None:
        """Tell how long messages wait now before the proxy gets them; it holds for a second.

        While it is above ``max_queue_time`` no new work is begun; without `ProxyConfig.admission` nothing
        comes of it.

        Args:
            seconds: How long the message that is received next has waited.
            now: Current time in seconds.
        """
        if self._admission is not None:
            self._admission.judge.measured(seconds, self._core.clock(now))

    def refuse_new_requests(self, now: float) -> None:
        """Refuse requests outside of dialogs with 503 from now on; dialogs go on. There is no way back."""
        self._core.refuse_new_requests(now)
        if self._admission is not None:
            self._admission.judge.draining = True

    def statistics(self) -> ProxyStatistics:
        """Return a snapshot of the counters."""
        admission = None if self._admission is None else self._admission.statistics()
        core = self._core
        return snapshot(
            core.counters, len(core), core.pending, self._layer, self._outbound, admission, self._registrar
        )

    # What is no request that can be forwarded

    def _keep_alive(self, data: bytes, source: Endpoint) -> None:
        """Count a keep-alive; one by STUN has to be answered (RFC 5626 §5.4)."""
        self._core.counters.keep_alives += 1
        answer = answer_stun(data, source.host, source.port)
        if answer is not None:
            self._layer.out.transmits.append(Transmit(answer, source))

    def _refuse(self, partial: object, status_hint: int, source: Endpoint) -> None:
        """Answer what cannot be read, where it was a request, and count it."""
        core = self._core
        core.counters.malformed += 1
        if self._admission is not None:
            self._admission.bans.malformed(source, core.now)
        if isinstance(partial, Request):
            transmit = stateless_response(partial, status_hint, source)
            if transmit is not None:
                self._layer.out.transmits.append(transmit)

    # What the transactions report

    def _settle(self) -> None:
        """Hand what the transactions report to whom it concerns, until nothing is left."""
        while (event := self._layer.next_event()) is not None:
            self._dispatch(event)

    def _dispatch(self, event: TransactionEvent) -> None:
        core, now = self._core, self._core.now
        if isinstance(event, RequestReceived):
            core.receive_request(event.key, event.request, event.source, now)
        elif isinstance(event, AckReceived):
            core.receive_ack(event.request, event.source, now)
        elif isinstance(event, StrayResponse):
            return  # a stateful proxy forwards none (RFC 6026 §7.3, RFC 4320 §4.2); the layer counts them
        elif self._outbound.dispatch(event, event.key, now) is None:
            core.server_event(event, now)
