"""What happened in a capture: its calls, message by message, and its RTP streams."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from sansio_rtp.errors import PacketError
from sansio_rtp.packet import PacketKind, RtpPacket, classify, parse_rtp
from trio_runtime.base.types import Address
from trio_runtime.observe.frames import read_frame
from trio_runtime.observe.media_directory import MediaDirectory
from trio_runtime.observe.pcap_reader import Frame
from trio_runtime.observe.rtp_report import RtpReport, StreamMeter
from trio_runtime.observe.scan import is_sip, scan_call_id
from trio_runtime.observe.sip_over_tcp import SipOverTcp
from trio_runtime.observe.trace import TraceEntry

__all__ = ["CaptureReport", "CapturedCall", "read_report"]

_MAX_CALLS = 100_000
_MAX_STREAMS = 100_000
_CERTAIN = 8
"""So many packets make a stream of what no description speaks of: anything may look like one packet."""
_StreamKey = tuple[Address, Address, int]


@attrs.frozen
class CapturedCall:
    """All messages with one Call-ID, in the order of the capture.

    Attributes:
        call_id: Its Call-ID; empty for messages that have none.
        messages: The messages.
        streams: The media whose addresses they describe.
    """

    call_id: str
    messages: tuple[TraceEntry, ...]
    streams: tuple[RtpReport, ...]


@attrs.frozen(kw_only=True)
class CaptureReport:
    """What is in a capture.

    Attributes:
        calls: Calls, and other dialogs and requests, in the order of their first messages.
        streams: RTP streams that belong to no call.
        frames: Frames in the file.
        others: Frames that are neither SIP, nor RTCP, nor of an RTP stream.
        left_out: Messages and packets that were not looked at because there are too many calls or streams,
            and times at which octets of a TCP connection were missing.
    """

    calls: tuple[CapturedCall, ...]
    streams: tuple[RtpReport, ...]
    frames: int
    others: int
    left_out: int


def read_report(frames: Iterable[Frame]) -> CaptureReport:
    """Read frames one after the other; what cannot be read is counted and never an error."""
    reader = _Reader()
    for frame in frames:
        reader.receive(frame)
    return reader.report()


class _Reader:
    def __init__(self) -> None:
        self._messages: dict[str, list[TraceEntry]] = {}
        self._meters: dict[_StreamKey, StreamMeter] = {}
        self._calls_of: dict[_StreamKey, str | None] = {}
        self._directory = MediaDirectory()
        self._tcp = SipOverTcp()
        self._frames = self._others = self._left_out = 0

    def receive(self, frame: Frame) -> None:
        self._frames += 1
        segment = read_frame(frame.link, frame.data)
        if segment is None:
            self._others += 1
        elif segment.sequence is not None:
            for message in self._tcp.receive(segment):
                self._receive_message(TraceEntry(frame.time, segment.source, segment.destination, message))
        else:
            self._receive_datagram(TraceEntry(frame.time, segment.source, segment.destination, segment.data))

    def _receive_datagram(self, entry: TraceEntry) -> None:
        kind = classify(entry.data)
        if kind is PacketKind.RTP:
            self._receive_packet(entry)
        elif is_sip(entry.data):
            self._receive_message(entry)
        elif kind is not PacketKind.RTCP:
            self._others += 1

    def _receive_message(self, entry: TraceEntry) -> None:
        call_id = (scan_call_id(entry.data) or b"").decode("utf-8", "replace")
        messages = self._messages.get(call_id)
        if messages is None:
            if len(self._messages) >= _MAX_CALLS:
                self._left_out += 1
                return
            messages = self._messages[call_id] = []
        messages.append(entry)
        self._directory.learn(call_id, entry.data)

    def _receive_packet(self, entry: TraceEntry) -> None:
        try:
            packet = parse_rtp(entry.data)
        except PacketError:
            self._others += 1
            return
        key = (entry.sender, entry.receiver, packet.ssrc)
        meter = self._meters.get(key)
        if meter is None and (meter := self._new_meter(key, packet, entry.time)) is None:
            return
        place = self._directory.find(entry.receiver)
        if self._calls_of[key] is None:
            self._calls_of[key] = self._call_of(key)
        meter.receive(packet, entry.time, place)

    def _new_meter(self, key: _StreamKey, packet: RtpPacket, time: float) -> StreamMeter | None:
        if len(self._meters) >= _MAX_STREAMS:
            self._left_out += 1
            return None
        meter = self._meters[key] = StreamMeter(key[0], key[1], packet, time)
        self._calls_of[key] = None
        return meter

    def _call_of(self, key: _StreamKey) -> str | None:
        place = self._directory.find(key[1]) or self._directory.find(key[0])
        return None if place is None else place.call_id

    def report(self) -> CaptureReport:
        by_call: dict[str | None, list[RtpReport]] = {}
        for key, meter in self._meters.items():
            call_id = self._calls_of[key] or self._call_of(key)
            if call_id is None and meter.received < _CERTAIN:
                self._others += meter.received
            else:
                by_call.setdefault(call_id, []).append(meter.report(call_id))
        calls = [
            CapturedCall(call_id, tuple(messages), tuple(by_call.get(call_id, ())))
            for call_id, messages in self._messages.items()
        ]
        return CaptureReport(
            calls=tuple(calls),
            streams=tuple(by_call.get(None, ())),
            frames=self._frames,
            others=self._others,
            left_out=self._left_out + self._tcp.gaps,
        )
