"""What happened to the connections."""

from __future__ import annotations

import attrs

__all__ = ["FlowCounters", "FlowStatistics"]


@attrs.define(kw_only=True)
class FlowCounters:
    """Counters since the start.

    Attributes:
        accepted: Connections that peers opened.
        opened: Connections that we opened.
        failed: Connections that we could not open.
        refused: Connections refused, either way, because there were too many.
        handshakes_failed: Connections of peers without a good handshake of TLS or WebSocket.
        accept_errors: Connections that the system could not give us.
        overdue: Connections closed because they were idle, or a message, its rest or the answer to a
            keep-alive did not come.
        keep_alives: Keep-alives sent on connections that we opened.
        received: Messages received.
        malformed: Messages that could not be read.
        sent: Packets queued to be sent.
        unsent: Packets that may not have got out.
    """

    accepted: int = 0
    opened: int = 0
    failed: int = 0
    refused: int = 0
    handshakes_failed: int = 0
    accept_errors: int = 0
    overdue: int = 0
    keep_alives: int = 0
    received: int = 0
    malformed: int = 0
    sent: int = 0
    unsent: int = 0


@attrs.frozen(kw_only=True)
class FlowStatistics(FlowCounters):
    """A snapshot of the connections: the counters as they were, and what there is now.

    Attributes:
        flows: Connections now, those that are being opened included.
        queued_octets: Octets that wait for peers to take them.
    """

    flows: int = 0
    queued_octets: int = 0
