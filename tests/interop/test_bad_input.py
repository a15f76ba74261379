"""Whatever else comes in on the sockets of a server is counted, and the call that runs does not notice."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trio

from sansio_rtp.audio import WavReader
from tests.interop.process import HOST
from tests.interop.serve import Serve, serving
from tests.interop.tone import assert_tone, write_tone
from trio_runtime import open_client
from trio_runtime.events import types as facts

pytestmark = pytest.mark.interop

REQUEST = (
    "{method} sip:serve@127.0.0.1 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{name};rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:stranger@127.0.0.1>;tag=1\r\n"
    "To: <sip:serve@127.0.0.1>\r\n"
    "Call-ID: {name}@127.0.0.1\r\n"
    "CSeq: 1 {method}\r\n"
    "{more}"
    "\r\n"
)
RESPONSE = (
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK-nobody\r\n"
    "From: <sip:serve@127.0.0.1>;tag=1\r\n"
    "To: <sip:stranger@127.0.0.1>;tag=2\r\n"
    "Call-ID: nobody@127.0.0.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Content-Length: 0\r\n"
    "\r\n"
)


class Stranger:
    """A bare UDP socket that sends octets to a server and reads what comes back."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.socket = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.target = target

    async def bind(self) -> int:
        await self.socket.bind((HOST, 0))
        return int(self.socket.getsockname()[1])

    async def send(self, data: bytes) -> None:
        assert await self.socket.sendto(data, self.target) == len(data)

    async def ask(self, data: bytes) -> str:
        """Send, and return the status line of the final response."""
        await self.send(data)
        with trio.fail_after(3):
            while True:
                answer = (await self.socket.recvfrom(65_535))[0].decode("latin-1")
                if not answer.startswith("SIP/2.0 1"):
                    return answer.partition("\r\n")[0]

    async def silence(self, data: bytes) -> bool:
        """Send, and return whether nothing comes back."""
        await self.send(data)
        with trio.move_on_after(0.3):
            await self.socket.recvfrom(65_535)
            return False
        return True
