"""A proxy that is the registrar of its phones, in virtual time: register, then call, on one port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import trio
import trio.testing

from tests.runtime.certificates import Authority
from tests.runtime.registering import (
    ALICE,
    BOB,
    DOMAIN,
    LISTEN,
    SERVER,
    account,
    put,
    register,
    served,
)
from trio_runtime import (
    AutoAnswerHandler,
    CallRejected,
    ConfigurationError,
    InboundConfig,
    InvalidUriError,
    MemoryStore,
    ProxyRequest,
    ProxyServer,
    RegisterRefusal,
    RegisterRequest,
    RegistrationRejected,
    RejectAllHandler,
    Reply,
    RequestsConfig,
    SqliteStore,
    StoreFailedError,
    VoipError,
    open_proxy,
)
from trio_runtime.events import EventStream
from trio_runtime.events.types import ContactRegistered, ContactRemoved, RegisterRefused, StoreFailed
from trio_runtime.observe import render_exposition
from trio_runtime.observe.record_metrics import record_families
from trio_runtime.proxy import ProxyServerEvent, RouteAnswer, RouteFailed, RouteFunction
from trio_runtime.testing import NatConfig, Simulation, Wire

Clock = trio.testing.MockClock
EventT = TypeVar("EventT")
OPEN: dict[str, Any] = {"anonymous": True, "users": {}}


def told(events: EventStream[ProxyServerEvent], kind: type[EventT]) -> list[EventT]:
    """The events of a kind that wait in a stream."""
    found: list[EventT] = []
    while True:
        try:
            event = events.receive_nowait()
        except (trio.WouldBlock, trio.EndOfChannel):
            return found
        if isinstance(event, kind):
            found.append(event)


@asynccontextmanager
async def house(
    sim: Simulation,
    route: RouteFunction | None = None,
    *,
    wire: Wire | None = None,
    host: str = SERVER,
    **options: Any,
) -> AsyncIterator[tuple[ProxyServer, Wire]]:
    """Open the proxy; afterwards nothing may be left."""
    network = wire or sim.wire(icmp=True)
    values = {"listen": LISTEN, "registrar": served(), **options}
    async with network, sim.proxy(network, host, route, **values) as server:
        yield server, network
        await sim.settle(200)
    sim.assert_quiet()


def phone(sim: Simulation, wire: Any, user: str, host: str, handler: Any = None, **options: Any) -> Any:
    how = options.pop("how", {})
    values = {"accounts": (account(user, **how),), "no_media": True, **options}
    return sim.phone(wire, user, host, handler=handler or AutoAnswerHandler(), **values)


# A whole server without a routing function


async def test_phones_register_and_call_each_other_on_one_port(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5, SRV-7: digest, both directions, events, `locate`, counters; unregistered they are gone."""
    async with house(sim) as (server, wire):
        events = server.subscribe()
        alice, bob = phone(sim, wire, "alice", "10.0.0.1"), phone(sim, wire, "bob", "10.0.0.2")
        async with alice, bob:
            async with alice.registered(ALICE, expires=300), bob.registered(BOB):
                (contact,) = server.locate(BOB)
                assert (contact.uri, contact.source) == ("sip:bob@10.0.0.2:5060", "udp:10.0.0.2:5060")
                assert [event.username for event in told(events, ContactRegistered)] == ["alice", "bob"]
                for caller, callee, uri in ((alice, bob, BOB), (bob, alice, ALICE)):
                    async with caller.make_call(uri, account=ALICE if caller is alice else BOB) as call:
                        await call.answered()
                        (there,) = callee.list_active_sessions()
                        assert there.local_uri == uri
                    await trio.sleep(1)
                    assert callee.list_active_sessions() == []
                counted = server.statistics()
                assert counted.registrar is not None
                assert (counted.registrar.accepted, counted.registrar.addresses) == (2, 2)
                assert "voip_registrar_addresses 2" in render_exposition(record_families(counted, "voip"))
            await trio.sleep(1)
            assert [event.cause for event in told(events, ContactRemoved)] == ["unregistered"] * 2
        assert server.locate(BOB) == []
        with pytest.raises(InvalidUriError):
            server.locate("no uri")


async def test_who_is_unknown_is_404_and_who_has_no_phone_is_480(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5, SRV-7: the registrar knows its users; a ping of the domain is answered."""
    async with house(sim) as (_, wire), phone(sim, wire, "alice", "10.0.0.1") as alice:
        for uri, status in ((BOB, "480"), (f"sip:nobody@{DOMAIN}", "404"), (f"sip:{DOMAIN}", "404")):
            with pytest.raises(CallRejected, match=status):
                await alice.start_call(uri, account=ALICE).answered()
        assert (await alice.options(f"sip:{DOMAIN};maddr={SERVER}")).status_code == 200


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({}, "404"),
        (OPEN, "480"),
        ({"owns": lambda user, address: True}, "480"),
        ({"registry": lambda user, realm: "x" if user == "carol" else None}, "480"),
        ({"registry": lambda user, realm: None}, "404"),
        ({"registry": lambda user, realm: 1 / 0}, "480"),
    ],
    ids=[
        "a list",
        "anonymous",
        "other addresses",
        "in the registry",
        "not in the registry",
        "no registry now",
    ],
)
async def test_whether_a_user_exists_is_said_only_where_it_is_known(
    sim: Simulation, autojump_clock: Clock, how: dict[str, Any], status: str
) -> None:
    """SRV-5: 404 means that there is definitely nobody (RFC 3261 §21.4.5)."""
    async with (
        house(sim, registrar=served(**how)) as (_, wire),
        phone(sim, wire, "alice", "10.0.0.1") as alice,
    ):
        with pytest.raises(CallRejected, match=status):
            await alice.start_call(f"sip:carol@{DOMAIN}", account=ALICE).answered()


async def test_message_and_options_reach_a_registered_phone(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, CLI-3: not only calls."""
    texts = RequestsConfig(content_types=("text/plain",))
    async with house(sim) as (_, wire), phone(sim, wire, "alice", "10.0.0.1") as alice:
        async with phone(sim, wire, "bob", "10.0.0.2", requests=texts) as bob, bob.registered(BOB):
            await alice.send_message(BOB, "hello", account=ALICE)
            assert (await alice.options(BOB, account=ALICE)).status_code == 200


# How phones are called


async def test_phones_behind_nats_call_each_other(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, SRV-7, NAT-1: UDP, private Contacts on both sides, hold and BYE of both sides."""
    wire = sim.wire(icmp=True)
    async with house(sim, wire=wire, host="203.0.113.9") as (server, _):
        one = wire.public.private(nat=NatConfig())
        other = wire.public.private(nat=NatConfig(public_host="198.51.100.2"))
        there = {"outbound_proxy": "sip:203.0.113.9"}
        alice = phone(sim, one, "alice", "192.168.1.2", how=there, no_media=False)
        bob = phone(sim, other, "bob", "192.168.1.2", how=there, no_media=False)
        async with alice, bob, alice.registered(ALICE), bob.registered(BOB):
            (contact,) = server.locate(BOB)
            assert contact.by_source
            assert contact.source.startswith("udp:198.51.100.2:")
            for hangs_up in ("caller", "callee"):
                call = alice.start_call(BOB, account=ALICE)
                await call.answered()
                (far,) = bob.list_active_sessions()
                await call.hold()
                await call.resume()
                await far.hold()
                (call if hangs_up == "caller" else far).hang_up()
                await call.ended()
                await trio.sleep(1)
                assert alice.list_active_sessions() == bob.list_active_sessions() == []


@pytest.mark.parametrize("outbound", [False, True])
@pytest.mark.parametrize("transport", ["tcp", "tls", "ws"])
async def test_phone_that_listens_nowhere_is_called_by_its_connection(
    sim: Simulation, autojump_clock: Clock, outbound: bool, transport: str, tmp_path: Path
) -> None:
    """SRV-5, SRV-7, TRN-3, TRN-4, RFC 5626 §5.3: BYE of both sides goes there as well."""
    authority = Authority(tmp_path)
    port = {"tcp": 5060, "tls": 5061, "ws": 8080}[transport]
    listen = (*LISTEN, "tls", "ws://:8080")
    proxy = house(sim, listen=listen, tls=authority.trust(SERVER))
    async with proxy as (server, wire), phone(sim, wire, "alice", "10.0.0.1") as alice:
        how = {"outbound": outbound, "outbound_proxy": f"sip:{SERVER}:{port};transport={transport}"}
        far_end = phone(sim, wire, "bob", "10.0.0.2", how=how, connect=(transport,), tls=authority.trust())
        async with far_end as bob, bob.registered(BOB):
            (contact,) = server.locate(BOB)
            assert contact.source.startswith(f"{transport}:10.0.0.2:")
            assert contact.by_source is (outbound or transport == "ws")
            for _ in range(2):
                async with alice.make_call(BOB, account=ALICE) as call:
                    await call.answered()
                await trio.sleep(1)
            call = alice.start_call(BOB, account=ALICE)
            await call.answered()
            (far,) = bob.list_active_sessions()
            far.hang_up()
            await call.ended()
            assert server.statistics().flows.opened == 0


async def test_connection_that_breaks_takes_its_phone_with_it(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, SRV-7, RFC 5626 §7: at once; then a call is 480."""
    async with house(sim, registrar=served(**OPEN)) as (server, wire):
        events = server.subscribe()
        connection = await wire.environment("10.0.0.2").network.connect(SERVER, 5060)
        flow = '<sip:b@10.0.0.2;transport=tcp>;+sip.instance="<urn:uuid:1>";reg-id=1'
        message = register(
            BOB,
            flow,
            call_id="b",
            cseq=1,
            host="10.0.0.2",
            extra=["Supported: outbound, path"],
            transport="TCP",
        )
        await connection.stream.send_all(message)
        await trio.sleep(1)
        assert len(server.locate(BOB)) == 1
        await connection.stream.aclose()
        await trio.sleep(1)
        (removed,) = told(events, ContactRemoved)
        assert (removed.address, removed.cause) == (BOB, "flow-failed")
        async with phone(sim, wire, "alice", "10.0.0.1") as alice:
            with pytest.raises(CallRejected, match="480"):
                await alice.start_call(BOB, account=ALICE).answered()


async def test_preferred_phones_ring_first_and_together(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, SRV-7: q: the desk phones ring together; both are busy, so the mobile one rings."""
    async with house(sim, registrar=served(**OPEN)) as (server, wire):
        busy = [phone(sim, wire, "bob", f"10.0.0.{n}", RejectAllHandler(486)) for n in (2, 3)]
        async with busy[0], busy[1], phone(sim, wire, "bob", "10.0.0.4") as cell:
            for number, q in ((2, "0.9"), (3, "0.9"), (4, "0.4")):
                await put(wire, f"10.0.0.{number}", q=q)
            assert [contact.q for contact in server.locate(BOB)] == [0.9, 0.9, 0.4]
            async with phone(sim, wire, "alice", "10.0.0.1") as alice:
                async with alice.make_call(BOB, account=ALICE) as call:
                    await call.answered()
                    assert len(cell.list_active_sessions()) == 1
                await trio.sleep(1)
        forwarded = server.statistics().proxy.branches
        assert forwarded == 4  # three INVITEs and the BYE


# With a routing function


async def test_route_says_where_the_registered_phones_come_in(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: bob's phones, then the voice mail: groups keep the q of what is in them."""

    async def route(request: ProxyRequest) -> RouteAnswer:
        await trio.sleep(0.01)
        if request.user == "desk":
            return request.registered(BOB)
        return [request.registered(), ["sip:mail@10.0.0.8"]]

    async with house(sim, route, registrar=served(**OPEN)) as (_, wire):
        mail = phone(sim, wire, "mail", "10.0.0.8")
        busy = phone(sim, wire, "bob", "10.0.0.2", RejectAllHandler(486))
        other = phone(sim, wire, "bob", "10.0.0.3", RejectAllHandler(486))
        async with mail, busy, other, phone(sim, wire, "alice", "10.0.0.1") as alice:
            await put(wire, "10.0.0.2", q="0.9")
            await put(wire, "10.0.0.3", q="0.4")
            async with alice.make_call(BOB, account=ALICE) as call:
                await call.answered()
                assert len(mail.list_active_sessions()) == 1
            order = [
                entry.receiver[0]
                for entry in wire.trace
                if entry.sender[0] == SERVER and entry.data.startswith(b"INVITE ")
            ]
            assert order == ["10.0.0.2", "10.0.0.3", "10.0.0.8"]
            with pytest.raises(CallRejected, match="486"):
                await alice.start_call(f"sip:desk@{DOMAIN}", account=ALICE).answered()


async def test_register_for_another_domain_is_routed(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: it is a request like any other; ours never comes to `route`."""
    asked: list[str] = []

    def route(request: ProxyRequest) -> RouteAnswer:
        asked.append(request.method)
        assert request.registered() == []
        assert not request.is_for_a_user
        return Reply(603)

    async with house(sim, route, domains=("other.test",)) as (_, wire):
        async with phone(sim, wire, "alice", "10.0.0.1") as alice:
            async with alice.registered(ALICE):
                assert asked == []
            sock = await wire.environment("10.0.0.6").network.open_datagram(
                "10.0.0.6", 5_999, receive_buffer=4_096
            )
            foreign = register("sip:a@other.test", "<sip:a@10.0.0.6>", call_id="x", cseq=1, host="10.0.0.6")
            sock.send(
                foreign.replace(f"REGISTER sip:{DOMAIN}".encode(), b"REGISTER sip:other.test"), (SERVER, 5060)
            )
            await sock.wait_readable()
            answer = sock.receive()
            assert answer is not None
            assert answer[0].startswith(b"SIP/2.0 603 ")
            sock.close()
    assert asked == ["REGISTER"]


async def test_without_a_registrar_nobody_is_registered(sim: Simulation, autojump_clock: Clock) -> None:
    """ERR-1: the mistake is told to who made it, and the request gets 500."""
    with pytest.raises(ConfigurationError, match="route"):
        open_proxy(environment=sim.wire().environment("10.0.0.1"))
    async with house(sim, lambda request: request.registered(), registrar=None, domains=(DOMAIN,)) as (
        server,
        wire,
    ):
        events = server.subscribe()
        async with phone(sim, wire, "alice", "10.0.0.1") as alice:
            with pytest.raises(CallRejected, match="500"):
                await alice.start_call(BOB, account=ALICE).answered()
        (failed,) = told(events, RouteFailed)
        assert "no registrar" in str(failed.error)
        with pytest.raises(VoipError, match="no registrar"):
            server.locate(BOB)
        assert server.statistics().registrar is None


# Passwords


async def test_wrong_password_is_refused_and_told(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, AUTH-1: by the registrar; another one's address is 403."""
    async with house(sim) as (server, wire):
        events = server.subscribe()
        for how, status in (({"password": "wrong"}, 401), ({"username": "bob", "password": "builder"}, 403)):
            async with phone(sim, wire, "alice", "10.0.0.1", how=how) as alice:
                with pytest.raises(RegistrationRejected) as refused:
                    async with alice.registered(ALICE):
                        pytest.fail("not reached")
                assert refused.value.status_code == status
            (event,) = told(events, RegisterRefused)
            assert event.status_code == status


async def test_users_need_their_password_to_call_where_that_is_asked_for(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-7, AUTH-1: 407; a trunk is let in by its address, and a stranger may call our users."""
    inbound = InboundConfig(realm=DOMAIN, trusted_hosts=("10.0.0.7",))
    async with house(sim, registrar=served(realm=DOMAIN), inbound=inbound) as (_, wire):
        async with phone(sim, wire, "bob", "10.0.0.2") as bob, bob.registered(BOB):
            for host, how, status in (
                ("10.0.0.1", {}, None),
                ("10.0.0.1", {"password": "wrong"}, "407"),
                ("10.0.0.1", {"password": None}, "407"),
                ("10.0.0.1", {"username": "bob", "password": "builder"}, "403"),
                ("10.0.0.7", {"password": None}, None),
            ):
                async with phone(sim, wire, "alice", host, how=how) as alice:
                    call = alice.start_call(BOB, account=ALICE)
                    if status is None:
                        await call.answered()
                        call.hang_up()
                        await call.ended()
                    else:
                        with pytest.raises(CallRejected, match=status):
                            await call.answered()
            async with sim.phone(
                wire, "eve", "10.0.0.6", no_media=True, outbound_proxy=f"sip:{SERVER}"
            ) as eve:
                async with eve.make_call(BOB) as call:
                    await call.answered()
    with pytest.raises(ConfigurationError, match="realm"):
        open_proxy(registrar=served(realm=DOMAIN), inbound=InboundConfig(realm="elsewhere"))


# Stores


async def test_server_that_starts_again_knows_its_phones(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """SRV-5, REL-1: SQLite, written before the 200: they are called without having registered again."""
    store = SqliteStore(str(tmp_path / "phones.db"))
    wire = sim.wire(icmp=True)
    async with (
        wire,
        phone(sim, wire, "bob", "10.0.0.2") as bob,
        phone(sim, wire, "alice", "10.0.0.1") as alice,
    ):
        async with sim.proxy(wire, SERVER, registrar=served(store=store), listen=LISTEN) as first:
            await bob.register(BOB).registered()
            assert len(first.locate(BOB)) == 1
            counted = first.statistics().registrar
            assert counted is not None
            assert counted.store is not None
            assert counted.store.written == 1
        async with sim.proxy(wire, SERVER, registrar=served(store=store), listen=LISTEN) as second:
            assert [contact.uri for contact in second.locate(BOB)] == ["sip:bob@10.0.0.2:5060"]
            async with alice.make_call(BOB, account=ALICE) as call:
                await call.answered()
        await sim.settle(200)


class BrokenStore(MemoryStore):
    """Reads, and cannot write."""

    async def save(self, changes: object) -> None:
        await trio.lowlevel.checkpoint()
        raise StoreFailedError("the disk is full")


async def test_store_that_fails_is_a_500_and_told(
    sim: Simulation, autojump_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-5, ERR-1: nothing is in memory that is not in the store."""
    async with house(sim, registrar=served(store=BrokenStore(), store_patience=3.0)) as (server, wire):
        events = server.subscribe()
        async with phone(sim, wire, "alice", "10.0.0.1") as alice:
            with pytest.raises(RegistrationRejected, match="500"):
                async with alice.registered(ALICE):
                    pytest.fail("not reached")
        assert server.locate(ALICE) == []
        assert "disk is full" in told(events, StoreFailed)[0].error


async def test_decision_of_the_application_holds_here_too(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-4: `decide`, later than the password and before anything counts."""

    async def decide(request: RegisterRequest) -> RegisterRefusal | None:
        await trio.sleep(0.3)
        return RegisterRefusal(486, "Not At Night") if request.username == "bob" else None

    async with house(sim, registrar=served(decide=decide)) as (server, wire):
        async with phone(sim, wire, "alice", "10.0.0.1") as alice, alice.registered(ALICE):
            assert len(server.locate(ALICE)) == 1
        async with phone(sim, wire, "bob", "10.0.0.2") as bob:
            with pytest.raises(RegistrationRejected, match="486 Not At Night"):
                async with bob.registered(BOB):
                    pytest.fail("not reached")


async def test_draining_refuses_phones_and_leaves_calls_alone(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, OPS-1: 503, so that a phone goes to another server; who is in a call hangs up as ever."""
    async with house(sim) as (server, wire), phone(sim, wire, "alice", "10.0.0.1") as alice:
        async with phone(sim, wire, "bob", "10.0.0.2") as bob:
            async with bob.registered(BOB):
                call = alice.start_call(BOB, account=ALICE)
                await call.answered()
                await server.drain(deadline=trio.current_time() + 1)
                with pytest.raises(RegistrationRejected, match="503"):
                    async with alice.registered(ALICE):
                        pytest.fail("not reached")
                call.hang_up()
                await call.ended()
            await trio.sleep(1)
            assert bob.list_active_sessions() == []
