"""One media stream with one peer as a machine."""

from .config import RtpSessionConfig
from .events import (
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
)
from .session import RtpSession
from .source import SourceStatistics, Verdict
from .statistics import RtpStatistics

__all__ = [
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
    "Verdict",
]
