"""Several listeners at once, both versions of IP, and which of our addresses stands in a message."""

from __future__ import annotations

import socket

import pytest
import trio
import trio.testing

from sansio_sip.message import Message, Request, Response, parse_message
from trio_runtime import CallEnded, IncomingCall, PortInUseError, SessionCoordinator, open_coordinator
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.dialog.local_hosts import LocalHosts
from trio_runtime.testing import Simulation

WILDCARDS = (b"0.0.0.0", b"[::]")


async def answer_and_wait(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def messages(phone: SessionCoordinator) -> list[Message]:
    assert phone.trace is not None
    return [parse_message(entry.data) for entry in phone.trace]


async def test_calls_by_every_transport_and_address_of_one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """TRN-1, TRN-2, TRN-5, TRN-7: real sockets; Via and Contact name the way that each message goes."""
    listen = ["udp", "tcp", "ws"]
    hosts = ["127.0.0.1"]
    if has_ipv6():
        listen += ["udp://[::]:0", "tcp://[::1]:0"]
        hosts.append("[::1]")
    server = open_coordinator("sip:bob@example.com", sip_port=0, listen=tuple(listen), no_media=True)
    client = open_coordinator(
        "sip:alice@example.com",
        sip_port=0,
        listen=tuple(listen[:2] + listen[3:]),
        connect=("ws",),
        no_media=True,
    )
    with trio.fail_after(30):
        async with server, client, trio.open_nursery() as nursery:
            await nursery.start(server.serve, answer_and_wait)
            called = []
            for each in server.listening:
                host = "[::1]" if ":" in each.host else "127.0.0.1"
                uri = f"sip:bob@{host}:{each.port};transport={each.transport.lower()}"
                async with client.make_call(uri) as call:
                    await call.answered()
                called.append((each.transport, host.strip("[]")))
            nursery.cancel_scope.cancel()
    assert len(called) == len(listen)
    invites = [m for m in messages(client) if isinstance(m, Request) and m.method == "INVITE"]
    answers = [m for m in messages(client) if isinstance(m, Response) and m.status_code == 200 and m.contacts]
    for (transport, host), invite, answer in zip(called, invites, answers, strict=True):
        assert invite.via.transport == transport
        assert transport == "WS" or invite.via.host == host
        contact = answer.contacts[0].uri
        assert str(contact).startswith(f"sip:bob@[{host}]" if ":" in host else f"sip:bob@{host}:")
        assert (f"transport={transport.lower()}" in str(contact)) is (transport != "UDP")
    for phone in (client, server):
        assert phone.trace is not None
        assert not [entry for entry in phone.trace for wildcard in WILDCARDS if wildcard in entry.data]


async def test_keep_alive_by_stun_tells_the_public_address_and_when_the_proxy_is_gone(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """NAT-1 (RFC 5626 §4.4.2): over the socket for SIP; the agent answers those of others."""
    wire = sim.wire()
    wire.names["proxy.example"] = ["10.0.0.2"]
    limits = FlowConfig(datagram_keep_alive=25)
    alice = sim.phone(wire, "alice", "10.0.0.1", outbound_proxy="sip:proxy.example", flows=limits)
    async with wire, alice:
        async with sim.phone(wire, "bob", "10.0.0.2") as bob:
            await trio.sleep(100)
            keeper = alice.statistics().dialogs.keep_alive
            assert keeper is not None
            assert keeper.mapped == ("10.0.0.1", 5060)
            assert 4 <= keeper.answered <= 6
            assert not keeper.failed
            assert bob.statistics().dialogs.agent.keep_alives == keeper.answered
        await trio.sleep(100)
        keeper = alice.statistics().dialogs.keep_alive
        assert keeper is not None
        assert keeper.failed
    sim.assert_quiet()


async def test_taken_port_is_told_and_nothing_stays_open() -> None:
    """TRN-5: of several listeners all are opened or none."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listen = ("udp", f"tcp://127.0.0.1:{port}")
        with pytest.raises(PortInUseError, match=f"TCP port {port}"):
            async with open_coordinator(bind_host="127.0.0.1", sip_port=port, listen=listen):
                pass
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", port))


async def test_refused_connection_is_told_with_its_cause() -> None:
    """TRN-10: on real sockets."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with open_coordinator(bind_host="127.0.0.1", sip_port=0, listen=("tcp",), no_media=True) as phone:
        async with phone.make_call(f"sip:x@127.0.0.1:{port};transport=tcp") as call:
            with pytest.raises(CallEnded, match="refused"):
                await call.answered()


@pytest.mark.parametrize("served", [("udp", "tcp"), ("udp",)])
async def test_large_request_goes_over_tcp_and_else_over_udp_after_all(
    sim: Simulation, autojump_clock: trio.testing.MockClock, served: tuple[str, ...]
) -> None:
    """TRN-1 (RFC 3261 §18.1.1): more than 1,300 octets; refused by TCP, it goes by UDP."""
    wire = sim.wire()
    alice = sim.phone(wire, "alice", "10.0.0.1", listen=("udp", "tcp"))
    bob = sim.phone(wire, "bob", "10.0.0.2", listen=served)
    async with wire, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer_and_wait)
        headers = [("Subject", "long" * 300)]
        async with alice.make_call("sip:bob@10.0.0.2", headers=headers) as call:
            await call.answered()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    invites = [m for m in messages(alice) if isinstance(m, Request) and m.method == "INVITE"]
    ways = [invite.via.transport for invite in invites]
    assert ways == (["TCP"] if "tcp" in served else ["TCP", "UDP"])
    last = invites[-1].contacts[0].uri
    assert str(last) == "sip:alice@10.0.0.1:5060" + (";transport=tcp" if "tcp" in served else "")
    sim.assert_quiet()


async def test_answer_to_a_datagram_leaves_by_the_socket_it_came_to() -> None:
    """TRN-1: two UDP ports of one server."""
    listen = ("udp://127.0.0.1:0", "udp://127.0.0.1:0")
    async with open_coordinator(sip_port=0, listen=listen, no_media=True) as phone:
        for each in phone.listening:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.bind(("127.0.0.1", 0))
                port = peer.getsockname()[1]
                via = f"SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{port};rport"
                request = (
                    f"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@b.c>;tag=1\r\n"
                    f"To: <sip:x@127.0.0.1>\r\nCall-ID: {port}\r\nCSeq: 1 OPTIONS\r\n"
                    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
                )
                peer.sendto(request.encode(), ("127.0.0.1", each.port))
                with trio.fail_after(5):
                    await trio.lowlevel.wait_readable(peer)
                data, source = peer.recvfrom(4_096)
            assert source == ("127.0.0.1", each.port)
            response = parse_message(data)
            assert f"127.0.0.1:{each.port}" in str(response.contacts[0])


async def test_own_address_towards_a_host_is_remembered_for_a_minute(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-7: bounded, and it follows when the routes change."""
    environment = sim.wire().environment("10.0.0.1")
    asked: list[str] = []
    network = environment.network

    class Counting:
        def local_host_for(self, host: str) -> str:
            asked.append(host)
            return network.local_host_for(host)

    hosts = LocalHosts(environment)
    hosts._network = Counting()  # type: ignore[assignment]
    for _ in range(3):
        assert hosts("10.0.0.7") == "10.0.0.1"
    assert asked == ["10.0.0.7"]
    await trio.sleep(61)
    hosts("10.0.0.7")
    assert len(asked) == 2
    for number in range(2_000):
        hosts(f"10.1.{number >> 8}.{number & 255}")
    assert len(hosts) <= 1_024
