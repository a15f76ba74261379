"""Echoes over aiortc, without its ICE and DTLS: its receivers and senders on plain sockets.

Usage: aiortc_echo.py STREAMS PEER_PORT, with a Python that has aiortc. Prints its ports, ends with its input.
"""

import asyncio
import json
import sys
import threading
import time
from typing import Any

from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpDecodingParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)
from aiortc.rtcrtpreceiver import RemoteStreamTrack, RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import RtpPacket, is_rtcp

PCMU = RTCRtpCodecParameters(mimeType="audio/PCMU", clockRate=8_000, channels=1, payloadType=0)


class PlainTransport(asyncio.DatagramProtocol):
    """Stands where `RTCDtlsTransport` stands, and reads as it does: one task that waits for each packet."""

    state = "connected"
    _stats_id = "plain"

    def __init__(self, peer_port: int) -> None:
        self._peer = ("127.0.0.1", peer_port)
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._receiver: Any = None
        self._udp: Any = None

    def connection_made(self, transport: Any) -> None:
        self._udp = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._arrived.put_nowait(data)

    async def run(self) -> None:
        while True:
            data = await self._arrived.get()
            if not is_rtcp(data) and self._receiver is not None:
                await self._receiver._handle_rtp_packet(RtpPacket.parse(data), int(time.time() * 1_000))

    async def _send_rtp(self, data: bytes) -> None:
        self._udp.sendto(data, self._peer)

    def _register_rtp_receiver(self, receiver: Any, _parameters: Any) -> None:
        self._receiver = receiver

    def _unregister_rtp_receiver(self, _receiver: Any) -> None:
        self._receiver = None

    def _register_rtp_sender(self, _sender: Any, _parameters: Any) -> None:
        return

    def _unregister_rtp_sender(self, _sender: Any) -> None:
        return

    def _get_stats(self) -> dict[str, Any]:
        return {}


async def echo(number: int, peer_port: int, tasks: list[Any]) -> int:
    loop = asyncio.get_running_loop()
    udp, transport = await loop.create_datagram_endpoint(
        lambda: PlainTransport(peer_port), local_addr=("127.0.0.1", 0)
    )
    receiver = RTCRtpReceiver("audio", transport)
    receiver._track = RemoteStreamTrack(kind="audio")
    source = RTCRtpDecodingParameters(ssrc=0x10000 + number, payloadType=0)
    rtcp = RTCRtcpParameters(cname="echo", mux=True)
    await receiver.receive(RTCRtpReceiveParameters(codecs=[PCMU], encodings=[source], rtcp=rtcp))
    sender = RTCRtpSender(receiver.track, transport)
    await sender.send(RTCRtpSendParameters(codecs=[PCMU], rtcp=rtcp))
    tasks += [asyncio.create_task(transport.run()), receiver, sender]
    return int(udp.get_extra_info("sockname")[1])


async def main(streams: int, peer_port: int) -> None:
    tasks: list[Any] = []
    ports = [await echo(number, peer_port, tasks) for number in range(streams)]
    print(json.dumps(ports), flush=True)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        sys.stdin.readline()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()
    print("{}", flush=True)


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
