"""A simulated host from when it is switched on until it dies for good: its ports, and whether it lives."""

from __future__ import annotations

import os
from collections.abc import Callable
from errno import EADDRINUSE, EADDRNOTAVAIL
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from trio_runtime.testing.wire_media import WireMediaSocket
from trio_runtime.testing.wire_sockets import WireDatagramSocket

if TYPE_CHECKING:
    from trio_runtime.base.types import Address
    from trio_runtime.testing.gates import TransportName
    from trio_runtime.testing.wire_listener import WireStreamListener
    from trio_runtime.testing.wire_sockets import WireSocket

__all__ = ["ANY_HOST", "DatagramCarrier", "Machine", "Surroundings", "WireSocketKind"]

WireSocketKind: TypeAlias = WireDatagramSocket | WireMediaSocket
SocketT = TypeVar("SocketT", WireDatagramSocket, WireMediaSocket)

ANY_HOST = ("0.0.0.0", "::", "")
_FIRST_EPHEMERAL = 49_152
_FIRST_STREAM_PORT = 32_768


class DatagramCarrier(Protocol):
    """What a host needs of the network."""

    def forward(self, machine: Machine, socket: WireSocket, data: bytes, destination: Address) -> None:
        """Take one datagram over."""
        ...


class Surroundings(Protocol):
    """What a host knows of the network that it is in; see `Realm`."""

    hosts: dict[str, Machine]

    def leave(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> tuple[Surroundings, Address] | None:
        """Go outwards to where an address is known."""
        ...

    def enter(
        self, now: float, transport: TransportName, source: Address, destination: Address
    ) -> tuple[Surroundings, Address] | None:
        """Go inwards to the network of a host."""
        ...


class Machine:
    """One life of a host. The programs of an earlier life have sockets that nothing reaches any more.

    Attributes:
        host: Its address.
        realm: The network that it is in.
        origin: Its name in seeds: hosts of two private networks may have the same address.
        alive: False while it is dead: nothing goes out, nothing comes in, its memory stays.
        gone: True once another life of the host has begun.
        sockets: Its open sockets by port.
        listeners: Its listeners by port.
    """

    def __init__(self, realm: Surroundings, host: str, origin: str, carrier: DatagramCarrier) -> None:
        """Use `Realm.machine` instead."""
        self.realm = realm
        self.host = host
        self.origin = origin
        self.alive = True
        self.gone = False
        self.sockets: dict[int, WireSocketKind] = {}
        self.listeners: dict[int, WireStreamListener] = {}
        self._carrier = carrier
        self._next_ephemeral = _FIRST_EPHEMERAL
        self._next_stream_port = _FIRST_STREAM_PORT

    def __repr__(self) -> str:
        """Return the address and whether it lives."""
        return f"<{self.origin} {'gone' if self.gone else 'alive' if self.alive else 'dead'}>"

    def bind(self, bind_host: str, port: int, make: Callable[[Address], SocketT]) -> SocketT:
        """Open a socket on a port, a fresh one for 0; raises `OSError` like the kernel's bind."""
        if bind_host not in (self.host, *ANY_HOST):
            raise OSError(EADDRNOTAVAIL, os.strerror(EADDRNOTAVAIL))
        if not port:
            port = self._next_ephemeral
            while port in self.sockets:
                port += 1
            # Never the same again, as long as the range lasts: a late datagram must not reach a new socket.
            self._next_ephemeral = port + 1 if port < 65_535 else _FIRST_EPHEMERAL
        elif port in self.sockets:
            raise OSError(EADDRINUSE, os.strerror(EADDRINUSE))
        socket = self.sockets[port] = make((bind_host, port))
        return socket

    def free_listener_port(self) -> int:
        """Return a port on which nobody listens for connections."""
        port = _FIRST_EPHEMERAL
        while port in self.listeners:
            port += 1
        return port

    def fresh_stream_port(self) -> int:
        """Return the port of a new connection of ours."""
        self._next_stream_port += 1
        return self._next_stream_port

    def send(self, socket: WireSocket, data: bytes, destination: Address) -> None:
        """Carry one datagram (called by the sockets)."""
        self._carrier.forward(self, socket, data, destination)

    def release(self, socket: WireSocket) -> None:
        """Forget a socket (called by the sockets)."""
        self.sockets.pop(socket.local_address[1], None)

    def next_life(self) -> Machine:
        """Let this life be over and return the next one."""
        self.alive, self.gone = False, True
        successor = Machine(self.realm, self.host, self.origin, self._carrier)
        successor._next_ephemeral = self._next_ephemeral
        successor._next_stream_port = self._next_stream_port
        return successor
