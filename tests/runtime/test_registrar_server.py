"""A coordinator that is the registrar of its phones, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from random import Random
from typing import Any, TypeVar

import pytest
import trio
import trio.testing

from sansio_sip.auth import hash_user
from tests.runtime.registering import (
    ALICE,
    BOB,
    DOMAIN,
    LISTEN,
    SERVER,
    USERS,
    account,
    put,
    register,
    served,
)
from tests.runtime.told import told
from trio_runtime import (
    Accept,
    Account,
    AutoAnswerHandler,
    Call,
    CallDecision,
    CallHandler,
    CallRejected,
    ConfigurationError,
    InboundConfig,
    IncomingCall,
    InvalidUriError,
    MemoryStore,
    NotRegisteredError,
    RegisterRefusal,
    RegisterRequest,
    RegistrarConfig,
    RegistrationRejected,
    Reject,
    RejectAllHandler,
    RequestsConfig,
    Route,
    RoutingHandler,
    SessionCoordinator,
    StoreFailedError,
    VoipError,
    open_registrar,
)
from trio_runtime.base.registrar_store import Change
from trio_runtime.events.types import (
    ContactRegistered,
    ContactRemoved,
    MessageReceived,
    RegisterRefused,
    StoreFailed,
)
from trio_runtime.testing import NatConfig, Simulation, Wire

Clock = trio.testing.MockClock
EventT = TypeVar("EventT")
TEXT = RequestsConfig(content_types=("text/plain",))


@asynccontextmanager
async def pbx(
    sim: Simulation,
    registrar: RegistrarConfig | None = None,
    wire: Wire | None = None,
    host: str = SERVER,
    **options: Any,
) -> AsyncIterator[tuple[SessionCoordinator, Wire]]:
    """Open the server; whom it calls is found by its registration only."""
    network = sim.wire(icmp=True) if wire is None else wire
    options = {"listen": LISTEN, **options}
    server = sim.phone(network, "pbx", host, registrar=registrar or served(), **options)
    if wire is not None:
        async with server:
            yield server, network
        return
    async with network, server:
        yield server, network


# Registering


async def test_phone_registers_is_located_and_gone(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, CLI-2: digest; each step is an event; counted; an address is found until it ends."""
    async with pbx(sim) as (server, wire):
        events = server.subscribe()
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            async with alice.registered(ALICE, expires=300):
                (contact,) = server.locate(ALICE)
                assert contact.uri == "sip:alice@10.0.0.1:5060"
                assert (contact.q, contact.source, contact.by_source) == (1.0, "udp:10.0.0.1:5060", False)
                assert 299 <= contact.expires <= 300
                assert server.locate(BOB) == []
                (registered,) = told(events, ContactRegistered)
                assert (registered.address, registered.username, registered.expires) == (ALICE, "alice", 300)
                assert registered.user_agent.startswith("sansio-voip/")
                await trio.sleep(250)
                assert [event.refreshed for event in told(events, ContactRegistered)] == [True]
            await trio.sleep(0.1)
            (removed,) = told(events, ContactRemoved)
            assert (removed.address, removed.cause, removed.left) == (ALICE, "unregistered", 0)
            assert server.locate(ALICE) == []
        statistics = server.statistics().registrar
        assert statistics is not None
        assert (statistics.accepted, statistics.challenged, statistics.refused) == (3, 1, 0)
        assert (statistics.addresses, statistics.waiting, statistics.store) == (0, 0, None)
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize(("user", "password"), [("alice", "wrong"), ("mallory", "builder")])
async def test_wrong_password_and_unknown_user_are_refused(
    sim: Simulation, autojump_clock: Clock, user: str, password: str
) -> None:
    """SRV-5, AUTH-1: both look the same from outside; the event says who tried."""
    async with pbx(sim) as (server, wire):
        events = server.subscribe()
        phone = sim.phone(wire, user, "10.0.0.1", accounts=(account(user, password=password),))
        async with phone:
            with pytest.raises(RegistrationRejected) as refused:
                async with phone.registered(f"sip:{user}@{DOMAIN}"):
                    pytest.fail("not reached")
            assert refused.value.status_code == 401
        (event,) = told(events, RegisterRefused)
        assert (event.status_code, event.username) == (401, user)
        assert "wrong password" in event.reason


async def test_user_registers_his_own_address_only_unless_told_otherwise(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5: 403 for the address of another one; `owns` may allow it."""
    other = account("bob", username="alice", password="wonderland")
    async with pbx(sim) as (server, wire), sim.phone(wire, "bob", "10.0.0.2", accounts=(other,)) as bob:
        with pytest.raises(RegistrationRejected, match="403"):
            async with bob.registered(BOB):
                pytest.fail("not reached")
        assert server.locate(BOB) == []
    everything = served(owns=lambda user, address: user == "alice")
    async with pbx(sim, everything) as (server, wire):
        async with sim.phone(wire, "bob", "10.0.0.2", accounts=(other,)) as bob, bob.registered(BOB):
            assert len(server.locate(BOB)) == 1


async def test_hashes_and_a_registry_are_as_good_as_passwords(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, AUTH-1: `UserRegistry`; nothing of a secret is shown."""
    md5 = hash_user("alice", DOMAIN, "wonderland", "MD5")
    asked: list[tuple[str, str]] = []

    def registry(username: str, realm: str) -> str | None:
        asked.append((username, realm))
        return "builder" if username == "bob" else None

    config = served(users={"alice": {"MD5": md5}}, registry=registry)
    assert md5 not in repr(config)
    async with pbx(sim, config) as (server, wire):
        for user, host in (("alice", "10.0.0.1"), ("bob", "10.0.0.2")):
            async with sim.phone(wire, user, host, accounts=(account(user),)) as phone:
                async with phone.registered(f"sip:{user}@{DOMAIN}"):
                    assert len(server.locate(f"sip:{user}@{DOMAIN}")) == 1
    assert set(asked) == {("bob", DOMAIN)}


async def test_too_brief_is_raised_and_a_foreign_domain_is_not_ours(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5: 423 with Min-Expires; 404."""
    async with pbx(sim, served(min_expires=90)) as (_, wire):
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            async with alice.registered(ALICE, expires=30) as registration:
                assert registration.expires == 90
            foreign = Account("sip:alice@other.test", password="wonderland", outbound_proxy=f"sip:{SERVER}")
            with pytest.raises(RegistrationRejected, match="404"):
                async with alice.registered(foreign):
                    pytest.fail("not reached")


async def test_phones_that_vanish_expire(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, RFC 5626 §7: a sweep in virtual time; a broken connection takes its flow at once."""
    async with pbx(sim, served(anonymous=True, users={})) as (server, wire):
        events = server.subscribe()
        network = wire.environment("10.0.0.1").network
        sock = await network.open_datagram("10.0.0.1", 5_999, receive_buffer=4_096)
        expires = ["Expires: 100"]
        sock.send(
            register(ALICE, "<sip:a@10.0.0.1>", call_id="a", cseq=1, host="10.0.0.1", extra=expires),
            (SERVER, 5060),
        )
        connection = await network.connect(SERVER, 5060)
        flow = '<sip:b@10.0.0.1;transport=tcp>;+sip.instance="<urn:uuid:1>";reg-id=1'
        supported = ["Supported: outbound, path"]
        message = register(BOB, flow, call_id="b", cseq=1, host="10.0.0.1", extra=supported, transport="TCP")
        await connection.stream.send_all(message)
        await trio.sleep(99)
        assert len(server.locate(ALICE)) == len(server.locate(BOB)) == 1
        assert told(events, ContactRemoved) == []
        await trio.sleep(2)
        assert server.locate(ALICE) == []
        (expired,) = told(events, ContactRemoved)
        assert (expired.address, expired.cause) == (ALICE, "expired")
        await connection.stream.aclose()
        await trio.sleep(1)
        (broken,) = told(events, ContactRemoved)
        assert (broken.address, broken.cause) == (BOB, "flow-failed")
        assert server.locate(BOB) == []
        statistics = server.statistics().registrar
        assert statistics is not None
        assert (statistics.expired, statistics.flows_failed) == (1, 1)
        sock.close()


async def test_credentials_of_a_request_are_good_once(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, AUTH-1, RFC 7616 §3.3: who sends a REGISTER of somebody else again is asked anew, with stale."""
    async with pbx(sim) as (server, wire):
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            async with alice.registered(ALICE):
                assert alice.trace is not None
                taken = [entry.data for entry in alice.trace if b"Authorization: Digest" in entry.data][-1]
        sock = await wire.environment("10.0.0.6").network.open_datagram(
            "10.0.0.6", 5060, receive_buffer=4_096
        )
        await trio.sleep(40)  # before that it would be taken for a loop
        sock.send(taken.replace(b"branch=z9hG4bK", b"branch=z9hG4bKx"), (SERVER, 5060))
        await sock.wait_readable()
        answer = sock.receive()
        assert answer is not None
        assert answer[0].startswith(b"SIP/2.0 401 ")
        assert b"stale=true" in answer[0]
        assert server.locate(ALICE) == []
        sock.close()


async def test_function_of_the_application_decides(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-4: plain or async, it sees what would change, and its answer goes out as it is."""
    seen: list[RegisterRequest] = []

    async def decide(request: RegisterRequest) -> RegisterRefusal | None:
        seen.append(request)
        await trio.sleep(0.3)
        if request.username == "bob":
            return RegisterRefusal(486, "Not At Night", (("X-Reason", "night"),))
        return None

    async with pbx(sim, served(decide=decide)) as (server, wire):
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            async with alice.registered(ALICE):
                assert len(server.locate(ALICE)) == 1
        async with sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),)) as bob:
            with pytest.raises(RegistrationRejected, match="486 Not At Night"):
                async with bob.registered(BOB):
                    pytest.fail("not reached")
        assert server.locate(BOB) == []
    first = seen[0]
    assert (first.address, first.contacts, first.source) == (
        ALICE,
        ("sip:alice@10.0.0.1:5060",),
        "udp:10.0.0.1:5060",
    )
    assert ("User-Agent", first.user_agent) in first.headers


@pytest.mark.parametrize("bad", ["raises", "raises later", "nonsense"])
async def test_decision_that_fails_is_a_500_and_counted(
    sim: Simulation, autojump_clock: Clock, bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-4, ERR-1: others are served on."""

    async def later(_: RegisterRequest) -> RegisterRefusal | None:
        await trio.sleep(0.1)
        raise RuntimeError("oops")

    def decide(request: RegisterRequest) -> Any:
        if request.username == "bob":
            return None
        if bad == "raises":
            raise RuntimeError("oops")
        return later(request) if bad == "raises later" else RegisterRefusal(200)

    async with pbx(sim, served(decide=decide)) as (server, wire):
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            with pytest.raises(RegistrationRejected, match="500"):
                async with alice.registered(ALICE):
                    pytest.fail("not reached")
        async with sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),)) as bob, bob.registered(BOB):
            assert len(server.locate(BOB)) == 1
        statistics = server.statistics().registrar
        assert statistics is not None
        assert statistics.decisions_failed == 1
    assert "the decision about a REGISTER" in caplog.text


@pytest.mark.parametrize("function", ["registry", "owns"])
async def test_function_that_fails_refuses_one_phone_and_no_more(
    sim: Simulation, autojump_clock: Clock, function: str, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-5, ERR-1: it is asked in the midst of a message; others are served on."""

    def fail(username: str, _: str) -> Any:
        if username == "alice":
            raise RuntimeError("no database")
        return USERS[username] if function == "registry" else True

    users = {} if function == "registry" else USERS
    async with pbx(sim, served(users=users, **{function: fail})) as (server, wire):
        for user, host in (("alice", "10.0.0.1"), ("bob", "10.0.0.2")):
            async with sim.phone(wire, user, host, accounts=(account(user),)) as phone:
                registration = phone.register(f"sip:{user}@{DOMAIN}")
                await trio.sleep(1)
                assert (registration.expires > 0) is (user == "bob")
        assert server.locate(ALICE) == []
    assert "no database" in caplog.text


async def test_phones_may_be_anonymous_where_callers_are_not(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, AUTH-1: `anonymous` is about REGISTER only."""
    inbound = InboundConfig(realm=DOMAIN, users=USERS)
    async with pbx(sim, served(anonymous=True, users={}), inbound=inbound) as (server, wire):
        stranger = account("eve", password=None)
        async with sim.phone(wire, "eve", "10.0.0.6", accounts=(stranger,)) as eve:
            async with eve.registered(f"sip:eve@{DOMAIN}"):
                assert len(server.locate(f"sip:eve@{DOMAIN}")) == 1
                async with eve.make_call(f"sip:x@{DOMAIN}", account=f"sip:eve@{DOMAIN}") as call:
                    with pytest.raises(CallRejected, match="401"):
                        await call.answered()


# Calling registered users


async def test_call_goes_to_the_registered_phone(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5: by the address of record; who is of our domain and not registered is nowhere."""
    async with pbx(sim) as (server, wire):
        bob = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=AutoAnswerHandler())
        async with bob, bob.registered(BOB):
            async with server.make_call(BOB) as call:
                await call.answered()
                (there,) = bob.list_active_sessions()
                assert there.local_uri == BOB
        with pytest.raises(NotRegisteredError, match="alice"):
            server.start_call(ALICE)
        with pytest.raises(InvalidUriError):
            server.locate("no uri")
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.parametrize("outbound", [False, True])
async def test_phone_that_listens_nowhere_is_called_by_its_connection(
    sim: Simulation, autojump_clock: Clock, outbound: bool
) -> None:
    """SRV-5, NAT-1, RFC 5626 §5.3: TCP without a listener, with a registered flow and without."""
    async with pbx(sim) as (server, wire):
        there = account("bob", outbound=outbound, outbound_proxy=f"sip:{SERVER};transport=tcp")
        bob = sim.phone(
            wire, "bob", "10.0.0.2", accounts=(there,), connect=("tcp",), handler=AutoAnswerHandler()
        )
        async with bob, bob.registered(BOB):
            (contact,) = server.locate(BOB)
            assert contact.source.startswith("tcp:10.0.0.2:")
            assert contact.by_source is outbound
            async with server.make_call(BOB) as call:
                await call.answered()
                await trio.sleep(1)
            assert server.statistics().dialogs.flows.opened == 0
    await sim.settle()
    sim.assert_quiet()


async def test_phone_behind_a_nat_is_called_where_it_came_from(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5, NAT-1: its Contact is a private address; over UDP, without STUN."""
    async with pbx(sim, host="203.0.113.9") as (server, wire):
        home = wire.public.private(nat=NatConfig())
        there = account("bob", outbound_proxy="sip:203.0.113.9")
        bob = sim.phone(home, "bob", "192.168.1.2", accounts=(there,), handler=AutoAnswerHandler())
        async with bob, bob.registered(BOB):
            (contact,) = server.locate(BOB)
            assert contact.uri.startswith("sip:bob@192.168.1.2")
            assert contact.by_source
            assert contact.source.startswith("udp:198.51.100.1:")
            async with server.make_call(BOB) as call:
                await call.answered()
                await trio.sleep(1)
            assert call.end is not None
            await trio.sleep(1)
            assert bob.list_active_sessions() == []
    await sim.settle()
    sim.assert_quiet()


async def test_preferred_phone_is_called_first_and_the_next_when_it_fails(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5: q, and what becomes of a call when the first is busy; a 6xx is for all."""
    async with pbx(sim, served(anonymous=True, users={})) as (server, wire):
        desk = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=RejectAllHandler(486))
        cell = sim.phone(wire, "bob", "10.0.0.3", accounts=(account("bob"),), handler=AutoAnswerHandler())
        async with desk, cell:
            await put(wire, "10.0.0.2", q="0.9")
            await put(wire, "10.0.0.3", q="0.4")
            assert [contact.q for contact in server.locate(BOB)] == [0.9, 0.4]
            async with server.make_call(BOB) as call:
                await call.answered()
                assert len(cell.list_active_sessions()) == 1
            await trio.sleep(1)
        declines = sim.phone(
            wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=RejectAllHandler(603)
        )
        again = sim.phone(wire, "bob", "10.0.0.3", accounts=(account("bob"),), handler=AutoAnswerHandler())
        async with declines, again, server.make_call(BOB) as call:
            with pytest.raises(CallRejected, match="603"):
                await call.answered()


async def test_handler_sends_calls_on_to_registered_users(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, HND-4, SES-9: phones call each other through the server; nobody there is a 480."""
    handler = RoutingHandler([Route.to("", f"sip:{{user}}@{DOMAIN}")])
    async with pbx(sim, handler=handler) as (_, wire):
        alice = sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),))
        bob = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=AutoAnswerHandler())
        async with alice, bob, alice.registered(ALICE):
            async with bob.registered(BOB), alice.make_call(BOB, account=ALICE) as call:
                await call.answered()
                await trio.sleep(1)
                assert len(bob.list_active_sessions()) == 1
            await trio.sleep(1)
            assert bob.list_active_sessions() == []
            async with alice.make_call(BOB, account=ALICE) as call:
                with pytest.raises(CallRejected, match="480"):
                    await call.answered()
    await sim.settle()
    sim.assert_quiet()


class Slow(CallHandler):
    """Rings, and answers or refuses after some seconds; keeps how its calls ended."""

    def __init__(self, seconds: float, status: int = 200) -> None:
        self.seconds, self.status = seconds, status
        self.ends: list[str] = []

    async def on_incoming_call(self, call: IncomingCall) -> CallDecision:
        call.ring()
        await trio.sleep(self.seconds)
        return Accept() if self.status == 200 else Reject(self.status)

    def on_call_ended(self, call: Call, end: object) -> None:
        self.ends.append(type(end).__name__)


@asynccontextmanager
async def two_phones(
    sim: Simulation, desk: CallHandler, cell: CallHandler, timeout: float = 60.0
) -> AsyncIterator[SessionCoordinator]:
    """Open alice, and bob with two phones, whom the server rings together."""
    handler = RoutingHandler([Route.to("", f"sip:{{user}}@{DOMAIN}")], timeout=timeout)
    async with pbx(sim, handler=handler) as (_, wire):
        alice = sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),))
        one = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=desk)
        other = sim.phone(wire, "bob", "10.0.0.3", accounts=(account("bob"),), handler=cell)
        async with alice, one, other, one.registered(BOB), other.registered(BOB):
            yield alice
            await trio.sleep(2)
    await sim.settle()
    sim.assert_quiet()


async def test_phones_of_a_user_ring_together_and_the_first_one_has_the_call(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-5, HND-4: the others are cancelled."""
    desk, cell = Slow(9.0), Slow(3.0)
    async with two_phones(sim, desk, cell) as alice:
        begun = trio.current_time()
        async with alice.make_call(BOB, account=ALICE) as call:
            await call.answered()
            assert 3.0 < trio.current_time() - begun < 3.5
            await trio.sleep(1)
            assert (desk.ends, cell.ends) == (["Cancelled"], [])
    assert cell.ends == ["RemoteBye"]


@pytest.mark.parametrize(("first", "second", "status"), [(486, 480, 486), (480, 404, 404), (480, 603, 603)])
async def test_caller_hears_what_tells_most_of_why_nobody_answers(
    sim: Simulation, autojump_clock: Clock, first: int, second: int, status: int
) -> None:
    """SRV-5, RFC 3261 §16.7: busy before anything else; a 6xx is for all phones, at once."""
    async with two_phones(sim, Slow(1.0, first), Slow(2.0, second)) as alice:
        async with alice.make_call(BOB, account=ALICE) as call:
            with pytest.raises(CallRejected, match=str(status)):
                await call.answered()


@pytest.mark.parametrize("gives_up", [True, False])
async def test_phones_ring_no_longer_than_the_caller_waits(
    sim: Simulation, autojump_clock: Clock, gives_up: bool
) -> None:
    """SRV-5, SES-11: neither after a CANCEL nor after the time of the route, which is a 480."""
    desk, cell = Slow(50.0), Slow(50.0)
    async with two_phones(sim, desk, cell, timeout=10.0) as alice:
        async with alice.make_call(BOB, account=ALICE) as call:
            with trio.move_on_after(5 if gives_up else 20):
                with pytest.raises(CallRejected, match="480"):
                    await call.answered()
            if gives_up:
                call.hang_up()
        await trio.sleep(1)
        assert (desk.ends, cell.ends) == (["Cancelled"], ["Cancelled"])


async def test_callers_are_asked_for_the_passwords_of_phones(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5, AUTH-1: `InboundConfig` with the same realm; a trunk is let in by its address."""
    inbound = InboundConfig(realm=DOMAIN, trusted_hosts=("10.0.0.7",))
    async with pbx(sim, inbound=inbound, handler=AutoAnswerHandler()) as (_, wire):
        for user, host, good in (
            ("alice", "10.0.0.1", True),
            ("eve", "10.0.0.6", False),
            ("eve", "10.0.0.7", True),
        ):
            caller = sim.phone(wire, user, host, accounts=(account(user),))
            async with caller, caller.make_call(f"sip:x@{DOMAIN}", account=f"sip:{user}@{DOMAIN}") as call:
                if good:
                    await call.answered()
                else:
                    with pytest.raises(CallRejected, match="401"):
                        await call.answered()


# Stores


class SlowStore(MemoryStore):
    """Writes take a second, and fail when told to; what was written is kept in order."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[Change] = []
        self.seconds = 1.0
        self.broken = False
        self.error: Exception = StoreFailedError("disk full")

    async def save(self, changes: Iterable[Change]) -> None:
        await trio.sleep(self.seconds)
        if self.broken:
            raise self.error
        rows = list(changes)
        self.saved += rows
        await super().save(rows)


async def test_answer_waits_for_the_store(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5: no 200 before the write; retransmissions meanwhile change nothing."""
    store = SlowStore()
    async with pbx(sim, served(store=store)) as (server, wire):
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            before = trio.current_time()
            registration = alice.register(ALICE)
            await trio.sleep(0.9)
            assert server.locate(ALICE) == []
            assert server.statistics().registrar.waiting == 1  # type: ignore[union-attr]
            await registration.registered()
            assert trio.current_time() - before > 1.0
            assert len(store) == len(store.saved) == 1
            statistics = server.statistics().registrar
            assert statistics is not None
            assert statistics.store is not None
            assert (statistics.store.written, statistics.store.waiting) == (1, 0)
            assert statistics.store.longest_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    "error", [StoreFailedError("disk full"), KeyError("disk full")], ids=["own", "other"]
)
async def test_store_that_fails_is_a_500_and_is_tried_again(
    sim: Simulation, autojump_clock: Clock, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """SRV-5, ERR-1: nothing counts; an expiry that could not be written is written when it works again."""
    store = SlowStore()
    store.seconds, store.error = 0.01, error
    async with pbx(sim, served(store=store)) as (server, wire):
        events = server.subscribe()
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            await alice.register(ALICE, expires=60).registered()
            store.broken = True
            async with sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob", retry_base=5.0),)) as bob:
                with pytest.raises(RegistrationRejected, match="500"):
                    async with bob.registered(BOB):
                        pytest.fail("not reached")
            assert server.locate(BOB) == []
        await trio.sleep(100)  # alice has left, which could not be written either, and has expired then
        assert server.locate(ALICE) == []
        assert len(store) == 1
        failures = told(events, StoreFailed)
        assert "disk full" in failures[0].error
        assert len(failures) < 12  # the waits grow
        store.broken = False
        await trio.sleep(60)
        assert len(store) == 0
        statistics = server.statistics().registrar
        assert statistics is not None
        assert statistics.store is not None
        assert statistics.store.failures >= 2
        assert statistics.store.waiting == 0
    assert "the store of the registrar failed" in caplog.text


async def test_bindings_outlive_the_coordinator(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5: another one opens the same store; what cannot be reached any more, or has ended, is left out."""
    store = MemoryStore()
    wire = sim.wire(icmp=True)
    async with wire:
        bob = sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), handler=AutoAnswerHandler())
        async with bob:
            async with pbx(sim, served(store=store), wire):
                bob.register(BOB, expires=600)
                flow = account("alice", outbound=True, outbound_proxy=f"sip:{SERVER};transport=tcp")
                alice = sim.phone(wire, "alice", "10.0.0.1", accounts=(flow,), connect=("tcp",))
                async with alice:
                    alice.register(ALICE)
                    await trio.sleep(1)
                    assert len(store) == 2
                    saved = dict(await store.load())
                await trio.sleep(1)
            await store.save(saved.items())  # as after a crash: nobody has said good-bye
            await trio.sleep(100)
            async with pbx(sim, served(store=store), wire) as (server, _):
                assert 490 < server.locate(BOB)[0].expires < 500
                assert server.locate(ALICE) == []
                async with server.make_call(BOB) as call:
                    await call.answered()
        await trio.sleep(700)
        async with pbx(sim, served(store=store), wire) as (server, _):
            assert server.locate(BOB) == []
    await sim.settle()
    sim.assert_quiet()


async def test_leaving_writes_what_is_not_written_yet(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5: within `drain_grace`; what waits for its 200 gets 503."""
    store = SlowStore()
    async with pbx(sim, served(store=store), drain_grace=4.0) as (_, wire):
        async with sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),)) as alice:
            await alice.register(ALICE).registered()
            store.seconds = 3.0
        await trio.sleep(0.1)  # it has unregistered when it left
    assert len(store) == 0


# Order


@pytest.mark.parametrize("store", [None, "slow"])
@pytest.mark.parametrize("seed", range(3))
async def test_concurrent_registers_of_one_address_keep_their_order(
    sim: Simulation, autojump_clock: Clock, store: str | None, seed: int
) -> None:
    """SRV-5: a hundred from UDP and TCP in mixed order; the highest CSeq wins, here and in the store."""
    kept = SlowStore()
    kept.seconds = 0.05
    config = served(anonymous=True, users={}, **({} if store is None else {"store": kept}))
    async with pbx(sim, config) as (server, wire):
        environment = wire.environment("10.0.0.1")
        sock = await environment.network.open_datagram("10.0.0.1", 5_999, receive_buffer=65_536)
        connection = await environment.network.connect(SERVER, 5060)
        order = list(range(1, 101))
        Random(seed).shuffle(order)
        for cseq in order:
            by_tcp = cseq % 2 == 0
            message = register(
                BOB,
                f"<sip:bob@10.0.0.1:5060>;x={cseq}",
                call_id="one",
                cseq=cseq,
                host="10.0.0.1",
                transport="TCP" if by_tcp else "UDP",
            )
            if by_tcp:
                await connection.stream.send_all(message)
            else:
                sock.send(message, (SERVER, 5060))
        await trio.sleep(8)
        (binding,) = server._parts.dialogs.endpoint.agent.lookup(BOB)
        assert (binding.cseq, dict(binding.params)["x"]) == (100, "100")
        numbers = [rows[0].cseq for aor, rows in kept.saved if aor == BOB and rows]
        assert numbers == sorted(numbers)
        if store is not None:
            assert numbers[-1] == 100
        sock.close()
        await connection.stream.aclose()
        statistics = server.statistics().registrar
        assert statistics is not None
        assert statistics.accepted + statistics.refused == 100


async def test_star_removes_all_and_needs_expires_zero(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5: `Contact: *`."""
    async with pbx(sim, served(anonymous=True, users={})) as (server, wire):
        sock = await wire.environment("10.0.0.1").network.open_datagram(
            "10.0.0.1", 5_999, receive_buffer=4_096
        )
        for cseq, contact, extra, left in (
            (1, "<sip:bob@10.0.0.1>, <sip:bob@10.0.0.2>", [], 2),
            (2, "*", ["Expires: 60"], 2),
            (3, "*", ["Expires: 0"], 0),
        ):
            sock.send(
                register(BOB, contact, call_id="one", cseq=cseq, host="10.0.0.1", extra=extra), (SERVER, 5060)
            )
            await trio.sleep(1)
            assert len(server.locate(BOB)) == left
        sock.close()


# The open functions


async def test_open_registrar_is_a_registrar_and_nothing_else(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-5: no media, no calls."""
    wire = sim.wire()
    registrar = open_registrar(served(), environment=wire.environment(SERVER), bind_host=SERVER)
    alice = sim.phone(wire, "alice", "10.0.0.1", accounts=(account("alice"),))
    async with wire, registrar, alice, alice.registered(ALICE):
        assert len(registrar.locate(ALICE)) == 1
        async with alice.make_call(f"sip:x@{SERVER}") as call:
            with pytest.raises(CallRejected, match="480"):
                await call.answered()
        with pytest.raises(VoipError, match="there is no registrar"):
            alice.locate(ALICE)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"users": {}}, "users"),
        ({"users": {"alice": 5}}, "users"),
        ({"users": {"alice": {"rot13": "x"}}}, "users"),
        ({"users": {"alice": {"sha-256": "0" * 64}}}, "users"),
        ({"users": [["alice"]]}, "users"),
        ({"users": [["alice", "a"], ["alice", "b"]]}, "users"),
        ({"min_expires": 4_000}, "default_expires"),
        ({"store": 5}, "store"),
        ({"algorithms": ("ROT13",)}, "algorithms"),
        ({"realm": 'a"b'}, "realm"),
    ],
)
def test_mistake_in_the_configuration_names_the_field(how: dict[str, Any], field: str) -> None:
    """COO-6, ERR-1: and shows no secret."""
    with pytest.raises(ConfigurationError) as caught:
        served(**how)
    assert caught.value.field == field


async def test_realms_of_phones_and_callers_have_to_agree(sim: Simulation, autojump_clock: Clock) -> None:
    """COO-6: one program asks for one realm."""
    make: Callable[[], object] = lambda: sim.phone(  # noqa: E731
        sim.wire(), "pbx", SERVER, registrar=served(), inbound=InboundConfig(realm="other")
    )
    with pytest.raises(ConfigurationError, match=r"pbx\.test"):
        make()


# What is asked of registered users


async def test_messages_and_requests_go_to_where_a_user_is_registered(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-3, CLI-4, SRV-5: to the contact, past our own proxy; of somebody without a phone that is told."""
    async with pbx(sim) as (server, wire):
        async with sim.phone(wire, "bob", "10.0.0.2", accounts=(account("bob"),), requests=TEXT) as bob:
            written = bob.subscribe()
            async with bob.registered(BOB):
                assert (await server.options(BOB)).status_code == 200
                assert (await server.send_message(BOB, "lunch?")).status_code == 200
                (message,) = told(written, MessageReceived)
                assert (message.text, message.recipient) == ("lunch?", "sip:bob@10.0.0.2:5060")
            await trio.sleep(0.1)
        for ask in (server.options(BOB), server.send_message(BOB, "lunch?")):
            with pytest.raises(NotRegisteredError, match=r"sip:bob@pbx\.test is not registered"):
                await ask
    await sim.settle()
    sim.assert_quiet()


async def test_message_finds_a_phone_that_is_reached_by_its_connection_only(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-4, SRV-5, NAT-1: it listens nowhere (RFC 5626 §5.3)."""
    async with pbx(sim) as (server, wire):
        behind = account("bob", outbound_proxy=f"sip:{SERVER};transport=tcp")
        async with sim.phone(
            wire, "bob", "10.0.0.2", connect=("tcp",), accounts=(behind,), requests=TEXT
        ) as bob:
            written = bob.subscribe()
            async with bob.registered(BOB):
                (contact,) = server.locate(BOB)
                assert contact.source.startswith("tcp:10.0.0.2:")
                assert (await server.send_message(BOB, "hi")).status_code == 200
                assert (await server.options(BOB)).status_code == 200
                assert [event.text for event in told(written, MessageReceived)] == ["hi"]
    await sim.settle()
    sim.assert_quiet()


async def test_message_goes_to_the_next_phone_when_the_preferred_one_is_dead(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """CLI-4, SRV-5: its binding is still there; a refusal, though, is an answer."""
    async with pbx(sim) as (server, wire):
        desk = sim.phone(wire, "desk", "10.0.0.2", accounts=(account("bob"),), requests=TEXT)
        async with sim.phone(wire, "mobile", "10.0.0.3", accounts=(account("bob"),), requests=TEXT) as mobile:
            written = mobile.subscribe()
            async with mobile.registered(BOB):
                await trio.sleep(1)  # of two that are preferred alike the later one is asked first
                async with desk, desk.registered(BOB):
                    assert [each.uri[8:16] for each in server.locate(BOB)] == ["10.0.0.2", "10.0.0.3"]
                    cut = wire.partition("10.0.0.2", "*")
                    began = trio.current_time()
                    assert (await server.send_message(BOB, "where are you?")).status_code == 200
                    assert trio.current_time() - began == pytest.approx(32, abs=1)
                    assert [event.text for event in told(written, MessageReceived)] == ["where are you?"]
                    wire.heal(cut)
    await sim.settle()
    sim.assert_quiet()
