"""What a proxy server tells: addresses, events and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.base.errors import VoipError
from trio_runtime.events import EventBus, ServerView
from trio_runtime.observe.ladder import render_ladder
from trio_runtime.observe.trace import Trace
from trio_runtime.proxy.events import EventsLost, ProxyServerEvent
from trio_runtime.proxy.statistics import ProxyServerStatistics

if TYPE_CHECKING:
    from trio_runtime.base.listening import Listener
    from trio_runtime.observe.capture import Capture
    from trio_runtime.proxy.config import ProxyServerConfig
    from trio_runtime.proxy.endpoint import ProxyEndpoint
    from trio_runtime.registrar import Contact

__all__ = ["ProxyServerView"]


class ProxyServerView(ServerView[ProxyServerEvent]):
    """Answers questions about a proxy server and changes nothing.

    Args:
        config: How it listens, for whom it is there, and its limits.

    Attributes:
        config: The same.
        trace: The last SIP messages, or ``None`` if none are kept.
        left_after_drain: Requests without an answer when its block had been left for ``drain_grace`` seconds.
    """

    def __init__(self, config: ProxyServerConfig) -> None:
        super().__init__(EventBus(lost=EventsLost))
        self.config = config
        self.trace = Trace(config.trace_messages) if config.trace_messages else None
        self.left_after_drain = 0
        self._opened: ProxyEndpoint | None = None
        self._capture: Capture | None = None
        self._draining = False

    @property
    def _endpoint(self) -> ProxyEndpoint:
        if self._opened is None:
            raise VoipError("the proxy is not open: use `async with`")
        return self._opened

    @property
    def listening(self) -> list[Listener]:
        """Its listeners with the addresses and ports that peers use; empty before it is open."""
        return [] if self._opened is None else self._opened.carrier.listening

    def locate(self, uri: str) -> list[Contact]:
        """Return the phones of a user that are registered here, the preferred first.

        Args:
            uri: Address of record, or what names one phone of it (a GRUU).

        Raises:
            VoipError: There is no registrar.
            InvalidUriError: It is no address of record.
        """
        registrar = self._endpoint.registrar
        if registrar is None:
            raise VoipError("there is no registrar: open it with registrar=RegistrarConfig(...)")
        return registrar.location.locate(uri)

    def ladder(self, call_id: str) -> str:
        """Return the ladder diagram of what is known of a Call-ID."""
        return render_ladder([] if self.trace is None else self.trace.for_call(call_id))

    def statistics(self) -> ProxyServerStatistics:
        """Return a snapshot of everything that is counted."""
        endpoint, registrar = self._endpoint, self._endpoint.registrar
        counted = endpoint.proxy.statistics()
        return ProxyServerStatistics(
            proxy=counted,
            routing=endpoint.asker.statistics(),
            pump=endpoint.carrier.pump.statistics,
            socket=endpoint.carrier.socket_statistics(),
            flows=endpoint.carrier.flow_statistics(),
            bus=self._bus.statistics(),
            capture=None if self._capture is None else self._capture.statistics(),
            registrar=None if registrar is None else registrar.statistics(counted),
            draining=self._draining,
            left_after_drain=self.left_after_drain,
        )

    def leftovers(self) -> list[str]:
        """Return what is still held, in words; empty when all is quiet (SIM-2)."""
        if self._opened is None:
            return []
        found = self._opened.proxy.statistics()
        counts = {
            "requests": found.contexts,
            "transactions": found.transactions,
            "lookups": found.lookups,
            "routes being asked for": self._opened.asker.statistics().running,
            "REGISTERs that wait": found.held,
        }
        return [f"{count} {what}" for what, count in counts.items() if count]
