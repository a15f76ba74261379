"""DTMF digits as RTP telephone-events (RFC 4733)."""

from sansio_rtp.dtmf.digits import DTMF_DIGITS, event_code, event_digit
from sansio_rtp.dtmf.receiver import Digit, DtmfReceiver
from sansio_rtp.dtmf.sender import DtmfSender, EventPacket
from sansio_rtp.dtmf.telephone_event import TelephoneEvent, parse_telephone_events

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
