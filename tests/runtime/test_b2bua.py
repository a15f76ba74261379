"""Calls through the ready back-to-back user agent, in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import attrs
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneSource, sine
from sansio_sip.invite import Cancelled, RemoteBye, Replaced
from tests.runtime.hearing import talk, tone_at
from tests.runtime.proxied import Callee, answers
from trio_runtime import (
    Accept,
    Account,
    B2bua,
    B2buaConfig,
    Call,
    CallCancelled,
    CallDecision,
    CallRecord,
    CallRejected,
    ConfigurationError,
    Defer,
    HeaderPolicy,
    IncomingCall,
    Leg,
    Redirect,
    Reject,
    SessionCoordinator,
    SipFailure,
    TransferRequest,
)
from trio_runtime.api.options import CoordinatorOptions
from trio_runtime.b2bua import Attempt, B2buaEvent, CallRoute, CallRouteAnswer, CallRouteFailed
from trio_runtime.events import EventStream
from trio_runtime.testing import Simulation, Wire

Clock = trio.testing.MockClock
HOST = "10.0.0.9"
BOB = f"sip:bob@{HOST}"
ONE, TWO, THREE = (f"sip:bob@10.0.0.1{number}" for number in (1, 2, 3))
RATE = 8_000


@attrs.define
class Office:
    """Alice at 10.0.0.1, the server at 10.0.0.9, and bobs at 10.0.0.11, 12, …"""

    alice: SessionCoordinator
    server: B2bua
    bobs: list[Callee]
    events: EventStream[B2buaEvent]
    wire: Wire

    def call(self, uri: str = BOB, **options: object) -> Call:
        return self.alice.start_call(uri, **options)  # type: ignore[arg-type]

    def told(self) -> list[B2buaEvent]:
        found = []
        while True:
            try:
                found.append(self.events.receive_nowait())
            except trio.WouldBlock:
                return found

    def record(self) -> CallRecord:
        """The only record since it was asked last."""
        (found,) = [event for event in self.told() if isinstance(event, CallRecord)]
        return found


@asynccontextmanager
async def office(
    sim: Simulation,
    route: CallRoute,
    *bobs: Callable[[IncomingCall], CallDecision] | Callee,
    policy: B2buaConfig | None = None,
    wire: Wire | None = None,
    server: CoordinatorOptions | None = None,
    phones: CoordinatorOptions | None = None,
    settle: float = 120.0,
) -> AsyncIterator[Office]:
    """Open all of them; afterwards nothing may be left."""
    wire = wire or sim.wire(latency=0.01)
    options: CoordinatorOptions = phones or {}
    callees = [bob if isinstance(bob, Callee) else Callee(bob) for bob in bobs]
    async with (
        wire,
        sim.b2bua(wire, HOST, route, policy=policy, **(server or {})) as middle,
        AsyncExitStack() as stack,
    ):
        for number, callee in enumerate(callees, 11):
            phone = sim.phone(wire, "bob", f"10.0.0.{number}", handler=callee, **options)
            await stack.enter_async_context(phone)  # type: ignore[arg-type]
        async with sim.phone(wire, "alice", "10.0.0.1", **options) as alice:
            yield Office(alice, middle, callees, middle.subscribe(), wire)
            await sim.settle(settle)
    sim.assert_quiet()


def rings(_: IncomingCall) -> CallDecision:
    return Defer(90)


def busy(_: IncomingCall) -> CallDecision:
    return Reject(486)


def to_one(_: IncomingCall) -> CallRouteAnswer:
    return ONE


# Calls


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_whole_call_with_audio_keys_and_its_record(
    sim: Simulation, autojump_clock: Clock, who: str
) -> None:
    """SRV-8, SES-29: two dialogs, audio both ways, keys pass, BYE of either side ends both; who is told."""
    async with office(sim, to_one, answers) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(0.2)
        (far,) = o.bobs[0].calls
        assert far.sip_call_id != call.sip_call_id
        assert far.remote_uri == "sip:alice@10.0.0.1"
        await talk(call, far)
        far.digits.clear()
        await call.send_dtmf("5")
        await trio.sleep(0.5)
        assert far.digits.receive_nowait().digit == "5"
        assert o.server.statistics().talking == 1
        (call if who == "caller" else far).hang_up()
        await call.ended()
        await far.ended()
        await trio.sleep(1)
        record = o.record()
        assert (record.ended_by, type(record.end)) == (who, RemoteBye)
        assert (record.caller, record.called, record.target) == ("sip:alice@10.0.0.1", BOB, ONE)
        assert (record.status_code, record.attempts) == (200, (Attempt(ONE, 200),))
        assert record.call_id == call.sip_call_id
        assert record.answered_at is not None
        assert record.began_at <= record.answered_at
        assert record.duration_s == pytest.approx(call.duration_s, abs=0.2)
        statistics = o.server.statistics()
        assert (statistics.calls, statistics.answered, statistics.refused, statistics.talking) == (1, 1, 0, 0)
        assert "talks" in repr(o.server)


async def test_caller_that_gives_up_cancels_the_other_call(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: CANCEL on one side is CANCEL on the other."""
    async with office(sim, to_one, rings) as o:
        async with o.call():
            await trio.sleep(1)
        await trio.sleep(1)
        assert isinstance(o.bobs[0].calls[0].end, Cancelled)
        record = o.record()
        assert (record.ended_by, record.status_code, record.target) == ("caller", 487, "")
        assert record.attempts == (Attempt(ONE, 487),)


@pytest.mark.parametrize(
    ("answer", "status", "attempts"),
    [
        (Reject(404), 404, []),
        ([], 480, []),
        (Redirect(TWO), 302, []),
        (ONE, 486, [486]),
        ([[ONE], [TWO]], 486, [486, 408]),
        ([[ONE], [THREE], [TWO]], 603, [486, 603]),
        ([ONE, THREE], 603, [486, 603]),
        ([ONE, TWO], 486, [486, 408]),
        ("sip:bob@nowhere.example", 503, [503]),
    ],
)
async def test_refusals_reach_the_caller(
    sim: Simulation, autojump_clock: Clock, answer: CallRouteAnswer, status: int, attempts: list[int]
) -> None:
    """SRV-8: a refusal of the route; that of who was called; 6xx ends the search; the one that says most."""
    policy = B2buaConfig(ring_time=5.0)
    async with office(
        sim, lambda _: answer, busy, rings, lambda _: Reject(603), policy=policy, phones={"max_redirects": 0}
    ) as o:
        with pytest.raises(CallRejected) as caught:
            await o.call().answered()
        assert caught.value.status_code == status
        await trio.sleep(1)
        record = o.record()
        assert sorted(each.status_code for each in record.attempts) == sorted(attempts)
        assert (record.status_code, record.ended_by) == (status, "us")


async def test_all_ring_and_the_first_gets_the_call(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: ring-all: the caller hears ringing; who is slower is cancelled; audio runs to the one."""

    def later(call: IncomingCall) -> CallDecision:
        trio.lowlevel.spawn_system_task(_accept_after, call, 2.0)
        return Defer(60)

    async with office(sim, lambda _: [[THREE], [ONE, TWO]], rings, later, busy) as o:
        call = o.call()
        await trio.sleep(1)
        assert call.state.value == "ringing"
        await call.answered()
        await trio.sleep(0.5)
        assert isinstance(o.bobs[0].calls[0].end, Cancelled)
        await talk(call, o.bobs[1].calls[0])
        call.hang_up()
        await trio.sleep(1)
        record = o.record()
        assert record.target == TWO
        assert record.attempts == (Attempt(THREE, 486, "Busy Here"), Attempt(TWO, 200), Attempt(ONE, 487))


async def test_caller_gives_up_while_all_ring(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: every one of them is cancelled."""
    async with office(sim, lambda _: [ONE, TWO], rings, rings) as o:
        async with o.call():
            await trio.sleep(1)
        await trio.sleep(1)
        assert all(isinstance(bob.calls[0].end, Cancelled) for bob in o.bobs)
        assert {each.status_code for each in o.record().attempts} == {487}


async def _accept_after(call: IncomingCall, seconds: float) -> None:
    await trio.sleep(seconds)
    if call.undecided:
        call.accept()


async def test_early_media_passes(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, SDP-9: the caller hears the callee's announcement before the answer."""

    def announce(call: IncomingCall) -> CallDecision:
        call.ring(183, early_media=True)
        trio.lowlevel.spawn_system_task(_play_quietly, call)
        return Defer(60)

    async with office(sim, to_one, announce) as o:
        call = o.call()
        await trio.sleep(0.5)
        assert await tone_at(call) == pytest.approx(900, abs=5)
        assert call.answered_at is None
        call.hang_up()


async def _play_quietly(call: Call) -> None:
    with trio.move_on_after(5):
        try:
            await call.play(ToneSource(sine(900.0)))
        except CallCancelled:
            return


# Headers and identity


async def test_only_what_the_policy_lets_passes(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: information passes, also the application's own; what belongs to one call never does."""
    policy = B2buaConfig(headers=HeaderPolicy(allow=("Subject", "X-*"), deny=("X-Secret",)))

    def takes(call: IncomingCall) -> CallDecision:
        return Accept(headers=(("X-Answer", "yes"), ("Server-Timing", "1")))

    def route(_: IncomingCall) -> CallRouteAnswer:
        return Leg(ONE, headers=(("X-Added", "here"),))

    sent = [("Subject", "lunch"), ("X-Ticket", "7"), ("X-Secret", "s"), ("Priority", "urgent")]
    sent.append(("x-ticket", "8"))
    async with office(sim, route, takes, policy=policy) as o:
        call = o.call(headers=sent)
        await call.answered()
        (far,) = o.bobs[0].calls
        assert far.headers["Subject"] == "lunch"
        assert far.headers.get_all("X-Ticket") == ["7", "8"]
        assert far.headers["X-Added"] == "here"
        assert "X-Secret" not in far.headers
        assert "Priority" not in far.headers
        assert far.headers["Max-Forwards"] == "69"
        assert call.headers["X-Answer"] == "yes"
        assert "Server-Timing" not in call.headers
        call.hang_up()


def test_policy_that_would_break_the_other_call_is_refused() -> None:
    """SRV-8, ERR-1: the field is named; the default lets information pass and no secret."""
    with pytest.raises(ConfigurationError, match="allow: Proxy-Authorization belongs to one call"):
        HeaderPolicy(allow=("Subject", "Proxy-Authorization"))
    with pytest.raises(ConfigurationError, match="deny"):
        HeaderPolicy(deny=(7,))  # type: ignore[arg-type]
    policy = HeaderPolicy(allow=("*",))
    assert policy.passes("X-Any")
    assert not policy.passes("Authorization")
    assert not policy.passes("Via")
    assert HeaderPolicy().passes("subject")
    assert not HeaderPolicy().passes("P-Asserted-Identity")


@pytest.mark.parametrize(
    ("caller", "account", "seen"),
    [
        ("pass", None, "sip:alice@10.0.0.1"),
        ("own", None, "sip:exchange@example.com"),
        ("pass", Account("sip:trunk@example.com"), "sip:trunk@example.com"),
    ],
)
async def test_whom_the_callee_sees(
    sim: Simulation, autojump_clock: Clock, caller: str, account: Account | None, seen: str
) -> None:
    """SRV-8: the caller's own address, ours, or that of an account."""
    async with office(
        sim,
        lambda _: Leg(ONE, account=account),
        answers,
        policy=B2buaConfig(caller=caller),
        server={"display_name": "Exchange", "accounts": (Account("sip:exchange@example.com"),)},
    ) as o:
        async with o.call() as call:
            await call.answered()
            assert o.bobs[0].calls[0].remote_uri == seen


# What passes while they talk


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_hold_of_one_side_is_hold_of_the_other(
    sim: Simulation, autojump_clock: Clock, who: str
) -> None:
    """SRV-8, SES-12: who is held hears the music of who holds; resumed, both talk again; both may hold."""
    async with office(sim, to_one, answers) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(0.2)
        near, far = call, o.bobs[0].calls[0]
        if who == "callee":
            near, far = far, near
        await near.hold(music=ToneSource(sine(500.0)))
        await trio.sleep(0.5)
        assert (near.remote_hold, far.remote_hold) == (False, True)
        assert await tone_at(far) == pytest.approx(500, abs=5)
        await far.hold()
        await trio.sleep(0.5)
        assert (near.remote_hold, far.remote_hold) == (True, True)
        await near.resume()
        await trio.sleep(0.5)
        assert (near.remote_hold, far.remote_hold) == (True, False)
        await far.resume()
        await trio.sleep(0.5)
        assert (near.remote_hold, far.remote_hold) == (False, False)
        await talk(near, far)
        call.hang_up()


async def test_each_call_has_a_session_timer_of_its_own(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, INV-9: both are refreshed, in dialogs of their own, while the two talk for long."""
    plain: CoordinatorOptions = {"no_media": True}
    async with office(sim, to_one, answers, server={"session_interval": 90, **plain}, phones=plain) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(300)
        assert call.end is None
        ids = {call.sip_call_id, o.bobs[0].calls[0].sip_call_id}
        offers, trace = (b"INVITE ", b"UPDATE "), o.wire.trace
        refreshes = {name: sum([entry.data[:7] in offers for entry in trace.for_call(name)]) for name in ids}
        assert len(ids) == 2
        assert all(count >= 4 for count in refreshes.values())
        call.hang_up()


# Transfers


async def test_blind_transfer_is_followed_here(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, SES-13: the callee sends the caller to somebody else; the caller keeps its one call with us."""
    async with office(sim, to_one, answers, answers) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(0.2)
        (bob,) = o.bobs[0].calls
        await bob.transfer(TWO)
        await trio.sleep(0.5)
        assert bob.end is not None
        (carol,) = o.bobs[1].calls
        assert carol.headers["Referred-By"]
        await talk(call, carol)
        carol.hang_up()
        await call.ended()
        assert isinstance(call.end, RemoteBye)
        await trio.sleep(1)
        record = o.record()
        assert (record.transfers, record.ended_by) == (1, "callee")


@pytest.mark.parametrize("policy", ["follow", "pass", "refuse"])
async def test_transfer_that_fails_leaves_the_two_together(
    sim: Simulation, autojump_clock: Clock, policy: str
) -> None:
    """SRV-8, SES-13: who wanted it is told the status; nobody has lost his call."""
    async with office(sim, to_one, answers, busy, policy=B2buaConfig(transfers=policy)) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(0.2)
        (bob,) = o.bobs[0].calls
        with pytest.raises(SipFailure) as caught:
            await bob.transfer(TWO)
        assert caught.value.status_code == {"follow": 486, "pass": 603, "refuse": 603}[policy]
        await talk(call, bob)
        call.hang_up()


async def test_transfer_is_passed_on_where_that_is_wanted(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, SES-13: the other phone does it itself, and talks past us then."""

    class Follower(Callee):
        async def on_transfer_requested(self, call: Call, request: TransferRequest[Call]) -> None:
            async with request.accept() as new:
                made.append(new)
                await new.ended()

    made: list[Call] = []
    policy = B2buaConfig(transfers="pass")
    async with office(sim, to_one, Follower(answers), answers, policy=policy) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(0.2)
        await call.transfer(TWO)
        await trio.sleep(1)
        assert call.end is not None
        (new,) = made
        assert new.is_active
        assert o.bobs[1].calls[0].remote_uri.endswith("10.0.0.11")
        assert o.server.statistics().talking == 0
        new.hang_up()


@pytest.mark.parametrize("loss", [0.0, 0.05])
async def test_attended_transfer_among_three_parties(
    sim: Simulation, autojump_clock: Clock, loss: float
) -> None:
    """SRV-8, SES-14: alice talks to bob, asks carol through us, and connects them: she is out, they talk."""
    wire = sim.wire(seed=5, latency=0.01, loss=loss, media_loss=0.0)

    def route(call: IncomingCall) -> CallRouteAnswer:
        return ONE if call.called_user == "bob" else TWO

    async with office(sim, route, answers, answers, wire=wire) as o:
        first = o.call()
        await first.answered()
        await trio.sleep(1)
        await first.hold()
        second = o.call(f"sip:carol@{HOST}")
        await second.answered()
        await trio.sleep(1)
        (bob,), (carol,) = o.bobs[0].calls, o.bobs[1].calls
        assert [bob.remote_hold] == [True]
        await first.transfer(second)
        await second.ended()
        await trio.sleep(6)
        assert isinstance(second.end, Replaced | RemoteBye)
        assert (bob.end, carol.end) == (None, None)
        assert [bob.remote_hold] == [False]
        await talk(bob, carol)
        assert o.server.statistics().taken_over == 1
        bob.hang_up()
        await carol.ended()
        assert isinstance(carol.end, RemoteBye)


async def test_replaces_of_a_call_that_is_none_of_ours(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, SES-14: 481; the others talk on."""
    async with office(sim, to_one, answers) as o:
        call = o.call()
        await call.answered()
        with pytest.raises(CallRejected) as caught:
            await o.call(headers=[("Replaces", "nobody;to-tag=a;from-tag=b")]).answered()
        assert caught.value.status_code == 481
        assert call.is_active
        call.hang_up()


async def test_place_of_another_call_is_refused_where_transfers_are(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-8, SES-14: who knows the dialog gets 403, and the two talk on."""
    async with office(sim, to_one, answers, policy=B2buaConfig(transfers="refuse")) as o:
        call = o.call()
        await call.answered()
        await trio.sleep(0.1)
        agent = o.alice._parts.dialogs.endpoint.agent
        (session,) = agent._calls._sessions.values()
        names = session.dialog
        assert names is not None
        replaces = f"{names.call_id};to-tag={names.remote_tag};from-tag={names.local_tag}"
        with pytest.raises(CallRejected) as caught:
            await o.call(headers=[("Replaces", replaces)]).answered()
        assert caught.value.status_code == 403
        assert call.is_active
        call.hang_up()


async def test_phrase_of_a_refusal_reaches_the_caller(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: as the callee has written it."""
    async with office(sim, to_one, lambda _: Reject(480, "On holiday")) as o:
        with pytest.raises(CallRejected, match="On holiday"):
            await o.call().answered()


# What goes wrong


@pytest.mark.parametrize("fault", ["raises", "late", "none", "no uri"])
async def test_route_that_fails_costs_its_own_call_only(
    sim: Simulation, autojump_clock: Clock, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-8, ERR-9: 500, told and logged; the next call goes through."""

    async def route(call: IncomingCall) -> CallRouteAnswer:
        if call.called_user == "bob":
            if fault == "raises":
                raise ZeroDivisionError("boom")
            if fault == "late":
                await trio.sleep_forever()
            return None if fault == "none" else [ONE, "bob"]  # type: ignore[return-value]
        return ONE

    async with office(sim, route, answers) as o:
        with pytest.raises(CallRejected) as caught:
            await o.call().answered()
        assert caught.value.status_code == 500
        async with o.call(f"sip:carol@{HOST}") as call:
            await call.answered()
        assert o.server.statistics().route_failures == 1
        assert len([event for event in o.told() if isinstance(event, CallRouteFailed)]) == 1
        assert "failed" in caplog.text


async def test_call_that_goes_round_in_a_circle_ends(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8: each round costs a hop; the last one is refused with 483, and everybody is told."""
    async with office(sim, lambda _: BOB, server={"no_media": True}, phones={"no_media": True}) as o:
        with pytest.raises(CallRejected) as caught:
            await o.call(headers=[("Max-Forwards", "5")]).answered()
        assert caught.value.status_code == 483
        await trio.sleep(1)
        assert o.server.statistics().calls == 6


async def test_drain_and_leaving(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-8, PERF-9: no new calls; those there are go on, and are hung up when the block is left."""
    wire = sim.wire(latency=0.01)
    async with office(sim, to_one, answers, wire=wire) as o:
        async with sim.b2bua(wire, "10.0.0.8", to_one, name="other") as other:
            call = o.call("sip:bob@10.0.0.8")
            await call.answered()
            assert await other.drain(deadline=trio.current_time() + 5) == 2  # each has two
            with pytest.raises(CallRejected) as caught:
                await o.call("sip:bob@10.0.0.8").answered()
            assert caught.value.status_code == 503
            second = o.call()
            await second.answered()
        await call.ended()
        assert isinstance(call.end, RemoteBye)
        assert second.end is None
        second.hang_up()


@pytest.mark.parametrize(
    "calls", [80, pytest.param(200, marks=pytest.mark.long)], ids=["80 calls", "200 calls"]
)
async def test_calls_over_a_lossy_wire(sim: Simulation, autojump_clock: Clock, calls: int) -> None:
    """SRV-8, SIM-1: 5 % lost: answers, refusals and cancels; each has one record, and nothing is left."""
    wire = sim.wire(seed=11, latency=0.02, loss=0.05, duplicate=0.02, reorder=0.05)
    plain: CoordinatorOptions = {"no_media": True}
    ends: list[str] = []

    def route(call: IncomingCall) -> CallRouteAnswer:
        return {"0": ONE, "1": [[TWO], [ONE]], "2": TWO, "3": THREE}[call.called_user[-1]]

    async with office(sim, route, answers, busy, rings, wire=wire, server=plain, phones=plain) as o:

        async def call(number: int) -> None:
            await trio.sleep(number * 0.1)
            async with o.call(f"sip:user{number % 4}@{HOST}") as mine:
                try:
                    with trio.fail_after(20):
                        await mine.answered()
                    await trio.sleep(1)
                    ends.append("talked")
                except CallRejected as error:
                    ends.append(str(error.status_code))
                except trio.TooSlowError:
                    ends.append("gave up")

        async with trio.open_nursery() as nursery:
            for number in range(calls):
                nursery.start_soon(call, number)
        await sim.settle(80)
        counts = {end: ends.count(end) for end in set(ends)}
        assert counts == {"talked": calls // 2, "486": calls // 4, "gave up": calls // 4}
        records = [event for event in o.told() if isinstance(event, CallRecord)]
        assert len(records) == calls
        by_status = {code: sum([each.status_code == code for each in records]) for code in (200, 486, 487)}
        assert by_status == {200: calls // 2, 486: calls // 4, 487: calls // 4}
