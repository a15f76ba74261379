"""RTP packets: model, parse, build, demultiplexing and wrapping counters."""

from .classify import PacketKind, classify
from .extension import parse_elements
from .packet import RtpPacket
from .parse import parse_rtp
from .sequence import MAX_DROPOUT, MAX_MISORDER, MIN_SEQUENTIAL, SequenceWindow, seq_delta, timestamp_delta

__all__ = [
    "MAX_DROPOUT",
    "MAX_MISORDER",
    "MIN_SEQUENTIAL",
    "PacketKind",
    "RtpPacket",
    "SequenceWindow",
    "classify",
    "parse_elements",
    "parse_rtp",
    "seq_delta",
    "timestamp_delta",
]
