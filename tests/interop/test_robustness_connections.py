"""What peers do to connections on real sockets: cut them, leave them half open, not read, come in crowds."""

from __future__ import annotations

import resource
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
import trio.testing
from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

from sansio_sip.invite import LocallyClosed, TransportLost
from tests.interop.process import HOST
from tests.interop.raw import hang_up, pair, read_to_end, request, reset, rtp_offer
from tests.runtime.certificates import Authority
from trio_runtime import CallEnded, open_client
from trio_runtime.base.connection_errors import CertificateError
from trio_runtime.base.flow_config import FlowConfig

CUTS = {"FIN": hang_up, "RST": reset}
CROWD = 1_000


@pytest.mark.parametrize("how", CUTS)
@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_connection_cut_in_the_middle_of_a_message_leaves_nothing_behind(
    tmp_path: Path, transport: str, how: str
) -> None:
    """TRN-2, SEC-1: in the start line, the header, the blank line and the body of an INVITE."""
    invite = request("INVITE", "cut", more="Content-Type: application/sdp\r\n", body=rtp_offer(9))
    blank = invite.index(b"\r\n\r\n")
    async with pair(tmp_path) as phones, phones.undisturbed(transport, "udp"):
        for length in (1, 20, 100, blank, blank + 2, blank + 4, len(invite) - 1):
            stream = await phones.connect(transport)
            await stream.send_all(invite[:length])
            await phones.flows_are(2)
            CUTS[how](stream)
            await phones.flows_are(1)
        assert len(phones.calls) == 2
        assert phones.flows.malformed == phones.flows.handshakes_failed == 0


@pytest.mark.parametrize("how", CUTS)
async def test_connection_cut_in_the_middle_of_an_answer_ends_that_call_with_the_cause(how: str) -> None:
    """TRN-2, TRN-10: half of a 200 is no answer."""
    listener, *_ = await trio.open_tcp_listeners(0, host=HOST)
    port = listener.socket.getsockname()[1]
    async with listener, open_client(bind_host=HOST, listen=("tcp",), no_media=True) as phone:
        with trio.fail_after(5):
            async with phone.make_call(f"sip:bob@{HOST}:{port};transport=tcp") as call:
                stream = await listener.accept()
                assert bytes(await stream.receive_some()).startswith(b"INVITE")
                await stream.send_all(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TC")
                CUTS[how](stream)
                with pytest.raises(CallEnded):
                    await call.answered()
    words = {"FIN": "the peer closed it in the middle of a message", "RST": "the connection was reset"}
    assert call.end == TransportLost(words[how])


async def test_half_open_peers_are_let_go_and_count_as_such(tmp_path: Path) -> None:
    """TRN-3, SEC-1: no octet, half of a handshake, no message after it; on each transport."""
    limits = FlowConfig(connect_timeout=0.8, silent_timeout=0.8)
    async with pair(tmp_path, flows=limits) as phones, phones.undisturbed("udp", "tcp", "tls"):
        silent = [await phones.connect(transport, tls=False) for transport in ("tcp", "tls", "ws", "wss")]
        hello = [await phones.connect("tls", tls=False) for _ in range(3)]
        await hello[0].send_all(b"\x16\x03\x01")
        await hello[1].send_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100))
        await hello[2].send_all(bytes(1_000))
        shaken = [await phones.connect(transport) for transport in ("tls", "wss")]
        upgrade = await phones.connect("ws")
        await upgrade.send_all(b"GET / HTTP/1.1\r\nHost: bob\r\nUpgrade: webso")
        for stream in (*silent, *hello, *shaken, upgrade):
            assert not (await read_to_end(stream)).startswith(b"SIP")
        await phones.flows_are(2)
        # No handshake: three silent ones, three hellos, TLS alone where WSS was wanted, half an upgrade.
        assert (phones.flows.handshakes_failed, phones.flows.overdue) == (8, 2)


async def test_server_that_never_ends_the_handshake_costs_a_call_the_time_to_connect(
    tmp_path: Path,
) -> None:
    """TRN-3, TRN-10: TLS that stays silent, and a host that takes no connection at all."""
    limits = FlowConfig(connect_timeout=0.3)
    phone = open_client(
        bind_host=HOST, connect=("tcp", "tls"), flows=limits, tls=Authority(tmp_path).trust(), no_media=True
    )
    full = socket.socket()
    crowd = [socket.socket() for _ in range(4)]
    with full, trio.fail_after(5):
        full.bind((HOST, 0))
        full.listen(0)
        for each in crowd:  # the kernel takes one or two of them, and lets all others knock
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        async with phone:
            listener, *_ = await trio.open_tcp_listeners(0, host=HOST)
            async with listener:
                silent = f"sip:bob@{HOST}:{listener.socket.getsockname()[1]};transport=tls"
                closed = f"sip:bob@{HOST}:{full.getsockname()[1]};transport=tcp"
                for uri in (silent, closed):
                    async with phone.make_call(uri) as call:
                        with pytest.raises(CallEnded):
                            await call.answered()
                    assert call.end == TransportLost("the connection took too long to open")
            assert phone.statistics().dialogs.flows.failed == 2
    for each in crowd:
        each.close()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_peer_that_never_reads_is_not_read_either_and_let_go(tmp_path: Path, transport: str) -> None:
    """TRN-13: it asks for ever, and holds no more of us than the limit; others do not notice."""
    limits = FlowConfig(max_queued=65_536, send_timeout=0.5)
    async with pair(tmp_path, flows=limits) as phones, phones.undisturbed(transport, "udp"):
        stream = await phones.connect(transport, buffer=1)
        most = asked = 0
        with pytest.raises((trio.BrokenResourceError, trio.ClosedResourceError)):
            while True:
                await stream.send_all(request("OPTIONS", f"slow{asked}") * 20)
                asked += 20
                most = max(most, phones.flows.queued_octets)
        await phones.flows_are(1)
        assert 0 < most <= 65_536 + 2_000
        assert phones.flows.unsent > 0


async def test_peer_that_resets_before_it_is_taken_holds_nobody_up(tmp_path: Path) -> None:
    """TRN-2, SEC-1: a hundred such cost no pause in which others would have to wait."""
    async with pair(tmp_path) as phones, phones.undisturbed("tcp", "tls"):
        for _ in range(100):
            with socket.create_connection((HOST, phones.ports["tcp"])) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with trio.fail_after(1):
            await phones.flows_are(2)
            stream = await phones.connect("tcp")
            await stream.send_all(request("OPTIONS", "after"))
            assert bytes(await stream.receive_some()).startswith(b"SIP/2.0 200 OK\r\n")
            await stream.aclose()


@pytest.mark.parametrize(
    ("problem", "names", "expired", "known"),
    [
        ("wrong name", ("else.example", "127.0.0.2"), False, True),
        ("expired", (HOST,), True, True),
        ("unknown authority", (HOST,), False, False),
    ],
)
async def test_server_with_a_bad_certificate_is_not_talked_to(
    tmp_path: Path, problem: str, names: tuple[str, ...], *, expired: bool, known: bool
) -> None:
    """TRN-3 (RFC 5922 §7.2): the call ends at once and says why; not one octet of SIP gets out."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    issuer = authority if known else stranger
    context = issuer.trust(*names, expired=expired).server_context()
    listener, *_ = await trio.open_tcp_listeners(0, host=HOST)
    heard: list[bytes] = []

    async def take(stream: trio.SocketStream) -> None:
        secured = trio.SSLStream(stream, context, server_side=True)
        heard.append(await read_to_end(secured))

    uri = f"sip:bob@{HOST}:{listener.socket.getsockname()[1]};transport=tls"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, take, [listener])
        async with open_client(
            bind_host=HOST, connect=("tls",), tls=authority.trust(), no_media=True
        ) as phone:
            with trio.fail_after(5):
                async with phone.make_call(uri) as call:
                    with pytest.raises(CallEnded) as caught:
                        await call.answered()
                with pytest.raises(CertificateError):
                    await phone.options(uri)
        nursery.cancel_scope.cancel()
    error = caught.value.__cause__
    assert isinstance(error, CertificateError)
    assert error.problem == problem
    assert heard == [b"", b""]


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Let this process hold as many descriptors as the crowd needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * CROWD + 500
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"{needed} descriptors are needed, {hard} allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
async def test_a_thousand_idle_connections_cost_the_calls_nothing(tmp_path: Path) -> None:
    """TRN-6, TRN-13: they come, stay and are all cut at once, while calls go on; one too many is refused."""
    limits = FlowConfig(max_flows_per_source=CROWD + 2)
    async with pair(tmp_path, flows=limits) as phones, phones.undisturbed("udp", "tcp", "tls"):
        crowd = [await phones.connect("tcp") for _ in range(CROWD)]
        await phones.flows_are(CROWD + 2)
        assert await read_to_end(await phones.connect("tcp")) == b""
        assert phones.flows.refused == 1
        for transport in ("udp", "tcp", "tls") * 10:
            async with phones.phone.make_call(phones.uri(transport)) as call:
                await call.answered()
            assert await call.ended() == LocallyClosed()
        await crowd[-1].send_all(request("OPTIONS", "crowd"))
        assert bytes(await crowd[-1].receive_some()).startswith(b"SIP/2.0 200 OK\r\n")
        for stream in crowd:
            reset(stream)
        await phones.flows_are(2)
        assert phones.flows.malformed == phones.flows.accept_errors == 0


def websocket_handshake() -> bytes:
    """Return what a client asks with."""
    return WSConnection(ConnectionType.CLIENT).send(Request(host=HOST, target="/", subprotocols=["sip"]))


def in_websocket(message: bytes) -> bytes:
    """Return the frame of a client with a message; wsproto makes none before its handshake is answered."""
    mask = b"\x01\x02\x03\x04"
    masked = bytes(octet ^ mask[index % 4] for index, octet in enumerate(message))
    return struct.pack("!BBH", 0x82, 0xFE, len(message)) + mask + masked  # of 126 octets or more


@pytest.mark.parametrize("transport", ["tcp", "tls", "ws"])
async def test_message_may_be_split_at_every_octet(tmp_path: Path, transport: str) -> None:
    """TRN-2, TRN-3, TRN-4: in its header, its body, and in the frame and the handshake of a WebSocket."""
    body = rtp_offer(9)

    def message(number: int) -> bytes:
        more = "Content-Type: application/sdp\r\n"
        return request("OPTIONS", f"split{number:04}", transport=transport.upper(), more=more, body=body)

    async with pair(tmp_path) as phones, phones.undisturbed("udp"):
        stream = await phones.connect(transport)

        async def say(data: bytes, at: int) -> bytes:
            """Send in two pieces, of which the server has read the first before the second leaves."""
            await stream.send_all(data[:at])
            await trio.testing.wait_all_tasks_blocked()
            await stream.send_all(data[at:])
            return bytes(await stream.receive_some())

        whole = message(0)
        if transport == "ws":
            whole = in_websocket(whole)
            shake = websocket_handshake()
            for at in range(1, len(shake)):
                assert (await say(shake, at)).startswith(b"HTTP/1.1 101 ")
                if at < len(shake) - 1:
                    hang_up(stream)
                    stream = await phones.connect(transport)
        for at in range(1, len(whole)):
            data = message(at) if transport != "ws" else in_websocket(message(at))
            answer = await say(data, at)
            assert b"SIP/2.0 200 OK\r\n" in answer[:24], at
            assert b"Call-ID: split%04d@" % at in answer
        assert phones.flows.received == len(whole) - 1
        assert phones.flows.malformed == 0
        hang_up(stream)
        await phones.flows_are(0)
