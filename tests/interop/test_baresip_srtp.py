"""Protected calls with baresip, which takes no others: the tone must arrive at the far end both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.baresip import Baresip, baresip
from tests.interop.process import HOST
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import Call, CallRejected, IncomingCall, MediaConfig, SessionCoordinator, open_client
from trio_runtime.media import MediaStatistics

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

TONE_S = 2.0
SUITES = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")


@asynccontextmanager
async def two_phones(
    path: str, folder: Path, media: MediaConfig
) -> AsyncIterator[tuple[SessionCoordinator, Baresip]]:
    """Open a phone of ours, and a baresip that plays the tone and records what it hears."""
    source = write_tone(folder / "source.wav", 30)
    (folder / "baresip").mkdir()
    async with (
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=media) as phone,
        baresip(
            path,
            folder / "baresip",
            codec="PCMU",
            source=f"aufile,{source}",
            account=";mediaenc=srtp-mand",
            modules=("srtp.so",),
        ) as far,
    ):
        yield phone, far


async def talk(call: Call, folder: Path) -> None:
    """Play the tone while recording theirs."""
    async with call.recording(folder / "ours.wav", channels="received"):
        await call.play(write_tone(folder / "tone.wav", TONE_S))
    await trio.sleep(0.2)


def check(statistics: MediaStatistics | None, far: Baresip, folder: Path, suite: str) -> None:
    """Check the recordings of both sides, and that every packet was protected."""
    assert statistics is not None
    assert statistics.rtp is not None
    assert (statistics.srtp, statistics.rtp.codec, statistics.rtp.lost) == (suite, "PCMU", 0)
    received = statistics.rtp.srtp_received
    assert received is not None
    assert received.packets >= statistics.rtp.packets_received > 100
    assert (received.authentication_failed, received.replayed, received.malformed) == (0, 0, 0)
    heard = WavReader((folder / "ours.wav").read_bytes()).read_all()[:, 0]
    assert_tone(heard, at_least_s=TONE_S - 0.3)
    assert_tone(far.heard(), at_least_s=TONE_S - 0.05)


@pytest.mark.parametrize("suite", SUITES)
async def test_we_call_baresip_protected(peer: Peer, tmp_path: Path, suite: str) -> None:
    """MED-24, MED-25, SDP-10, PRJ-1: in each suite that it has, which is the only one that we offer."""
    media = MediaConfig(codecs=("PCMU",), srtp="required", srtp_suites=(suite,))
    async with two_phones(peer("baresip"), tmp_path, media) as (phone, far):
        async with phone.make_call(far.uri) as call:
            with trio.fail_after(10):
                await call.answered()
            await talk(call, tmp_path)
            statistics = call.statistics()
        await far.wait_for("CALL_CLOSED")
    check(statistics, far, tmp_path, suite)


@pytest.mark.parametrize("policy", ["optional", "required"])
async def test_baresip_calls_us_protected(peer: Peer, tmp_path: Path, policy: str) -> None:
    """MED-24, MED-25, SDP-10, PRJ-1: an offer of RTP/SAVP is taken under either policy."""
    media = MediaConfig(codecs=("PCMU",), srtp=policy)
    results: list[MediaStatistics | None] = []
    done = trio.Event()

    async def take(call: IncomingCall) -> None:
        await call.answer()
        await talk(call, tmp_path)
        results.append(call.statistics())
        await far.command("hangup")
        await call.ended()
        done.set()

    async with (
        two_phones(peer("baresip"), tmp_path, media) as (phone, far),
        trio.open_nursery() as nursery,
    ):
        ((host, port),) = await nursery.start(phone.serve, take)
        await far.command("dial", f"sip:alice@{host}:{port}")
        await far.wait_for("CALL_ESTABLISHED")
        with trio.fail_after(20):
            await done.wait()
        nursery.cancel_scope.cancel()
    check(results[0], far, tmp_path, SUITES[0])


async def test_neither_takes_a_call_in_the_clear(peer: Peer, tmp_path: Path) -> None:
    """SDP-10: baresip requires keys and refuses our call without any."""
    async with (
        two_phones(peer("baresip"), tmp_path, MediaConfig(codecs=("PCMU",))) as (phone, far),
        phone.make_call(far.uri) as call,
    ):
        with trio.fail_after(10), pytest.raises(CallRejected) as refused:
            await call.answered()
    assert refused.value.status_code == 488
