"""Capturing whole calls: what is in the file, what is not, and what happens when the disk fails."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import trio
from trio.testing import MockClock

from sansio_rtp.packet import PacketKind, classify
from trio_runtime import MediaConfig, SessionCoordinator, open_client, open_server
from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.handlers import AutoAnswerHandler
from trio_runtime.observe import Capture, CaptureFileError, TraceEntry, headline, load_capture, read_report
from trio_runtime.observe.frames import read_frame
from trio_runtime.testing import Wire

ALICE, BOB = "10.0.0.1", "10.0.0.2"
_ROW = re.compile(
    r"\s*[\d.]+\s+[\d.]+\s+(?P<source>\S+)\s+\d+\s+\S+\s+\d+\s+0x\w+\s.*?\s(?P<packets>\d+)\s+(?P<lost>-?\d+)\s+"
    r"\([^)]*\)(?:\s+[\d.]+){3}\s+[\d.]+\s+[\d.]+\s+(?P<jitter>[\d.]+)"
)


def run(command: list[str]) -> str:
    """Run a foreign program and return what it says."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


async def call_with(capture: CaptureConfig, *, srtp: str = "off", seconds: float = 1.0) -> SessionCoordinator:
    """Make a call of some seconds from a phone that captures."""
    wire, media = Wire(), MediaConfig(srtp=srtp)
    server = open_server(handler=AutoAnswerHandler(), environment=wire.environment(BOB), media=media)
    client = open_client(
        f"sip:alice@{ALICE}", environment=wire.environment(ALICE), media=media, capture=capture
    )
    async with wire, server, client, client.make_call(f"sip:bob:hunter2@{BOB}") as call:
        await call.answered()
        await call.send_dtmf("5")
        await trio.sleep(seconds)
    return client


def datagrams(path: Path) -> list[bytes]:
    segments = [read_frame(frame.link, frame.data) for frame in load_capture(path)]
    assert None not in segments
    return [segment.data for segment in segments if segment is not None]


async def test_a_capture_holds_the_messages_of_a_call_in_order(
    autojump_clock: MockClock, tmp_path: Path
) -> None:
    """OBS-2: SIP only unless asked, with wall time, without secrets."""
    path = tmp_path / "call.pcapng"
    client = await call_with(CaptureConfig(path=path))
    messages = datagrams(path)
    assert [headline(data) for data in messages] == [
        "INVITE (SDP)",
        "200 OK (INVITE) (SDP)",
        "ACK",
        "BYE",
        "200 OK (BYE)",
    ]
    assert b"sip:bob:*******@" in messages[0]
    frames = load_capture(path)
    assert frames[-1].time - frames[0].time == pytest.approx(1.0, abs=0.5)
    statistics = client.statistics().capture
    assert statistics is not None
    assert attrs.asdict(statistics) == {
        "written": 5,
        "waiting": 0,
        "dropped": 0,
        "unwritable": 0,
        "undecrypted": 0,
    }


async def test_media_is_captured_on_request_both_ways(autojump_clock: MockClock, tmp_path: Path) -> None:
    """OBS-2: every packet that was counted as sent or received is in the file."""
    path = tmp_path / "call.pcapng"
    client = await call_with(CaptureConfig(path=path, media=True))
    rtp = client.statistics().rtp
    assert rtp is not None
    kinds = [classify(data) for data in datagrams(path)]
    assert kinds.count(PacketKind.RTP) == rtp.packets_sent + rtp.packets_received > 90
    assert kinds.count(PacketKind.RTCP) >= 1


async def test_srtp_is_captured_as_it_is_or_in_the_clear(autojump_clock: MockClock, tmp_path: Path) -> None:
    """OBS-2: in the clear the payload is silence, which nobody could tell otherwise."""
    sealed, clear = tmp_path / "sealed.pcapng", tmp_path / "clear.pcapng"
    await call_with(CaptureConfig(path=sealed, media=True), srtp="required")
    client = await call_with(
        CaptureConfig(path=clear, media=True, decrypt=True, redact=False), srtp="required"
    )
    silence = b"\xff" * 160
    silent = [data for data in datagrams(clear) if data.endswith(silence)]
    assert len(silent) > 40
    assert all(len(data) == 172 for data in silent)
    assert not [data for data in datagrams(sealed) if silence in data]
    messages = [data for data in datagrams(clear) if b"m=audio" in data]
    assert len(messages) == 2
    for message in messages:
        assert b"RTP/AVP" in message
        assert b"SAVP" not in message
        assert b"a=crypto" not in message
        head, _, body = message.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
    statistics = client.statistics().capture
    assert statistics is not None
    assert statistics.undecrypted == 0


async def test_a_third_party_finds_nothing_wrong_in_a_capture(
    autojump_clock: MockClock, tmp_path: Path, peer: Callable[[str], str]
) -> None:
    """OBS-2: checksums, SIP, SDP, RTP, digits and RTCP, as tshark dissects them."""
    program, path = peer("tshark"), tmp_path / "call.pcapng"
    await call_with(CaptureConfig(path=path, media=True, decrypt=True), srtp="required")
    options = ["-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    fields = ["-e", "_ws.col.Protocol", "-e", "_ws.malformed", "-e", "_ws.expert.severity"]
    command = [program, "-r", str(path), *options, "-T", "fields", *fields]
    out = await trio.to_thread.run_sync(run, command)
    rows = [line.split("\t") for line in out.splitlines()]
    assert {row[0] for row in rows} == {"SIP", "SIP/SDP", "RTP", "RTP EVENT", "RTCP"}
    assert not any(row[1] for row in rows)
    bad = {str(0x00600000), str(0x00800000)}  # what tshark calls a warning or an error
    assert not [row for row in rows if bad & set(row[2].split(","))]


async def test_a_third_party_measures_the_same(
    autojump_clock: MockClock, tmp_path: Path, peer: Callable[[str], str]
) -> None:
    """OBS-2: packets, losses and the greatest jitter of a bad stream are those that tshark finds."""
    program, path = peer("tshark"), tmp_path / "call.pcapng"
    wire = Wire(7, latency=(0.01, 0.05), media_loss=0.05)
    capture = CaptureConfig(path=path, media=True)
    server = open_server(handler=AutoAnswerHandler(), environment=wire.environment(BOB))
    client = open_client(environment=wire.environment(ALICE), capture=capture)
    async with wire, server, client, client.make_call(f"sip:bob@{BOB}") as call:
        await call.answered()
        await trio.sleep(10)
    table = await trio.to_thread.run_sync(run, [program, "-r", str(path), "-q", "-z", "rtp,streams"])
    found = {
        (row["source"], int(row["packets"]), int(row["lost"]), float(row["jitter"]))
        for row in map(_ROW.match, table.splitlines())
        if row is not None
    }
    (ours,) = read_report(load_capture(path)).calls
    assert found == {
        (stream.source[0], stream.packets, stream.lost, round(stream.max_jitter_ms, 3))
        for stream in ours.streams
    }
    assert sum(stream.lost for stream in ours.streams) > 5


async def test_a_full_queue_loses_and_counts(tmp_path: Path) -> None:
    """OBS-2, LIM: whoever sends never waits for the disk."""
    path = tmp_path / "a.pcapng"
    capture = Capture(CaptureConfig(path=path, max_waiting=2), epoch=0.0)
    for number in range(5):
        capture.take_message(TraceEntry(number, (ALICE, 1), (BOB, 2), b"x" * number))
    assert (capture.statistics().waiting, capture.statistics().dropped) == (2, 3)
    capture.take_message(TraceEntry(9, (ALICE, 1), (BOB, 2), b"never sent", lost=True))
    capture.close()
    capture.close()
    assert datagrams(path) == [b"", b"x"]
    await trio.lowlevel.checkpoint()


async def test_a_message_that_no_datagram_holds_is_counted(tmp_path: Path) -> None:
    """OBS-2."""
    capture = Capture(CaptureConfig(path=tmp_path / "a.pcapng"), epoch=0.0)
    capture.take_message(TraceEntry(0, (ALICE, 1), (BOB, 2), bytes(70_000)))
    capture.close()
    assert (capture.statistics().written, capture.statistics().unwritable) == (0, 1)
    await trio.lowlevel.checkpoint()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
async def test_a_full_disk_ends_the_capture_and_not_the_call(
    autojump_clock: MockClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """OBS-2, ERR-1: one warning."""
    path = tmp_path / "full"
    capture = Capture(CaptureConfig(path=path), epoch=0.0)
    capture._file._file.close()
    capture._file._file = open("/dev/full", "wb")  # noqa: SIM115, ASYNC230
    for _ in range(2):
        capture.take_message(TraceEntry(0, (ALICE, 1), (BOB, 2), b"x"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(capture.run)
            await trio.sleep(5)
            nursery.cancel_scope.cancel()
    capture.close()
    assert capture.statistics().dropped == 2
    assert [record.message for record in caplog.records] == [
        "the capture ends, its file cannot be written: No space left on device"
    ]


async def test_a_file_that_cannot_be_made_is_told_before_anything_begins(tmp_path: Path) -> None:
    """OBS-2, ERR-1."""
    wire = Wire()
    capture = CaptureConfig(path=tmp_path / "no" / "such")
    with pytest.raises(CaptureFileError, match="No such file"):
        async with open_client(environment=wire.environment(ALICE), capture=capture):
            pass
    assert wire.open_sockets == []


def test_a_bad_limit_names_its_field() -> None:
    """OBS-2, ERR-1."""
    with pytest.raises(ConfigurationError, match="max_waiting"):
        CaptureConfig(path="x", max_waiting=0)
