"""What a coordinator does besides calls: questions, names, limits, events, statistics."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from sansio_sip.resolve import RecordType, SrvRecord
from trio_runtime import (
    CallRejected,
    CallState,
    ConfigurationError,
    IncomingCall,
    MediaConfig,
    NetworkError,
    PortInUseError,
    PortsExhaustedError,
    RequestTimedOutError,
    SessionNotFoundError,
    VoipError,
    open_client,
    open_coordinator,
    open_server,
)
from trio_runtime.events.types import (
    CallAnswered,
    CallStateChanged,
    CallTerminated,
    DigitReceived,
    MessageMalformed,
    SessionEvent,
)
from trio_runtime.session import Digit, DigitStream
from trio_runtime.session.registry import SessionRegistry
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"


async def answer(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


async def test_options_tells_what_a_peer_can(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """CLI-3, CLI-6: an OPTIONS is answered without any application code, headers and all."""
    async with sim.pair() as (alice, _):
        response = await alice.options(BOB)
    assert response.status_code == 200
    assert "INVITE" in response.headers["allow"]
    assert "application/sdp" in response.headers["accept"]
    assert response.round_trip_s == pytest.approx(0.02)
    sim.assert_quiet()


async def test_options_without_an_answer_times_out(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TXN-7, TXN-10: an OPTIONS is given up before Timer F."""
    async with sim.pair() as (alice, _):
        with pytest.raises(RequestTimedOutError):
            await alice.options("sip:nobody@10.0.0.9")
        assert trio.current_time() == pytest.approx(5, abs=0.01)


async def test_options_to_a_closed_port_fails_at_once(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TXN-7: ICMP is a transport error."""
    async with sim.pair(icmp=True) as (alice, _):
        with pytest.raises(NetworkError):
            await alice.options("sip:nobody@10.0.0.9")
        assert trio.current_time() < 1


async def test_cancelled_options_leaves_nothing(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """COO-13: the caller's timeout; the transaction ends by itself."""
    async with sim.pair() as (alice, _):
        with trio.move_on_after(1):
            await alice.options("sip:nobody@10.0.0.9")
        await sim.settle()
        assert alice.leftovers() == []
    sim.assert_quiet()


async def test_names_are_resolved(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """TRN-11 (addresses): a name is asked for once and the call goes there."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        sim.wires[0].names["bob.example.com"] = ["10.0.0.2"]
        await nursery.start(bob.serve, answer)
        async with alice.make_call("sip:bob@bob.example.com") as call:
            await call.answered()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_call_goes_to_the_next_server_of_a_domain(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-11: SRV records on the wire, and a first server whose port is closed."""
    async with sim.pair(icmp=True) as (alice, bob), trio.open_nursery() as nursery:
        wire = sim.wires[0]
        wire.names.update({"s1.example.com": ["10.0.0.9"], "s2.example.com": ["10.0.0.2", "2001:db8::2"]})
        wire.records[RecordType.SRV, "_sip._udp.example.com"] = [
            SrvRecord(1, 1, 5060, "s1.example.com"),
            SrvRecord(2, 1, 5060, "s2.example.com"),
        ]
        await nursery.start(bob.serve, answer)
        async with alice.make_call("sip:bob@example.com") as call:
            await call.answered()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_unknown_name_fails_the_call(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """TXN-7, ERR-1: no address is a transport failure, said in the end value."""
    async with sim.pair() as (alice, _), alice.make_call("sip:bob@nowhere.example.com") as call:
        assert "nowhere.example.com" in str(await call.ended())
    assert call.state is CallState.FAILED
    sim.assert_quiet()


async def test_sixth_call_of_five_gets_503(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-28: over the limit: 503 with Retry-After, and the counter is freed again."""
    async with sim.pair(phones={"max_sessions": 5}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        wire = sim.wires[0]
        async with sim.phone(wire, "carol", "10.0.0.3") as carol:
            calls = [carol.start_call(BOB) for _ in range(5)]
            for call in calls:
                await call.answered()
            async with alice.make_call(BOB) as sixth:
                with pytest.raises(CallRejected, match="503"):
                    await sixth.answered()
                assert sixth.headers["retry-after"] == "5"
            calls[0].hang_up()
            await trio.sleep(1)
            async with alice.make_call(BOB) as again:
                await again.answered()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_no_media_port_left_is_503(
    sim: Simulation, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """MED-4, SES-28: the port range is exhausted: 503 for the caller, a typed error for the handler."""
    errors: list[Exception] = []

    async def remember(call: IncomingCall) -> None:
        try:
            await call.answer()
        except PortsExhaustedError as error:
            errors.append(error)
            raise
        await call.ended()

    async with sim.pair() as (alice, _), trio.open_nursery() as nursery:
        wire = sim.wires[0]
        tight = MediaConfig(ports=(20_000, 20_003))
        async with sim.phone(wire, "carol", "10.0.0.3", media=tight) as carol:
            await nursery.start(carol.serve, remember)
            calls = [alice.start_call("sip:carol@10.0.0.3") for _ in range(2)]
            for call in calls:
                await call.answered()
            async with alice.make_call("sip:carol@10.0.0.3") as third:
                with pytest.raises(CallRejected, match="503"):
                    await third.answered()
            assert [type(error) for error in errors] == [PortsExhaustedError]
            nursery.cancel_scope.cancel()
    sim.assert_quiet()


@pytest.mark.simulation(quiet=False)  # the peer is dead, and nobody waits for the last timers
async def test_caller_without_ports_sends_nothing(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-4: exhaustion is a typed error before the INVITE."""
    wire = sim.wire()
    tight = MediaConfig(ports=(20_000, 20_002))
    async with wire, sim.phone(wire, "alice", "10.0.0.1", media=tight) as alice:
        alice.start_call("sip:x@10.0.0.9")
        with pytest.raises(PortsExhaustedError):
            alice.start_call("sip:x@10.0.0.9")
        assert len(alice.list_active_sessions()) == 1


async def test_codecs_in_common_decide(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SDP-3: no codec in common: 488."""
    wire = sim.wire()
    only_mu, only_a = MediaConfig(codecs=("PCMU",)), MediaConfig(codecs=("PCMA",))

    async def answers(call: IncomingCall) -> None:
        await call.answer()

    async with wire, trio.open_nursery() as nursery:
        async with (
            sim.phone(wire, "alice", "10.0.0.1", media=only_mu) as alice,
            sim.phone(wire, "bob", "10.0.0.2", media=only_a) as bob,
        ):
            await nursery.start(bob.serve, answers)
            async with alice.make_call(BOB) as call:
                with pytest.raises(CallRejected):
                    await call.answered()
            nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_events_tell_the_life_of_a_call(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """EVT-1, EVT-2, EVT-3: one event a fact, filtered by session."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        with bob.subscribe() as stream:
            async with alice.make_call(BOB) as call:
                await call.answered()
                await trio.sleep(0.1)
                await call.send_dtmf("5")
                await trio.sleep(0.5)
            await trio.sleep(1)
            seen: list[SessionEvent] = []
            while stream.statistics().waiting:
                seen.append(stream.receive_nowait())
        nursery.cancel_scope.cancel()
    kinds = [type(event).__name__ for event in seen]
    assert kinds == [
        "SessionCreated",
        "IncomingCallReceived",
        "MediaChanged",
        "CallStateChanged",
        "CallAnswered",
        "DigitReceived",
        "CallStateChanged",
        "CallTerminated",
    ]
    digit = next(event for event in seen if isinstance(event, DigitReceived))
    assert (digit.digit, digit.source) == ("5", "rfc4733")
    ended = next(event for event in seen if isinstance(event, CallTerminated))
    assert ended.duration_s == pytest.approx(1.0, abs=0.5)
    assert {CallStateChanged, CallAnswered} <= {type(event) for event in seen}


async def test_garbage_is_counted_and_disturbs_nobody(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SEC-1, MSG-6: 400 for what is a request, an event, and the call goes on."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        stranger = sim.wires[0].environment("10.0.0.66")
        socket = await stranger.network.open_datagram("10.0.0.66", 5060, receive_buffer=65_536)
        with bob.subscribe(lambda event: isinstance(event, MessageMalformed)) as malformed:
            async with alice.make_call(BOB) as call:
                await call.answered()
                for data in (
                    b"\x00" * 100,
                    b"garbage",
                    b"INVITE x SIP/2.0\r\nVia: x\r\n\r\n",
                    b"\xff" * 65_507,
                ):
                    socket.send(data, ("10.0.0.2", 5060))
                await trio.sleep(1)
                assert call.is_active
            assert malformed.statistics().waiting == bob.statistics().dialogs.agent.malformed >= 2
        socket.close()
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_info_keys_are_digits(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-15, MED-13: the INFO relay feeds the same stream, its source named."""
    digits: list[tuple[str, float, str]] = []

    async def listen(call: IncomingCall) -> None:
        await call.answer()
        async for digit in call.digits:
            digits.append((digit.digit, digit.duration_ms, digit.source))

    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, listen)
        stranger = sim.wires[0].environment("10.0.0.1")
        socket = await stranger.network.open_datagram("10.0.0.1", 5099, receive_buffer=65_536)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(0.1)
            trace = [entry.data for entry in sim.wires[0].trace]
            ack = next(data for data in trace if data.startswith(b"ACK"))
            for number, (kind, body) in enumerate(
                [("dtmf-relay", "Signal=5\r\nDuration=120\r\n"), ("dtmf", "#"), ("dtmf-relay", "Signal=11")]
            ):
                info = ack.replace(b"ACK sip", b"INFO sip").replace(b"1 ACK", b"1 INFO")
                head = info.partition(b"Content-Length")[0].replace(b"z9hG4bK", b"z9hG4bKx%d" % number)
                extra = f"Content-Type: application/{kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                socket.send(head + extra.encode(), ("10.0.0.2", 5060))
            await trio.sleep(1)
        await trio.sleep(1)
        socket.close()
        nursery.cancel_scope.cancel()
    assert digits == [("5", 120.0, "info"), ("#", 0.0, "info"), ("#", 0.0, "info")]


def test_a_press_that_comes_by_info_and_by_media_is_one() -> None:
    """MED-13, SES-15: whichever comes first is told, with its source."""
    stream = DigitStream()
    told = [
        stream.offer(Digit(digit, duration_ms, source), now)
        for digit, duration_ms, source, now in (
            ("5", 0.0, "info", 1.0),
            ("5", 160.0, "rfc4733", 1.2),
            ("5", 120.0, "inband", 1.3),
            ("5", 160.0, "rfc4733", 1.5),
            ("6", 160.0, "rfc4733", 1.6),
        )
    ]
    assert told == [True, False, False, True, True]
    assert stream.repeated == 2
    assert [stream.receive_nowait().source for _ in range(3)] == ["info", "rfc4733", "rfc4733"]


def test_registry_only_stores() -> None:
    """SES-19, SES-20: look-ups of what is not there."""
    registry = SessionRegistry()
    assert registry.find("x") is None
    with pytest.raises(SessionNotFoundError):
        registry.get("x")
    assert registry.stats().average_duration == 0


async def test_a_port_in_use_is_one_clear_line() -> None:
    """ERR-1, TRN-7: the real kernel's answer, typed; and nothing is left open."""
    async with open_client(bind_host="127.0.0.1") as first:
        _, port = first.bound_addresses[0]
        with pytest.raises(PortInUseError, match=str(port)):
            async with open_server(sip_port=port, bind_host="127.0.0.1"):
                pytest.fail("two sockets on one port")


async def test_configuration_errors_name_the_field() -> None:
    """COO-6: a bad value fails at construction."""
    with pytest.raises(ConfigurationError, match="sip_port"):
        open_coordinator(sip_port=70_000)
    with pytest.raises(ConfigurationError, match="uri"):
        open_coordinator("bob")
    with pytest.raises(ConfigurationError, match="colour"):
        open_coordinator(colour="blue")  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match="username"):
        async with open_client(bind_host="127.0.0.1", password="secret"):
            pytest.fail("a password without a name")


async def test_closed_coordinator_says_so() -> None:
    """ERR-1: a verb outside of the block."""
    phone = open_client(bind_host="127.0.0.1")
    with pytest.raises(VoipError, match="not open"):
        phone.start_call(BOB)
    assert "not open" in repr(phone)
    assert phone.bound_addresses == []
