"""Garbage at 20,000 datagrams a second on the SIP port of a server, whose calls do not notice."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import trio

from sansio_sip.invite import LocallyClosed
from tests.interop import flooder
from tests.interop.process import HOST, until
from tests.interop.raw import request
from tests.interop.serve import serving
from trio_runtime import Call, CallRejected, MediaConfig, open_client, open_coordinator

CALLS = 100
RATE = 20_000
BURST = 200
OURS, THEIRS = range(10_000, 15_000), range(15_000, 20_000)


def dropped_by_the_kernel(ports: Iterable[int]) -> int:
    """Return how many datagrams the kernel had no room for, over the sockets of these ports."""
    wanted = {f":{port:04X}" for port in ports}
    rows = [row.split() for row in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(int(row[12]) for row in rows if row[1][-5:] in wanted)


def packets(call: Call) -> tuple[int, int]:
    """Return how many packets of audio a call has received and how many it has lost."""
    statistics = call.statistics()
    if statistics is None or statistics.rtp is None:
        return 0, 0
    return statistics.rtp.packets_received, statistics.rtp.lost


async def heard_more(calls: list[Call]) -> None:
    """Wait until some more packets have come in every call."""
    before = [packets(call)[0] for call in calls]
    await until(
        lambda: all(packets(call)[0] > each + 2 for call, each in zip(calls, before, strict=True)),
        timeout=20,
        what=lambda: str([packets(call) for call in calls]),
    )


async def test_every_datagram_of_a_burst_is_handled() -> None:
    """TRN-1, TRN-13: more wait than are read in one go, and none is lost between two goes."""
    async with open_coordinator(sip_port=0, bind_host=HOST, no_media=True) as server:
        target = server.bound_addresses[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((HOST, 0))
            for number in range(BURST):  # the server gets no turn in between
                sock.sendto(request("OPTIONS", f"burst{number}", transport="UDP"), target)
            await until(
                lambda: server.statistics().dialogs.socket.received == BURST,
                timeout=5,
                what=lambda: str(server.statistics().dialogs.socket),
            )
            assert server.statistics().dialogs.agent.messages_received == BURST


@pytest.mark.parametrize(
    ("count", "audible"), [(RATE, 10), pytest.param(20 * RATE, CALLS, marks=pytest.mark.long)]
)
async def test_calls_do_not_notice_a_flood_of_garbage(tmp_path: Path, count: int, audible: int) -> None:
    """SEC-1, TRN-13: a hundred calls stand, more come about, and no packet of their audio is lost by us.

    What comes in while the machine does other work, the kernel drops or our media clock, when it gets its
    turn, does not read any more; both count that.
    """
    arguments = ("--quiet", "--answer", "tone:440", "--media-ports", f"{OURS[0]}-{OURS[-1]}")
    audio = MediaConfig(codecs=("PCMU",), ports=(THEIRS[0], THEIRS[-1]))
    async with (
        serving(tmp_path, *arguments) as server,
        open_client(bind_host=HOST, media=audio) as phone,
        open_client(bind_host=HOST, no_media=True) as silent,
    ):
        with_audio = [phone.start_call(server.uri) for _ in range(audible)]
        calls = with_audio + [silent.start_call(server.uri) for _ in range(CALLS - audible)]
        for call in calls:
            await call.answered()
        await heard_more(with_audio)
        command = [sys.executable, flooder.__file__, str(server.port), str(count), str(RATE)]
        flood = await trio.lowlevel.open_process(command, stdout=subprocess.PIPE)
        made, refusals = 0, list[int]()
        while flood.poll() is None:
            async with phone.make_call(server.uri) as call:
                try:
                    await call.answered()
                except CallRejected as error:
                    # On a machine that cannot keep up messages wait, and then new work is put off.
                    refusals.append(error.status_code)
                    await trio.sleep(0.1)
                    continue
                await heard_more([call])
            assert await call.ended() == LocallyClosed()
            made += 1
        assert flood.stdout is not None
        async with flood.stdout as output:
            assert int(await output.receive_some()) == count
        await heard_more(with_audio)
        clock = phone.statistics().media
        assert clock is not None
        lost = sum(packets(call)[1] for call in with_audio)
        assert lost <= dropped_by_the_kernel(THEIRS) + clock.shed
        dropped, dropped_audio = dropped_by_the_kernel([server.port]), dropped_by_the_kernel(OURS)
        for call in calls:
            assert call.is_active
            call.hang_up()
            assert await call.ended() == LocallyClosed()
        counted = await server.interrupted()
    assert made + len(refusals) > 0
    assert set(refusals) <= {503}
    sessions, agent = counted["sessions"], counted["dialogs"]["agent"]
    assert (sessions["total_sessions"], sessions["failed_sessions"]) == (CALLS + made, 0)
    assert counted["media"]["failed"] == counted["left_after_drain"] == 0
    assert counted["rtp"]["lost"] <= dropped_audio + counted["media"]["shed"]
    seen = agent["malformed"] + agent["stray_responses"] + agent["keep_alives"]
    assert seen <= count <= seen + dropped
    assert min(agent["malformed"], agent["stray_responses"], agent["keep_alives"]) > 0
    # Between any 64 datagrams everything else had its turn.
    assert counted["dialogs"]["pump"]["wake_ups"] * 64 >= counted["dialogs"]["socket"]["received"]
