"""Programs that die or hang in the middle of calls, and ports and descriptors that run out; real sockets."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_sip.invite import LocallyClosed, Rejected, TimedOut
from tests.interop.process import HOST, free_ports, stop, until
from tests.interop.raw import pair
from tests.interop.serve import ROOT, Serve, serving
from tests.interop.sipp import sipp
from trio_runtime import (
    Call,
    CallRejected,
    CallTimedOut,
    IncomingCall,
    MediaConfig,
    open_client,
    open_coordinator,
)

Peer = Callable[[str], str]


def heard(call: Call) -> int:
    """Return how many packets a call has received."""
    statistics = call.statistics()
    return 0 if statistics is None or statistics.rtp is None else statistics.rtp.packets_received


async def audible(*calls: Call) -> None:
    """Wait until audio has come in each call."""
    for call in calls:
        await call.answered()
    await until(lambda: all(heard(call) > 2 for call in calls), timeout=5, what=lambda: repr(calls))


async def test_killed_server_is_no_end_of_us_and_is_called_again_when_it_is_back(tmp_path: Path) -> None:
    """TRN-10, SES-22: `kill -9` during calls with audio; every BYE meets a closed port, and nothing stays."""
    (tmp_path / "again").mkdir()
    port, arguments = free_ports(), ("--answer", "echo", "--listen", "udp", "--listen", "tcp")
    uris = [f"sip:serve@{HOST}:{port};transport={transport}" for transport in ("udp", "tcp")]
    async with open_client("sip:alice@127.0.0.1", bind_host=HOST, listen=("udp", "tcp"), t1=0.01) as phone:
        async with serving(tmp_path, *arguments, port=port, media_ports=20) as server:
            calls = [phone.start_call(uri) for uri in uris * 3]
            await audible(*calls)
            server.process.kill()
            await server.process.wait()
        for call in calls:
            assert call.is_active  # nothing was asked of the peer yet: a network may come back
            call.hang_up()
            with trio.fail_after(3):
                assert await call.ended() == LocallyClosed()
        await until(lambda: not phone.leftovers(), timeout=3, what=lambda: str(phone.leftovers()))
        assert phone.statistics().dialogs.socket.errors > 0
        async with serving(tmp_path / "again", *arguments, port=port) as server:
            calls = [phone.start_call(uri) for uri in uris]
            await audible(*calls)
            for call in calls:
                call.hang_up()
            ended = await server.wait_for("ended", 2)
    assert [line["end"] for line in ended] == ["RemoteBye", "RemoteBye"]


async def test_killed_peer_ends_calls_by_its_silence_where_that_is_wanted(tmp_path: Path) -> None:
    """TRN-10, SES-22: after `kill -9` nobody hangs up; a second without audio does it, and says so."""
    media = MediaConfig(rtp_timeout=1.0, on_rtp_timeout="hang_up")
    async with open_client(bind_host=HOST, media=media, t1=0.01) as phone:
        async with serving(tmp_path, "--answer", "echo") as server:
            calls = [phone.start_call(server.uri) for _ in range(3)]
            await audible(*calls)
            server.process.kill()
            for call in calls:
                with trio.fail_after(5):
                    assert await call.ended() == TimedOut("media")
            await until(lambda: not phone.leftovers(), timeout=3, what=lambda: str(phone.leftovers()))
    assert phone.left_after_drain == 0


async def test_server_that_hangs_is_given_up_after_its_time(tmp_path: Path) -> None:
    """TXN-5, SES-22: a stopped process closes no port and answers nothing; then it goes on."""
    async with serving(tmp_path, "--no-media") as server:
        async with open_client(bind_host=HOST, no_media=True, t1=0.01) as phone:
            async with phone.make_call(server.uri) as standing:
                await standing.answered()
                server.process.send_signal(signal.SIGSTOP)
                async with phone.make_call(server.uri) as call:
                    with pytest.raises(CallTimedOut), trio.fail_after(3):
                        await call.answered()
            with trio.fail_after(3):
                assert await standing.ended() == LocallyClosed()
                await until(lambda: not phone.leftovers(), timeout=3, what=lambda: str(phone.leftovers()))
            server.process.send_signal(signal.SIGCONT)
            # What comes at once waits behind what it has missed, and is told to come again.
            (await answered_in_the_end(lambda: phone.start_call(server.uri))).hang_up()
            await server.wait_for("ended", 2)
            server.process.kill()  # it would wait for the ACK of somebody who has given up


@pytest.mark.interop
@pytest.mark.parametrize("mode", ["u1", "t1", "tn"])
async def test_callers_that_vanish_leave_nothing_behind(peer: Peer, tmp_path: Path, mode: str) -> None:
    """TRN-10, SES-22: twenty calls of a SIPp that is killed, and a call of somebody else that goes on."""
    path = peer("sipp")
    async with pair(tmp_path, t1=0.01) as phones, phones.undisturbed("udp", "tcp"):
        transport = "udp" if mode == "u1" else "tcp"
        target = f"{HOST}:{phones.ports[transport]}"
        arguments = ("-t", mode, "-m", "20", "-r", "200", "-d", "60000", "-max_socket", "30")
        (tmp_path / "sipp").mkdir()
        async with sipp(path, tmp_path / "sipp", "uac", *arguments, target=target) as caller:
            await until(
                lambda: sum(call.is_active for call in phones.calls) == 22,
                timeout=5,
                what=lambda: repr(phones.calls),
            )
            caller.process.kill()
            await caller.process.wait()
            for call in phones.calls[2:]:
                call.hang_up()
                assert await call.ended() == LocallyClosed()
        quiet = ["2 calls", "2 signalled calls"]
        leftovers = phones.server.leftovers
        await until(lambda: leftovers() == quiet, timeout=3, what=lambda: str(leftovers()))
        await phones.flows_are(1)


async def answered_in_the_end(start: Callable[[], Call]) -> Call:
    """Call until somebody answers; used ports rest for two seconds."""
    with trio.fail_after(5):
        while True:
            call = start()
            try:
                await call.answered()
            except CallRejected:
                await trio.sleep(0.1)
            else:
                return call


async def test_media_ports_that_run_out_refuse_one_call_and_come_back(tmp_path: Path) -> None:
    """MED-4, SES-28: two calls fit, of three pairs another program holds one; the third call gets 503."""
    first = free_ports(6)
    foreign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    foreign.bind((HOST, first + 3))
    server = open_coordinator(sip_port=0, bind_host=HOST, media=MediaConfig(ports=(first, first + 5)))
    uri = ""

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        await call.ended()

    with foreign, trio.fail_after(10):
        async with server, open_client(bind_host=HOST) as phone, trio.open_nursery() as nursery:
            await nursery.start(server.serve, answer)
            uri = f"sip:bob@{HOST}:{server.bound_addresses[0][1]}"
            calls = [phone.start_call(uri) for _ in range(2)]
            await audible(*calls)
            async with phone.make_call(uri) as third:
                with pytest.raises(CallRejected):
                    await third.answered()
            assert isinstance(third.end, Rejected)
            assert third.end.status_code == 503
            assert all(call.is_active for call in calls)
            calls[0].hang_up()
            await audible(await answered_in_the_end(lambda: phone.start_call(uri)))
            assert calls[1].is_active
            nursery.cancel_scope.cancel()


async def test_descriptors_that_run_out_refuse_calls_and_come_back(tmp_path: Path) -> None:
    """TRN-13, MED-4, SES-28: no socket for audio is 503, no connection is taken; both work again at once."""
    arguments = ("--answer", "echo", "--listen", "udp", "--listen", "tcp")
    async with serving(tmp_path, *arguments, port=free_ports()) as server:
        async with open_client(bind_host=HOST, listen=("udp", "tcp")) as phone:
            standing = phone.start_call(server.uri)
            await audible(standing)
            pid = server.process.pid
            limits, began = resource.prlimit(pid, resource.RLIMIT_NOFILE), trio.current_time()
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (descriptors(server), limits[1]))
            async with phone.make_call(server.uri) as call:
                with pytest.raises(CallRejected) as caught:
                    await call.answered()
            assert caught.value.status_code == 503
            over_tcp = phone.start_call(f"{server.uri};transport=tcp")
            with trio.move_on_after(0.4):
                await over_tcp.answered()
            assert over_tcp.end is None
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
            lasted = trio.current_time() - began
            await audible(over_tcp, standing)
            over_tcp.hang_up()
            standing.hang_up()
        await server.wait_for("ended", 2)
        assert await stop(server.process, signal.SIGINT) == 0
        (counted,) = server.lines("statistics")
    # It does not ask the system again and again, but ten times a second.
    assert 1 <= counted["dialogs"]["flows"]["accept_errors"] <= lasted / 0.1 + 1
    assert server.errors.count("\n") == 1
    assert server.errors.endswith(f"on {HOST}: Too many open files\n")


def descriptors(server: Serve) -> int:
    """Return how many descriptors a server holds."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


async def test_nothing_is_imported_in_the_media_clock() -> None:
    """MED-4, TRN-13: a module that numpy fetches at need could not be opened without a descriptor."""
    program = "import sys, trio_runtime, numpy as np; before = set(sys.modules); np.unique(np.zeros(2)); "
    program += "print(sorted(set(sys.modules) - before))"
    result = await trio.run_process([sys.executable, "-c", program], capture_stdout=True, cwd=ROOT)
    assert result.stdout == b"[]\n"


async def test_ephemeral_ports_that_run_out_are_told_and_come_back() -> None:
    """TRN-7, TRN-10, ERR-1: in a network of its own, of whose four ports others hold every one."""
    command = [sys.executable, "-W", "error", "-m", "tests.interop.few_ports"]
    result = await trio.run_process(
        command, capture_stdout=True, capture_stderr=True, check=False, cwd=ROOT, stdin=subprocess.DEVNULL
    )
    told = json.loads(result.stdout or "{}")
    if "skip" in told:
        pytest.skip(told["skip"])
    assert (result.returncode, result.stderr) == (0, b"")
    assert told["open"] == "PortInUseError: no UDP port of 127.0.0.1 is free"
    assert told["listen"] == "PortInUseError: no TCP port of 127.0.0.1 is free"
    assert told["call"].startswith("CallEnded: the peer cannot be reached: ")
    assert "Cannot assign requested address" in told["call"]
    assert told["again"] == "answered"
