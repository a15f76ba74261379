"""The phone under asyncio in `examples/`: the pure packages need no Trio."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.process import running
from tests.interop.serve import ROOT, serving_here
from tests.interop.tone import assert_tone

PROGRAM = ROOT / "examples" / "asyncio_phone.py"
HERTZ = 440.0


def test_it_imports_neither_trio_nor_the_runtime() -> None:
    """PORT-1."""
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(PROGRAM.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported == {"asyncio", "numpy", "os", "sansio_rtp", "sansio_sip", "sys", "time"}


@pytest.mark.interop
async def test_it_makes_a_whole_call_with_audio_and_keys(tmp_path: Path) -> None:
    """PORT-1: its tone comes back from our echo, its key is heard, and its BYE ends the call."""
    heard = tmp_path / "heard.wav"
    async with serving_here("--answer", "echo") as server:
        command = [sys.executable, "-W", "error", str(PROGRAM), server.uri, str(heard), "2"]
        async with running(
            command, out=tmp_path / "phone.out", err=tmp_path / "phone.err", cwd=ROOT
        ) as phone:
            with trio.fail_after(20):
                await phone.wait()
            assert (phone.returncode, (tmp_path / "phone.err").read_text()) == (0, "")
        (ended,) = await server.wait_for("ended")
        (digit,) = server.lines("digit")
        counted = await server.interrupted()
    assert (ended["end"], digit["digit"]) == ("RemoteBye", "1")
    assert counted["left_after_drain"] == 0
    # The key, half a second before the end, takes the place of the tone: what came before it is one piece.
    samples = WavReader(heard.read_bytes()).read_all()[:, 0]
    assert samples.size == 16_000
    assert_tone(samples[:12_000], at_least_s=1.0, frequency_hz=HERTZ, level_dbov=None)


@pytest.mark.interop
async def test_refused_call_is_told_and_is_exit_status_1(tmp_path: Path) -> None:
    """PORT-1."""
    async with serving_here("--answer", "busy") as server:
        command = [sys.executable, "-W", "error", str(PROGRAM), server.uri, str(tmp_path / "heard.wav")]
        async with running(
            command, out=tmp_path / "phone.out", err=tmp_path / "phone.err", cwd=ROOT
        ) as phone:
            with trio.fail_after(20):
                await phone.wait()
            assert phone.returncode == 1
        assert "486" in (tmp_path / "phone.err").read_text()
