"""Calls of real phones through the ready proxy, in virtual time: routes, forks, failures, limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from sansio_sip.invite import Cancelled, LocallyClosed, Rejected, RemoteBye
from sansio_sip.proxy import FinalResponseSent, RequestForwarded, RequestRefused
from sansio_sip.resolve import RecordType, SrvRecord
from tests.runtime.certificates import Authority
from tests.runtime.proxied import BOB, ONE, PROXY, THREE, TWO, answers, village
from trio_runtime import (
    CallDecision,
    CallRejected,
    CallState,
    CaptureConfig,
    ConfigurationError,
    Defer,
    IncomingCall,
    LimitsConfig,
    PortInUseError,
    ProxyRequest,
    Redirect,
    Reject,
    Reply,
    Target,
    VoipError,
    open_proxy,
)
from trio_runtime.api.options import CoordinatorOptions, ProxyOptions
from trio_runtime.observe import CaptureFileError, load_capture, render_exposition
from trio_runtime.observe.record_metrics import record_families
from trio_runtime.proxy import RouteAnswer, RouteFailed, RouteTimedOut
from trio_runtime.testing import Simulation

Clock = trio.testing.MockClock


def rings(_: IncomingCall) -> CallDecision:
    return Defer(60)


def busy(_: IncomingCall) -> CallDecision:
    return Reject(486)


def after(seconds: float) -> Callable[[IncomingCall], CallDecision]:
    """Ring, and answer so many seconds later."""

    def decide(call: IncomingCall) -> CallDecision:
        async def answer() -> None:
            await trio.sleep(seconds)
            if call.undecided:
                call.accept()

        trio.lowlevel.spawn_system_task(answer)
        return Defer(60)

    return decide


# Calls


async def test_whole_call_stays_on_the_path_in_both_directions(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-7: INVITE, ACK, hold of one side and of the other, BYE: all by Record-Route; then all is quiet."""
    asked: list[ProxyRequest] = []

    def route(request: ProxyRequest) -> RouteAnswer:
        asked.append(request)
        return ONE

    media: CoordinatorOptions = {"no_media": False}
    async with village(sim, route, answers, alice=media, bob=media) as v:
        call = v.call()
        await call.answered()
        await trio.sleep(0.1)
        (far,) = v.bobs[0].calls
        await call.hold()
        assert far.remote_hold
        await call.resume()
        await far.hold()
        await far.resume()
        far.hang_up()
        await call.ended()
        assert isinstance(call.end, RemoteBye)
        await trio.sleep(0.1)
        assert Counter(v.heard("10.0.0.11")) == {"INVITE": 3, "ACK": 3, "200": 3}
        assert Counter(v.heard("10.0.0.1")) == {"200": 3, "INVITE": 2, "ACK": 2, "BYE": 1}
        assert v.wire.trace.dropped == 0
        assert all({PROXY} & {entry.sender[0], entry.receiver[0]} for entry in v.wire.trace)
        (request,) = asked  # dialogs find their way by themselves
        assert (request.method, request.uri, request.user, request.host) == (
            "INVITE",
            BOB,
            "bob",
            "example.com",
        )
        assert (request.caller, request.called) == ("sip:alice@10.0.0.1", BOB)
        assert (request.source.transport, request.source.host) == ("UDP", "10.0.0.1")
        assert request.headers["Call-ID"] == request.call_id == call.sip_call_id
        assert request.body.startswith(b"v=0")
        assert "INVITE sip:bob@example.com" in repr(request)
        assert "200 OK" in v.proxy.ladder(call.sip_call_id)


async def test_proxy_that_leaves_the_path(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: without Record-Route the phones talk to each other from the ACK on."""
    async with village(sim, lambda _: ONE, answers, proxy={"record_route": False}) as v:
        async with v.call() as call:
            await call.answered()
        assert v.heard("10.0.0.11") == ["INVITE"]
        assert v.heard("10.0.0.11", "10.0.0.1") == ["ACK", "BYE"]


async def test_cancel_reaches_who_rings(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: leaving the block cancels through the proxy, and 487 comes back."""
    async with village(sim, lambda _: ONE, rings) as v:
        async with v.call() as call:
            await trio.sleep(1)
            assert call.state is CallState.RINGING
        await trio.sleep(1)
        assert isinstance(call.end, Cancelled)
        assert isinstance(v.bobs[0].calls[0].end, Cancelled)
        assert v.heard("10.0.0.11") == ["INVITE", "CANCEL", "ACK"]


# Forks


async def test_who_answers_first_of_all_gets_the_call(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: parallel fork: three ring, the second answers, the others are cancelled, one is busy."""
    async with village(sim, lambda _: [ONE, TWO, THREE], rings, after(2), busy) as v:
        call = v.call()
        await call.answered()
        ended = [bob.calls[0].end for bob in v.bobs]
        await trio.sleep(1)
        ended = [bob.calls[0].end for bob in v.bobs]
        assert isinstance(ended[0], Cancelled)
        assert ended[1] is None
        assert v.bobs[1].calls[0].is_active
        assert isinstance(ended[2], LocallyClosed | Rejected)
        call.hang_up()
        await call.ended()
        await trio.sleep(0.1)
        assert isinstance(v.bobs[1].calls[0].end, RemoteBye)


async def test_groups_are_tried_one_after_the_other(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: sequential fork: busy, then nobody for 5 s, then who answers."""

    async def route(_: ProxyRequest) -> RouteAnswer:
        await trio.sleep(0.1)
        return [[ONE], [Target(uri=TWO, ring_time=5.0)], [THREE]]

    async with village(sim, route, busy, rings, answers) as v:
        began = trio.current_time()
        async with v.call() as call:
            await call.answered()
            assert 5 < trio.current_time() - began < 6
            await trio.sleep(0.1)
            assert v.bobs[2].calls[0].is_active
            await trio.sleep(1)
            assert isinstance(v.bobs[1].calls[0].end, Cancelled)
        assert [len(bob.calls) for bob in v.bobs] == [1, 1, 1]


async def test_best_of_all_refusals_goes_back(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: 486 and 603: the 6xx wins; then nothing else is tried."""
    async with village(sim, lambda _: [[ONE, TWO], [THREE]], busy, lambda _: Reject(603), answers) as v:
        with pytest.raises(CallRejected) as caught:
            await v.call().answered()
        assert caught.value.status_code == 603
        assert v.bobs[2].calls == []


@pytest.mark.parametrize("recurse", [True, False], ids=["followed here", "handed back"])
async def test_redirection_is_followed_or_handed_back(
    sim: Simulation, autojump_clock: Clock, recurse: bool
) -> None:
    """SRV-7, SES-30: a 302 of the callee; handed back, the caller follows it by itself."""
    asked: list[str] = []

    def route(request: ProxyRequest) -> RouteAnswer:
        asked.append(request.uri)
        return ONE

    options = {"recurse": recurse, "relay_foreign": True}
    async with village(sim, route, lambda _: Redirect(TWO), answers, proxy=options) as v:  # type: ignore[arg-type]
        async with v.call() as call:
            await call.answered()
        heard = v.heard("10.0.0.1")
        assert ("302" in heard) is not recurse
        assert [request.uri for request in v.requests("10.0.0.12")] == [TWO]
        assert asked == [BOB]


# Circles


async def test_request_that_goes_round_is_refused_as_a_loop(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: two proxies that send everything to each other: 482, long before the hops are used up."""
    wire = sim.wire(latency=0.01)
    other = sim.proxy(wire, "10.0.0.8", lambda _: f"sip:bob@{PROXY}", name="other")
    async with village(sim, lambda _: "sip:bob@10.0.0.8", wire=wire) as v, other:
        with pytest.raises(CallRejected) as caught:
            await v.call().answered()
        assert caught.value.status_code == 482
        assert v.heard("10.0.0.8").count("INVITE") <= 3
        await sim.settle()


async def test_request_without_hops_left_is_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: Max-Forwards 0 gets 483, and is not asked about; 1 is the last hop."""
    async with village(sim, lambda _: ONE, answers) as v:
        with pytest.raises(CallRejected) as caught:
            await v.call(headers=[("Max-Forwards", "0")]).answered()
        assert caught.value.status_code == 483
        async with v.call(headers=[("Max-Forwards", "1")]) as call:
            await call.answered()
            assert v.bobs[0].calls[0].headers["Max-Forwards"] == "0"


# Ways


@pytest.mark.parametrize(("near", "far"), [("udp", "tcp"), ("tcp", "udp"), ("tcp", "tcp")])
async def test_transport_changes_at_the_proxy(
    sim: Simulation, autojump_clock: Clock, near: str, far: str
) -> None:
    """SRV-7, TRN-3: each side finds the Record-Route that it can use; hold and BYE of both sides pass."""
    async with village(
        sim,
        lambda _: f"{ONE};transport={far}",
        answers,
        proxy={"listen": ("udp", "tcp")},
        alice={"listen": (near,), "outbound_proxy": f"sip:{PROXY};transport={near};lr"},
        bob={"listen": (far,)},
    ) as v:
        async with v.call() as call:
            await call.answered()
            (there,) = v.bobs[0].calls
            routes = there.headers.get_all("Record-Route")
            assert len(routes) == (1 if near == far else 2)
            await trio.sleep(0.1)
            await there.hold()
            await call.hold()
        await there.ended()
        assert isinstance(there.end, RemoteBye)
        direct = {"10.0.0.1", "10.0.0.11"}
        entries = [entry for entry in v.wire.trace if {entry.sender[0], entry.receiver[0]} == direct]
        assert entries == []


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_phone_with_tls_is_called_back_by_its_connection(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path, who: str
) -> None:
    """SRV-7, TRN-3: TLS on one side; the certificate names the proxy; hold and BYE of both sides pass."""
    authority = Authority(tmp_path)
    wire = sim.wire(latency=0.01)
    wire.names["proxy.example"] = [PROXY]
    async with village(
        sim,
        lambda _: ONE,
        answers,
        wire=wire,
        proxy={
            "listen": ("udp", "tls"),
            "tls": authority.trust("sip:proxy.example"),
            "flow_transports": ("tls", "ws", "wss"),
            "hosts": ("proxy.example",),
            "advertised_host": "proxy.example",
        },
        alice={
            "listen": ("udp",),
            "connect": ("tls",),
            "tls": authority.trust(),
            "outbound_proxy": "sip:proxy.example;transport=tls;lr",
        },
    ) as v:
        call = v.call()
        await call.answered()
        await trio.sleep(0.1)
        (there,) = v.bobs[0].calls
        await there.hold()
        await call.hold()
        (call if who == "caller" else there).hang_up()
        await call.ended()
        await there.ended()
        assert RemoteBye in (type(call.end), type(there.end))
        assert wire.streams.opened == 1
        assert "sips:" in " ".join(there.headers.get_all("Record-Route"))


async def test_phone_with_a_connection_only_is_called_by_it(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, TRN-9: a WebSocket phone has no address: what is sent to it takes the flow that it opened."""
    flows: list[Target] = []

    def route(request: ProxyRequest) -> RouteAnswer:
        if request.method == "OPTIONS":  # as a REGISTER would tell where it is
            flows.append(Target(uri="sip:web@web.invalid;transport=ws", flow=request.source))
            return Reply(200)
        return flows

    async with village(
        sim,
        route,
        answers,
        proxy={"listen": ("udp", "ws://:8080")},
        bob={"listen": ("udp",), "connect": ("ws",), "outbound_proxy": f"sip:{PROXY}:8080;transport=ws;lr"},
    ) as v:
        web = next(each.node for each in sim._nodes if each.name == "bob")
        await web.options("sip:me@example.com")  # type: ignore[attr-defined]
        async with v.call() as call:
            await call.answered()
            (there,) = v.bobs[0].calls
            await call.hold()
            await there.hold()
        await there.ended()
        assert isinstance(there.end, RemoteBye)
        assert not [entry for entry in v.wire.trace if entry.receiver[0] == "10.0.0.11"]  # nothing by UDP


async def test_dead_target_is_passed_over(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, TRN-11: silence is given up after 64·T1; a closed port, and a dead one of SRV, at once."""
    wire = sim.wire(latency=0.01, icmp=True)
    wire.records[RecordType.SRV, "_sip._udp.bobs.example"] = [
        SrvRecord(1, 0, 5060, "dead.example"),
        SrvRecord(2, 0, 5060, "alive.example"),
    ]
    wire.names.update({"dead.example": ["10.0.0.66"], "alive.example": ["10.0.0.11"]})
    targets = ["sip:bob@10.0.0.12", "sip:bob@10.0.0.11:5070", "sip:bob@bobs.example"]
    async with village(sim, lambda _: [[target] for target in targets], answers, wire=wire) as v:
        silent = await wire.environment("10.0.0.12").network.open_datagram(
            "10.0.0.12", 5060, receive_buffer=4_096
        )
        began = trio.current_time()
        async with v.call() as call:
            await call.answered()
        assert 32 < trio.current_time() - began < 33
        assert v.bobs[0].calls[0].called_uri == targets[2]
        assert v.proxy.statistics().proxy.failovers == 1
        silent.close()


async def test_call_that_rings_for_ever_is_given_up(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: RFC 3261 §16.8: timer C: the callee is cancelled, and the caller gets its answer."""
    # A phone that repeats its 180 starts timer C anew each time; this one is heard of no more.
    wire = sim.wire(latency=0.01, loss_for=lambda entry: b" 180 " in entry.data[:12] and entry.time > 1)
    async with village(sim, lambda _: ONE, lambda _: Defer(500), wire=wire) as v:
        began = trio.current_time()
        with pytest.raises(CallRejected) as caught:
            await v.call().answered()
        assert caught.value.status_code in (408, 487)
        assert 185 <= trio.current_time() - began < 190
        await trio.sleep(1)
        assert isinstance(v.bobs[0].calls[0].end, Cancelled)


# The routing function


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Reply(404), 404),
        ([], 480),
        (Reply(302, (("Contact", f"<{TWO}>"),)), 302),
        (None, 500),
        (7, 500),
        ([7], 500),
        ("bob", 500),
        (["mailto:bob@example.org"], 500),
    ],
)
async def test_what_a_route_may_give(
    sim: Simulation, autojump_clock: Clock, answer: object, status: int
) -> None:
    """SRV-7: an answer of its own, nobody, and what is no route: that is 500, told, and contained."""
    async with village(sim, lambda _: answer, answers, alice={"max_redirects": 0}) as v:  # type: ignore[arg-type, return-value]
        events = v.proxy.subscribe()
        with pytest.raises(CallRejected) as caught:
            await v.call().answered()
        assert caught.value.status_code == status
        failed = [event for event in _now(events) if isinstance(event, RouteFailed)]
        assert len(failed) == (status == 500 and answer != ["mailto:bob@example.org"])


@pytest.mark.parametrize("is_async", [False, True], ids=["plain", "async"])
async def test_exception_of_a_route_is_contained(
    sim: Simulation, autojump_clock: Clock, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """SRV-7, ERR-9: that request gets 500, the next one goes through."""
    error = ZeroDivisionError("boom")

    async def late(request: ProxyRequest) -> RouteAnswer:
        await trio.sleep(0.5)
        return at_once(request)

    def at_once(request: ProxyRequest) -> RouteAnswer:
        if request.user == "bob":
            raise error
        return ONE

    async with village(sim, late if is_async else at_once, answers) as v:
        events = v.proxy.subscribe()
        with pytest.raises(CallRejected) as caught:
            await v.call().answered()
        assert caught.value.status_code == 500
        failed = [event for event in _now(events) if isinstance(event, RouteFailed)]
        assert [(event.error, event.request.uri) for event in failed] == [(error, BOB)]
        assert "boom" in caplog.text
        async with v.call("sip:carol@example.com") as call:
            await call.answered()
        routing = v.proxy.statistics().routing
        assert (routing.asked, routing.failed, routing.running) == (2, 1, 0)


async def test_route_that_takes_too_long_and_too_many_of_them(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: an INVITE gets 408, another request 500; while one is being asked about a second gets 503."""

    async def route(_: ProxyRequest) -> RouteAnswer:
        await trio.sleep_forever()

    async with village(sim, route, proxy={"route_timeout": 2.0, "max_routing": 1}) as v:
        events = v.proxy.subscribe()
        first, second = v.call(), v.call()
        with pytest.raises(CallRejected) as caught:
            await second.answered()
        assert caught.value.status_code == 500  # a 503 tells of one way only, so it is not passed on as such
        with pytest.raises(CallRejected) as caught:
            await first.answered()
        assert caught.value.status_code == 408
        assert (await v.alice.options(BOB)).status_code == 500
        late = [event for event in _now(events) if isinstance(event, RouteTimedOut)]
        assert [event.request.method for event in late] == ["INVITE", "OPTIONS"]
        routing = v.proxy.statistics().routing
        assert (routing.late, routing.refused, routing.running) == (2, 1, 0)


async def test_caller_that_gives_up_while_the_route_is_being_found(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-7: CANCEL before there is a target: 487 at once, and the late targets are not called."""

    async def route(_: ProxyRequest) -> RouteAnswer:
        await trio.sleep(5)
        return ONE

    async with village(sim, route, answers) as v:
        async with v.call() as call:
            await trio.sleep(1)
        await trio.sleep(1)
        assert isinstance(call.end, Cancelled)
        await trio.sleep(10)
        assert v.bobs[0].calls == []


# Whom it is there for


async def test_request_for_others_is_refused_unless_it_shall_be_relayed(
    sim: Simulation, autojump_clock: Clock
) -> None:
    """SRV-7: 403 for who wants to hide behind us; as an outbound proxy it goes where it says, unasked."""
    asked: list[str] = []

    def route(request: ProxyRequest) -> RouteAnswer:
        asked.append(request.uri)
        return Reply(404)

    async with village(sim, route, answers) as v:
        events = v.proxy.subscribe()
        with pytest.raises(CallRejected) as caught:
            await v.call(ONE).answered()
        assert caught.value.status_code == 403
        (refused,) = _now(events)
        assert isinstance(refused, RequestRefused)
        assert (refused.method, refused.uri, refused.status_code) == ("INVITE", ONE, 403)
    async with village(sim, route, answers, proxy={"relay_foreign": True}) as v:
        events = v.proxy.subscribe()
        async with v.call(ONE) as call:
            await call.answered()
            await call.hold()
        kinds = [type(event) for event in _now(events)]
        assert kinds[:2] == [RequestForwarded, FinalResponseSent]
        assert RequestRefused not in kinds
    assert asked == []


# Limits and ends


async def test_new_calls_above_the_limits_are_refused(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, SES-28: rate and calls of a source that are being set up; calls that stand count no more."""
    limits = LimitsConfig(max_sessions_per_source=2, retry_after=7)
    async with village(sim, lambda _: ONE, after(3), proxy={"limits": limits}) as v:
        first, second, third = v.call(), v.call(), v.call()
        with pytest.raises(CallRejected) as caught:
            await third.answered()
        assert caught.value.status_code == 503
        assert third.headers["Retry-After"] == "7"
        await first.answered()
        await second.answered()
        fourth = v.call()
        await fourth.answered()
        admission = v.proxy.statistics().proxy.admission
        assert admission is not None
        assert (admission.admitted, admission.refused_source_calls) == (3, 1)
        for call in (first, second, fourth):
            call.hang_up()


async def test_drain_lets_calls_go_on_and_takes_no_new_ones(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, PERF-9: what rings may be answered, calls hang up through us; OPTIONS and new calls get 503."""
    async with village(sim, lambda _: ONE, after(3)) as v:
        standing, given_up = v.call(), v.call()
        await standing.answered()
        given_up.hang_up()
        ringing = v.call()
        await trio.sleep(1)
        async with trio.open_nursery() as nursery:
            left: list[int] = []

            async def drain() -> None:
                left.append(await v.proxy.drain())

            nursery.start_soon(drain)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(CallRejected) as caught:
                await v.call().answered()
            assert caught.value.status_code == 503
            assert (await v.alice.options(f"sip:{PROXY}")).status_code == 503
            await ringing.answered()
        assert left == [0]
        statistics = v.proxy.statistics()
        assert statistics.draining
        assert statistics.proxy.pending == 0
        for call in (standing, ringing):
            await call.hold()
            call.hang_up()
            await call.ended()
        await trio.sleep(0.1)
        assert [type(call.end) for call in v.bobs[0].calls] == [RemoteBye] * 3


async def test_drain_with_a_deadline_tells_what_is_left(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: who still rings then is cancelled when the block is left, and hears of it."""
    async with village(sim, lambda _: ONE, rings) as v:
        call = v.call()
        await trio.sleep(1)
        assert await v.proxy.drain(deadline=trio.current_time() + 5) == 1
        call.hang_up()


async def test_leaving_the_block_cancels_what_rings(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7: the caller gets its answer before the sockets are released."""
    wire = sim.wire(latency=0.01)
    async with village(sim, lambda _: ONE, rings, wire=wire) as v:
        async with sim.phone(wire, "carol", "10.0.0.3", no_media=True) as carol:
            async with sim.proxy(wire, "10.0.0.8", lambda _: ONE, name="other") as other:
                ringing = carol.start_call("sip:bob@10.0.0.8")
                await trio.sleep(1)
                assert ringing.state is CallState.RINGING
            assert other.left_after_drain == 0
            with pytest.raises(CallRejected) as caught:
                await ringing.answered()
            assert caught.value.status_code == 487
        assert isinstance(v.bobs[0].calls[0].end, Cancelled)


async def test_nothing_works_before_it_is_open(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, ERR-1: and a listener of each transport at most, which is told when it is made."""
    proxy = sim.proxy(sim.wire(), PROXY, lambda _: ONE)
    assert proxy.bound_addresses == []
    assert "not open" in repr(proxy)
    with pytest.raises(VoipError, match="not open"):
        proxy.statistics()
    with pytest.raises(ConfigurationError, match="listen"):
        open_proxy(lambda _: ONE, listen=("udp", "udp://127.0.0.1:5070"))
    with pytest.raises(ConfigurationError, match="domain: there is no such field"):
        open_proxy(lambda _: ONE, domain="example.com")  # type: ignore[call-arg]


async def test_numbers_of_a_proxy_as_metrics(sim: Simulation, autojump_clock: Clock) -> None:
    """SRV-7, MET-1: every counter of the server is a metric."""
    async with village(sim, lambda _: ONE, answers) as v:
        async with v.call() as call:
            await call.answered()
        await trio.sleep(1)
        text = render_exposition(record_families(v.proxy.statistics(), "voip_proxy"))
        assert "voip_proxy_proxy_requests 2" in text
        assert "voip_proxy_proxy_branches 2" in text
        assert "voip_proxy_routing_asked 1" in text
        assert "voip_proxy_proxy_admission_admitted 1" in text


async def test_everything_that_passes_is_captured(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """SRV-7, MET-4: both sides of the proxy in one file, also where no trace is kept."""
    file = tmp_path / "proxy.pcapng"
    options: ProxyOptions = {"capture": CaptureConfig(path=str(file)), "trace_messages": 0}
    async with village(sim, lambda _: ONE, answers, proxy=options) as v:
        async with v.call() as call:
            await call.answered()
        await trio.sleep(1)
        assert "no messages" in v.proxy.ladder(call.sip_call_id)
        capture = v.proxy.statistics().capture
        assert capture is not None
        assert capture.written + capture.waiting == 10  # INVITE, 200, ACK, BYE, 200, in and out
    assert len(load_capture(file)) == 10


async def test_proxy_that_cannot_begin_holds_nothing(
    sim: Simulation, autojump_clock: Clock, tmp_path: Path
) -> None:
    """SRV-7, ERR-1: a port in use, and a file that cannot be written."""
    wire = sim.wire()
    taken = CaptureConfig(path=str(tmp_path / "proxy.pcapng"))
    async with sim.proxy(wire, PROXY, lambda _: ONE):
        with pytest.raises(PortInUseError):
            await sim.proxy(wire, PROXY, lambda _: ONE, capture=taken).__aenter__()
    nowhere = CaptureConfig(path=str(tmp_path / "no" / "proxy.pcapng"))
    with pytest.raises(CaptureFileError):
        await sim.proxy(wire, PROXY, lambda _: ONE, capture=nowhere).__aenter__()
    assert wire.open_sockets == []


# Under loss


@pytest.mark.parametrize(
    "calls", [200, pytest.param(1_000, marks=pytest.mark.long)], ids=["200 calls", "1000 calls"]
)
async def test_calls_over_a_lossy_wire_leave_nothing_behind(
    sim: Simulation, autojump_clock: Clock, calls: int
) -> None:
    """SRV-7, SIM-1: 5 % lost, some twice, some out of order: each call is answered and ended by a BYE."""
    wire = sim.wire(seed=3, latency=0.02, loss=0.05, duplicate=0.02, reorder=0.05)
    done = 0

    async with village(sim, lambda _: [[ONE], [TWO]], busy, answers, wire=wire) as v:

        async def call(number: int) -> None:
            nonlocal done
            await trio.sleep(number * 0.05)
            async with v.call() as mine:
                await mine.answered()
                await trio.sleep(1)
            done += 1

        async with trio.open_nursery() as nursery:
            for number in range(calls):
                nursery.start_soon(call, number)
        await sim.settle(40)
        ends = [call.end for call in v.bobs[1].calls]
        assert done == calls
        assert len(ends) == calls
        assert all(isinstance(end, RemoteBye) for end in ends)
        statistics = v.proxy.statistics().proxy
        assert (statistics.contexts, statistics.transactions, statistics.refused) == (0, 0, 0)


def _now(events: object) -> list[object]:
    """What a stream holds now."""
    found = []
    while True:
        try:
            found.append(events.receive_nowait())  # type: ignore[attr-defined]
        except trio.WouldBlock:
            return found
