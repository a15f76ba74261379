"""Opens every listener of a configuration, and says how each address is written into messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sansio_sip.ids import Ids
from sansio_sip.outbound import OwnAddress
from sansio_sip.resolve import default_port
from trio_runtime.base.listening import Listener
from trio_runtime.dialog.datagrams import BoundSocket
from trio_runtime.dialog.local_hosts import WILDCARDS, reachable_host
from trio_runtime.dialog.mapped_address import find_mapped_address

if TYPE_CHECKING:
    from trio_runtime.base.endpoint_config import EndpointConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.ports import DatagramSocket
    from trio_runtime.base.stream_ports import StreamListener
    from trio_runtime.base.types import Address

__all__ = ["Bound", "bind_all"]


@attrs.define
class Bound:
    """What is open.

    Attributes:
        addresses: Our addresses as they stand in messages, the first listener's first.
        sockets: The sockets for datagrams.
        listeners: The listeners for connections, by transport.
        mapped: The address that a STUN server saw, where one was asked and answered.
    """

    addresses: list[OwnAddress] = attrs.field(factory=list)
    sockets: list[BoundSocket] = attrs.field(factory=list)
    listeners: list[tuple[str, StreamListener]] = attrs.field(factory=list)
    mapped: Address | None = None

    @property
    def listening(self) -> list[Listener]:
        """The listeners with the addresses and ports that peers use."""
        return [Listener(each.transport, each.host, each.port) for each in self.addresses if each.listens]

    def close(self) -> None:
        """Release every port."""
        for bound in self.sockets:
            bound.socket.close()
        for _, listener in self.listeners:
            listener.close()


async def bind_all(environment: Environment, config: EndpointConfig) -> Bound:
    """Open every listener, or none.

    Raises:
        PortInUseError: Another program holds a port.
        NetworkError: An address is none of this machine's.
    """
    bound = Bound()
    try:
        for listener in config.listeners:
            await _bind(environment, config, listener, bound)
    except BaseException:
        bound.close()
        raise
    for name in config.connect:
        _add_unheard(environment, name.upper(), bound)
    return bound


async def _bind(environment: Environment, config: EndpointConfig, listener: Listener, bound: Bound) -> None:
    network, transport = environment.network, listener.transport
    if transport == "UDP":
        buffer = config.receive_buffer
        socket = await network.open_datagram(listener.host, listener.port, receive_buffer=buffer)
        flow = f"udp-{len(bound.sockets)}" if bound.sockets else None
        address = _own(environment, config, transport, socket.local_address, flow)
        if config.stun_server is not None and config.advertised_host is None and flow is None:
            try:
                address = await _mapped(environment, config.stun_server, socket, address, bound)
            except BaseException:
                socket.close()
                raise
        bound.sockets.append(BoundSocket(socket, flow, (address.host, address.port)))
    else:
        taker = await network.open_listener(listener.host, listener.port)
        address = _own(environment, config, transport, taker.local_address, None)
        bound.listeners.append((transport, taker))
    bound.addresses.append(address)


async def _mapped(
    environment: Environment, server: str, socket: DatagramSocket, address: OwnAddress, bound: Bound
) -> OwnAddress:
    """Return an address as it is outside of a NAT; unchanged when nobody tells."""
    bound.mapped = await find_mapped_address(environment, socket, server, Ids(environment.random_bytes))
    if bound.mapped is None:
        return address
    host, port = bound.mapped
    return attrs.evolve(address, host=host, port=port, any_interface=False)


def _own(
    environment: Environment,
    config: EndpointConfig,
    transport: str,
    local: tuple[str, int],
    flow: str | None,
) -> OwnAddress:
    host, port = local
    advertised = config.advertised_host
    if advertised is not None and ":" in advertised and ":" not in host:
        advertised = None  # of the other family
    return OwnAddress(
        transport=transport,
        host=advertised or reachable_host(environment, host),
        port=port,
        flow=flow,
        any_interface=advertised is None and host in WILDCARDS,
    )


def _add_unheard(environment: Environment, transport: str, bound: Bound) -> None:
    """Add a transport that we only connect with: answers and requests come by the connections."""
    if any(address.transport == transport for address in bound.addresses):
        return
    first = bound.addresses[0]
    host = first.host
    if transport in ("WS", "WSS"):
        host = f"{environment.random_bytes(8).hex()}.invalid"  # RFC 7118 §5: there is nothing to connect to
    own = OwnAddress(
        transport=transport,
        host=host,
        port=default_port(transport),
        listens=False,
        any_interface=first.any_interface and not host.endswith(".invalid"),
    )
    bound.addresses.append(own)
