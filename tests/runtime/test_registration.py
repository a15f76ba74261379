"""Being registered: what is sent and told, what is waited for, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
import trio
import trio.testing

from tests.runtime.registrar import Registrar, registrar
from tests.runtime.told import told
from trio_runtime import (
    Account,
    ConfigurationError,
    FlowConfig,
    LimitExceededError,
    NetworkError,
    RegistrationEnded,
    RegistrationRejected,
    RegistrationState,
    RequestTimedOutError,
    SessionCoordinator,
)
from trio_runtime.events.types import Registered, RegistrationFailed
from trio_runtime.testing import NatConfig, Simulation, Wire
from trio_runtime.transport.flow_activity import FlowActivity

SERVER = "10.0.0.9"
ALICE = "sip:alice@10.0.0.9"
USERS = {"alice": "secret", "sales": "other"}
TCP: dict[str, Any] = {"listen": ("tcp",)}
EventT = TypeVar("EventT")


@asynccontextmanager
async def registrar_and_phone(
    sim: Simulation, *, phone: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[tuple[SessionCoordinator, Registrar, Wire]]:
    """Open alice on 10.0.0.1 and a registrar on 10.0.0.9."""
    options: dict[str, Any] = {"accounts": (Account(ALICE, password="secret"),), **(phone or {})}
    wire = sim.wire(icmp=True)
    alice = sim.phone(wire, "alice", "10.0.0.1", **options)
    server = registrar(wire.environment(SERVER), options=server_options(options), **settings)
    async with wire, server as far, alice:
        yield alice, far, wire


def server_options(options: dict[str, Any]) -> dict[str, Any]:
    return {"bind_host": SERVER, "listen": options.get("listen", ("udp",)), "t1": options.get("t1", 0.5)}


async def test_block_registers_refreshes_and_unregisters(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-2: digest, refresh before the end, and no contact left; each step is an event."""
    async with registrar_and_phone(sim, users=USERS) as (alice, far, _):
        events = alice.subscribe()
        async with alice.registered(ALICE, expires=300) as registration:
            assert registration.state is RegistrationState.REGISTERED
            assert registration.expires == 300
            assert far.contacts(ALICE) == ["sip:alice@10.0.0.1:5060"]
            assert alice.list_registrations() == [registration]
            statistics = alice.statistics()
            assert (statistics.registrations, statistics.registered) == (1, 1)
            await trio.sleep(1_000)
            assert len(far.contacts(ALICE)) == 1
        assert await registration.ended() == "removed"
        assert registration.expires == 0
        assert far.contacts(ALICE) == []
        assert alice.list_registrations() == []
        first, *again = told(events, Registered)
        assert (first.refreshed, first.flow) == (False, "udp:10.0.0.9:5060")
        assert 3 <= len(again) <= 5
        assert all(event.refreshed for event in again)
        with pytest.raises(RegistrationEnded):
            await registration.registered()
        await sim.settle()
        assert alice.leftovers() == []
    sim.assert_quiet()


async def test_wrong_password_is_refused_at_once_and_not_tried_again(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-2, SES-30, ERR-1: two requests, one error, and the account is not locked by more."""
    async with registrar_and_phone(
        sim, users=USERS, phone={"accounts": (Account(ALICE, password="wrong"),)}
    ) as (alice, far, _):
        events = alice.subscribe()
        with pytest.raises(RegistrationRejected, match=r"401 .*alice") as refused:
            async with alice.registered(ALICE):
                pytest.fail("not reached")
        assert refused.value.status_code == 401
        await trio.sleep(4_000)
        assert len(far.requests()) == 2
        (failed,) = told(events, RegistrationFailed)
        assert (failed.status_code, failed.retry_in, failed.registered) == (401, None, False)
    sim.assert_quiet()


async def test_too_short_a_time_is_raised(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """CLI-2, SES-30: 423 with Min-Expires."""
    async with registrar_and_phone(sim, min_expires=90) as (alice, far, _):
        async with alice.registered(ALICE, expires=10) as registration:
            assert registration.expires == 90
        assert [request.expires for request in far.requests()] == [10, 90]
    sim.assert_quiet()


async def test_registrar_that_is_away_is_an_error_or_is_waited_for(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-2, TXN-7: silence after 64·T1, a closed port at once; or patience, with growing waits."""
    wire = sim.wire(icmp=False)
    account = Account(ALICE, password="secret", retry_base=2.0)
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice:
        with pytest.raises(RequestTimedOutError, match="alice"):
            async with alice.registered(account):
                pytest.fail("not reached")
        assert trio.current_time() == pytest.approx(32, abs=0.1)
        events = alice.subscribe()
        async with trio.open_nursery() as nursery:
            registered = trio.Event()

            async def wait_for_it() -> None:
                async with alice.registered(account, patient=True) as registration:
                    assert registration.state is RegistrationState.REGISTERED
                    registered.set()

            nursery.start_soon(wait_for_it)
            await trio.sleep(100)
            (waiting,) = alice.list_registrations()
            assert waiting.state in (RegistrationState.WAITING, RegistrationState.REGISTERING)
            async with registrar(wire.environment(SERVER), options={"bind_host": SERVER}):
                await registered.wait()
                await trio.sleep(1)
        waits = [event.retry_in for event in told(events, RegistrationFailed)]
        assert waits == sorted(waits, key=lambda wait: wait or 0.0)
        assert len(waits) >= 2
    sim.assert_quiet()


async def test_closed_port_is_a_network_error(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TXN-7, TRN-10: over UDP and over TCP."""
    wire = sim.wire(icmp=True)
    other = sim.phone(wire, "other", SERVER, listen=(f"udp://{SERVER}:5070",))  # the machine is there
    async with wire, other, sim.phone(wire, "alice", "10.0.0.1", listen=("udp", "tcp")) as alice:
        for transport in ("udp", "tcp"):
            account = Account(ALICE, registrar=f"sip:{SERVER};transport={transport}")
            with pytest.raises(NetworkError):
                async with alice.registered(account):
                    pytest.fail("not reached")
        assert trio.current_time() < 1
    sim.assert_quiet()


@pytest.mark.simulation(quiet=False)  # its last requests are never answered
async def test_leaving_never_waits_for_a_registrar_that_died(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """COO-13: the block is left at once, the coordinator after its grace; whoever waits is told."""
    wire = sim.wire(icmp=False)
    async with wire:
        async with sim.phone(wire, "alice", "10.0.0.1", drain_grace=3.0) as alice:
            async with registrar(wire.environment(SERVER), options={"bind_host": SERVER}):
                blocks = [alice.registered(Account(f"sip:a{number}@{SERVER}")) for number in range(10)]
                registrations = [await block.__aenter__() for block in blocks]
            before = trio.current_time()
            for block in blocks:
                await block.__aexit__(None, None, None)
            assert trio.current_time() == before
        assert trio.current_time() == before + 3.0
        assert [await each.ended() for each in registrations] == ["unconfirmed"] * 10
        assert alice.leftovers() == ["10 transactions"]


async def test_cancelled_block_unregisters_all_the_same(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """COO-13: the caller's timeout ends the block, and the coordinator still says good-bye."""
    async with registrar_and_phone(sim, users=USERS) as (alice, far, _):
        with trio.move_on_after(10):
            async with alice.registered(ALICE):
                await trio.sleep_forever()
        await trio.sleep(1)
        assert far.contacts(ALICE) == []
        with trio.move_on_after(0.005):  # the first REGISTER is still on its way
            async with alice.registered(ALICE):
                pytest.fail("not reached")
        await trio.sleep(1)
        assert far.contacts(ALICE) == []
    sim.assert_quiet()


async def test_lost_connection_is_replaced_at_once(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-2, TRN-10 (RFC 5626 §4.5): a new connection, a new REGISTER, no waiting."""
    async with registrar_and_phone(sim, users=USERS, phone=TCP) as (alice, far, wire):
        account = Account(ALICE, password="secret", registrar=f"sip:{SERVER};transport=tcp")
        async with alice.registered(account) as registration:
            await trio.sleep(100)
            events = alice.subscribe()
            opened = wire.streams.opened
            await wire.streams.cut()
            await trio.sleep(1)
            assert registration.state is RegistrationState.REGISTERED
            (event,) = told(events, Registered)
            assert event.refreshed
            assert wire.streams.opened == opened + 1
            assert far.contacts(ALICE) == ["sip:alice@10.0.0.1:5060;transport=tcp"]
        await trio.sleep(1)
        assert far.contacts(ALICE) == []
    sim.assert_quiet()


async def test_server_that_is_restarted_has_us_again(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """CLI-2, TRN-10: refused meanwhile, tried again after a wait, and as registered as before."""
    wire = sim.wire(icmp=True)
    account = Account(ALICE, registrar=f"sip:{SERVER};transport=tcp", retry_base=5.0)
    options = {"bind_host": SERVER, "listen": ("tcp",)}
    async with wire, sim.phone(wire, "alice", "10.0.0.1", listen=("tcp",)) as alice:
        events = alice.subscribe()
        async with registrar(wire.environment(SERVER), options=options):
            registration = alice.register(account)
            await registration.registered()
        await trio.sleep(30)
        assert registration.state in (RegistrationState.WAITING, RegistrationState.REGISTERED)
        failed = told(events, RegistrationFailed)
        assert {event.status_code for event in failed} == {503}
        assert failed[0].registered  # the binding may still be there
        async with registrar(wire.environment(SERVER), options=options) as far:
            registration.refresh()
            await trio.sleep(1)
            await registration.registered()
            assert far.contacts(ALICE) == ["sip:alice@10.0.0.1:5060;transport=tcp"]
            registration.unregister()
            registration.unregister()
            assert await registration.ended() == "removed"
            registration.refresh()
    sim.assert_quiet()


async def test_several_edges_each_keep_a_flow(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """NAT-1 (RFC 5626 §4): one instance, a reg-id each, keep-alives on both; one may die."""
    wire = sim.wire(icmp=True)
    edges = ("10.0.0.11", "10.0.0.12")
    account = Account(ALICE, edges=tuple([f"sip:{edge}" for edge in edges]))
    one, two = [registrar(wire.environment(edge), options={"bind_host": edge}) for edge in edges]
    async with wire, sim.phone(wire, "alice", "10.0.0.1") as alice, two as second:
        async with one as first:
            registration = alice.register(account)
            await registration.registered()
            await trio.sleep(1)
            assert registration.flows_up == 2
            sent = [request.contacts[0] for far in (first, second) for request in far.requests()[:1]]
            assert [contact.param("reg-id") for contact in sent] == ["1", "2"]
            assert len({contact.param("+sip.instance") for contact in sent}) == 1
            await trio.sleep(100)
            answered = [far.endpoint.agent.statistics().keep_alives for far in (first, second)]
            assert all(4 <= count <= 6 for count in answered)
        await trio.sleep(100)
        assert registration.flows_up == 1
        assert registration.state is RegistrationState.REGISTERED
        call = alice.start_call("sip:bob@example.com", account=ALICE)
        await trio.sleep(0.1)
        call.hang_up()
        (invite,) = [entry for entry in second.trace if entry.data[:7] == b"INVITE "]
        assert b"Route: <sip:10.0.0.12;lr>" in invite.data
        assert b";ob>" in invite.data
        registration.unregister()
        await trio.sleep(1)
        assert second.contacts(ALICE) == []
        await sim.settle()
        assert alice.leftovers() == []
    sim.assert_quiet()


async def test_keep_alives_over_tcp_follow_the_registrar(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """NAT-1 (RFC 5626 §4.4.1): Flow-Timer is sooner than our own interval; then the flow lives on."""
    phone = {**TCP, "flows": FlowConfig(keep_alive=None)}
    async with registrar_and_phone(sim, phone=phone, flow_timer=20) as (alice, _, wire):
        account = Account(ALICE, outbound=True, registrar=f"sip:{SERVER};transport=tcp")
        async with alice.registered(account):
            await trio.sleep(200)
            assert alice.statistics().dialogs.flows.keep_alives >= 8
            assert wire.streams.opened == 1
    sim.assert_quiet()


async def test_registrations_have_a_limit(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """API law 8: one more is refused, and says so."""
    async with registrar_and_phone(sim, phone={"max_registrations": 1}) as (alice, _, _wire):
        async with alice.registered(ALICE):
            with pytest.raises(LimitExceededError, match="1 registrations"):
                alice.register(Account(f"sip:x@{SERVER}"))
        with pytest.raises(ConfigurationError, match=r"account: .*nobody"):
            alice.register("sip:nobody@example.com")
    sim.assert_quiet()


@pytest.mark.parametrize("outbound", [True, False])
async def test_keep_alives_keep_the_way_through_a_nat_open(
    sim: Simulation, autojump_clock: trio.testing.MockClock, outbound: bool
) -> None:
    """NAT-1 (RFC 5626 §4.4.2): a NAT that forgets after 30 s; without them each refresh has another port."""
    wire = sim.wire()
    home = wire.public.private(nat=NatConfig(idle_timeout=30.0))
    server = registrar(wire.environment(SERVER), options={"bind_host": SERVER})
    alice = sim.phone(home, "alice", "192.168.1.2", accounts=(Account(ALICE, outbound=outbound),))
    async with wire, server as far, alice, alice.registered(ALICE, expires=600):
        await trio.sleep(1_500)
        ports = {entry.sender[1] for entry in far.trace if entry.data[:9] == b"REGISTER "}
    assert (len(ports) == 1) is outbound


def test_half_open_connection_is_found_by_the_first_pong_that_is_missing() -> None:
    """NAT-1, TRN-10 (RFC 5626 §4.4.1): once the registrar has promised to answer."""
    activity = FlowActivity(FlowConfig(keep_alive=None, pong_timeout=10), 0.0, opened_here=True)
    assert not activity.ping_is_due(1_000)
    activity.count_on(20)
    assert activity.ping_is_due(20)
    activity.pinged(20)
    assert activity.overdue(29) == ""
    assert activity.overdue(30) == "a keep-alive was not answered"
