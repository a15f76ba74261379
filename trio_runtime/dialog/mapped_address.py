"""Our address as the other side of a NAT sees it: a STUN server is asked once, before all else goes out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import trio

from sansio_sip.framing import KeepAliveAnswered, StunKeepAlive
from sansio_sip.machine import Endpoint
from trio_runtime.base.errors import NetworkError

if TYPE_CHECKING:
    from sansio_sip.ids import Ids
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.ports import DatagramSocket
    from trio_runtime.base.types import Address

__all__ = ["find_mapped_address"]

logger = logging.getLogger("trio_runtime")

_PATIENCE_S = 3.0  # without an answer by then the address is what it is, and the program has to begin
_DEFAULT_PORT = 3_478
_NEVER_AGAIN_S = 3_600.0


async def find_mapped_address(
    environment: Environment, socket: DatagramSocket, server: str, ids: Ids
) -> Address | None:
    """Return the address and port that a socket has outside, ``None`` when nobody tells in time.

    Args:
        environment: Clock and name resolution.
        socket: What is asked for; nothing else reads from it yet.
        server: Host, or host and port, of a STUN server.
        ids: Makes the transaction.
    """
    host, _, port = server.partition(":")
    try:
        with trio.fail_after(_PATIENCE_S):
            found = await environment.network.resolve(host)
            six = ":" in socket.local_address[0]
            address = next((each for each in found if (":" in each) is six), None)
            if address is None:
                raise NetworkError(f"{host} has no address of our family")
            return await _ask(environment, socket, Endpoint("UDP", address, int(port or _DEFAULT_PORT)), ids)
    except (NetworkError, trio.TooSlowError) as error:
        logger.warning("the STUN server %s does not tell our address: %s", server, str(error) or "no answer")
        return None


async def _ask(environment: Environment, socket: DatagramSocket, server: Endpoint, ids: Ids) -> Address:
    now = environment.clock.now
    machine = StunKeepAlive(server, _NEVER_AGAIN_S, now=now(), ids=ids)
    while True:
        machine.handle_timeout(now())
        while (transmit := machine.next_transmit()) is not None:
            socket.send(transmit.data, transmit.destination[1:3])
        with trio.move_on_after(max(0.0, (machine.deadline or now()) - now())):
            await socket.wait_readable()
        while (datagram := socket.receive()) is not None:
            machine.receive_packet(datagram[0], now())
        while socket.next_error() is not None:
            pass  # asked again all the same: the last word is that of time
        event = machine.next_event()
        if isinstance(event, KeepAliveAnswered) and event.mapped is not None:
            return event.mapped
