"""A snapshot of a whole proxy server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.proxy import ProxyStatistics
    from trio_runtime.base.ports import DatagramStatistics
    from trio_runtime.dialog import PumpStatistics
    from trio_runtime.events import BusStatistics
    from trio_runtime.observe.capture import CaptureStatistics
    from trio_runtime.proxy.asking import RoutingStatistics
    from trio_runtime.registrar import RegistrarStatistics
    from trio_runtime.transport.flow_statistics import FlowStatistics

__all__ = ["ProxyServerStatistics"]


@attrs.frozen
class ProxyServerStatistics:
    """What a proxy server counts.

    Attributes:
        proxy: Requests, branches, transactions, and what was not taken on.
        routing: What the routing function did.
        pump: Wake-ups and failed sends.
        socket: Datagrams and the receive buffer that the kernel gave.
        flows: Connections.
        bus: Events.
        capture: What was written into the capture file; ``None`` without one.
        registrar: Phones that register here; ``None`` without a registrar.
        draining: Whether nothing new is taken any more.
        left_after_drain: Requests without an answer when ``drain_grace`` was over.
    """

    proxy: ProxyStatistics
    routing: RoutingStatistics
    pump: PumpStatistics
    socket: DatagramStatistics
    flows: FlowStatistics
    bus: BusStatistics
    capture: CaptureStatistics | None
    registrar: RegistrarStatistics | None
    draining: bool
    left_after_drain: int
