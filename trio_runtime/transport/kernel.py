"""The kernel's network: binding, name resolution and the choice of the own address."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable

import trio

from sansio_sip.resolve import AddressRecord, RecordType
from trio_runtime.base.errors import NetworkError, PortInUseError, ResolutionError
from trio_runtime.base.network import DnsAnswer
from trio_runtime.base.ports import MediaIO
from trio_runtime.base.stream_ports import Connection
from trio_runtime.transport.address_watch import AddressWatch
from trio_runtime.transport.dns import DnsClient
from trio_runtime.transport.tcp import KernelStreamListener, connect_tcp
from trio_runtime.transport.udp import KernelDatagramSocket

__all__ = ["KernelNetwork"]

_ADDRESS_TTL = 30.0  # s; the system does not tell how long its answers hold, and keeps them itself


class KernelNetwork:
    """Access to the network of the machine this program runs on."""

    def __init__(
        self,
        open_media: Callable[[int], MediaIO],
        dns: DnsClient | None = None,
        *,
        addresses_from_dns: bool = False,
    ) -> None:
        """Take what it is made of.

        Args:
            open_media: Makes media sockets, which live in `media/`.
            dns: Asks the DNS; by default the name servers of the machine.
            addresses_from_dns: Whether addresses are asked for there as well, with their time to live, and
                not from where all programs of the machine have them, the hosts file included.
        """
        self._addresses_from_dns = addresses_from_dns
        self._open_media = open_media
        self._dns = DnsClient() if dns is None else dns

    async def open_datagram(self, host: str, port: int, *, receive_buffer: int) -> KernelDatagramSocket:
        """Bind a UDP socket for signalling; raises `PortInUseError`, `ResolutionError` or `NetworkError`."""
        address = (await self.resolve(host))[0]
        sock = socket.socket(_family(address), socket.SOCK_DGRAM)
        try:
            if sock.family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address, port))
            return KernelDatagramSocket(sock, receive_buffer=receive_buffer)
        except OSError as failure:
            sock.close()
            raise _bind_error(failure, host, port, "UDP") from failure

    async def open_listener(self, host: str, port: int) -> KernelStreamListener:
        """Listen for TCP connections; raises `PortInUseError`, `ResolutionError` or `NetworkError`."""
        address = (await self.resolve(host))[0]
        sock = socket.socket(_family(address), socket.SOCK_STREAM)
        try:
            if sock.family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if os.name == "posix":
                # Connections of a former run that linger do not hold the port.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, port))
            return KernelStreamListener(sock)
        except OSError as failure:
            sock.close()
            raise _bind_error(failure, host, port, "TCP") from failure

    async def connect(self, host: str, port: int) -> Connection:
        """Open a TCP connection to an IP address; raises `OSError`."""
        return await connect_tcp(host, port)

    def open_media(self, dscp: int = 0) -> MediaIO:
        """Return a new, empty set of media sockets, which mark what they send with `dscp`."""
        return self._open_media(dscp)

    async def resolve(self, host: str) -> list[str]:
        """Return the IP addresses of a host, the preferred one first; raises `ResolutionError`."""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return await _look_up(host)
        await trio.lowlevel.checkpoint()
        return [host]

    async def look_up(self, record_type: RecordType, name: str) -> DnsAnswer:
        """Return the records of a name; raises `ResolutionError` when nobody can tell.

        Addresses come from where all programs of the machine have them, as long as nothing else is wanted;
        the other types from the DNS itself.
        """
        if record_type in (RecordType.A, RecordType.AAAA) and not self._addresses_from_dns:
            family = socket.AF_INET if record_type is RecordType.A else socket.AF_INET6
            found = [AddressRecord(host) for host in await self.resolve(name) if _family(host) == family]
            return DnsAnswer(tuple(found), _ADDRESS_TTL)
        return await self._dns.look_up(record_type, name)

    def watch_addresses(self) -> AddressWatch:
        """Return what tells that addresses or routes have changed; on Linux only."""
        return AddressWatch()

    def local_host_for(self, remote_host: str) -> str:
        """Return the own address from which packets to an IP address leave; raises `NetworkError`."""
        try:
            with socket.socket(_family(remote_host), socket.SOCK_DGRAM) as probe:
                # Connecting a UDP socket sends nothing; it only makes the kernel choose the route.
                probe.connect((remote_host, 9))
                host: str = probe.getsockname()[0]
        except OSError as failure:
            raise NetworkError(f"no route to {remote_host}: {failure.strerror or failure}") from failure
        return host


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


async def _look_up(host: str) -> list[str]:
    try:
        found = await trio.socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as failure:
        raise ResolutionError(
            f"cannot find {host}: {getattr(failure, 'strerror', None) or failure}"
        ) from failure
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _bind_error(failure: OSError, host: str, port: int, kind: str) -> NetworkError:
    if failure.errno == errno.EADDRINUSE and not port:
        return PortInUseError(f"no {kind} port of {host} is free")
    if failure.errno == errno.EADDRINUSE:
        return PortInUseError(f"{kind} port {port} on {host} is in use by another program")
    cause = os.strerror(failure.errno) if failure.errno else str(failure)
    return NetworkError(f"cannot listen on {host} {kind} port {port}: {cause}")
