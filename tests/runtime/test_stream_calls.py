"""Whole calls over TCP in virtual time, and what bad peers can do to them: nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs
import pytest
import trio
import trio.testing

from sansio_sip.invite import LocallyClosed, RemoteBye
from sansio_sip.message import Request, Response, parse_message
from trio_runtime import CallEnded, IncomingCall, SessionCoordinator
from trio_runtime.api.options import CoordinatorOptions
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.testing import Simulation
from trio_runtime.testing.wire import Wire
from trio_runtime.transport.flow_statistics import FlowStatistics

TCP: CoordinatorOptions = {"listen": ("tcp",)}
BOB = "sip:bob@10.0.0.2;transport=tcp"


async def answer_and_wait(call: IncomingCall) -> None:
    await call.answer()
    await call.ended()


def flows(phone: SessionCoordinator) -> FlowStatistics:
    return phone.statistics().dialogs.flows


@attrs.define
class RawPeer:
    """A peer that speaks octets, on a connection of its own."""

    stream: trio.abc.Stream
    host: str
    heard: bytes = b""

    async def say(self, text: str | bytes) -> None:
        await self.stream.send_all(text if isinstance(text, bytes) else text.encode())

    async def hear(self) -> Request | Response:
        """Return the next message; none of ours has a body that is cut."""
        while True:
            head, blank, rest = self.heard.partition(b"\r\n\r\n")
            if blank:
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                if len(rest) >= length:
                    self.heard = rest[length:]
                    return parse_message(head + blank + rest[:length])
            data = await self.stream.receive_some()
            assert data, "the connection was closed"
            self.heard += bytes(data)

    async def is_closed(self) -> bool:
        try:
            while await self.stream.receive_some():
                pass
        except trio.BrokenResourceError:
            pass
        return True

    def request(self, method: str, number: int = 1, *, extra: str = "", body: str = "", to: str = "") -> str:
        return (
            f"{method} sip:bob@10.0.0.2 SIP/2.0\r\n"
            f"Via: SIP/2.0/TCP {self.host}:5060;branch=z9hG4bK{method}{number};rport\r\n"
            f"From: <sip:raw@{self.host}>;tag=raw\r\nTo: <sip:bob@10.0.0.2>{to}\r\n"
            f"Call-ID: raw{number}@{self.host}\r\nCSeq: {number} {method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:raw@{self.host}:5099;transport=tcp>\r\n{extra}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


async def connect(wire: Wire, host: str = "10.0.0.9", port: int = 5060) -> RawPeer:
    connection = await wire.environment(host).network.connect("10.0.0.2", port)
    return RawPeer(connection.stream, host)


@asynccontextmanager
async def serving(
    sim: Simulation, **options: object
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator, Wire]]:
    """Alice and bob over TCP; bob answers every call."""
    phones: CoordinatorOptions = {**TCP, **options}  # type: ignore[typeddict-item]
    async with sim.pair(phones=phones) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer_and_wait)
        yield alice, bob, sim.wires[-1]
        nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_call_over_tcp_uses_one_connection_and_names_it_in_via_and_contact(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-2, TRN-6, TRN-7, TRN-9."""
    async with serving(sim) as (alice, bob, wire):
        async with alice.make_call(BOB) as call:
            await call.answered()
        assert call.end == LocallyClosed()
        await sim.settle()
        assert wire.streams.opened == 1
        assert flows(alice).opened == flows(bob).accepted == 1
        assert alice.trace is not None
        messages = [parse_message(entry.data) for entry in alice.trace.for_call(call.sip_call_id)]
        methods = [each.method if isinstance(each, Request) else each.status_code for each in messages]
        assert methods == ["INVITE", 180, 200, "ACK", "BYE", 200] or methods == [
            "INVITE",
            200,
            "ACK",
            "BYE",
            200,
        ]
        invite, ok = messages[0], messages[-4]
        assert str(invite.via).startswith("SIP/2.0/TCP 10.0.0.1:5060;rport")
        assert invite.get("contact") == "<sip:alice@10.0.0.1:5060;transport=tcp>"
        assert ok.get("contact") == "<sip:bob@10.0.0.2:5060;transport=tcp>"
        assert "received=10.0.0.1" in str(ok.via)


async def test_request_in_a_dialog_goes_back_by_the_connection_it_came_by(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-6, NAT-1: the Contact of the peer can be connected to by nobody, and still it gets the BYE."""
    async with serving(sim) as (_, bob, wire):
        raw = await connect(wire)
        lines = (
            "v=0",
            "o=- 1 1 IN IP4 10.0.0.9",
            "s=-",
            "c=IN IP4 10.0.0.9",
            "t=0 0",
            "m=audio 4000 RTP/AVP 0",
        )
        sdp = "".join(f"{line}\r\n" for line in (*lines, "m=audio 4000 RTP/AVP 0"))
        await raw.say(raw.request("INVITE", extra="Content-Type: application/sdp\r\n", body=sdp))
        response = await raw.hear()
        while isinstance(response, Response) and response.status_code != 200:
            response = await raw.hear()
        await raw.say(raw.request("ACK", to=f";tag={response.to_tag}"))
        await trio.sleep(1)
        bob.list_active_sessions()[0].hang_up()
        bye = await raw.hear()
        assert isinstance(bye, Request)
        assert bye.method == "BYE"
        await raw.say(
            "SIP/2.0 200 OK\r\n"
            + "".join(
                f"{name}: {value}\r\n" for key, name, value in bye.fields if key in ("via", "from", "to")
            )
            + f"Call-ID: {bye.call_id}\r\nCSeq: {bye.cseq}\r\nContent-Length: 0\r\n\r\n"
        )
        await raw.stream.aclose()
        await sim.settle()
        assert wire.streams.opened == 1


async def test_message_may_come_octet_by_octet_and_many_at_once(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-2: split at every octet; pipelined; keep-alives between."""
    async with serving(sim) as (_, bob, wire):
        raw = await connect(wire)
        for octet in raw.request("OPTIONS").encode():
            await raw.say(bytes([octet]))
        assert (await raw.hear()).cseq.number == 1
        await raw.say("".join(raw.request("OPTIONS", number) for number in range(2, 12)))
        assert [(await raw.hear()).cseq.number for _ in range(10)] == list(range(2, 12))
        await raw.say("\r\n\r\n")
        assert bytes(await raw.stream.receive_some()) == b"\r\n"
        assert flows(bob).received == 11
        await raw.stream.aclose()


async def test_connection_cut_in_the_middle_of_a_message_hurts_nobody_else(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-2, SEC-1."""
    async with serving(sim) as (alice, bob, wire):
        async with alice.make_call(BOB) as call:
            await call.answered()
            for cut in (1, 20, 120):
                raw = await connect(wire)
                await raw.say(raw.request("OPTIONS")[:cut])
                await raw.stream.aclose()
            await trio.sleep(1)
            assert flows(bob).flows == 1
            assert call.is_active
        assert call.end == LocallyClosed()


async def test_connection_that_is_lost_in_a_call_is_opened_again_for_the_next_request(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-2, TRN-10: reconnect."""
    async with serving(sim) as (alice, bob, wire):
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(1)
            await wire.streams.cut()
            await trio.sleep(1)
            assert flows(alice).flows == flows(bob).flows == 0
            assert call.is_active
        await trio.sleep(1)
        assert call.end == LocallyClosed()
        assert bob.list_active_sessions() == []
        assert wire.streams.opened == 2


async def test_nobody_listens_ends_the_call_with_the_cause(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-10."""
    async with serving(sim) as (alice, _, _wire):
        async with alice.make_call("sip:bob@10.0.0.2:5999;transport=tcp") as call:
            with pytest.raises(CallEnded, match="refused"):
                await call.answered()
        assert flows(alice).failed == 1
        assert flows(alice).unsent == 1


async def test_garbage_and_too_large_a_message_close_their_own_connection_only(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SEC-1: typed, counted, closed; the request whose header can be read is answered with 513."""
    async with serving(sim) as (alice, bob, wire):
        async with alice.make_call(BOB) as call:
            await call.answered()
            garbage = await connect(wire)
            with pytest.raises(trio.BrokenResourceError):
                for _ in range(40):
                    await garbage.say(bytes(range(128, 256)) * 32)
            large = await connect(wire)
            await large.say(large.request("MESSAGE").replace("Content-Length: 0", "Content-Length: 2000000"))
            answer = await large.hear()
            assert isinstance(answer, Response)
            assert answer.status_code == 513
            assert await large.is_closed()
            assert await garbage.is_closed()
            assert flows(bob).malformed == 2
            assert flows(bob).flows == 1
            assert call.is_active


async def test_peer_with_many_bad_messages_is_closed(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SEC-1."""
    async with serving(sim, flows=FlowConfig(max_malformed=2)) as (_, bob, wire):
        raw = await connect(wire)
        bad = raw.request("OPTIONS").replace("CSeq: 1 OPTIONS", "CSeq: one")
        for _ in range(2):
            await raw.say(bad)
            assert (await raw.hear()).get("cseq") == "one"
        await raw.say(bad)
        await raw.hear()
        assert await raw.is_closed()
        assert flows(bob).malformed == 3


async def test_silent_and_half_open_peers_are_closed(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """SEC-1: no message at all, half a message, and nothing any more."""
    limits = FlowConfig(silent_timeout=10, message_timeout=20, idle_timeout=100)
    async with serving(sim, flows=limits) as (_, bob, wire):
        silent, half, idle = [await connect(wire) for _ in range(3)]
        for peer in (half, idle):
            await peer.say(peer.request("OPTIONS"))
            await peer.hear()
        await half.say(half.request("OPTIONS", 2)[:50])
        counts = []
        for seconds in (9, 5, 12, 100):
            await trio.sleep(seconds)
            counts.append(flows(bob).flows)
        assert counts == [3, 2, 1, 0]
        assert flows(bob).overdue == 3
        for peer in (silent, half, idle):
            assert await peer.is_closed()


async def test_slow_reader_is_not_read_any_more_and_then_closed(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-13: back-pressure by a bounded queue; others do not notice."""
    async with serving(sim, flows=FlowConfig(max_queued=4_096, send_timeout=5)) as (alice, bob, wire):
        slow = await connect(wire)
        async with alice.make_call(BOB) as call:
            await call.answered()
            wire.streams.held.add(slow.host)
            with trio.move_on_after(4):
                for number in range(1, 200):
                    await slow.say(slow.request("OPTIONS", number))
                    await trio.sleep(0.01)
            assert flows(bob).flows == 2
            assert 2_048 < flows(bob).queued_octets <= 4_096
            assert flows(bob).received < 20
            await trio.sleep(10)
            assert flows(bob).flows == 1
            assert flows(bob).unsent > 0
            assert call.is_active


async def test_flood_of_connections_is_capped_for_each_source_and_in_all(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-13, SEC-1."""
    limits = FlowConfig(max_flows=6, max_flows_per_source=3)
    async with serving(sim, flows=limits) as (alice, bob, wire):
        async with alice.make_call(BOB) as call:
            await call.answered()
            flood = [await connect(wire, "10.0.0.66") for _ in range(5)]
            await trio.sleep(1)
            assert flows(bob).flows == 4
            assert flows(bob).refused == 2
            others = [await connect(wire, f"10.0.1.{number}") for number in range(5)]
            await trio.sleep(1)
            assert flows(bob).flows == 6
            assert flows(bob).refused == 5
            assert call.is_active
            for peer in (*flood, *others):
                await peer.stream.aclose()
            await trio.sleep(1)
            assert flows(bob).flows == 1


async def test_keep_alive_is_sent_and_must_be_answered_by_who_has_answered_one(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-2, NAT-1 (RFC 5626 §4.4.1)."""
    async with serving(sim, flows=FlowConfig(keep_alive=20, pong_timeout=5)) as (alice, bob, wire):
        await alice.options(BOB)
        await trio.sleep(100)
        assert flows(alice).flows == flows(bob).flows == 1
        assert flows(alice).keep_alives >= 3
        assert flows(bob).keep_alives == 0
        wire.streams.held.add("10.0.0.1")
        await trio.sleep(40)
        assert flows(alice).flows == 0
        assert flows(alice).overdue == 1


async def test_connection_with_an_alias_is_used_for_new_requests(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-6 (RFC 5923): bob calls back by the connection that alice has opened; an idle one is let go."""
    async with sim.pair(phones={**TCP, "flows": FlowConfig(idle_timeout=300, keep_alive=None)}) as (
        alice,
        bob,
    ):
        async with trio.open_nursery() as nursery:
            await nursery.start(alice.serve, answer_and_wait)
            await alice.options(BOB)
            async with bob.make_call("sip:alice@10.0.0.1;transport=tcp") as call:
                await call.answered()
            await trio.sleep(1)
            assert sim.wires[-1].streams.opened == 1
            await trio.sleep(400)
            assert flows(alice).flows == flows(bob).flows == 0
            await bob.options("sip:alice@10.0.0.1;transport=tcp")
            assert sim.wires[-1].streams.opened == 2
            nursery.cancel_scope.cancel()
    sim.assert_quiet()


async def test_peer_that_hangs_up_is_heard_over_tcp(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-2: the callee's BYE comes by the caller's connection."""

    async def brief(call: IncomingCall) -> None:
        await call.answer()
        await trio.sleep(2)

    async with sim.pair(phones=TCP) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, brief)
        async with alice.make_call(BOB) as call:
            await call.answered()
            assert await call.ended() == RemoteBye()
        assert sim.wires[-1].streams.opened == 1
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
