"""RTP for hundreds of streams out of one socket, so cheaply that what is measured is the server under test.

Linux only: sendmmsg and recvmmsg through ctypes, on headers that lie ready in numpy arrays.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import time
from collections.abc import Sequence

import attrs
import numpy as np

__all__ = ["Traffic", "TrafficResult"]

_LIBC = ctypes.CDLL(None, use_errno=True)
_MESSAGE = np.dtype(
    [("name", "u8"), ("name_length", "u8"), ("vectors", "u8"), ("vector_count", "u8"), ("control", "u8"),
     ("control_length", "u8"), ("flags", "u8"), ("length", "u8")]
)  # fmt: skip
_VECTOR = np.dtype([("base", "u8"), ("length", "u8")])
_ADDRESS = np.dtype([("family", "u2"), ("port", ">u2"), ("host", "u1", 4), ("zero", "u8")])
_SLOTS = 10  # the streams do not all send at one moment
_RECEIVE = 1_024
_OCTETS = 160
_TALK, _PAUSE = 60, 30  # packets: 1.2 s and 0.6 s
_SILENCE = 0xFF
_VOICE = np.random.default_rng(1).integers(0x90, 0xB0, _OCTETS, np.uint8)


class _Messages:
    """Fixed packets with their addresses, as the kernel wants to see them."""

    def __init__(self, count: int, size: int) -> None:
        self.data = np.zeros((count, size), np.uint8)
        self.addresses = np.zeros(count, _ADDRESS)
        self._vectors = np.zeros(count, _VECTOR)
        self._headers = np.zeros(count, _MESSAGE)
        index = np.arange(count, dtype=np.uint64)
        self._vectors["base"] = self.data.ctypes.data + index * np.uint64(size)
        self._vectors["length"] = size
        self._headers["name"] = self.addresses.ctypes.data + index * np.uint64(_ADDRESS.itemsize)
        self._headers["name_length"] = _ADDRESS.itemsize
        self._headers["vectors"] = self._vectors.ctypes.data + index * np.uint64(_VECTOR.itemsize)
        self._headers["vector_count"] = 1
        self.addresses["family"] = socket.AF_INET
        self.addresses["host"] = (127, 0, 0, 1)

    def _at(self, start: int) -> ctypes.c_void_p:
        return ctypes.c_void_p(self._headers.ctypes.data + start * _MESSAGE.itemsize)

    def send(self, sock: socket.socket, start: int, end: int) -> int:
        done = start
        while done < end:
            sent = _LIBC.sendmmsg(sock.fileno(), self._at(done), end - done, 0)
            if sent <= 0:
                break
            done += sent
        return done - start

    def receive(self, sock: socket.socket) -> int:
        return max(0, _LIBC.recvmmsg(sock.fileno(), self._at(0), len(self.data), socket.MSG_DONTWAIT, None))


@attrs.frozen
class TrafficResult:
    """What went out and what came back."""

    sent: int
    received: int


class Traffic:
    """Sends one G.711 stream to each of many ports and reads what comes back: talk and pauses, as phones do.

    Attributes:
        port: The port that all streams come from.
    """

    def __init__(self, streams: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, 8 << 20)
        self.port: int = self._socket.getsockname()[1]
        self._streams = streams
        self._sequence = 0
        self._out = _Messages(streams, 12 + _OCTETS)
        self._in = _Messages(_RECEIVE, 512)
        self._out.data[:, 0] = 0x80
        for stream in range(streams):
            self._out.data[stream, 8:12] = np.frombuffer(struct.pack("!I", 0x10000 + stream), np.uint8)

    def run(self, ports: Sequence[int], seconds: float, *, ramp_s: float = 0.0) -> TrafficResult:
        """Send to the ports for some seconds; the streams begin one after the other within `ramp_s`."""
        self._out.addresses["port"] = ports
        sent = received = 0
        bounds = [self._streams * slot // _SLOTS for slot in range(_SLOTS + 1)]
        begun = time.monotonic()
        for step in range(round(seconds * 50 * _SLOTS)):
            slot = step % _SLOTS
            if not slot:
                self._sequence += 1
                self._stamp(self._sequence)
            ahead = begun + step * 0.02 / _SLOTS - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            first, last = bounds[slot], bounds[slot + 1]
            if step < ramp_s * 50 * _SLOTS:
                last = first + round((last - first) * step / (ramp_s * 50 * _SLOTS))
            sent += self._out.send(self._socket, first, last)
            while count := self._in.receive(self._socket):
                received += count
        return TrafficResult(sent, received)

    def _stamp(self, sequence: int) -> None:
        stamp = struct.pack("!HI", sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF)
        self._out.data[:, 2:8] = np.frombuffer(stamp, np.uint8)
        talks = sequence % (_TALK + _PAUSE) < _TALK
        self._out.data[:, 12:] = _VOICE if talks else _SILENCE

    def close(self) -> None:
        """Release the port."""
        self._socket.close()
