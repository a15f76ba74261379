"""What is told of the quality of a session, as frozen records."""

from __future__ import annotations

from typing import NamedTuple

import attrs

from ..quality import AlertLevel, QualitySample, unpack_samples


@attrs.frozen
class DirectionQuality:
    """How one direction of a stream is.

    Attributes:
        level: The level of the last score that was known, None before the first.
        latest: The last sample, None before the first.
        bitrate: Bits a second of payload in the interval of that sample, None before the first.
    """

    level: AlertLevel | None = None
    latest: QualitySample | None = None
    bitrate: float | None = None


@attrs.frozen(repr=False)
class QualityHistory:
    """The samples of both directions, kept packed: most are never looked at."""

    _received: bytes = b""
    _sent: bytes = b""

    @property
    def received(self) -> tuple[QualitySample, ...]:
        """How the peer sounded to us, oldest first."""
        return unpack_samples(self._received)

    @property
    def sent(self) -> tuple[QualitySample, ...]:
        """How we sounded to the peer as far as it reported, oldest first."""
        return unpack_samples(self._sent)


class RtpCounts(NamedTuple):
    """What a stream had counted when its quality was measured last.

    Attributes:
        packets_sent: RTP packets sent.
        packets_received: RTP packets received.
        lost: Packets that had not come.
        late: Packets that came too late to be played.
        discarded: Packets dropped by the jitter buffer without being late.
    """

    packets_sent: int = 0
    packets_received: int = 0
    lost: int = 0
    late: int = 0
    discarded: int = 0
