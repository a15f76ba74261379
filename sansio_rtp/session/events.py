"""What an RTP session tells: facts in the past tense, frozen."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

import attrs

from ..machine import Address
from ..quality import AlertLevel


@attrs.frozen
class MediaStarted:
    """The first audio packet of the peer was accepted."""

    ssrc: int
    payload_type: int


@attrs.frozen
class CodecChanged:
    """The peer speaks with another of the agreed codecs now, and we hear it so.

    Attributes:
        payload_type: Its payload type.
        codec: Its name.
    """

    payload_type: int
    codec: str


@attrs.frozen
class CodecFellBack:
    """The peer goes on sending a codec that was not agreed on; since we know it, it is heard from now on."""

    payload_type: int


@attrs.frozen
class UnknownPayloadReceived:
    """The peer sends a payload type that was not agreed on; told once a type, every packet is counted."""

    payload_type: int


@attrs.frozen
class DigitReceived:
    """The peer pressed a digit.

    Attributes:
        digit: One of `0-9 * # A-D`.
        duration_ms: How long it was pressed, as far as packets told.
        source: How it came: `rfc4733`, or `inband` for tones in the audio.
    """

    digit: str
    duration_ms: int
    source: str = "rfc4733"


@attrs.frozen
class SourceLatched:
    """Media comes from another address than signalled, or again from that one; we send there now."""

    address: Address


@attrs.frozen
class SourceChanged:
    """The peer sends with another SSRC now."""

    ssrc: int


@attrs.frozen
class SsrcCollided:
    """The peer uses our SSRC: we said goodbye for it and send with `ssrc` now (RFC 3550 §8.2)."""

    ssrc: int


@attrs.frozen
class GoodbyeReceived:
    """The peer's source has left (RFC 3550 §6.6); the call may go on."""

    ssrc: int
    reason: str | None


@attrs.frozen
class ReportReceived:
    """The peer reported how it receives us (RFC 3550 §6.4).

    Attributes:
        ssrc: Who reports.
        fraction_lost: Share lost since its last report, 0 to 1.
        cumulative_lost: Packets lost since the beginning; negative when duplicates came.
        jitter_ms: Interarrival jitter.
        rtt_ms: Round-trip time, None until one of our reports was answered.
    """

    ssrc: int
    fraction_lost: float
    cumulative_lost: int
    jitter_ms: float
    rtt_ms: float | None


class QualityDirection(Enum):
    """One of the two directions of a stream."""

    RECEIVED = "received"
    """What we hear."""
    SENT = "sent"
    """What the peer hears, as it reports."""


@attrs.frozen
class QualityChanged:
    """The quality of one direction has another level: by its MOS, good from 4, fair from 3, poor from 2.

    Attributes:
        direction: Which one.
        before: The level that it had, None when it was not known.
        level: The level that it has.
        mos: The score that it has.
    """

    direction: QualityDirection
    before: AlertLevel | None
    level: AlertLevel
    mos: float


@attrs.frozen
class SrtpKeyExpiring:
    """The master key that we send with comes to its end: signalling is to agree on a new one (RFC 3711 §8.1).

    Attributes:
        remaining: Packets that it may still secure.
    """

    remaining: int


@attrs.frozen
class SrtpKeySpent:
    """The master key that we send with has secured all that it may: nothing is sent any more."""


RtpEvent: TypeAlias = (
    MediaStarted
    | CodecChanged
    | CodecFellBack
    | UnknownPayloadReceived
    | DigitReceived
    | SourceLatched
    | SourceChanged
    | SsrcCollided
    | GoodbyeReceived
    | ReportReceived
    | QualityChanged
    | SrtpKeyExpiring
    | SrtpKeySpent
)
"""Every event of an RTP session."""
