"""Calls with linphonec: the tone must arrive at the far end both ways, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader, trim_silence
from sansio_sip.invite import RemoteBye
from tests.interop.linphone import Linphone, linphone
from tests.interop.process import HOST
from tests.interop.tone import RATE, assert_tone, write_tone
from trio_runtime import Call, IncomingCall, MediaConfig, open_client
from trio_runtime.media import MediaStatistics

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

TONE_S = 1.6
DIGITS = "1#"


async def talk(call: Call, far: Linphone, folder: Path) -> str:
    """Play the tone while recording theirs, then let them press keys; return the keys that we heard."""
    async with call.recording(folder / "ours.wav", channels="received"):
        await call.play(write_tone(folder / "tone.wav", TONE_S))
    await far.type(DIGITS[0])
    await far.type(DIGITS[1])
    heard = ""
    with trio.fail_after(8):
        async for digit in call.digits:
            assert digit.source == "rfc4733"
            heard += digit.digit
            if len(heard) == len(DIGITS):
                break
    return heard


def check(far: Linphone, folder: Path, statistics: MediaStatistics | None, codec: str) -> None:
    """Check the recordings of both sides, and our statistics."""
    assert statistics is not None
    assert statistics.rtp is not None
    assert (statistics.rtp.codec, statistics.rtp.lost, statistics.rtp.malformed) == (codec, 0, 0)
    received = WavReader((folder / "ours.wav").read_bytes()).read_all()[:, 0]
    assert_tone(received, at_least_s=TONE_S - 0.5)
    # Its sound begins softly, and what it records ends with the keys that it lets its user hear.
    heard = trim_silence(far.heard(), RATE)
    assert_tone(heard[_samples(0.1) : _samples(TONE_S - 0.1)], at_least_s=TONE_S - 0.25)


def _samples(seconds: float) -> int:
    return round(seconds * RATE)


async def test_we_call_linphone(peer: Peer, tmp_path: Path) -> None:
    """PRJ-1, MED-2, MED-7, MED-13, SES-15: in PCMA, tone both ways and its RFC 4733 digits; then our BYE."""
    source = write_tone(tmp_path / "source.wav", 30)
    (tmp_path / "linphone").mkdir()
    media = MediaConfig(codecs=("PCMA",))
    async with (
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=media) as phone,
        linphone(peer("linphonec"), tmp_path / "linphone", codec="PCMA", source=source) as far,
    ):
        async with phone.make_call(far.uri) as call:
            with trio.fail_after(10):
                await call.answered()
            assert await talk(call, far, tmp_path) == DIGITS
            statistics = call.statistics()
        await far.says("ended (No error)")
        await far.leaves()
    check(far, tmp_path, statistics, "PCMA")


async def test_linphone_calls_us(peer: Peer, tmp_path: Path) -> None:
    """PRJ-1, MED-2, MED-7, MED-13, SES-10, SES-15: in PCMU, tone both ways and its digits; then its BYE."""
    source = write_tone(tmp_path / "source.wav", 30)
    (tmp_path / "linphone").mkdir()
    media = MediaConfig(codecs=("PCMU",))
    results: list[object] = []
    figures: list[MediaStatistics | None] = []
    done = trio.Event()

    async def take(call: IncomingCall) -> None:
        await call.answer()
        results.append(await talk(call, far, tmp_path))
        figures.append(call.statistics())
        await far.type("terminate")
        results.append(type(await call.ended()))
        done.set()

    async with (
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=media) as phone,
        linphone(peer("linphonec"), tmp_path / "linphone", codec="PCMU", source=source) as far,
        trio.open_nursery() as nursery,
    ):
        ((host, port),) = await nursery.start(phone.serve, take)
        await far.type(f"call sip:alice@{host}:{port}")
        with trio.fail_after(20):
            await done.wait()
        await far.leaves()
        nursery.cancel_scope.cancel()
    assert results == [DIGITS, RemoteBye]
    check(far, tmp_path, figures[0], "PCMU")
