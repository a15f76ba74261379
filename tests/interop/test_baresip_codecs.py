"""Calls with baresip in G.722 and Opus: the tone must arrive at the far end both ways, wide and clean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.baresip import baresip
from tests.interop.process import HOST
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import MediaConfig, open_client

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]

TONE_S = 2.0
WIDE_SNDR_DB = 38.0
_OPUS_RATES = "ausrc_srate 48000\nausrc_channels 2\nauplay_srate 48000\nauplay_channels 2\n"


@attrs.frozen
class WideCodec:
    """A codec as both sides call it."""

    ours: str
    theirs: str
    rate: int
    channels: int = 1
    rates: str = ""


CODECS = [
    pytest.param(WideCodec("G722", "G722/16000/1", 16_000), id="G722"),
    pytest.param(WideCodec("opus", "opus", 48_000, 2, _OPUS_RATES), id="opus"),
]


@pytest.mark.parametrize("codec", CODECS)
async def test_wide_tones_cross_between_us_and_baresip(peer: Peer, tmp_path: Path, codec: WideCodec) -> None:
    """MED-8, MED-9, PRJ-1, SES-15: 1 kHz both ways, at least 38 dB above all else; and digits both ways."""
    source = write_tone(tmp_path / "source.wav", 30, codec.rate, codec.channels)
    (tmp_path / "baresip").mkdir()
    media = MediaConfig(codecs=(codec.ours,))
    async with (
        open_client("sip:alice@127.0.0.1", bind_host=HOST, media=media) as phone,
        baresip(
            peer("baresip"),
            tmp_path / "baresip",
            codec=codec.theirs,
            source=f"aufile,{source}",
            rates=codec.rates,
        ) as far,
        phone.make_call(far.uri) as call,
    ):
        with trio.fail_after(10):
            await call.answered()
        async with call.recording(tmp_path / "ours.wav", channels="received"):
            await call.play(write_tone(tmp_path / "tone.wav", TONE_S, codec.rate))
        await call.send_dtmf("12#")
        await far.command("sndcode", "7")
        with trio.fail_after(5):
            digit = await anext(aiter(call.digits))
        await far.wait_until(lambda _: len(far.digits) == 3, 5)
        statistics = call.statistics()
    assert (digit.digit, far.digits) == ("7", "12#")
    assert statistics is not None
    assert statistics.rtp is not None
    assert (statistics.rtp.codec, statistics.rtp.lost, statistics.rtp.undecodable) == (codec.ours, 0, 0)
    ours = WavReader((tmp_path / "ours.wav").read_bytes())
    assert ours.sample_rate == codec.rate
    assert_tone(ours.read_all()[:, 0], at_least_s=TONE_S - 0.3, rate=codec.rate, sndr_db=WIDE_SNDR_DB)
    assert_tone(far.heard(codec.rate), at_least_s=TONE_S - 0.05, rate=codec.rate, sndr_db=WIDE_SNDR_DB)
