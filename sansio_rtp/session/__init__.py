"""One media stream with one peer as a machine."""

from .config import RtpSessionConfig
from .events import (
    CodecChanged,
    DigitReceived,
    GoodbyeReceived,
    MediaStarted,
    ReportReceived,
    RtpEvent,
    SourceChanged,
    SourceLatched,
    SrtpKeyExpiring,
    SrtpKeySpent,
    SsrcCollided,
    UnknownPayloadReceived,
)
from .session import RtpSession
from .source import SourceStatistics
from .statistics import RtpStatistics
from .verdict import Verdict

__all__ = [
    "CodecChanged",
    "DigitReceived",
    "GoodbyeReceived",
    "MediaStarted",
    "ReportReceived",
    "RtpEvent",
    "RtpSession",
    "RtpSessionConfig",
    "RtpStatistics",
    "SourceChanged",
    "SourceLatched",
    "SourceStatistics",
    "SrtpKeyExpiring",
    "SrtpKeySpent",
    "SsrcCollided",
    "UnknownPayloadReceived",
    "Verdict",
]
