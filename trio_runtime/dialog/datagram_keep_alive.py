"""Keeps the way to the outbound proxy open through a NAT, by STUN over the socket for SIP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from sansio_sip.errors import ProtocolError
from sansio_sip.framing import StunKeepAlive
from sansio_sip.machine import Endpoint
from sansio_sip.outbound import next_hop
from trio_runtime.base.errors import NetworkError
from trio_runtime.dialog.types import KeepAliveStatistics

if TYPE_CHECKING:
    from sansio_sip.ids import Ids
    from trio_runtime.base.environment import Environment
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
        machine: When what is due, and what the far end says our address is.
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
        self.machine = StunKeepAlive(interval, now=environment.clock.now(), ids=ids)
        self._pump = pump
        self._datagrams = datagrams
        self._network = environment.network
        self._now = environment.clock.now
        self._host, self._port = destination
        self._woken = trio.CancelScope()
        datagrams.stun_taker = self.receive

    def statistics(self) -> KeepAliveStatistics:
        """Return a snapshot."""
        return KeepAliveStatistics(self.machine.answered, self.machine.failed, self.machine.mapped)

    def receive(self, data: bytes) -> None:
        """Take a STUN message that came in."""
        if self.machine.receive(data, self._now()):
            self._woken.cancel()

    async def run(self) -> None:
        """Send keep-alives for ever."""
        while True:
            try:
                host = (await self._network.resolve(self._host))[0]
            except NetworkError:
                await trio.sleep(_RESOLVE_AGAIN_S)
                continue
            await self._keep(Endpoint("UDP", host, self._port))

    async def _keep(self, endpoint: Endpoint) -> None:
        """Keep the way to one address, until it fails."""
        machine = self.machine
        while True:
            with trio.CancelScope(deadline=machine.deadline) as self._woken:
                await trio.sleep_forever()
            request = machine.handle_timeout(self._now())
            if request is not None:
                self._datagrams.send_raw(request, endpoint)
            elif machine.failed:
                self._pump.agent.flow_failed(endpoint, "a keep-alive was not answered", self._now())
                self._pump.flush()
                return


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
