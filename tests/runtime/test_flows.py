"""The flow table by itself: when an end is told, what is reused, what is thrown back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import attrs
import trio
import trio.testing

from sansio_sip.errors import ParseError
from sansio_sip.machine import Endpoint
from sansio_sip.message import Request, Response
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.testing import Simulation
from trio_runtime.testing.wire import Wire
from trio_runtime.transport.flow import Flow
from trio_runtime.transport.flow_table import FlowTable
from trio_runtime.transport.handshakes import Handshakes
from trio_runtime.transport.streams import Streams
from trio_runtime.transport.write_queue import WriteQueue

BOB = Endpoint("TCP", "10.0.0.2", 5060)
PACKET = b"\r\n\r\n"


@attrs.define
class User:
    """Writes down what it is told."""

    ended: list[tuple[str, tuple[bytes, ...]]] = attrs.field(factory=list)
    refused: list[tuple[Endpoint, str, bytes]] = attrs.field(factory=list)

    def message_received(self, message: Request | Response, flow: Flow) -> None:
        raise AssertionError(message)

    def message_refused(self, error: ParseError, flow: Flow) -> None:
        raise AssertionError(error)

    def flow_ended(self, flow: Flow, unsent: Iterable[bytes]) -> None:
        self.ended.append((flow.cause, tuple(unsent)))

    def flow_refused(self, destination: Endpoint, cause: str, data: bytes) -> None:
        self.refused.append((destination, cause, data))


@asynccontextmanager
async def bench(sim: Simulation, **limits: float) -> AsyncIterator[tuple[Streams, User, Wire]]:
    wire, user = sim.wire(), User()
    config = FlowConfig(**limits)  # type: ignore[arg-type]
    streams = Streams(
        wire.environment("10.0.0.1"), config, Handshakes(TlsConfig(), FlowConfig(), serves_tls=False), user
    )
    listener = await wire.environment("10.0.0.2").network.open_listener("10.0.0.2", 5060)
    async with wire, trio.open_nursery() as nursery:
        yield streams, user, wire
        nursery.cancel_scope.cancel()
    listener.close()
    sim.assert_quiet()


async def test_end_is_told_before_a_new_connection_can_take_its_place(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-6, TRN-10: what is sent on the new one is none of the old one's business."""
    async with bench(sim) as (streams, user, wire), trio.open_nursery() as nursery:
        assert streams.send(PACKET, BOB)  # before there is a task
        nursery.start_soon(streams.run)
        await trio.sleep(1)
        assert streams.send(PACKET, BOB)
        (flow,) = streams.flows
        assert not user.ended
        flow.end("first")
        flow.end("second")
        assert user.ended == [("first", (PACKET,))]
        assert streams.send(PACKET, BOB)
        await trio.sleep(1)
        assert len(user.ended) == 1
        assert len(streams.flows) == 1
        assert wire.streams.opened == 2
        assert not streams.send(PACKET, flow.endpoint)
        assert user.refused == [(flow.endpoint, "the connection is gone", PACKET)]
        nursery.cancel_scope.cancel()
    assert user.ended[1:] == [("we closed it", ())]
    assert not streams.send(PACKET, BOB)
    assert "no connections any more" in user.refused[-1][1]


async def test_connection_that_does_not_open_in_time_gives_its_packets_back(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-13: with the failure as an error; and no more than the limit are opened."""
    async with (
        bench(sim, connect_timeout=3, max_flows=1) as (streams, user, wire),
        trio.open_nursery() as nursery,
    ):
        wire.streams.held.add("10.0.0.2")  # its TLS handshake never ends
        tls = Endpoint("TLS", "10.0.0.2", 5060, None, "bob.example")
        nursery.start_soon(streams.run)
        assert streams.send(PACKET, tls)
        assert streams.send(PACKET, tls)
        other = tls._replace(server_name="other.example")
        assert not streams.send(PACKET, other)  # the same place, but it must be another one's certificate
        assert user.refused == [(other, "there are too many connections", PACKET)]
        await trio.sleep(2.9)
        assert not user.ended
        await trio.sleep(0.2)
        assert user.ended == [("the connection took too long to open", (PACKET, PACKET))]
        assert (streams.statistics().failed, streams.statistics().unsent) == (1, 3)
        nursery.cancel_scope.cancel()


def test_addresses_of_one_ipv6_network_are_one_source() -> None:
    """TRN-13, SEC-1: whoever has a /64 cannot get past the limit by using all of it."""

    def flow(number: int, host: str) -> Flow:
        endpoint = Endpoint("TCP", host, 5060, f"tcp-{number}")
        return Flow(endpoint, FlowConfig(), lambda: 0.0, opened_here=False, on_end=lambda *_: None)

    table = FlowTable(FlowConfig(max_flows_per_source=2))
    flows = [flow(1, "2001:db8::1"), flow(2, "2001:db8::ffff:2")]
    for each in flows:
        table.add(each)
    assert not table.has_room("2001:db8::3")
    assert table.has_room("2001:db8:0:1::3")
    assert table.has_room("192.0.2.1")
    table.remove(flows[0])
    table.remove(flows[0])
    assert table.has_room("2001:db8::3")


async def test_name_is_no_alias_for_a_flow_that_is_gone_and_places_are_few(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """TRN-6, TRN-13: law 8."""
    async with bench(sim) as (streams, _, _), trio.open_nursery() as nursery:
        nursery.start_soon(streams.run)
        streams.send(PACKET, BOB)
        (flow,) = streams.flows
        for number in range(100):
            streams.flows.add_place(flow, BOB._replace(port=6_000 + number))
        found = [streams.flows.find(BOB._replace(port=6_000 + number)) for number in range(100)]
        assert found.count(flow) == 7
        flow.end("over")
        streams.flows.add_place(flow, BOB)
        assert streams.flows.find(BOB) is None
        nursery.cancel_scope.cancel()


def test_queue_takes_one_packet_of_any_size_and_then_no_more_than_its_limit() -> None:
    """TRN-13."""
    queue = WriteQueue(10)
    assert queue.put(bytes(50))
    assert not queue.put(b"x")
    assert queue.take() == [bytes(50)]
    assert not queue.put(b"x")  # what is just being sent still counts
    assert queue.unsent() == [bytes(50)]
    queue.sent()
    assert queue.put(b"12345")
    halves = [queue.is_half_full]
    assert queue.put(b"6")
    assert [*halves, queue.is_half_full] == [False, True]
    assert queue.unsent() == [b"12345", b"6"]
