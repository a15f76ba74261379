"""Values of the signalling side that others see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from sansio_sip.agent import AgentStatistics
    from trio_runtime.base.ports import DatagramStatistics
    from trio_runtime.base.types import Address
    from trio_runtime.dialog.pump import PumpStatistics
    from trio_runtime.transport.flow_statistics import FlowStatistics

__all__ = ["DialogStatistics", "KeepAliveStatistics"]


@attrs.frozen
class KeepAliveStatistics:
    """How the way to the outbound proxy is kept open over UDP.

    Attributes:
        answered: Keep-alives that were answered.
        failed: Whether the last one was not, after all its repeats.
        mapped: Our address and port as the proxy sees them, where it has told.
    """

    answered: int
    failed: bool
    mapped: Address | None


@attrs.frozen
class DialogStatistics:
    """A snapshot of the signalling side.

    Attributes:
        agent: Calls, transactions, refused messages.
        pump: Wake-ups and failed sends.
        socket: Datagrams and the receive buffer that the kernel gave, of all sockets.
        flows: Connections.
        keep_alive: Keep-alives to the outbound proxy over UDP, ``None`` where there are none.
    """

    agent: AgentStatistics
    pump: PumpStatistics
    socket: DatagramStatistics
    flows: FlowStatistics
    keep_alive: KeepAliveStatistics | None
