"""Connections that messages came by and that are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..machine import Endpoint

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .hop import Hop

__all__ = ["LiveFlows"]

_STREAMS = ("TCP", "TLS")
_WEB_SOCKETS = ("WS", "WSS")


class LiveFlows:
    """Remembers which flows can be sent on; the runtime tells when one is gone.

    Args:
        max_flows: How many are remembered; the oldest makes room, and its dialogs go by their URIs then.

    Attributes:
        dropped: Flows that had to make room.
    """

    __slots__ = ("_flows", "_max_flows", "dropped")

    def __init__(self, max_flows: int = 100_000) -> None:
        self._flows: dict[Hashable, None] = {}
        self._max_flows = max_flows
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._flows)

    def add(self, source: Endpoint) -> None:
        """Note that something came by a flow."""
        if source.flow in self._flows:
            return
        if len(self._flows) >= self._max_flows:
            del self._flows[next(iter(self._flows))]
            self.dropped += 1
        self._flows[source.flow] = None

    def forget(self, endpoint: Endpoint) -> None:
        """Note that a connection is gone; a socket for datagrams stays."""
        if endpoint.reliable:
            self._flows.pop(endpoint.flow, None)

    def way(self, flow: Endpoint, hop: Hop) -> Endpoint | None:
        """Return where a request of a dialog goes: by its flow, or ``None`` for by its URIs.

        Args:
            flow: The flow of the dialog.
            hop: What the URI of the next hop says; a flow of another transport is not for it, but one that
                is secure is good enough for who wants less.
        """
        if flow.flow not in self._flows or not _serves(flow.transport, hop.transport):
            return None
        if flow.reliable:
            return flow
        endpoint = hop.endpoint
        return None if endpoint is None else endpoint._replace(flow=flow.flow)


def _serves(transport: str, wanted: str) -> bool:
    if transport == wanted:
        return True
    return (transport, wanted) in (_STREAMS[::-1], _WEB_SOCKETS[::-1])
