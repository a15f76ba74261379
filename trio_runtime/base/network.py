"""A host's whole access to the network: sockets, connections, names and routes."""

from __future__ import annotations

from typing import Protocol

import attrs

from sansio_sip.resolve import Record, RecordType
from trio_runtime.base.ports import DatagramSocket, MediaIO
from trio_runtime.base.stream_ports import Connection, StreamListener

__all__ = ["AddressWatch", "DnsAnswer", "Network"]


@attrs.frozen
class DnsAnswer:
    """What the DNS says to one question.

    Attributes:
        records: The records; none when the name exists without such records, or does not exist.
        ttl: Seconds that they hold.
    """

    records: tuple[Record, ...]
    ttl: float


class AddressWatch(Protocol):
    """Hears of changes of the machine's addresses and routes from its making on."""

    async def changed(self) -> None:
        """Wait until something has changed; for ever where nobody tells."""
        ...

    def close(self) -> None:
        """Hear nothing more."""
        ...


class Network(Protocol):
    """A host's access to the network."""

    async def open_datagram(self, host: str, port: int, *, receive_buffer: int) -> DatagramSocket:
        """Bind a socket for signalling; raises `PortInUseError` or `NetworkError`."""
        ...

    async def open_listener(self, host: str, port: int) -> StreamListener:
        """Listen for TCP connections; raises `PortInUseError` or `NetworkError`."""
        ...

    async def connect(self, host: str, port: int) -> Connection:
        """Open a TCP connection to an IP address; raises `OSError`. The caller bounds the time."""
        ...

    def open_media(self, dscp: int = 0) -> MediaIO:
        """Return a new, empty set of media sockets, which mark what they send with `dscp`."""
        ...

    async def resolve(self, host: str) -> list[str]:
        """Return the IP addresses of a host, the preferred one first; raises `ResolutionError`."""
        ...

    async def look_up(self, record_type: RecordType, name: str) -> DnsAnswer:
        """Return the records of a name; raises `ResolutionError` when nobody can tell."""
        ...

    def local_host_for(self, remote_host: str) -> str:
        """Return the own address from which packets to an IP address leave; raises `NetworkError`."""
        ...

    def watch_addresses(self) -> AddressWatch:
        """Return what tells that addresses or routes have changed."""
        ...
