"""A name server on the loopback interface, over UDP and TCP, which answers, waits, breaks off and lies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import trio

from trio_runtime.transport.dns import DnsClient

__all__ = ["Query", "Reply", "Zone", "name_server", "raw"]

Query = dns.message.Message
Reply = Callable[[Query, bool], Awaitable[Iterable[bytes]]]
"""Gives the packets with which a question is answered; whether it came by TCP is told."""


class Zone:
    """Answers from records, and counts the questions.

    Args:
        records: Text of the data by name and type, as ``{("example.com.", "A"): ["192.0.2.1"]}``.
        ttl: Seconds that all of them hold.
    """

    def __init__(self, records: dict[tuple[str, str], list[str]], ttl: int = 120) -> None:
        self.records = records
        self.ttl = ttl
        self.asked: list[tuple[str, str]] = []

    async def __call__(self, query: Query, _by_tcp: bool) -> list[bytes]:
        """Answer truly."""
        return [self.answer(query).to_wire()]

    def answer(self, query: Query) -> Query:
        """Return the true answer."""
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        (question,) = query.question
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        while rows := self.records.get((name, "CNAME")):
            reply.answer.append(dns.rrset.from_text(name, self.ttl, "IN", "CNAME", *rows))
            name = rows[0]
            if len(reply.answer) > 30:
                return reply
        if rows := self.records.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(name, self.ttl, "IN", kind, *rows))
        return reply


def raw(*packets: bytes) -> Reply:
    """Answer every question with the same octets."""

    async def answer(_query: Query, _by_tcp: bool) -> Iterable[bytes]:
        return packets

    return answer


async def _open_both() -> tuple[trio.socket.SocketType, trio.SocketListener, int]:
    """Open one port for UDP and for TCP; one that is free for the first may be taken for the second."""
    for _ in range(100):
        (tcp,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = int(tcp.socket.getsockname()[1])
        udp = trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM)
        try:
            await udp.bind(("127.0.0.1", port))
        except OSError:
            udp.close()
            await tcp.aclose()
        else:
            return udp, tcp, port
    raise OSError("no port is free for UDP and for TCP")


@asynccontextmanager
async def name_server(answer: Reply, folder: Path, *, lifetime: float = 4.0) -> AsyncIterator[DnsClient]:
    """Serve while the block lasts; give a client that asks there.

    Args:
        answer: What is said.
        folder: Where the client's configuration is written.
        lifetime: Seconds that the client has for a question.
    """
    udp, tcp, port = await _open_both()
    with udp:
        async with tcp, trio.open_nursery() as nursery:

            async def serve_datagrams() -> None:
                while True:
                    data, source = await udp.recvfrom(4_096)
                    nursery.start_soon(reply_by_datagram, data, source)

            async def reply_by_datagram(data: bytes, source: tuple[str, int]) -> None:
                for packet in await answer(dns.message.from_wire(data), False):
                    await udp.sendto(packet, source)

            async def serve_stream(stream: trio.SocketStream) -> None:
                buffer = b""
                while len(buffer) < 2 or len(buffer) < 2 + int.from_bytes(buffer[:2], "big"):
                    received = await stream.receive_some()
                    if not received:
                        return
                    buffer += received
                for packet in await answer(dns.message.from_wire(buffer[2:]), True):
                    await stream.send_all(len(packet).to_bytes(2, "big") + packet)
                await stream.aclose()

            nursery.start_soon(serve_datagrams)
            await nursery.start(trio.serve_listeners, serve_stream, [tcp])
            configuration = folder / "resolv.conf"
            configuration.write_text("nameserver 127.0.0.1\n")
            yield DnsClient(str(configuration), port, lifetime=lifetime)
            nursery.cancel_scope.cancel()
