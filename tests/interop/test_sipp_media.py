"""Audio between SIPp and us, measured on the wire by a third program."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sansio_rtp.audio import WavReader
from sansio_rtp.codec import PCMU
from tests.interop.pcap import audio, press, write_capture
from tests.interop.serve import Served, serving_here
from tests.interop.sipp import sipp
from tests.interop.tone import assert_tone, tone
from tests.interop.tshark import Capture, capturing

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]


def heard(capture: Capture, server: Served) -> dict[str, npt.NDArray[np.int16]]:
    """Return the audio of each stream that the server sent, by the port that it came from."""
    streams: dict[str, list[bytes]] = {}
    capture = capture.with_sip(server.port)
    ports = f"udp.srcport >= {server.media_ports[0]} && udp.srcport <= {server.media_ports[1]}"
    for port, payload in capture.fields(f"rtp && {ports}", "udp.srcport", "rtp.payload"):
        streams.setdefault(port, []).append(bytes.fromhex(payload.replace(":", "")))
    return {port: PCMU.decode(b"".join(payloads)) for port, payloads in streams.items()}


async def test_a_stream_from_sipp_comes_back_as_it_went(peer: Peer, tmp_path: Path) -> None:
    """SIPP-1, MED-2, MED-5, MED-7: its tone returns clean, and nothing is lost on the way."""
    (tmp_path / "tone.ul").write_bytes(PCMU.encode(tone(3)))
    async with serving_here("--answer", "echo") as server:
        async with capturing(peer("tshark"), tmp_path, server.capture_filter) as capture:
            call = ["-m", "1", "-d", "2200"]
            async with sipp(peer("sipp"), tmp_path, "rtp_stream.xml", *call, target=server.target) as caller:
                (await caller.finished(20)).assert_perfect(1)
            (ended,) = await server.wait_for("ended")
        counted = await server.interrupted()
    assert ended["end"] == "RemoteBye"
    assert counted["media"]["failed"] == counted["media"]["skipped"] == 0
    streams = capture.with_sip(server.port).rtp_streams()
    assert len(streams) == 2
    assert [stream.lost for stream in streams] == [0, 0]
    assert all(105 <= stream.packets <= 115 for stream in streams), streams
    (echo,) = heard(capture, server).values()
    assert_tone(echo, at_least_s=1.9)


async def test_twenty_calls_with_audio_at_one_time(peer: Peer, tmp_path: Path) -> None:
    """SIPP-1, MED-4, MED-26: each of them hears the whole tone."""
    (tmp_path / "tone.ul").write_bytes(PCMU.encode(tone(3)))
    async with serving_here("--answer", "tone:440", media_ports=50) as server:
        async with capturing(peer("tshark"), tmp_path, server.capture_filter) as capture:
            calls = ["-m", "20", "-r", "40", "-l", "20", "-d", "2200"]
            async with sipp(peer("sipp"), tmp_path, "rtp_stream.xml", *calls, target=server.target) as caller:
                (await caller.finished(30)).assert_perfect(20)
            await server.wait_for("ended", 20)
        counted = await server.interrupted()
    assert counted["media"]["failed"] == counted["media"]["skipped"] == 0
    assert [stream for stream in capture.with_sip(server.port).rtp_streams() if stream.lost] == []
    streams = heard(capture, server)
    assert len(streams) == 20
    for samples in streams.values():
        assert_tone(samples, at_least_s=2.0, frequency_hz=440, level_dbov=None)


async def test_a_capture_that_sipp_plays_is_heard_with_its_digits(peer: Peer, tmp_path: Path) -> None:
    """SIPP-1, MED-2, MED-7, MED-13: the tone is recorded clean, and each press of a key is one digit."""
    if os.geteuid() != 0:
        pytest.skip("SIPp plays captures through a raw socket, which only root may open")
    keys = press("1", 1.6) + press("#", 2.0)
    write_capture(tmp_path / "audio.pcap", [*audio(PCMU.encode(tone(1.5))), *keys])
    recordings = tmp_path / "recordings"
    async with serving_here("--answer", f"record:{recordings}") as server:
        call = ["-m", "1", "-d", "2500"]
        async with sipp(peer("sipp"), tmp_path, "play_pcap.xml", *call, target=server.target) as caller:
            (await caller.finished(20)).assert_perfect(1)
        await server.wait_for("ended")
        await server.interrupted()
    digits = [(line["digit"], line["duration_ms"], line["source"]) for line in server.lines("digit")]
    assert digits == [("1", 120, "rfc4733"), ("#", 120, "rfc4733")]
    (recording,) = recordings.iterdir()
    assert_tone(WavReader(recording.read_bytes()).read_all()[:, 0], at_least_s=1.45)
