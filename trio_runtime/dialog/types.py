"""Values of the signalling side that others see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.agent import AgentStatistics
    from trio_runtime.base.ports import DatagramStatistics
    from trio_runtime.dialog.pump import PumpStatistics
    from trio_runtime.transport.flow_statistics import FlowStatistics

__all__ = ["DialogStatistics"]


@attrs.frozen
class DialogStatistics:
    """A snapshot of the signalling side.

    Attributes:
        agent: Calls, transactions, refused messages.
        pump: Wake-ups and failed sends.
        socket: Datagrams and the receive buffer that the kernel gave, of all sockets.
        flows: Connections.
    """

    agent: AgentStatistics
    pump: PumpStatistics
    socket: DatagramStatistics
    flows: FlowStatistics
