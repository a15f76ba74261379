"""The servers and the client of `examples/` as programs, against SIPp and our own phone."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.interop.process import HOST, free_ports, is_listening, running, until
from tests.interop.sipp import sipp
from trio_runtime import open_client

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]
EXAMPLES = Path(__file__).parents[2] / "examples"


@asynccontextmanager
async def program(name: str, folder: Path, *arguments: str) -> AsyncIterator[tuple[trio.Process, Path]]:
    """Run an example while the block lasts; yields its process and what it prints."""
    out = folder / f"{name}.txt"
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments]
    async with running(command, out=out, cwd=EXAMPLES.parent) as process:
        yield process, out


async def test_smallest_server_answers(tmp_path: Path) -> None:
    """EX-1, SRV-1, SRV-10: and OPTIONS as well."""
    port = free_ports()
    async with program("sip_server", tmp_path, str(port)) as (_, out):
        await until(lambda: is_listening(port), timeout=20, what=out.read_text)
        async with open_client("sip:alice@127.0.0.1", bind_host=HOST) as phone:
            assert (await phone.options(f"sip:{HOST}:{port}")).status_code == 200
            async with phone.make_call(f"sip:anybody@{HOST}:{port}") as call:
                with trio.fail_after(10):
                    await call.answered()
                assert call.codec == "PCMU"


async def test_sipp_calls_the_server_for_it(peer: Peer, tmp_path: Path) -> None:
    """SIPP-2, EX-1: not one message out of the ordinary; the program says what became of the calls."""
    port = free_ports()
    async with program("sipp_server", tmp_path, str(port)) as (process, out):
        await until(lambda: is_listening(port), timeout=20, what=out.read_text)
        load = ["-m", "100", "-r", "100", "-d", "100"]
        async with sipp(peer("sipp"), tmp_path, "uac", *load, target=f"{HOST}:{port}") as caller:
            result = await caller.finished(60)
        result.assert_perfect(100)
        process.send_signal(signal.SIGINT)
        with trio.fail_after(20):
            assert await process.wait() == 0, out.read_text()
        assert out.read_text().splitlines()[-1] == "100 calls, 0 failed"


async def test_client_calls_sipp(peer: Peer, tmp_path: Path) -> None:
    """SIPP-2, EX-1: all at the rate that was asked for; SIPp sees a perfect caller."""
    async with sipp(peer("sipp"), tmp_path, "uas", "-m", "50") as answerer:
        async with program("sipp_client", tmp_path, answerer.uri, "50", "50") as (process, out):
            with trio.fail_after(60):
                assert await process.wait() == 0, out.read_text()
        result = await answerer.finished(20)
    result.assert_perfect(50)
    assert out.read_text().split() == ["50", "we", "hung", "up"]


async def test_client_says_what_failed(tmp_path: Path) -> None:
    """SIPP-2, EX-1: nobody is there; the exit status says so."""
    async with program("sipp_client", tmp_path, f"sip:nobody@{HOST}:{free_ports()}", "2", "50") as (
        process,
        out,
    ):
        with trio.fail_after(60):
            assert await process.wait() == 1, out.read_text()
    assert out.read_text().startswith("     2 ")
