"""One simulated host's access to the network: the same doors as the kernel's."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from errno import EADDRINUSE, EADDRNOTAVAIL
from typing import TYPE_CHECKING

import trio

from sansio_sip.resolve import AddressRecord, Record, RecordType
from trio_runtime.base.errors import NetworkError, PortInUseError, ResolutionError
from trio_runtime.base.network import DnsAnswer
from trio_runtime.testing.machines import ANY_HOST
from trio_runtime.testing.wire_media import WireMediaIO, WireMediaSocket
from trio_runtime.testing.wire_sockets import WireDatagramSocket

if TYPE_CHECKING:
    from trio_runtime.base.stream_ports import Connection
    from trio_runtime.base.types import Address
    from trio_runtime.testing.machines import Machine
    from trio_runtime.testing.wire_listener import WireStreamListener
    from trio_runtime.testing.wire_streams import WireStreams

__all__ = ["WireNetwork"]

_TTL = 60.0  # s


class WireNetwork:
    """The network as the programs in one life of a host see it."""

    def __init__(
        self,
        machine: Machine,
        names: Mapping[str, list[str]],
        records: Mapping[tuple[RecordType, str], list[Record]],
        streams: WireStreams,
    ) -> None:
        """Use `Wire.environment` instead."""
        self._machine = machine
        self._host = machine.host
        self._names = names
        self._records = records
        self._streams = streams

    async def open_datagram(self, host: str, port: int, *, receive_buffer: int) -> WireDatagramSocket:
        """Bind a socket for signalling; raises `PortInUseError` or `NetworkError`."""
        await trio.lowlevel.checkpoint()
        machine = self._machine

        def make(address: Address) -> WireDatagramSocket:
            return WireDatagramSocket(machine, self._host, address, receive_buffer)

        try:
            return machine.bind(host, port, make)
        except OSError as failure:
            if failure.errno == EADDRINUSE:
                text = f"UDP port {port} on {host} is in use by another program"
                raise PortInUseError(text) from failure
            raise NetworkError(f"cannot listen on {host} UDP port {port}: {failure.strerror}") from failure

    async def open_listener(self, host: str, port: int) -> WireStreamListener:
        """Listen for connections; raises `PortInUseError` or `NetworkError`."""
        await trio.lowlevel.checkpoint()
        if host not in (self._host, *ANY_HOST):
            raise NetworkError(f"cannot listen on {host} TCP port {port}: {os.strerror(EADDRNOTAVAIL)}")
        port = port or self._machine.free_listener_port()
        if port in self._machine.listeners:
            raise PortInUseError(f"TCP port {port} on {host} is in use by another program")
        return self._streams.listen(self._machine, port)

    async def connect(self, host: str, port: int) -> Connection:
        """Open a connection to an address; raises `OSError` when nobody listens there."""
        return await self._streams.connect(self._machine, (host, port))

    def open_media(self, dscp: int = 0) -> WireMediaIO:
        """Return a new, empty set of media sockets; nobody reads marks here."""
        machine = self._machine

        def make(address: Address) -> WireMediaSocket:
            return WireMediaSocket(machine, self._host, address)

        return WireMediaIO(lambda host, port: machine.bind(host, port, make))

    async def resolve(self, host: str) -> list[str]:
        """Return the IP addresses of a host; raises `ResolutionError`."""
        await trio.lowlevel.checkpoint()
        if host in self._names:
            return list(self._names[host])
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            raise ResolutionError(f"cannot find {host}: no such name on the wire") from None

    async def look_up(self, record_type: RecordType, name: str) -> DnsAnswer:
        """Return the records of a name on the wire; no name server is ever asked."""
        if record_type in (RecordType.A, RecordType.AAAA):
            hosts = await self.resolve(name)
            six = record_type is RecordType.AAAA
            return DnsAnswer(tuple([AddressRecord(host) for host in hosts if (":" in host) is six]), _TTL)
        await trio.lowlevel.checkpoint()
        return DnsAnswer(tuple(self._records.get((record_type, name), ())), _TTL)

    def local_host_for(self, remote_host: str) -> str:
        """Return the own address: a simulated host has one."""
        return self._host

    def watch_addresses(self) -> _NoChanges:
        """Return what never tells anything: a simulated host keeps its address."""
        return _NoChanges()


class _NoChanges:
    async def changed(self) -> None:
        await trio.sleep_forever()

    def close(self) -> None:
        pass
