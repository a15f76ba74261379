"""RTCP: reports, descriptions, goodbyes, and when to send them."""

from .build import build_compound
from .extended import DelayReport, DelaySinceReference, ExtendedReport, ReferenceTime, VoipMetrics
from .feedback import GenericNack, PictureLoss
from .interval import MIN_INTERVAL_S, deterministic_interval, randomised
from .ntp import middle_bits, ntp_timestamp, round_trip_units
from .packets import (
    AppPacket,
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SdesChunk,
    SenderReport,
    SourceDescription,
    UnknownRtcp,
)
from .parse import parse_rtcp
from .schedule import RtcpSchedule

__all__ = [
    "MIN_INTERVAL_S",
    "AppPacket",
    "DelayReport",
    "DelaySinceReference",
    "ExtendedReport",
    "GenericNack",
    "Goodbye",
    "PictureLoss",
    "ReceiverReport",
    "ReferenceTime",
    "ReportBlock",
    "RtcpPacket",
    "RtcpSchedule",
    "SdesChunk",
    "SenderReport",
    "SourceDescription",
    "UnknownRtcp",
    "VoipMetrics",
    "build_compound",
    "deterministic_interval",
    "middle_bits",
    "ntp_timestamp",
    "parse_rtcp",
    "randomised",
    "round_trip_units",
]
