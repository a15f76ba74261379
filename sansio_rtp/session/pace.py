"""How time passes for a sender: samples to timestamps, in the clocks of its codec and of its digits."""

from __future__ import annotations

from ..packet import timestamp_delta
from .config import RtpSessionConfig

_MASK = 0xFFFFFFFF


class Pace:
    """Counts what was sent, or passed in silence, in timestamp units; fractions are kept, never lost.

    Attributes:
        timestamp: The timestamp of the next packet.
        event_time: The same instant in the clock of telephone-events, which nearly always is the same clock.
    """

    __slots__ = (
        "_clock_rate",
        "_event_rate",
        "_event_rest",
        "_reference",
        "_rest",
        "_sample_rate",
        "event_time",
        "timestamp",
    )

    def __init__(self, timestamp: int, config: RtpSessionConfig) -> None:
        """Begin at a timestamp."""
        self.timestamp = self.event_time = timestamp
        self._clock_rate = 0
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Count samples and units of other lengths from now on."""
        if config.clock_rate != self._clock_rate:
            self._reference: tuple[float, int] | None = None
        self._clock_rate, self._event_rate = config.clock_rate, config.event_clock_rate
        self._sample_rate = config.audio_rate
        self._rest = self._event_rest = 0

    def advance(self, n_samples: int, now: float) -> None:
        """Let the time of a frame pass, whose first sample was taken at `now`."""
        self._reference = (now, self.timestamp)
        units, self._rest = divmod(self._rest + n_samples * self._clock_rate, self._sample_rate)
        self.timestamp = (self.timestamp + units) & _MASK
        units, self._event_rest = divmod(self._event_rest + n_samples * self._event_rate, self._sample_rate)
        self.event_time = (self.event_time + units) & _MASK

    def run_on(self, n_frames: int, n_samples: int, now: float) -> None:
        """Let the time of `n_frames` frames pass, the last of which was taken at `now`."""
        self.advance((n_frames - 1) * n_samples, now)
        self.advance(n_samples, now)

    def follow(self, timestamp: int, units: int, now: float) -> None:
        """Go on behind a packet of `units` timestamp units that was made elsewhere and went out at `now`."""
        self._pass(timestamp_delta(timestamp, self.timestamp) + units)
        self._reference = (now, timestamp)

    def catch_up(self, now: float) -> None:
        """Let the time until `now` pass that nobody has counted; what was counted ahead of it stays."""
        self._pass(max(0, timestamp_delta(self.at(now), self.timestamp)))

    def _pass(self, units: int) -> None:
        self.timestamp = (self.timestamp + units) & _MASK
        self.event_time = (self.event_time + units * self._event_rate // self._clock_rate) & _MASK

    def event_units(self, n_samples: int) -> int:
        """Return how long a frame is in the clock of telephone-events."""
        return (self._event_rest + n_samples * self._event_rate) // self._sample_rate

    def of_event(self, event_time: int) -> int:
        """Return the timestamp of an instant that lies at most some seconds back."""
        past = (self.event_time - event_time) & _MASK
        return (self.timestamp - past * self._clock_rate // self._event_rate) & _MASK

    def at(self, now: float) -> int:
        """Return the timestamp that a sample taken at `now` would have (RFC 3550 §6.4.1)."""
        if self._reference is None:
            return self.timestamp
        then, timestamp = self._reference
        return (timestamp + round((now - then) * self._clock_rate)) & _MASK
