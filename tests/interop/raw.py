"""Peers on real sockets that keep no rules, and a pair of ours that must not notice."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import trio
import trio.testing

from sansio_sip.invite import LocallyClosed
from tests.interop.process import HOST, until
from tests.runtime.certificates import Authority
from trio_runtime import Call, IncomingCall, SessionCoordinator, open_coordinator
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.transport.flow_statistics import FlowStatistics

EVERY = ("udp", "tcp", "tls", "ws", "wss")
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing throws away what waits and resets the connection

_REQUEST = (
    "{method} sip:bob@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/{transport} raw.invalid:5060;branch=z9hG4bK-{name};rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:raw@raw.invalid>;tag=raw\r\n"
    "To: <sip:bob@127.0.0.1>\r\n"
    "Call-ID: {name}@raw.invalid\r\n"
    "CSeq: 1 {method}\r\n"
    "Contact: <sip:raw@127.0.0.1:9;transport={transport}>\r\n"
    "{more}"
    "Content-Length: {length}\r\n"
    "\r\n"
)


def request(method: str, name: str, *, transport: str = "TCP", more: str = "", body: bytes = b"") -> bytes:
    """Return a request; every name is a transaction and a call of its own."""
    text = _REQUEST.format(method=method, name=name, transport=transport, more=more, length=len(body))
    return text.encode() + body


def rtp_offer(port: int) -> bytes:
    """Return a description that offers PCMU at a port of ours."""
    lines = ("v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0", f"m=audio {port} RTP/AVP 0")
    return "".join(f"{line}\r\n" for line in lines).encode()


def reset(stream: trio.abc.Stream) -> None:
    """Cut a connection as a crashed or unplugged host does: with RST, and without a farewell of TLS."""
    sock = _socket_of(stream)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.close()


def hang_up(stream: trio.abc.Stream) -> None:
    """Close a connection with FIN, and without a farewell of TLS."""
    _socket_of(stream).close()


def _socket_of(stream: trio.abc.Stream) -> trio.socket.SocketType:
    inner = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
    assert isinstance(inner, trio.SocketStream)
    return inner.socket


async def read_to_end(stream: trio.abc.Stream) -> bytes:
    """Return what comes until the far end closes, with or without a farewell."""
    heard = b""
    try:
        while data := await stream.receive_some():
            heard += bytes(data)
    except trio.BrokenResourceError:
        pass
    return heard


@attrs.define
class Pair:
    """A server of ours that answers every call, and a phone of ours.

    Attributes:
        server: On every transport.
        phone: It calls the server.
        authority: Has signed the certificate of the server.
        calls: The calls that the server has taken.
        peers: The connections of `connect`, closed in the end.
    """

    server: SessionCoordinator
    phone: SessionCoordinator
    authority: Authority
    calls: list[IncomingCall]
    peers: list[trio.SocketStream] = attrs.field(factory=list)

    @property
    def ports(self) -> dict[str, int]:
        """The ports of the server, by transport in small letters."""
        return {each.transport.lower(): each.port for each in self.server.listening}

    @property
    def flows(self) -> FlowStatistics:
        """What the server counts of its connections."""
        return self.server.statistics().dialogs.flows

    async def connect(self, transport: str, *, tls: bool | None = None, buffer: int = 0) -> trio.abc.Stream:
        """Connect to the server.

        Args:
            transport: To which of its listeners.
            tls: Whether to do the handshake of TLS; None does it where the transport has it.
            buffer: Octets that the kernel shall hold for us to read, the least that it gives when 1.
        """
        sock = trio.socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        await sock.connect((HOST, self.ports[transport]))
        stream = trio.SocketStream(sock)
        self.peers.append(stream)
        if not (transport in ("tls", "wss") if tls is None else tls):
            return stream
        context = self.authority.trust().client_context()
        secured = trio.SSLStream(stream, context, server_hostname=HOST)
        await secured.do_handshake()
        return secured

    def uri(self, transport: str) -> str:
        """Return where to call the server."""
        return f"sip:bob@{HOST}:{self.ports[transport]};transport={transport}"

    @asynccontextmanager
    async def undisturbed(self, *transports: str) -> AsyncIterator[list[Call]]:
        """Calls that stand while the block lasts; they end as they should, and new ones come about."""
        before = [self.phone.start_call(self.uri(transport)) for transport in transports]
        for call in before:
            await call.answered()
        yield before
        for transport, call in zip(transports, before, strict=True):
            assert call.is_active
            call.hang_up()
            async with self.phone.make_call(self.uri(transport)) as another:
                await another.answered()
            assert await another.ended() == await call.ended() == LocallyClosed()

    async def flows_are(self, count: int) -> None:
        """Wait until the server has so many connections."""
        await until(lambda: self.flows.flows == count, timeout=5, what=lambda: f"{count}: {self.flows}")


@asynccontextmanager
async def pair(folder: Path, *, flows: FlowConfig | None = None, t1: float = 0.5) -> AsyncIterator[Pair]:
    """Run a server and a phone on every transport while the block lasts; both are quiet after it."""
    authority = Authority(folder)
    limits = FlowConfig() if flows is None else flows
    server = open_coordinator(
        f"sip:bob@{HOST}",
        sip_port=0,
        bind_host=HOST,
        listen=EVERY,
        tls=authority.trust(HOST),
        flows=limits,
        t1=t1,
        no_media=True,
    )
    phone = open_coordinator(
        f"sip:alice@{HOST}",
        sip_port=0,
        bind_host=HOST,
        listen=("udp", "tcp"),
        connect=EVERY[2:],
        tls=authority.trust(),
        t1=t1,
        no_media=True,
    )
    calls: list[IncomingCall] = []

    async def answer(call: IncomingCall) -> None:
        calls.append(call)
        await call.answer()
        await call.ended()

    with trio.fail_after(30):
        async with server, phone, trio.open_nursery() as nursery:
            await nursery.start(server.serve, answer)
            phones = Pair(server, phone, authority, calls)
            try:
                yield phones
            finally:
                for stream in phones.peers:
                    stream.socket.close()
            nursery.cancel_scope.cancel()
    assert (server.left_after_drain, phone.left_after_drain) == (0, 0)
    assert server.list_active_sessions() == phone.list_active_sessions() == []
