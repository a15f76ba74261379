"""`python -m trio_runtime ladder`, and `--capture` of the other verbs, which writes what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.runtime.cli_bench import Run
from tests.runtime.test_cli_calls import BOB, call, serving
from tests.runtime.test_cli_usage import run
from trio_runtime.api import kernel_environment
from trio_runtime.observe.pcapng import file_header
from trio_runtime.testing import Wire

CAPTURE = Path(__file__).parents[1] / "data" / "runtime" / "options.pcap"


async def captured_calls(tmp_path: Path, *arguments: str) -> Path:
    path = tmp_path / "calls.pcapng"
    wire = Wire()
    async with serving(wire, "--capture", str(path), *arguments):
        for _ in range(2):
            await call(wire, BOB, "--duration", "2")
    return path


async def ladder(*arguments: str) -> Run:
    shown = Run(("ladder", *arguments))
    await shown.main(Wire().environment("10.0.0.9"))
    return shown


async def test_a_served_call_is_captured_and_shown(autojump_clock: MockClock, tmp_path: Path) -> None:
    """OBS-1, OBS-2, COO-6: two calls with their ladders, both streams of each with their quality."""
    path = await captured_calls(tmp_path, "--capture-media")
    shown = await ladder(str(path), "--json")
    assert shown.status == 0
    assert shown.events() == ["call", "call", "capture"]
    first = shown.records[0]
    assert [sent["message"] for sent in first["messages"]] == [
        "INVITE (SDP)",
        "200 OK (INVITE) (SDP)",
        "ACK",
        "BYE",
        "200 OK (BYE)",
    ]
    assert len(first["streams"]) == 2
    for stream in first["streams"]:
        assert (stream["codec"], stream["lost"], stream["call_id"]) == ("PCMU", 0, first["call_id"])
        assert stream["packets"] > 80
        assert stream["mos"] == pytest.approx(4.41, abs=0.01)
    assert shown.record("capture")["others"] == 0


async def test_a_call_of_a_capture_is_drawn(autojump_clock: MockClock, tmp_path: Path) -> None:
    """OBS-1: one call chosen, text and SVG."""
    path, svg = await captured_calls(tmp_path), tmp_path / "out.svg"
    call_id = (await ladder(str(path), "--json")).records[1]["call_id"]
    shown = await ladder(str(path), "--svg", str(svg), "--call", call_id)
    assert shown.status == 0
    assert shown.text.count("---- INVITE (SDP) ----") == 1
    assert "1 calls in 10 frames" in shown.text
    assert svg.read_text(encoding="utf-8").count(">INVITE (SDP)<") == 1
    both = await ladder(str(path), "--svg", str(svg))
    assert both.status == 0
    drawn = svg.read_text(encoding="utf-8")
    assert drawn.count(">INVITE (SDP)<") == 2
    assert "calls.pcapng: 2 calls" in drawn


async def test_srtp_of_a_served_call_is_captured_in_the_clear(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """OBS-2: and the keys are not in the file."""
    path, wire = tmp_path / "calls.pcapng", Wire()
    arguments = ("--srtp", "required")
    async with serving(wire, "--capture", str(path), "--capture-decrypted", *arguments):
        caller = await call(wire, BOB, "--duration", "2", *arguments)
    assert caller.status == 0
    assert b"inline:" not in path.read_bytes()
    assert b"\xff" * 160 in path.read_bytes()  # silence, as it sounds


async def test_a_server_says_where_its_metrics_are_and_answers_there() -> None:
    """MET-1, COO-6: over the loopback interface."""
    served, environment = (
        Run(("serve", "--json", "--bind", "127.0.0.1:0", "--metrics", "127.0.0.1:0")),
        kernel_environment(),
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(served.main, environment)
        await served.said("ready")
        host, _, port = str(served.record("metrics")["address"]).partition(":")
        with trio.fail_after(20):
            stream = await trio.open_tcp_stream(host, int(port))
            await stream.send_all(b"GET /metrics HTTP/1.1\r\n\r\n")
            answer = b"".join([data async for data in stream])
        await stream.aclose()
        served.interrupt.trigger()
    environment.close()
    assert b"\nvoip_calls_active 0\n" in answer
    assert served.status == 0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["ladder"], "FILE.pcapng"),
        (["ladder", "no/such.pcapng"], "No such file"),
        (["ladder", __file__], "no capture file"),
        (["ladder", "."], "directory"),
        (["ladder", str(CAPTURE), "--call", "nobody"], "'nobody'"),
        (["serve", "--capture-media"], "--capture FILE.pcapng"),
        (["call", BOB, "--capture-decrypted"], "--capture FILE.pcapng"),
        (["serve", "--capture-secrets"], "--capture FILE.pcapng"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    """OBS-2, ERR-1."""
    status, out, errors = run(capsys, *arguments)
    assert (status, out, len(errors)) == (2, "", 1)
    assert hint in errors[0]


def test_the_program_shows_a_capture(capsys: pytest.CaptureFixture[str]) -> None:
    """OBS-1, COO-6."""
    status, out, errors = run(capsys, "ladder", str(CAPTURE))
    assert (status, errors) == (0, [])
    assert "200 OK (OPTIONS)" in out


def test_a_failure_of_the_world_is_one_line_and_status_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """ERR-1: nothing in the capture; files that cannot be written."""
    empty = tmp_path / "empty.pcapng"
    empty.write_bytes(file_header())
    status, out, _ = run(capsys, "ladder", str(empty))
    assert (status, out) == (1, "0 calls in 0 frames, 0 of them neither SIP nor media\n")
    nowhere = str(tmp_path / "no" / "file")
    for arguments in (
        ["ladder", str(CAPTURE), "--svg", nowhere],
        ["serve", "--bind", "127.0.0.1:0", "--capture", nowhere],
    ):
        status, _, errors = run(capsys, *arguments)
        assert status == 1
        assert errors == [line for line in errors if "No such file" in line][:1]


async def test_reading_can_be_interrupted(tmp_path: Path) -> None:
    """COO-6."""
    shown = Run(("ladder", str(CAPTURE)))
    shown.interrupt.trigger()
    await shown.main(Wire().environment("10.0.0.9"))
    assert (shown.status, shown.text) == (1, "")
    await trio.lowlevel.checkpoint()
