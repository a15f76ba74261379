"""RTP for hundreds of streams out of one socket, so cheaply that what is measured is the server under test.

Linux only: sendmmsg and recvmmsg through ctypes, on headers that lie ready in numpy arrays.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np

from sansio_rtp.srtp import SUITES, MasterKey, SrtpConfig, SrtpSender
from sansio_rtp.srtp.batch import SrtpSenderBatch
from trio_runtime.media.srtp_backend import open_srtp_backend

__all__ = ["MASTER_KEY", "SUITE", "Leg", "Traffic", "TrafficResult"]

SUITE = "AES_CM_128_HMAC_SHA1_80"
MASTER_KEY = bytes(range(SUITES[SUITE].master_octets))
"""Of all secured streams; no two have the same SSRC, so that no key stream comes twice."""

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
_PACKET, _STRIDE = 12 + _OCTETS, 192
_TALK, _PAUSE = 60, 30  # packets: 1.2 s and 0.6 s
_SILENCE = {0: 0xFF, 8: 0xD5}
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

    @property
    def lengths(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Octets of each packet."""
        return self._vectors["length"]

    @lengths.setter
    def lengths(self, octets: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self._vectors["length"] = octets

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


def _senders(count: int) -> SrtpSenderBatch:
    batch = SrtpSenderBatch(max_contexts=max(1, count))
    if count:
        config = SrtpConfig(suite=SUITE, keys=(MasterKey(MASTER_KEY),), backend=open_srtp_backend())
        for _ in range(count):
            batch.add(SrtpSender(config))
    return batch


@attrs.frozen
class Leg:
    """One stream as the server under test has agreed on it.

    Attributes:
        payload_type: 0 is PCMU, 8 is PCMA.
        secured: Whether it is SRTP, with `SUITE` and `MASTER_KEY`.
    """

    payload_type: int = 0
    secured: bool = False


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

    def __init__(self, legs: Sequence[Leg]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, 8 << 20)
        self.port: int = self._socket.getsockname()[1]
        self._streams = streams = len(legs)
        self._sequence = 0
        self._out = _Messages(streams, _STRIDE)
        self._out.lengths = np.full(streams, _PACKET)
        self._in = _Messages(_RECEIVE, 512)
        self._silence = np.array([[_SILENCE[leg.payload_type]] for leg in legs], np.uint8)
        self._out.data[:, 0] = 0x80
        self._out.data[:, 1] = [leg.payload_type for leg in legs]
        for stream in range(streams):
            self._out.data[stream, 8:12] = np.frombuffer(struct.pack("!I", 0x10000 + stream), np.uint8)
        self._secured = np.flatnonzero([leg.secured for leg in legs])
        self._senders = _senders(self._secured.size)

    def run(self, ports: Sequence[int], seconds: float, *, ramp_s: float = 0.0) -> TrafficResult:
        """Send to the ports for some seconds; the streams begin one after the other within `ramp_s`."""
        self._out.addresses["port"] = ports
        sent = received = 0
        bounds = [self._streams * slot // _SLOTS for slot in range(_SLOTS + 1)]
        begun = time.monotonic()
        for step in range(round(seconds * 50) * _SLOTS):
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
        self._out.data[:, 12:_PACKET] = _VOICE if talks else self._silence
        if self._secured.size:
            self._secure()

    def _secure(self) -> None:
        rows = self._out.data[self._secured]
        lengths = np.full(self._secured.size, _PACKET)
        if self._senders.protect(rows, lengths, np.arange(self._secured.size)).any():
            raise RuntimeError("a packet was not secured")
        self._out.data[self._secured] = rows
        every = np.full(self._streams, _PACKET)
        every[self._secured] = lengths
        self._out.lengths = every

    def close(self) -> None:
        """Release the port."""
        self._socket.close()
