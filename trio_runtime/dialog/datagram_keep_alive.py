"""Keeps ways open through a NAT, by STUN over the socket for SIP: to a proxy, and registered flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
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

__all__ = ["DatagramKeepAlive", "ProxyToKeep", "proxy_to_keep"]

_RESOLVE_AGAIN_S = 60.0


@attrs.frozen
class ProxyToKeep:
    """A proxy that is kept open whether we are registered or not.

    Attributes:
        host: By name or number.
        port: Port.
        interval: Seconds between keep-alives.
    """

    host: str
    port: int
    interval: float


@attrs.define
class _Kept:
    machine: StunKeepAlive
    owners: set[str]
    failed: trio.Event = attrs.field(factory=trio.Event)


class DatagramKeepAlive:
    """Sends keep-alives, and tells the machine when nobody answers any more.

    Args:
        pump: Holds the machine.
        datagrams: The sockets.
        environment: Clock and name resolution.
        proxy: A proxy to keep open from the beginning, or ``None``.
        ids: Makes the transactions.

    Attributes:
        answered: Keep-alives that were answered.
        failed: Whether the last one was not, after all its repeats.
        mapped: Our address as the far end sees it, once it has told.
    """

    def __init__(
        self,
        pump: Pump[object],
        datagrams: Datagrams,
        environment: Environment,
        *,
        proxy: ProxyToKeep | None,
        ids: Ids,
    ) -> None:
        self.answered = 0
        self.failed = False
        self.mapped: Address | None = None
        self.proxy = proxy
        self._ids = ids
        self._kept: dict[Endpoint, _Kept] = {}
        self._pump = pump
        self._datagrams = datagrams
        self._network = environment.network
        self._now = environment.clock.now
        self._nap = trio.CancelScope()

    def __len__(self) -> int:
        return len(self._kept)

    def statistics(self) -> KeepAliveStatistics | None:
        """Return a snapshot; ``None`` while there has been nothing to keep open."""
        if self.proxy is None and not self._kept and not self.answered and not self.failed:
            return None
        return KeepAliveStatistics(self.answered, self.failed, self.mapped)

    def keep(self, owner: str, endpoint: Endpoint, interval: float) -> None:
        """Keep the way to an address open for somebody; a way of his to another address is let go.

        Args:
            owner: Who needs it.
            endpoint: The far end.
            interval: Seconds between keep-alives.
        """
        kept = self._kept.get(endpoint)
        if kept is None:
            machine = StunKeepAlive(endpoint, interval, now=self._now(), ids=self._ids)
            kept = self._kept[endpoint] = _Kept(machine, set())
            self._datagrams.stun_taker = self.receive
            self._nap.cancel()
        elif owner in kept.owners:
            return
        kept.owners.add(owner)
        for other, each in list(self._kept.items()):
            if other != endpoint and owner in each.owners:
                self._release(owner, other, each)

    def let_go(self, owner: str) -> None:
        """Keep nothing open for somebody any more."""
        for endpoint, kept in list(self._kept.items()):
            self._release(owner, endpoint, kept)

    def _release(self, owner: str, endpoint: Endpoint, kept: _Kept) -> None:
        kept.owners.discard(owner)
        if not kept.owners:
            kept.machine.close(self._now())
            del self._kept[endpoint]

    def receive(self, data: bytes) -> None:
        """Take a STUN message that came in."""
        for kept in self._kept.values():
            kept.machine.receive_packet(data, self._now())
        self._nap.cancel()

    async def run(self) -> None:
        """Send keep-alives for ever."""
        async with trio.open_nursery() as nursery:
            if self.proxy is not None:
                nursery.start_soon(self._keep_proxy, self.proxy)
            while True:
                for endpoint, kept in list(self._kept.items()):
                    kept.machine.handle_timeout(self._now())
                    self._carry(endpoint, kept)
                due = [each.machine.deadline for each in self._kept.values()]
                at = min([deadline for deadline in due if deadline is not None], default=float("inf"))
                with trio.CancelScope(deadline=at) as self._nap:
                    await trio.sleep_forever()

    async def _keep_proxy(self, proxy: ProxyToKeep) -> None:
        """Keep a proxy open, and look its address up again when that fails."""
        while True:
            try:
                host = (await self._network.resolve(proxy.host))[0]
            except NetworkError:
                await trio.sleep(_RESOLVE_AGAIN_S)
                continue
            endpoint = Endpoint("UDP", host, proxy.port)
            self.keep("", endpoint, proxy.interval)
            await self._kept[endpoint].failed.wait()

    def _carry(self, endpoint: Endpoint, kept: _Kept) -> None:
        """Send and take what a machine has."""
        machine = kept.machine
        while (transmit := machine.next_transmit()) is not None:
            self._datagrams.send_raw(transmit.data, transmit.destination)
        while (event := machine.next_event()) is not None:
            if isinstance(event, KeepAliveFailed):
                self.failed = True
                # Whoever still needs the way asks for it again, when he has found it anew.
                self._kept.pop(endpoint, None)
                kept.failed.set()
                cause = "a keep-alive was not answered"
                self._pump.machine.flow_failed(event.destination, cause, self._now())
                self._pump.flush()
                return
            self.answered += 1
            self.failed, self.mapped = False, event.mapped


def proxy_to_keep(proxy: str | None, interval: float | None) -> ProxyToKeep | None:
    """Return the proxy that a configuration wants to be kept open, ``None`` for none."""
    if proxy is None or interval is None:
        return None
    try:
        hop = next_hop(proxy)
    except ProtocolError:
        return None
    # Connections have keep-alives of their own.
    return ProxyToKeep(hop.host, hop.port, interval) if hop.transport == "UDP" else None
