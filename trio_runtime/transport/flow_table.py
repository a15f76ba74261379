"""All connections by name and by where they lead; what may be reused and how many there may be."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from trio_runtime.transport.flow import Flow

if TYPE_CHECKING:
    from sansio_sip.machine import Endpoint
    from trio_runtime.base.flow_config import FlowConfig

__all__ = ["FlowTable"]

_Place = tuple[str, str, int]
_MAX_PLACES = 8  # names of one connection: its far end and its aliases


class FlowTable:
    """Keeps one flow for each peer and transport, and all that peers opened.

    Args:
        config: How many there may be.
    """

    def __init__(self, config: FlowConfig) -> None:
        self._config = config
        self._by_name: dict[str, Flow] = {}
        self._by_place: dict[_Place, dict[Flow, None]] = {}
        self._places: dict[Flow, list[_Place]] = {}
        self._per_source: Counter[str] = Counter()
        self._serial = 0

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[Flow]:
        """Iterate over the flows; they may be removed meanwhile."""
        return iter(list(self._by_name.values()))

    def has_room(self, source: str | None) -> bool:
        """Return whether one more is allowed; ``source`` is the address of a peer that opens it."""
        if len(self._by_name) >= self._config.max_flows:
            return False
        return source is None or self._per_source[_network(source)] < self._config.max_flows_per_source

    def next_name(self, transport: str) -> str:
        """Return the name of a new flow; none is ever used twice."""
        self._serial += 1
        return f"{transport.lower()}-{self._serial}"

    def add(self, flow: Flow) -> None:
        """Take a flow in."""
        self._by_name[str(flow.endpoint.flow)] = flow
        self._places[flow] = []
        if not flow.opened_here:
            self._per_source[_network(flow.endpoint.host)] += 1
        self.add_place(flow, flow.endpoint)

    def add_place(self, flow: Flow, endpoint: Endpoint) -> None:
        """Let packets for ``endpoint`` go by a flow."""
        place, places = endpoint[:3], self._places.get(flow)
        if places is not None and place not in places and len(places) < _MAX_PLACES:
            places.append(place)
            self._by_place.setdefault(place, {})[flow] = None

    def find(self, destination: Endpoint) -> Flow | None:
        """Return the flow for a packet: the one that it names, else one that leads there."""
        if destination.flow is not None:
            return self._by_name.get(str(destination.flow))
        for flow in self._by_place.get(destination[:3], ()):
            if flow.speaks_for(destination.server_name):
                return flow
        return None

    def retire(self, flow: Flow) -> None:
        """Let no packets find a flow any more; it counts until it is removed."""
        for place in self._places.pop(flow, ()):
            flows = self._by_place[place]
            del flows[flow]
            if not flows:
                del self._by_place[place]

    def remove(self, flow: Flow) -> None:
        """Forget a flow; twice does nothing."""
        self.retire(flow)
        if self._by_name.pop(str(flow.endpoint.flow), None) is None:
            return
        if not flow.opened_here:
            source = _network(flow.endpoint.host)
            self._per_source[source] -= 1
            if not self._per_source[source]:
                del self._per_source[source]


def _network(host: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 in which one host has all addresses."""
    if ":" not in host:
        return host
    return str(ipaddress.IPv6Network((host.partition("%")[0], 64), strict=False))
