"""One simulated host's access to the network: the same doors as the kernel's."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from errno import EADDRINUSE, EADDRNOTAVAIL
from typing import TypeVar

import trio

from sansio_sip.resolve import AddressRecord, Record, RecordType
from trio_runtime.base.errors import NetworkError, PortInUseError, ResolutionError
from trio_runtime.base.network import DnsAnswer
from trio_runtime.base.stream_ports import Connection
from trio_runtime.base.types import Address
from trio_runtime.testing.wire_media import WireMediaIO, WireMediaSocket
from trio_runtime.testing.wire_sockets import Carrier, WireDatagramSocket
from trio_runtime.testing.wire_streams import WireStreamListener, WireStreams

__all__ = ["PortTable", "WireNetwork", "WireSocketKind"]

WireSocketKind = WireDatagramSocket | WireMediaSocket
SocketT = TypeVar("SocketT", WireDatagramSocket, WireMediaSocket)
_FIRST_EPHEMERAL = 49_152
_ANY_HOST = ("0.0.0.0", "::", "")


_TTL = 60.0  # s


class PortTable:
    """Which sockets are open on which host; two never share a port."""

    def __init__(self) -> None:
        """Begin with no socket."""
        self.sockets: dict[Address, WireSocketKind] = {}
        self._next_ephemeral: dict[str, int] = {}

    def reserve(self, host: str, bind_host: str, port: int) -> int:
        """Return the port to use, a fresh one for 0; raises `OSError` like the kernel's bind."""
        if bind_host not in (host, *_ANY_HOST):
            raise OSError(EADDRNOTAVAIL, os.strerror(EADDRNOTAVAIL))
        if not port:
            port = self._next_ephemeral.get(host, _FIRST_EPHEMERAL)
            while (host, port) in self.sockets:
                port += 1
            # Never the same again, as long as the range lasts: a late datagram must not reach a new socket.
            self._next_ephemeral[host] = port + 1 if port < 65_535 else _FIRST_EPHEMERAL
        elif (host, port) in self.sockets:
            raise OSError(EADDRINUSE, os.strerror(EADDRINUSE))
        return port


class WireNetwork:
    """The network as one host sees it."""

    def __init__(
        self,
        carrier: Carrier,
        ports: PortTable,
        host: str,
        names: Mapping[str, list[str]],
        records: Mapping[tuple[RecordType, str], list[Record]],
        streams: WireStreams,
    ) -> None:
        """Use `Wire.environment` instead."""
        self._carrier = carrier
        self._ports = ports
        self._host = host
        self._names = names
        self._records = records
        self._streams = streams

    async def open_datagram(self, host: str, port: int, *, receive_buffer: int) -> WireDatagramSocket:
        """Bind a socket for signalling; raises `PortInUseError` or `NetworkError`."""
        await trio.lowlevel.checkpoint()

        def make(address: Address) -> WireDatagramSocket:
            return WireDatagramSocket(self._carrier, self._host, address, receive_buffer)

        try:
            return self._bind(host, port, make)
        except OSError as failure:
            if failure.errno == EADDRINUSE:
                text = f"UDP port {port} on {host} is in use by another program"
                raise PortInUseError(text) from failure
            raise NetworkError(f"cannot listen on {host} UDP port {port}: {failure.strerror}") from failure

    async def open_listener(self, host: str, port: int) -> WireStreamListener:
        """Listen for connections; raises `PortInUseError` or `NetworkError`."""
        await trio.lowlevel.checkpoint()
        if host not in (self._host, *_ANY_HOST):
            raise NetworkError(f"cannot listen on {host} TCP port {port}: {os.strerror(EADDRNOTAVAIL)}")
        if not port:
            port = self._streams.free_port(self._host)
        if (self._host, port) in self._streams.listeners:
            raise PortInUseError(f"TCP port {port} on {host} is in use by another program")
        return self._streams.listen((self._host, port))

    async def connect(self, host: str, port: int) -> Connection:
        """Open a connection to an address; raises `OSError` when nobody listens there."""
        return await self._streams.connect(self._host, (host, port))

    def open_media(self, dscp: int = 0) -> WireMediaIO:
        """Return a new, empty set of media sockets; nobody reads marks here."""

        def make(address: Address) -> WireMediaSocket:
            return WireMediaSocket(self._carrier, self._host, address)

        return WireMediaIO(lambda host, port: self._bind(host, port, make))

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

    def _bind(self, host: str, port: int, make: Callable[[Address], SocketT]) -> SocketT:
        port = self._ports.reserve(self._host, host, port)
        socket = make((host, port))
        self._ports.sockets[self._host, port] = socket
        return socket
