"""SIPp over IPv6, both ways, over UDP and TCP, with audio."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.serve import serving_here
from tests.interop.sipp import sipp
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import MediaConfig, open_client

HOST6 = "::1"
Peer = Callable[[str], str]


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((HOST6, 0))
        except OSError:
            return False
    return True


pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not socket.has_ipv6 or not _has_ipv6(), reason="this machine has no IPv6: sysctl net.ipv6.conf.lo"
    ),
]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_sipp_calls_us(peer: Peer, tmp_path: Path, transport: str) -> None:
    """TRN-1, TRN-2, TRN-7: addresses in Via, Contact and the description are of IPv6, and calls end well."""
    path = peer("sipp")
    (tmp_path / "sipp").mkdir()
    load = ("-m", "50", "-r", "50", "-d", "100", "-t", "t1" if transport == "tcp" else "u1")
    options = ("--listen", transport, "--answer", "echo", "--quiet")
    async with serving_here(*options, media_ports=120, host=HOST6) as server:
        async with sipp(
            path, tmp_path / "sipp", "uac", *load, target=server.target, host=HOST6, trace=True
        ) as caller:
            result = await caller.finished(60)
        counted = await server.interrupted()
    result.assert_perfect(50)
    answers = [
        text for text in result.received if "CSeq: 1 INVITE" in text and text.startswith("SIP/2.0 200")
    ]
    assert len(answers) == 50
    assert all("c=IN IP6 ::1" in text and f"@[::1]:{server.port}" in text for text in answers)
    assert counted["left_after_drain"] == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_we_call_sipp_and_hear_our_tone_come_back(peer: Peer, tmp_path: Path, transport: str) -> None:
    """TRN-1, TRN-2, TRN-7, MED-1: `-rtp_echo` sends our audio back."""
    way = "t1" if transport == "tcp" else "u1"
    heard = tmp_path / "heard.wav"
    async with (
        sipp(peer("sipp"), tmp_path, "uas", "-t", way, "-rtp_echo", host=HOST6) as far,
        open_client(bind_host=HOST6, listen=(transport,), media=MediaConfig(codecs=("PCMU",))) as phone,
    ):
        async with phone.make_call(f"{far.uri};transport={transport}") as call:
            with trio.fail_after(10):
                await call.answered()
            async with call.recording(heard, channels="received"):
                await call.play(write_tone(tmp_path / "tone.wav", 1.5))
                await trio.sleep(0.2)
        await trio.sleep(0.2)
        result = await far.finished(1)
    assert (result.created, result.successful, result.failed) == (1, 1, 0), result.errors
    assert_tone(WavReader(heard.read_bytes()).read_all()[:, 0], at_least_s=1.2)
