"""What a third party makes of a call between two phones of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trio

from tests.interop.process import HOST, free_ports, running
from tests.interop.serve import ROOT, serving_here
from tests.interop.tone import write_tone
from tests.interop.tshark import capturing

pytestmark = pytest.mark.interop
Peer = Callable[[str], str]


async def test_a_captured_call_has_no_malformed_packet_and_no_lost_one(peer: Peer, tmp_path: Path) -> None:
    """PRJ-1, MSG-5, SDP-3, MED-5, MED-6: call, tone, digits, hang-up; dissected by tshark."""
    port, first = free_ports(), free_ports(10)
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "trio_runtime",
        "call",
        "--bind",
        f"{HOST}:{port}",
        "--json",
    ]
    command += [
        "--media-ports",
        f"{first}-{first + 9}",
        "--play",
        str(write_tone(tmp_path / "tone.wav", 5.5)),
    ]
    command += ["--dtmf", "12#", "--record", str(tmp_path / "call.wav")]
    async with serving_here("--answer", "echo") as server:
        ours = f"{server.capture_filter} or udp port {port} or udp portrange {first}-{first + 9}"
        async with capturing(peer("tshark"), tmp_path, ours) as file:
            async with running([*command, server.uri], out=tmp_path / "call.log", cwd=ROOT) as caller:
                with trio.fail_after(30):
                    assert await caller.wait() == 0, (tmp_path / "call.log").read_text(encoding="utf-8")
            await server.wait_for("ended")
        digits = server.lines("digit")
        await server.interrupted()
    assert [(line["digit"], line["source"]) for line in digits] == [(key, "rfc4733") for key in "12#"]

    capture = file.with_sip(server.port, port)
    assert capture.fields("_ws.malformed", "frame.number") == []
    assert capture.expert("Error", "Warning") == []
    streams = capture.rtp_streams()
    assert len(streams) == 2
    assert [stream.lost for stream in streams] == [0, 0]
    assert min(stream.packets for stream in streams) > 250
    methods = capture.fields("sip.Request-Line", "sip.Method")
    assert methods == [["INVITE"], ["ACK"], ["BYE"]]
    # Every packet is one that tshark knows: nothing is left over as mere data.
    assert capture.fields("!sip && !rtp && !rtcp && !rtpevent", "frame.number") == []
    assert len(capture.fields("rtcp.pt == 200 || rtcp.pt == 201", "frame.number")) >= 2
    assert len(capture.fields("rtcp.pt == 203", "frame.number")) == 2
