"""The keys that the peer presses, by whichever way its media tells them: one stream."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..dtmf import Digit, DigitMerger, DtmfReceiver, InbandDetector
from ..machine import Outbox
from ..packet import RtpPacket
from .config import RtpSessionConfig
from .events import DigitReceived, RtpEvent


class DigitInput:
    """Telephone-events, and tones in the audio where they are wanted; a press that comes both ways is one.

    Attributes:
        clocks: Clock in Hz of the telephone-events that are accepted, by payload type.
        listens: Whether it wants to hear the audio.
    """

    __slots__ = ("_clock_rate", "_detector", "_dtmf", "_merger", "_outbox", "_rate", "clocks", "listens")

    def __init__(self, config: RtpSessionConfig, outbox: Outbox[RtpEvent]) -> None:
        """Begin before the first press; presses become events in `outbox`."""
        self._outbox = outbox
        self._clock_rate: int = config.event_clock_rate
        self._dtmf = DtmfReceiver(config.event_clock_rate)
        self._merger = DigitMerger()
        self._detector: InbandDetector | None = None
        self._rate = 0
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types, and whether to listen to the audio and at which rate."""
        self.clocks = config.receive_events
        if not config.inband_digits:
            self._detector = None
        elif self._detector is None or config.audio_rate != self._rate:
            self._detector = InbandDetector(1, config.audio_rate)
        self._rate = config.audio_rate
        self.listens = self._detector is not None

    @property
    def deadline(self) -> float | None:
        """When a press ends whose end was lost, in seconds; None when no key is down."""
        return self._dtmf.deadline

    def receive(self, packet: RtpPacket, clock_rate: int, now: float) -> None:
        """Take a telephone-event whose durations count in units of `clock_rate` Hz."""
        if clock_rate != self._clock_rate:
            self._clock_rate = clock_rate
            self._dtmf = DtmfReceiver(clock_rate)
        self._dtmf.receive(packet.payload, packet.timestamp, now, packet.marker)
        self._flush(now)

    def hear(self, frame: npt.NDArray[np.int16], now: float) -> None:
        """Listen to a frame that is played, int16, shape (n_samples,)."""
        if self._detector is not None:
            for heard in self._detector.process(frame[None, :]):
                self._tell(heard.digit, now)

    def handle_timeout(self, now: float) -> None:
        """End a press whose end was lost."""
        self._dtmf.handle_timeout(now)
        self._flush(now)

    def reset(self, now: float) -> None:
        """Expect another source: what is pressed is over, and timestamps begin anew."""
        self._dtmf.reset()
        self._flush(now)

    def _flush(self, now: float) -> None:
        while (digit := self._dtmf.next_digit()) is not None:
            self._tell(digit, now)

    def _tell(self, digit: Digit, now: float) -> None:
        if self._merger.receive(digit, now):
            self._outbox.emit(DigitReceived(digit.digit, digit.duration_ms, digit.source.value))
