"""Writing a capture of one RTP stream, for programs that play captures."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PTIME_S = 0.02
SAMPLES = 160
EVENTS = "0123456789*#"

_ETHERNET = bytes(12) + b"\x08\x00"
_LOOPBACK = bytes([127, 0, 0, 1])
_PORT = 6_000  # whoever plays the capture puts his own addresses and ports in
_SSRC = 0x1234_5678
_EVENT_PAYLOAD_TYPE = 101
_END, _VOLUME = 0x80, 10


class Packet(NamedTuple):
    """One RTP packet of the stream: when it goes, and what is in it."""

    time_s: float
    payload_type: int
    marker: bool
    timestamp: int
    payload: bytes


def audio(payload: bytes, payload_type: int = 0) -> list[Packet]:
    """Return packets of 20 ms with this G.711 audio, from time 0 on."""
    return [
        Packet(start / 8_000, payload_type, start == 0, start, payload[start : start + SAMPLES])
        for start in range(0, len(payload), SAMPLES)
    ]


def press(key: str, time_s: float, *, packets: int = 5) -> list[Packet]:
    """Return a press of a key as RFC 4733 has it: a report each 20 ms, the last one three times."""
    timestamp, event = round(time_s * 8_000), EVENTS.index(key)
    reports = [(index, 0) for index in range(packets)] + [(packets, _END)] * 3
    return [
        Packet(
            time_s + number * PTIME_S,
            _EVENT_PAYLOAD_TYPE,
            number == 0,
            timestamp,
            struct.pack("!BBH", event, end | _VOLUME, (index + 1) * SAMPLES),
        )
        for number, (index, end) in enumerate(reports)
    ]


def write_capture(path: Path, packets: Iterable[Packet]) -> Path:
    """Write the packets as a capture of an Ethernet, and return its path."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1))
        for number, packet in enumerate(packets):
            frame = _frame(number, packet)
            seconds, rest = divmod(round(packet.time_s * 1e6), 1_000_000)
            file.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)
    return path


def _frame(number: int, packet: Packet) -> bytes:
    second = packet.payload_type | (0x80 if packet.marker else 0)
    rtp = struct.pack("!BBHII", 0x80, second, number, packet.timestamp, _SSRC) + packet.payload
    udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(rtp), 0) + rtp
    lengths = (0x45, 0, 20 + len(udp), number, 0, 64, 17, 0)
    return _ETHERNET + struct.pack("!BBHHHBBH4s4s", *lengths, _LOOPBACK, _LOOPBACK) + udp
