"""Calls over TLS and WebSocket in virtual time: who is believed, and who is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from sansio_sip.invite import LocallyClosed
from sansio_sip.message import Request, parse_message
from tests.runtime.certificates import Authority
from trio_runtime import CallEnded, ConfigurationError, CoordinatorConfig, IncomingCall
from trio_runtime.api.options import CoordinatorOptions
from trio_runtime.base.connection_errors import CertificateError
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.testing import Simulation
from trio_runtime.testing.wire import Wire


async def answer_and_wait(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


async def call_bob(
    sim: Simulation, uri: str, alice_options: CoordinatorOptions, bob_options: CoordinatorOptions
) -> tuple[Wire, list[Request]]:
    """Call bob at bob.example on 10.0.0.2, hang up after five seconds; return alice's requests."""
    wire = sim.wire()
    wire.names["bob.example"] = ["10.0.0.2"]
    alice = sim.phone(wire, "alice", "10.0.0.1", **alice_options)
    bob = sim.phone(wire, "bob", "10.0.0.2", **bob_options)
    async with wire, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer_and_wait)
        async with alice.make_call(uri) as call:
            await call.answered()
            await trio.sleep(5)
        assert call.end == LocallyClosed()
        await trio.sleep(1)
        assert bob.list_active_sessions() == []
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    assert alice.trace is not None
    messages = [parse_message(entry.data) for entry in alice.trace.for_call(call.sip_call_id)]
    return wire, [message for message in messages if isinstance(message, Request)]


async def certificate_problem(
    sim: Simulation, uri: str, alice_options: CoordinatorOptions, bob_options: CoordinatorOptions
) -> CertificateError:
    """Call bob in vain and ask for his options in vain; return the error, the same of both."""
    wire = sim.wire()
    wire.names["bob.example"] = wire.names["other.example"] = ["10.0.0.2"]
    alice = sim.phone(wire, "alice", "10.0.0.1", **alice_options)
    bob = sim.phone(wire, "bob", "10.0.0.2", **bob_options)
    async with wire, alice, bob:
        async with alice.make_call(uri) as call:
            with pytest.raises(CallEnded) as caught:
                await call.answered()
        with pytest.raises(CertificateError) as asked:
            await alice.options(uri)
        await trio.sleep(40)
        assert alice.statistics().dialogs.flows.flows == bob.statistics().dialogs.flows.flows == 0
    sim.assert_quiet()
    error = caught.value.__cause__
    assert isinstance(error, CertificateError)
    assert error.problem == asked.value.problem
    return error


async def test_call_over_tls_checks_the_domain_and_shows_it_in_via_and_contact(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3: a client without certificate or listener; the certificate names the domain of the URI."""
    wire, requests = await call_bob(
        sim,
        "sips:bob@bob.example",
        {"connect": ("tls",), "tls": authority.trust()},
        {"listen": ("tls",), "tls": authority.trust("sip:bob.example", "else.example")},
    )
    assert wire.streams.opened == 1
    assert [request.method for request in requests] == ["INVITE", "ACK", "BYE"]
    invite, _, bye = requests
    assert invite.via.transport == bye.via.transport == "TLS"
    assert invite.get("contact") == "<sips:alice@10.0.0.1:5061>"
    assert bye.uri == "sips:bob@10.0.0.2:5061"


async def test_callee_reaches_a_client_that_listens_nowhere(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3, TRN-6, NAT-1: the BYE of the callee comes by the connection of the caller."""

    async def brief(call: IncomingCall) -> None:
        await call.answer()
        await trio.sleep(2)

    wire = sim.wire()
    alice = sim.phone(wire, "alice", "10.0.0.1", connect=("tls",), tls=authority.trust())
    bob = sim.phone(wire, "bob", "10.0.0.2", listen=("tls",), tls=authority.trust("10.0.0.2"))
    async with wire, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, brief)
        async with alice.make_call("sip:bob@10.0.0.2;transport=tls") as call:
            await call.answered()
            await call.ended()
        assert call.end is not None
        assert type(call.end).__name__ == "RemoteBye"
        nursery.cancel_scope.cancel()
    assert wire.streams.opened == 1
    sim.assert_quiet()


async def test_certificate_of_another_domain_is_refused(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3 (RFC 5922 §7.2): typed, with the names; and a wildcard stands for nothing."""
    for names in (("else.example",), ("*.example",), ("sip:bob@bob.example", "sip:else.example")):
        error = await certificate_problem(
            sim,
            "sips:bob@bob.example",
            {"connect": ("tls",), "tls": authority.trust()},
            {"listen": ("tls",), "tls": authority.trust(*names)},
        )
        assert error.problem == "wrong name"
        assert error.server_name == "bob.example"


async def test_expired_and_unknown_certificates_are_refused(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority, tmp_path: Path
) -> None:
    """TRN-3."""
    stranger = Authority(tmp_path, "stranger")
    client: CoordinatorOptions = {"connect": ("tls",), "tls": authority.trust()}
    expired = await certificate_problem(
        sim,
        "sips:bob@bob.example",
        client,
        {"listen": ("tls",), "tls": authority.trust("bob.example", expired=True)},
    )
    unknown = await certificate_problem(
        sim, "sips:bob@bob.example", client, {"listen": ("tls",), "tls": stranger.trust("bob.example")}
    )
    assert (expired.problem, unknown.problem) == ("expired", "unknown authority")


async def test_without_verification_any_certificate_will_do(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3."""
    await call_bob(
        sim,
        "sips:bob@bob.example",
        {"connect": ("tls",), "tls": TlsConfig(verify=False)},
        {"listen": ("tls",), "tls": authority.trust("else.example")},
    )


async def test_mutual_tls_takes_known_clients_only(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3."""
    server: CoordinatorOptions = {
        "listen": ("tls",),
        "tls": authority.trust("bob.example", clients="required"),
    }
    await call_bob(
        sim, "sips:bob@bob.example", {"connect": ("tls",), "tls": authority.trust("alice.example")}, server
    )
    wire = sim.wire()
    wire.names["bob.example"] = ["10.0.0.2"]
    alice = sim.phone(wire, "alice", "10.0.0.1", connect=("tls",), tls=authority.trust())
    bob = sim.phone(wire, "bob", "10.0.0.2", **server)
    async with wire, alice, bob:
        async with alice.make_call("sips:bob@bob.example") as call:
            with pytest.raises(CallEnded):
                await call.answered()
        assert bob.statistics().dialogs.flows.handshakes_failed == 1
        assert bob.statistics().dialogs.agent.messages_received == 0
    sim.assert_quiet()


@pytest.mark.parametrize("clients", ["off", "optional", "required"])
def test_clients_are_judged_by_the_authorities_of_the_system_where_no_others_are_named(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, clients: str
) -> None:
    """TRN-3: as `TlsConfig.authorities` says; asking for certificates and believing nobody shuts all out."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    config = TlsConfig(certificate=authority.issue("10.0.0.2"), client_certificates=clients)
    believed = config.server_context().get_ca_certs()
    assert len(believed) == (0 if clients == "off" else 1)


async def test_server_name_indication_chooses_the_certificate(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3: one listener, two domains; and a connection checked for one is not used for the other."""
    files = authority.issue("other.example")
    tls = TlsConfig(
        certificate=authority.issue("bob.example"), more_certificates=(("other.example", files, files),)
    )
    wire = sim.wire()
    wire.names["bob.example"] = wire.names["other.example"] = ["10.0.0.2"]
    alice = sim.phone(wire, "alice", "10.0.0.1", connect=("tls",), tls=authority.trust())
    bob = sim.phone(wire, "bob", "10.0.0.2", listen=("tls",), tls=tls)
    async with wire, alice, bob:
        for domain in ("bob.example", "other.example", "bob.example"):
            assert (await alice.options(f"sips:{domain}")).status_code == 200
        assert wire.streams.opened == 2
    sim.assert_quiet()


async def test_peer_that_does_not_speak_tls_is_dropped_in_time(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority
) -> None:
    """TRN-3, SEC-1: silence and garbage instead of a handshake."""
    wire = sim.wire()
    limits, tls = FlowConfig(connect_timeout=5), authority.trust("bob.example")
    bob = sim.phone(wire, "bob", "10.0.0.2", listen=("tls", "ws://:8080"), flows=limits, tls=tls)
    network = wire.environment("10.0.0.9").network
    async with wire, bob:
        peers = [await network.connect("10.0.0.2", port) for port in (5061, 8080) for _ in range(3)]
        for peer in peers[::3]:
            await peer.stream.send_all(b"OPTIONS sip:bob SIP/2.0\r\n\r\n")
        for peer in peers[1::3]:
            await peer.stream.send_all(b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        await trio.sleep(8)
        flows = bob.statistics().dialogs.flows
        assert (flows.flows, flows.accepted, flows.handshakes_failed) == (0, 0, 6)
    sim.assert_quiet()


@pytest.mark.parametrize("transport", ["ws", "wss"])
async def test_call_over_a_websocket_goes_by_one_connection_both_ways(
    sim: Simulation, autojump_clock: trio.testing.MockClock, authority: Authority, transport: str
) -> None:
    """TRN-4: a client that listens nowhere names a host that does not exist."""
    scheme = "sips" if transport == "wss" else "sip"
    wire, requests = await call_bob(
        sim,
        f"{scheme}:bob@bob.example:8080;transport=ws",
        {"connect": (transport,), "tls": authority.trust()},
        {"listen": (f"{transport}://:8080",), "tls": authority.trust("bob.example")},
    )
    assert wire.streams.opened == 1
    invite = requests[0]
    assert invite.via.transport == transport.upper()
    assert invite.via.host.endswith(".invalid")
    assert f"@{invite.via.host}" in str(invite.get("contact"))
    assert "transport=ws" in str(invite.get("contact"))


@pytest.mark.parametrize(
    ("flows", "path", "header", "status"),
    [
        ({}, "/", "", 400),  # RFC 7118 §4.1
        ({}, "/", "Sec-WebSocket-Protocol: xmpp", 400),
        ({}, "/any", "Sec-WebSocket-Protocol: xmpp, sip", 101),
        ({"websocket_path": "/ws"}, "/ws?token=1", "Sec-WebSocket-Protocol: sip", 101),
        ({"websocket_path": "/ws"}, "/", "Sec-WebSocket-Protocol: sip", 404),
        ({"websocket_origins": ("https://a.example",)}, "/", "Sec-WebSocket-Protocol: sip", 101),
        (
            {"websocket_origins": ("https://b.example", "https://A.example")},
            "/",
            "Sec-WebSocket-Protocol: sip\r\nOrigin: https://a.example",
            101,
        ),
        (
            {"websocket_origins": ("https://a.example",)},
            "/",
            "Sec-WebSocket-Protocol: sip\r\nOrigin: https://evil.example",
            403,
        ),
    ],
)
async def test_websocket_client_is_taken_or_refused_by_what_it_asks_for(
    sim: Simulation,
    autojump_clock: trio.testing.MockClock,
    flows: dict[str, Any],
    path: str,
    header: str,
    status: int,
) -> None:
    """TRN-4, SEC-1: subprotocol, path, and the site of the page that a browser shows."""
    wire = sim.wire()
    bob = sim.phone(wire, "bob", "10.0.0.2", listen=("ws://:8080",), flows=FlowConfig(**flows))
    async with wire, bob:
        peer = await wire.environment("10.0.0.9").network.connect("10.0.0.2", 8080)
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: b\r\nUpgrade: websocket\r\nConnection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13",
            *filter(None, [header]),
        ]
        await peer.stream.send_all("\r\n".join([*lines, "", ""]).encode("ascii"))
        assert bytes(await peer.stream.receive_some()).startswith(f"HTTP/1.1 {status} ".encode())
        await trio.sleep(10)
        assert bob.statistics().dialogs.flows.handshakes_failed == (status != 101)
        await trio.aclose_forcefully(peer.stream)
        await trio.sleep(1)
    sim.assert_quiet()


async def test_websocket_is_opened_at_the_path_that_the_server_has(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-4: as many servers want it, such as /ws."""
    flows = FlowConfig(websocket_path="/ws")
    await call_bob(
        sim,
        "sip:bob@bob.example:8080;transport=ws",
        {"connect": ("ws",), "flows": flows},
        {"listen": ("ws://:8080",), "flows": flows},
    )


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"listen": ("tls",)}, "listen"),
        ({"listen": ("sctp",)}, "listen"),
        ({"listen": ()}, "listen"),
        ({"listen": ("udp", "udp://0.0.0.0:5060")}, "listen"),
        ({"listen": ("udp://[::1::]:5060",)}, "listen"),
        ({"listen": ("tcp://:70000",)}, "listen"),
        ({"connect": ("udp",)}, "connect"),
    ],
)
def test_mistake_in_the_listeners_fails_at_once(options: CoordinatorOptions, field: str) -> None:
    """TRN-5."""
    with pytest.raises(ConfigurationError) as caught:
        CoordinatorConfig(**options)
    assert caught.value.field == field


def test_mistake_in_the_certificates_fails_at_once(authority: Authority, tmp_path: Path) -> None:
    """TRN-3."""
    good, broken = authority.issue("a.example"), tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for field, options in {
        "certificate": {"certificate": str(tmp_path / "missing.pem")},
        "authorities": {"authorities": str(broken)},
        "key": {"key": good},
        "more_certificates": {"certificate": good, "more_certificates": (("b.example", str(broken), good),)},
        "client_certificates": {"client_certificates": "sometimes"},
    }.items():
        with pytest.raises(ConfigurationError) as caught:
            TlsConfig(**options)  # type: ignore[arg-type]
        assert caught.value.field == field
    with pytest.raises(ConfigurationError, match="certificate"):
        TlsConfig(certificate=str(broken))
    assert "secret" not in repr(TlsConfig(certificate=good, key_password="secret"))
