"""From which address we speak to a peer: a machine with several must name the one that the peer can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sansio_sip.message import Uri
from trio_runtime.api import open_client
from trio_runtime.base.errors import NetworkError
from trio_runtime.cli.flags.transports import transports_to

if TYPE_CHECKING:
    from argparse import Namespace

    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import Address
    from trio_runtime.coordinator import SessionCoordinator

__all__ = ["Outlet", "open_asker", "outlet_to"]

_ANY = ("0.0.0.0", "::")


@attrs.frozen
class Outlet:
    """Where to listen and what to say about it.

    Attributes:
        bind_host: Address to listen on.
        sip_port: Port to listen on, 0 for any free one.
        advertised_host: Address for messages, ``None`` for the bound one.
    """

    bind_host: str
    sip_port: int
    advertised_host: str | None = None


async def open_asker(
    way: str, options: Namespace, environment: Environment, uri: str | None = None
) -> SessionCoordinator:
    """Return a coordinator without audio that can speak to ``way``, for verbs that only ask.

    Args:
        way: SIP URI of the peer, checked already.
        options: The parsed command line: ``bind`` and what there is about TLS.
        environment: Clock, network and randomness.
        uri: Its own address.
    """
    outlet, transports = await outlet_to(way, options.bind, environment), transports_to(way, options)
    return open_client(
        uri,
        sip_port=outlet.sip_port,
        environment=environment,
        bind_host=outlet.bind_host,
        advertised_host=outlet.advertised_host,
        no_media=True,
        trace_messages=0,
        listen=transports.listen,
        connect=transports.connect,
        tls=transports.tls,
    )


async def outlet_to(uri: str, bind: Address, environment: Environment) -> Outlet:
    """Return the outlet for talking to ``uri``.

    Args:
        uri: SIP URI of the peer, checked already.
        bind: What the user asked for; an address of no particular interface leaves us the choice.
        environment: Name resolution and routing.
    """
    host, port = bind
    if host not in _ANY:
        return Outlet(host, port)
    try:
        remote = (await environment.network.resolve(Uri.parse(uri).host))[0]
        own = environment.network.local_host_for(remote)
    except NetworkError:
        return Outlet(host, port)  # sending will fail in the same way, and say so
    return Outlet("::" if ":" in remote else "0.0.0.0", port, own)
