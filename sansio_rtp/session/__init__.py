"""One media stream with one peer as a machine."""

from .config import RtpSessionConfig
from .events import (
    CodecChanged,
    CodecFellBack,
    DigitReceived,
    GoodbyeReceived,
    MediaStarted,
    QualityChanged,
    QualityDirection,
    ReportReceived,
    RtpEvent,
    SourceChanged,
    SourceLatched,
    SrtpKeyExpiring,
    SrtpKeySpent,
    SsrcCollided,
    UnknownPayloadReceived,
)
from .quality_records import DirectionQuality, QualityHistory, RtpCounts
from .session import RtpSession
from .source import SourceStatistics
from .statistics import RtpStatistics
from .stream_formats import StreamFormats
from .verdict import Verdict

__all__ = [
    "CodecChanged",
    "CodecFellBack",
    "DigitReceived",
    "DirectionQuality",
    "GoodbyeReceived",
    "MediaStarted",
    "QualityChanged",
    "QualityDirection",
    "QualityHistory",
    "ReportReceived",
    "RtpCounts",
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
    "StreamFormats",
    "UnknownPayloadReceived",
    "Verdict",
]
