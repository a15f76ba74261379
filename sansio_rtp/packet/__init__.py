"""RTP packets: model, parse, build, demultiplexing and wrapping counters."""

from .classify import PacketKind, classify
from .extension import parse_elements
from .packet import RtpPacket
from .parse import parse_rtp
from .redundancy import AudioBlock, RedundancyReceiver, parse_redundant
from .sequence import MAX_DROPOUT, MAX_MISORDER, MIN_SEQUENTIAL, SequenceWindow, seq_delta, timestamp_delta

__all__ = [
    "MAX_DROPOUT",
    "MAX_MISORDER",
    "MIN_SEQUENTIAL",
    "AudioBlock",
    "PacketKind",
    "RedundancyReceiver",
    "RtpPacket",
    "SequenceWindow",
    "classify",
    "parse_elements",
    "parse_redundant",
    "parse_rtp",
    "seq_delta",
    "timestamp_delta",
]
