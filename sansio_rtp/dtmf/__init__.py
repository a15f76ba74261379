"""DTMF digits as RTP telephone-events (RFC 4733)."""

from .digits import DTMF_DIGITS, event_code, event_digit
from .receiver import Digit, DtmfReceiver
from .sender import DtmfSender, EventPacket
from .telephone_event import TelephoneEvent, parse_telephone_events

__all__ = [
    "DTMF_DIGITS",
    "Digit",
    "DtmfReceiver",
    "DtmfSender",
    "EventPacket",
    "TelephoneEvent",
    "event_code",
    "event_digit",
    "parse_telephone_events",
]
