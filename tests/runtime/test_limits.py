"""Limits of a coordinator, and what it does when it is late (SES-28, TRN-13, SEC-1)."""

from __future__ import annotations

import sys
from collections.abc import Awaitable
from typing import TYPE_CHECKING, cast

import pytest
import trio

from sansio_sip.agent import AdmissionStatistics
from trio_runtime.base.errors import CallRejected
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.coordinator import SessionCoordinator
from trio_runtime.media.sockets import KernelMediaIO
from trio_runtime.observe.metrics import Metrics
from trio_runtime.session import IncomingCall
from trio_runtime.testing.wire_sockets import WireDatagramSocket
from trio_runtime.transport.kernel import KernelNetwork

if TYPE_CHECKING:
    from trio_runtime.dialog.datagrams import Datagrams
    from trio_runtime.testing.simulation import Simulation

BOB = "sip:bob@10.0.0.2"
INVITE = (
    b"INVITE sip:bob@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKlate\r\n"
    b"Max-Forwards: 70\r\nFrom: <sip:alice@10.0.0.1>;tag=1\r\nTo: <sip:bob@10.0.0.2>\r\nCall-ID: late\r\n"
    b"CSeq: 1 INVITE\r\nContact: <sip:alice@10.0.0.1>\r\nContent-Length: 0\r\n\r\n"
)


def answer(call: IncomingCall) -> Awaitable[None]:
    async def run() -> None:
        await call.answer()
        await call.ended()

    return run()


def admission_of(phone: SessionCoordinator) -> AdmissionStatistics:
    found = phone.statistics().dialogs.agent.admission
    assert found is not None
    return found


def socket_of(phone: SessionCoordinator) -> WireDatagramSocket:
    datagrams = cast("Datagrams", phone._parts.dialogs.endpoint.datagrams)
    return cast("WireDatagramSocket", datagrams.sockets[0].socket)


@pytest.mark.parametrize("is_told", [True, False], ids=["the system tells", "nobody tells"])
async def test_call_that_waited_too_long_is_refused(
    sim: Simulation, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    """TRN-13, MET-1: measured where datagrams are read; counted, and seen in the metrics."""
    if not is_told:
        timed = WireDatagramSocket.receive_timed

        def untold(socket: WireDatagramSocket) -> tuple[bytes, tuple[str, int], None] | None:
            found = timed(socket)
            return None if found is None else (found[0], found[1], None)

        monkeypatch.setattr(WireDatagramSocket, "receive_timed", untold)
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        metrics = Metrics(bob)
        socket_of(bob).deliver(INVITE, ("10.0.0.1", 5060))
        autojump_clock.jump(0.5)  # the program was busy with something else
        await trio.sleep(0.1)
        statistics = bob.statistics()
        assert admission_of(bob).refused_queue_time == 1
        assert statistics.dialogs.pump.max_queue_time == pytest.approx(0.5)
        assert statistics.sessions.total_sessions == 0
        text = metrics.render()
        assert "voip_dialogs_agent_admission_refused_queue_time 1" in text
        assert "voip_dialogs_pump_max_queue_time 0.5" in text
        async with alice.make_call(BOB) as call:  # it recovers at once
            await call.answered()
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_user_and_source_have_limits(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """SES-28: 486 for a user, 503 for a source, and room again when a call is over."""
    limits = LimitsConfig(max_sessions_per_user=1, max_sessions_per_source=2)
    async with sim.pair(phones={"limits": limits}) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as first:
            await first.answered()
            async with alice.make_call(BOB) as second:
                with pytest.raises(CallRejected, match="486"):
                    await second.answered()
            async with alice.make_call("sip:carol@10.0.0.2") as other:
                await other.answered()
                async with alice.make_call("sip:dave@10.0.0.2") as third:
                    with pytest.raises(CallRejected, match="503"):
                        await third.answered()
        await trio.sleep(40)
        async with alice.make_call(BOB) as again:
            await again.answered()
        assert (admission_of(bob).refused_user, admission_of(bob).refused_source_calls) == (1, 1)
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


async def test_late_timer_is_a_measure_too(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """TRN-13: connections tell no queue time, but a late timer does."""
    async with sim.pair() as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
        autojump_clock.jump(3.0)  # within the time of the transactions' last timers
        await trio.sleep(60)
        assert 0.2 < bob.statistics().dialogs.pump.max_queue_time <= 3.0
        nursery.cancel_scope.cancel()
    await sim.settle()
    sim.assert_quiet()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a datagram came")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_kernel_tells_how_long_a_datagram_waited(host: str) -> None:
    """TRN-13: beside the datagram, at the cost of one other system call."""
    network = KernelNetwork(open_media=KernelMediaIO)
    receiver = await network.open_datagram(host, 0, receive_buffer=65_536)
    sender = await network.open_datagram(host, 0, receive_buffer=65_536)
    try:
        assert receiver.receive_timed() is None
        for data in (b"one", b"two"):
            assert sender.send(data, receiver.local_address)
        with trio.fail_after(5):
            await receiver.wait_readable()
        found = receiver.receive_timed()
        assert found is not None
        data, source, waited = found
        assert (data, source) == (b"one", sender.local_address)
        assert waited is not None
        assert 0 <= waited < 60
        assert receiver.receive() == (b"two", sender.local_address)
        assert receiver.statistics().received == 2
    finally:
        receiver.close()
        sender.close()
