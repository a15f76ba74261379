"""From a TCP connection to a channel: the handshakes of each transport."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import attrs

from sansio_sip.resolve import is_secure
from trio_runtime.transport.channels import ByteChannel, Channel
from trio_runtime.transport.tls import secure_client, secure_server
from trio_runtime.transport.websocket import accept_websocket, open_websocket

if TYPE_CHECKING:
    import trio

    from trio_runtime.base.flow_config import FlowConfig
    from trio_runtime.base.tls_config import TlsConfig

__all__ = ["Established", "Handshakes"]


@attrs.frozen
class Established:
    """A channel, and whom the certificate of the peer names where it was checked."""

    channel: Channel
    identities: tuple[str, ...] = ()


class Handshakes:
    """Does the handshakes of TLS and WebSocket.

    Args:
        config: Certificates and trust.
        flows: Where WebSockets are opened, and whose pages may open some to us.
        serves_tls: Whether there are listeners for TLS.
    """

    def __init__(self, config: TlsConfig, flows: FlowConfig, *, serves_tls: bool) -> None:
        self._flows = flows
        self._client: ssl.SSLContext = config.client_context()
        self._server = config.server_context() if serves_tls else None

    async def connect(
        self, nursery: trio.Nursery, stream: trio.abc.Stream, transport: str, server_name: str
    ) -> Established:
        """Do those of the client.

        Args:
            nursery: Where tasks of a WebSocket run.
            stream: The connected stream.
            transport: As in a Via.
            server_name: Domain that the certificate has to name.

        Raises:
            CertificateError: The server is not who it should be.
            ConnectionFailedError: The server does not speak the transport.
        """
        identities: tuple[str, ...] = ()
        if is_secure(transport):
            secured = await secure_client(stream, self._client, server_name)
            stream, identities = secured.stream, secured.identities
        if transport in ("WS", "WSS"):
            host = f"[{server_name}]" if ":" in server_name else server_name
            path = self._flows.websocket_path or "/"
            return Established(await open_websocket(nursery, stream, host, path), identities)
        return Established(ByteChannel(stream), identities)

    async def accept(self, nursery: trio.Nursery, stream: trio.abc.Stream, transport: str) -> Established:
        """Do those of the server; see `connect`."""
        identities: tuple[str, ...] = ()
        if self._server is not None and is_secure(transport):
            secured = await secure_server(stream, self._server)
            stream, identities = secured.stream, secured.identities
        if transport in ("WS", "WSS"):
            return Established(await accept_websocket(nursery, stream, self._flows), identities)
        return Established(ByteChannel(stream), identities)
