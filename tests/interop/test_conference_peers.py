"""Foreign phones in a conference of ours: wideband among those that can, and nothing of it at the others."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trio

from sansio_rtp.audio import find_tone, rms, trim_silence
from tests.interop.baresip import baresip
from tests.interop.process import HOST
from tests.interop.tone import tone
from trio_runtime import MediaConfig, open_server

pytestmark = [pytest.mark.interop, pytest.mark.long, pytest.mark.flaky(reruns=2)]
Peer = Callable[[str], str]
WIDE_HZ, RATE = 6_000.0, 16_000


async def test_baresip_is_heard_above_four_kilohertz_by_baresip(peer: Peer, tmp_path: Path) -> None:
    """BRG-6, MED-17: two with G.722 and one with G.711 in a room of 16 kHz, all called by the room."""
    source = tmp_path / "source.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "NONE"))
        file.writeframes(tone(30, WIDE_HZ, RATE).astype("<i2").tobytes())
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    path, wide = peer("baresip"), "G722/16000/1"
    async with (
        open_server(bind_host=HOST, sip_port=0, media=MediaConfig(codecs=("G722", "PCMU"))) as server,
        baresip(path, tmp_path / "one", codec=wide, source=f"aufile,{source}") as one,
        baresip(path, tmp_path / "two", codec=wide, source="aubridge,two") as two,
        baresip(path, tmp_path / "three", codec="PCMU", source="aubridge,three") as three,
        server.open_conference() as room,
    ):
        assert room.rate == RATE
        for far in (two, three, one):
            with trio.fail_after(10):
                assert (await room.dial_out(far.uri)).joined
        assert [call.codec for call in room.members] == ["G722", "PCMU", "G722"]
        await trio.sleep(2)
    heard = trim_silence(two.heard(RATE), RATE)
    found = find_tone(heard, RATE)
    assert heard.size > 1.5 * RATE
    assert found.frequency_hz == pytest.approx(WIDE_HZ, abs=1)
    assert found.sndr_db > 24, "G.722 has two bits for a sample above 4 kHz, and it is coded twice"
    narrow = three.heard()
    assert narrow.size > 1.5 * 8_000
    alias = 2 * abs(np.mean(narrow * np.exp(-2j * np.pi * 2_000 * np.arange(narrow.size) / 8_000)))
    assert alias < 8, "60 dB below the tone"
    assert rms(narrow) < 60, "what G.722 adds to it near 4 kHz"
