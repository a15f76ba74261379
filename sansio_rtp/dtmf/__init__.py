"""DTMF digits as RTP telephone-events (RFC 4733) and as tones in the audio."""

from .digits import DTMF_DIGITS, Digit, DigitSource, event_code, event_digit
from .inband import InbandDetector, InbandDigit
from .merge import DigitMerger
from .receiver import DtmfReceiver
from .sender import DtmfSender, EventPacket
from .telephone_event import TelephoneEvent, parse_telephone_events

__all__ = [
    "DTMF_DIGITS",
    "Digit",
    "DigitMerger",
    "DigitSource",
    "DtmfReceiver",
    "DtmfSender",
    "EventPacket",
    "InbandDetector",
    "InbandDigit",
    "TelephoneEvent",
    "event_code",
    "event_digit",
    "parse_telephone_events",
]
