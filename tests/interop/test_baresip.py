"""Calls with baresip in both directions: the tone and the digits must arrive at the far end, both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from sansio_sip.invite import RemoteBye
from tests.interop.baresip import Baresip, baresip
from tests.interop.process import HOST
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import Call, IncomingCall, MediaConfig, SessionCoordinator, open_client

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

TONE_S = 2.0
DIGITS = "12#"


@asynccontextmanager
async def two_phones(
    path: str, folder: Path, codec: str
) -> AsyncIterator[tuple[SessionCoordinator, Baresip]]:
    """Open a phone of ours, and a baresip that plays the tone and records what it hears."""
    source = write_tone(folder / "source.wav", 30)
    (folder / "baresip").mkdir()
    config = MediaConfig(codecs=(codec,))
    async with (
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=config) as phone,
        baresip(path, folder / "baresip", codec=codec, source=f"aufile,{source}") as far,
    ):
        yield phone, far


async def talk(call: Call, far: Baresip, folder: Path) -> str:
    """Play the tone while recording theirs, then press keys on both sides; return the keys that we heard."""
    async with call.recording(folder / "ours.wav", channels="received"):
        await call.play(write_tone(folder / "tone.wav", TONE_S))
    await call.send_dtmf(DIGITS)
    for key in DIGITS:
        await far.command("sndcode", key)
        await trio.sleep(0.1)
    heard = ""
    with trio.fail_after(5):
        async for digit in call.digits:
            assert digit.source == "rfc4733"
            heard += digit.digit
            if len(heard) == len(DIGITS):
                break
    await far.wait_until(lambda _: len(far.digits) == len(DIGITS), 5)
    return heard


def check_audio(far: Baresip, folder: Path) -> None:
    """Check the recordings of both sides."""
    received = WavReader((folder / "ours.wav").read_bytes()).read_all()[:, 0]
    assert_tone(received, at_least_s=TONE_S - 0.3)
    assert_tone(far.heard(), at_least_s=TONE_S - 0.05)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_we_call_baresip(peer: Peer, tmp_path: Path, codec: str) -> None:
    """PRJ-1, MED-2, MED-7, MED-13, SES-15: tone and RFC 4733 digits both ways, then our BYE."""
    async with two_phones(peer("baresip"), tmp_path, codec) as (phone, far):
        async with phone.make_call(far.uri) as call:
            with trio.fail_after(10):
                await call.answered()
            assert await talk(call, far, tmp_path) == DIGITS
            statistics = call.statistics()
        await far.wait_for("CALL_CLOSED")
        assert far.digits == DIGITS
    assert statistics is not None
    assert statistics.rtp is not None
    assert (statistics.rtp.codec, statistics.rtp.lost) == (codec, 0)
    # On loopback baresip sends from another address than it announces. Its RTP proves that address; the RTCP
    # packet that it sends to open a NAT comes before that, from a stranger.
    assert statistics.rtp.strangers <= 1
    check_audio(far, tmp_path)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_baresip_calls_us(peer: Peer, tmp_path: Path, codec: str) -> None:
    """PRJ-1, MED-2, MED-7, MED-13, SES-10, SES-15: tone and RFC 4733 digits both ways, then its BYE."""
    results: list[object] = []
    done = trio.Event()

    async def take(call: IncomingCall) -> None:
        await call.answer()
        results.append(await talk(call, far, tmp_path))
        await far.command("hangup")
        results.append(type(await call.ended()))
        done.set()

    async with two_phones(peer("baresip"), tmp_path, codec) as (phone, far), trio.open_nursery() as nursery:
        ((host, port),) = await nursery.start(phone.serve, take)
        await far.command("dial", f"sip:alice@{host}:{port}")
        await far.wait_for("CALL_ESTABLISHED")
        with trio.fail_after(20):
            await done.wait()
        nursery.cancel_scope.cancel()
    assert results == [DIGITS, RemoteBye]
    assert far.digits == DIGITS
    check_audio(far, tmp_path)
