"""Foreign programs over TCP and TLS: SIPp with one connection and with one a call, baresip both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.baresip import baresip
from tests.interop.process import HOST, free_ports
from tests.interop.serve import serving_here
from tests.interop.sipp import sipp
from tests.interop.tone import assert_tone, write_tone
from tests.runtime.certificates import Authority
from trio_runtime import IncomingCall, MediaConfig, open_client, open_coordinator

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

TONE_S = 1.5


@pytest.mark.parametrize("mode", ["t1", "tn"])
async def test_sipp_calls_us_over_tcp(peer: Peer, tmp_path: Path, mode: str) -> None:
    """TRN-2, TRN-6: all calls by one connection, and each by its own."""
    path, arguments = peer("sipp"), ("-t", mode, "-m", "100", "-r", "50", "-d", "200", "-max_socket", "120")
    (tmp_path / "sipp").mkdir()
    options = ("--no-media", "--listen", "tcp", "--quiet")
    async with serving_here(*options) as server:
        async with sipp(path, tmp_path / "sipp", "uac", *arguments, target=server.target) as caller:
            result = await caller.finished(60)
        counted = await server.interrupted()
    result.assert_perfect(100)
    flows = counted["dialogs"]["flows"]
    assert flows["accepted"] == (1 if mode == "t1" else 100)
    assert flows["opened"] == flows["malformed"] == flows["unsent"] == 0


async def test_we_call_sipp_over_tcp(peer: Peer, tmp_path: Path) -> None:
    """TRN-2, TRN-6: calls at once by one connection."""
    async with sipp(peer("sipp"), tmp_path, "uas", "-t", "t1") as far:
        async with open_client(bind_host=HOST, listen=("tcp",), no_media=True) as phone:
            with trio.fail_after(20):
                for _ in range(5):
                    async with phone.make_call(f"{far.uri};transport=tcp") as call:
                        await call.answered()
            await trio.sleep(0.2)
            flows = phone.statistics().dialogs.flows
        result = await far.finished(1)
    assert (flows.opened, flows.accepted) == (1, 0)
    assert (result.created, result.successful, result.failed) == (5, 5, 0), result.errors


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_we_call_baresip_over_a_connection(peer: Peer, tmp_path: Path, transport: str) -> None:
    """TRN-2, TRN-3: the tone arrives both ways, and our BYE ends the call."""
    authority = Authority(tmp_path)
    source = write_tone(tmp_path / "source.wav", 30)
    (tmp_path / "baresip").mkdir()
    async with (
        open_client(
            "sip:alice@127.0.0.1",
            bind_host=HOST,
            connect=(transport,),
            tls=authority.trust(),
            media=MediaConfig(codecs=("PCMU",)),
        ) as phone,
        baresip(
            peer("baresip"),
            tmp_path / "baresip",
            codec="PCMU",
            source=f"aufile,{source}",
            certificate=authority.issue(HOST),
        ) as far,
    ):
        port = far.port + (transport == "tls")
        async with phone.make_call(f"sip:baresip@{HOST}:{port};transport={transport}") as call:
            with trio.fail_after(10):
                await call.answered()
            async with call.recording(tmp_path / "ours.wav", channels="received"):
                await call.play(write_tone(tmp_path / "tone.wav", TONE_S))
        await far.wait_for("CALL_CLOSED")
    received = WavReader((tmp_path / "ours.wav").read_bytes()).read_all()[:, 0]
    assert_tone(received, at_least_s=TONE_S - 0.3)
    assert_tone(far.heard(), at_least_s=TONE_S - 0.05)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_baresip_calls_us_over_a_connection(peer: Peer, tmp_path: Path, transport: str) -> None:
    """TRN-2, TRN-3, TRN-6: our BYE goes back by the connection that baresip has opened."""
    authority = Authority(tmp_path)
    source = write_tone(tmp_path / "source.wav", 30)
    (tmp_path / "baresip").mkdir()
    port = free_ports()
    server = open_coordinator(
        f"sip:bob@{HOST}",
        bind_host=HOST,
        sip_port=port,
        listen=(f"{transport}://{HOST}:{port}",),
        tls=authority.trust(HOST),
        media=MediaConfig(codecs=("PCMU",)),
    )
    ends: list[object] = []

    async def brief(call: IncomingCall) -> None:
        await call.answer()
        async with call.recording(tmp_path / "ours.wav", channels="received"):
            with trio.move_on_after(TONE_S):
                ends.append(await call.ended())

    async with (
        server,
        baresip(
            peer("baresip"),
            tmp_path / "baresip",
            codec="PCMU",
            source=f"aufile,{source}",
            transport=transport,
            certificate=authority.issue(HOST),
            authorities=str(authority.file),
        ) as far,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(server.serve, brief)
        await far.command("dial", f"sip:bob@{HOST}:{port};transport={transport}")
        await far.wait_for("CALL_ESTABLISHED")
        await far.wait_for("CALL_CLOSED")
        flows = server.statistics().dialogs.flows
        nursery.cancel_scope.cancel()
    assert ends == []  # it was us
    assert (flows.accepted, flows.opened) == (1, 0)
    received = WavReader((tmp_path / "ours.wav").read_bytes()).read_all()[:, 0]
    assert_tone(received, at_least_s=TONE_S - 0.4)
