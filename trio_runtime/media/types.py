"""Words of the media side: what sounds into a call, what listens to it, what it tells and counts."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt

from sansio_rtp.session import RtpEvent, RtpStatistics
from sansio_sip.sdp import Direction

__all__ = [
    "AudioFrame",
    "AudioSink",
    "AudioSource",
    "EngineStatistics",
    "MediaEvent",
    "MediaStatistics",
    "RtpTimedOut",
    "RtpTotals",
    "StreamFailed",
]

AudioFrame: TypeAlias = npt.NDArray[np.int16]
"""Mono audio, int16, shape (n_samples,)."""


class AudioSource(Protocol):
    """Something that sounds into a call; any number of them mix."""

    @property
    def live(self) -> bool:
        """Whether its audio is lost while the stream may not send; recorded audio waits instead."""
        ...

    def read(self, n_samples: int) -> AudioFrame | None:
        """Return up to `n_samples` samples (fewer are filled with silence), or None at the end."""
        ...

    def close(self) -> None:
        """Take note that the stream is over; called once, but not when the source came to its end."""
        ...


class AudioSink(Protocol):
    """Something that listens to a call."""

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Take the 20 ms that were heard and the 20 ms that were said; both are only to be read."""
        ...

    def close(self) -> None:
        """Take note that the stream is over; called once."""
        ...


@attrs.frozen
class StreamFailed:
    """The media of a call broke and was closed; other calls go on.

    Attributes:
        error: What happened, in one line.
    """

    error: str


@attrs.frozen
class RtpTimedOut:
    """Nothing came from the peer for as long as `MediaConfig.rtp_timeout` allows; told once a silence.

    Attributes:
        silent_s: Seconds since the last packet.
    """

    silent_s: float


MediaEvent: TypeAlias = RtpEvent | StreamFailed | RtpTimedOut
"""Everything that the media of a call tells."""


@attrs.frozen(kw_only=True)
class MediaStatistics:
    """What was measured on the media of one call.

    Attributes:
        local_port: Our RTP port.
        direction: What we do.
        muted: Whether silence is sent in place of the audio.
        early_packets: Packets that came before the media was agreed on, and were dropped.
        unsent_packets: Packets that the network did not take.
        skipped_ms: Milliseconds that were neither sent nor played because the media clock came too late.
        srtp: Name of the crypto suite that protects it (or did last), None in the clear.
        rtp: The RTP session's own values, or None before there was one.
    """

    local_port: int
    direction: Direction
    muted: bool
    early_packets: int
    unsent_packets: int
    skipped_ms: int
    srtp: str | None
    rtp: RtpStatistics | None


@attrs.frozen(kw_only=True)
class RtpTotals:
    """What all media of a coordinator had counted, that of open streams as it was some seconds ago at most.

    Attributes:
        packets_sent: RTP packets sent.
        packets_received: RTP packets received.
        lost: Packets that had not come.
        late: Packets that came too late to be played.
        discarded: Packets dropped by jitter buffers without being late.
    """

    packets_sent: int = 0
    packets_received: int = 0
    lost: int = 0
    late: int = 0
    discarded: int = 0


@attrs.frozen(kw_only=True)
class EngineStatistics:
    """How well the media clock keeps time.

    Attributes:
        streams: Streams that are open.
        ticks: Ticks that were run.
        skipped: Ticks that were left out because the clock was too late for them.
        failed: Streams that were closed because they raised.
        shed: Datagrams thrown away unread because this machine was too late for them.
        lateness_p50_ms: Median lateness of the latest ticks, None before the first one.
        lateness_p99_ms: Lateness that one tick in a hundred of the latest passes.
        lateness_max_ms: Greatest lateness of the latest ticks.
        busy_max_ms: Longest time that one of the latest ticks took.
        window: Over how many ticks these four were taken.
    """

    streams: int
    ticks: int
    skipped: int
    failed: int
    shed: int
    lateness_p50_ms: float | None
    lateness_p99_ms: float | None
    lateness_max_ms: float | None
    busy_max_ms: float | None
    window: int
