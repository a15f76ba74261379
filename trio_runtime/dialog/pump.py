"""The pump: one task reads the socket, one sleeps until the next timer, and the agent does the rest."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import trio

from sansio_sip.machine import Endpoint
from sansio_sip.resolve import DnsQuestion
from trio_runtime.dialog.lookups import DnsLookups

if TYPE_CHECKING:
    from sansio_sip.agent import Agent, AgentEvent
    from sansio_sip.machine import Transmit
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.ports import DatagramSocket
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import Trace

__all__ = ["Pump", "PumpStatistics"]

_MAX_BATCH = 64  # datagrams read before other tasks get their turn
_TIMER_SLACK = 0.002  # timers that fall due within 2 ms share one wake-up


@functools.lru_cache(maxsize=1_024)
def _peer(host: str, port: int) -> Endpoint:
    """Return the endpoint of a peer; most datagrams come from a few."""
    return Endpoint("UDP", host, port)


@attrs.define
class PumpStatistics:
    """What the pump did.

    Attributes:
        wake_ups: How often the socket became readable.
        timer_wake_ups: How often a timer woke it.
        send_failures: Datagrams that the socket did not take.
    """

    wake_ups: int = 0
    timer_wake_ups: int = 0
    send_failures: int = 0


class Pump:
    """Carries between one agent and one socket; it never awaits user code.

    Args:
        agent: The SIP agent.
        socket: The bound socket.
        local: The address that stands for us in the trace.
        environment: Clock and name resolution.
        on_event: Takes each event, synchronously; verbs may be called from within.
        trace: Where messages are recorded, or ``None``.
    """

    def __init__(
        self,
        agent: Agent,
        socket: DatagramSocket,
        *,
        local: Address,
        environment: Environment,
        on_event: Callable[[AgentEvent], None],
        trace: Trace | None,
    ) -> None:
        self.statistics = PumpStatistics()
        self.closed = trio.Event()
        self._agent = agent
        self._socket = socket
        self._local = local
        self._clock = environment.clock
        self._on_event = on_event
        self._trace = trace
        self._flushing = False
        self._nap = trio.CancelScope()
        self.lookups = DnsLookups(agent, environment, self.flush)

    def flush(self) -> None:
        """Send everything, then hand out everything, and set the timer.

        A verb called while an event is being handled ends up here again: then the outer call goes on
        with what it left, so that no event overtakes another.
        """
        if not self._flushing:
            self._flush()
            self._arm()

    def _flush(self) -> None:
        self._flushing = True
        agent = self._agent
        try:
            while True:
                while (transmit := agent.next_transmit()) is not None:
                    self._send(transmit)
                event = agent.next_event()
                if event is None:
                    break
                self._handle(event)
        finally:
            self._flushing = False

    def _handle(self, event: AgentEvent) -> None:
        if isinstance(event, DnsQuestion):
            self.lookups.ask(event)
        else:
            self._on_event(event)

    def _send(self, transmit: Transmit) -> None:
        destination = (transmit.destination.host, transmit.destination.port)
        sent = self._socket.send(transmit.data, destination)
        if self._trace is not None:
            self._trace.record(self._clock.now(), self._local, destination, transmit.data, lost=not sent)
        if not sent:
            self.statistics.send_failures += 1
            self._take_errors()

    def _take_errors(self) -> None:
        while (failure := self._socket.next_error()) is not None:
            (host, port), cause = failure
            self._agent.flow_failed(Endpoint("UDP", host, port), cause, self._clock.now())

    def _arm(self) -> None:
        deadline = self._agent.deadline
        if deadline is not None and deadline < self._nap.deadline:
            self._nap.deadline = deadline
        if self._agent.closed:
            self.closed.set()

    async def read(self) -> None:
        """Feed the agent from the socket for ever: wait once, then read until nothing is left."""
        while True:
            await self._socket.wait_readable()
            self.statistics.wake_ups += 1
            if self._read_batch():
                await trio.lowlevel.checkpoint()

    def _read_batch(self) -> bool:
        """Read and handle what is there; True when there may be more."""
        agent, receive, now = self._agent, self._socket.receive, self._clock.now()
        more = True
        for _ in range(_MAX_BATCH):
            datagram = receive()
            if datagram is None:
                more = False
                break
            data, source = datagram
            if self._trace is not None:
                self._trace.record(now, source, self._local, data)
            agent.receive_datagram(data, _peer(*source), now)
            self._flush()  # the timer is set once, after the batch
        self._take_errors()
        self.flush()
        return more

    async def run_timers(self) -> None:
        """Wake the agent at its deadlines for ever."""
        while True:
            await self._sleep()
            self.statistics.timer_wake_ups += 1
            self._agent.handle_timeout(self._clock.now())
            self.flush()
            await trio.sleep(_TIMER_SLACK)

    async def _sleep(self) -> None:
        deadline = self._agent.deadline
        with trio.CancelScope(deadline=float("inf") if deadline is None else deadline) as self._nap:
            await trio.sleep_forever()

    def close(self) -> None:
        """Release the socket and the question channel."""
        self._socket.close()
        self.lookups.close()
