"""Hold and transfer with baresip, by either side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from sansio_sip.invite import LocallyClosed, RemoteBye
from tests.interop.baresip import Baresip, baresip
from tests.interop.process import HOST, free_ports, until
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import AutoAnswerHandler, Call, MediaConfig, SessionCoordinator, open_client, open_server

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]


class Bob(AutoAnswerHandler):
    """Answers, and remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on_call_established(self, call: Call) -> None:
        self.calls.append(call)


@asynccontextmanager
async def in_a_call(
    path: str, folder: Path
) -> AsyncIterator[tuple[SessionCoordinator, Call, Baresip, Bob, str]]:
    """Talk with a baresip that plays a tone; yields as well a third phone, and its URI."""
    source = write_tone(folder / "source.wav", 30)
    (folder / "baresip").mkdir()
    media, bob, port = MediaConfig(codecs=("PCMU",)), Bob(), free_ports()
    async with (
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=media) as phone,
        open_server("sip:bob@127.0.0.1", bind_host=HOST, sip_port=port, media=media, handler=bob),
        baresip(path, folder / "baresip", codec="PCMU", source=f"aufile,{source}") as far,
        phone.make_call(far.uri) as call,
    ):
        with trio.fail_after(10):
            await call.answered()
        yield phone, call, far, bob, f"sip:bob@{HOST}:{port}"


async def test_we_put_baresip_on_hold_and_take_it_back(peer: Peer, tmp_path: Path) -> None:
    """SES-12, MED-22, EX-2: it agrees both times; held it is silent, then its tone is there again."""
    music = write_tone(tmp_path / "music.wav", 0.7)
    async with in_a_call(peer("baresip"), tmp_path) as (_, call, _, _, _):
        with trio.fail_after(10):
            await call.hold(music=music)
            assert [call.on_hold] == [True]
            await trio.sleep(0.3)
            before = packets(call)
            await trio.sleep(0.7)
            assert packets(call) == before
            await call.resume()
            assert [call.on_hold] == [False]
            async with call.recording(tmp_path / "ours.wav", channels="received"):
                await trio.sleep(1.5)
    assert_tone(WavReader((tmp_path / "ours.wav").read_bytes()).read_all()[:, 0], at_least_s=1.0)


def packets(call: Call) -> int:
    """Return how many packets of audio came so far."""
    statistics = call.statistics()
    assert statistics is not None
    assert statistics.rtp is not None
    return statistics.rtp.packets_received


async def test_baresip_puts_us_on_hold_and_takes_us_back(peer: Peer, tmp_path: Path) -> None:
    """SES-12, SDP-4, EX-2: its hold is seen, and so is its end."""
    async with in_a_call(peer("baresip"), tmp_path) as (_, call, far, _, _):
        await far.command("hold")
        await until(lambda: call.remote_hold, timeout=5, what=lambda: f"not held: {far.log}")
        await far.command("resume")
        await until(lambda: not call.remote_hold, timeout=5, what=lambda: f"still held: {far.log}")
        assert call.is_active


async def test_we_send_baresip_to_somebody_else(peer: Peer, tmp_path: Path) -> None:
    """SES-13, EX-2: it calls him, tells us so, and our call ends."""
    async with in_a_call(peer("baresip"), tmp_path) as (_, call, _, bob, uri):
        with trio.fail_after(15):
            await call.transfer(uri)
            assert isinstance(await call.ended(), LocallyClosed)
            await until(lambda: bool(bob.calls), timeout=5, what=lambda: "bob was not called")
        assert "baresip" in bob.calls[0].remote_uri
        assert bob.calls[0].is_active


async def test_baresip_sends_us_to_somebody_else(peer: Peer, tmp_path: Path) -> None:
    """SES-13, EX-2: we call him and tell it so; it hangs up."""
    async with in_a_call(peer("baresip"), tmp_path) as (_, call, far, bob, uri):
        requests = call.transfer_requests
        await far.command("transfer", uri)
        with trio.fail_after(15):
            request = await anext(requests)
            assert (request.target, request.replaces) == (uri, False)
            async with request.accept() as new:
                await new.answered()
                assert isinstance(await call.ended(), RemoteBye)
                assert bob.calls[0].is_active
