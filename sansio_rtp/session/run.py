"""A stream that runs smoothly, as plain numbers: what a session lends to the batch and takes back.

Nearly all of the time a stream is dull: the next packet comes, in sequence, and the next frame goes out. The
batch (`sansio_rtp.plane`) does that for thousands of streams at once on columns of these numbers. Whatever is
not dull is the business of the session, which takes its numbers back first.
"""

from __future__ import annotations

from typing import NamedTuple

import attrs
import numpy as np
import numpy.typing as npt

from ..jitter import JitterRun
from ..srtp import SrtpReceiver, SrtpSender


@attrs.define
class SourceRun:
    """A source whose packets come in sequence (RFC 3550 A.1, A.8).

    Attributes:
        ssrc: The source.
        highest: Sequence number of the last packet, 16 bits.
        cycles: Sequence numbers in the wraps before it.
        received: Packets that counted.
        octets: Payload octets of those.
        clock_rate: RTP clock in Hz.
        jitter: Interarrival jitter in timestamp units.
        arrival: When the last packet came, in timestamp units.
        timestamp: Its timestamp.
    """

    ssrc: int
    highest: int
    cycles: int
    received: int
    octets: int
    clock_rate: float
    jitter: float
    arrival: float
    timestamp: int


@attrs.define
class SenderRun:
    """A source of ours that sends one packet after another.

    Attributes:
        codec: Name of the codec.
        ssrc: Our source.
        payload_type: Payload type of the audio.
        marker: Whether the next packet begins a talk spurt: 0 or 1.
        sequence: Sequence number of the next packet, 16 bits.
        timestamp: Timestamp of the next packet, 32 bits.
        silent: Whether nothing may be sent while the timestamp goes on: 0 or 1.
        frames: Frames that passed since the run began.
        sent: Packets sent since then.
        octets: Payload octets of those.
        sent_at: When the last frame passed, in seconds; it had the timestamp before `timestamp`.
        context: What secures the packets, None in the clear; whoever has it brings it up to date.
    """

    codec: str
    ssrc: int
    payload_type: int
    marker: int
    sequence: int
    timestamp: int
    silent: int = 0
    frames: int = 0
    sent: int = 0
    octets: int = 0
    sent_at: float = 0.0
    context: SrtpSender | None = None


@attrs.define
class ForwardRun:
    """A source of ours whose packets come from another session, one after another.

    Attributes:
        ssrc: Our source.
        sequence: Sequence number of the last packet, 16 bits.
        timestamp: Its timestamp, 32 bits.
        step: Timestamp units from it to the next one, as they came lately.
        sent: Packets sent since the run began.
        octets: Payload octets of those.
        sent_at: When the last one was sent, in seconds.
    """

    ssrc: int
    sequence: int
    timestamp: int
    step: int
    sent: int = 0
    octets: int = 0
    sent_at: float = 0.0


@attrs.define
class ReceiverRun:
    """The receiving half of a session.

    Attributes:
        source: Its counters.
        jitter: Its jitter buffer.
        codec: Name of the codec of all packets.
        payload_type: Their payload type.
        octets: Octets of their payloads.
        heard_at: When the last packet came, in seconds.
        rest: Decoded samples that were not played yet, int16, shape (n_samples,), shorter than a frame: each
            frame begins with them, and as much of the packet is left for the next one.
        heard: The last payloads that were played, the latest at the end: a loss is concealed from them.
        context: What secures the packets, None in the clear; whoever has it brings it up to date.
    """

    source: SourceRun
    jitter: JitterRun
    codec: str
    payload_type: int
    octets: int
    heard_at: float
    rest: npt.NDArray[np.int16]
    heard: list[bytes] = attrs.Factory(list[bytes])
    context: SrtpReceiver | None = None


class LentProgress(NamedTuple):
    """How far a session has got that stays lent while it is measured.

    Attributes:
        source: The counters of the peer's source, None when the receiving half is not lent.
        heard_at: When its last packet came, in seconds.
        played: Packets played since the half was lent.
        skipped: Packets left out since then.
        delay: Mean time that packets wait, in timestamp units.
        sent: Packets sent since the sending half was lent.
        octets: Payload octets of those.
    """

    source: SourceRun | None = None
    heard_at: float = 0.0
    played: int = 0
    skipped: int = 0
    delay: float = 0.0
    sent: int = 0
    octets: int = 0


NOTHING_LENT = LentProgress()
