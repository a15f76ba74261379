"""Keeps the way to the outbound proxy open through a NAT, by STUN over the socket for SIP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from sansio_sip.errors import ProtocolError
from sansio_sip.framing import KeepAliveFailed, StunKeepAlive
from sansio_sip.machine import Endpoint
from sansio_sip.outbound import next_hop
from trio_runtime.base.errors import NetworkError
from trio_runtime.dialog.types import KeepAliveStatistics

if TYPE_CHECKING:
    from sansio_sip.ids import Ids
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.dialog.datagrams import Datagrams
    from trio_runtime.dialog.pump import Pump

__all__ = ["DatagramKeepAlive", "keep_alive_of"]

_RESOLVE_AGAIN_S = 60.0


class DatagramKeepAlive:
    """Sends keep-alives to one host, and tells the agent when nobody answers any more.

    Args:
        pump: Holds the agent.
        datagrams: The sockets.
        environment: Clock and name resolution.
        destination: Host, by name or number, and port.
        interval: Seconds between keep-alives.
        ids: Makes the transactions.

    Attributes:
        answered: Keep-alives that were answered.
        failed: Whether the last one was not, after all its repeats.
        mapped: Our address as the far end sees it, once it has told.
    """

    def __init__(
        self,
        pump: Pump,
        datagrams: Datagrams,
        environment: Environment,
        *,
        destination: tuple[str, int],
        interval: float,
        ids: Ids,
    ) -> None:
        self.answered = 0
        self.failed = False
        self.mapped: Address | None = None
        self._interval = interval
        self._ids = ids
        self._machine: StunKeepAlive | None = None
        self._pump = pump
        self._datagrams = datagrams
        self._network = environment.network
        self._now = environment.clock.now
        self._host, self._port = destination
        self._woken = trio.CancelScope()
        datagrams.stun_taker = self.receive

    def statistics(self) -> KeepAliveStatistics:
        """Return a snapshot."""
        return KeepAliveStatistics(self.answered, self.failed, self.mapped)

    def receive(self, data: bytes) -> None:
        """Take a STUN message that came in."""
        if self._machine is not None:
            self._machine.receive_packet(data, self._now())
            self._woken.cancel()

    async def run(self) -> None:
        """Send keep-alives for ever."""
        while True:
            try:
                host = (await self._network.resolve(self._host))[0]
            except NetworkError:
                await trio.sleep(_RESOLVE_AGAIN_S)
            else:
                await self._keep(Endpoint("UDP", host, self._port))

    async def _keep(self, endpoint: Endpoint) -> None:
        """Keep the way to one address, until it fails."""
        machine = StunKeepAlive(endpoint, self._interval, now=self._now(), ids=self._ids)
        self._machine = machine
        while self._carry(machine):
            with trio.CancelScope(deadline=machine.deadline or 0.0) as self._woken:
                await trio.sleep_forever()
            machine.handle_timeout(self._now())

    def _carry(self, machine: StunKeepAlive) -> bool:
        """Send and take what the machine has; False when the way has failed."""
        while (transmit := machine.next_transmit()) is not None:
            self._datagrams.send_raw(transmit.data, transmit.destination)
        while (event := machine.next_event()) is not None:
            if isinstance(event, KeepAliveFailed):
                self.failed = True
                cause = "a keep-alive was not answered"
                self._pump.agent.flow_failed(event.destination, cause, self._now())
                self._pump.flush()
                return False
            self.answered += 1
            self.failed, self.mapped = False, event.mapped
        return True


def keep_alive_of(
    proxy: str | None,
    interval: float | None,
    pump: Pump,
    datagrams: Datagrams,
    environment: Environment,
    ids: Ids,
) -> DatagramKeepAlive | None:
    """Return the keep-alive that a configuration asks for, ``None`` for none."""
    if proxy is None or interval is None:
        return None
    try:
        hop = next_hop(proxy)
    except ProtocolError:
        return None
    if hop.transport != "UDP":
        return None  # connections have keep-alives of their own
    destination = (hop.host, hop.port)
    return DatagramKeepAlive(
        pump, datagrams, environment, destination=destination, interval=interval, ids=ids
    )
