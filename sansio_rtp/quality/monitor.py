"""The quality of one call over time: samples every 5 s, and alerts that do not flutter."""

from __future__ import annotations

import math
from array import array

import attrs

from ..errors import LocalProtocolError
from .emodel import AlertLevel, alert_level

INTERVAL_S = 5.0
"""From one sample of the history to the next."""
_HYSTERESIS = 0.1
"""MOS by which a level must be passed upwards before the alert is taken back."""
_ORDER = (AlertLevel.CRITICAL, AlertLevel.POOR, AlertLevel.FAIR, AlertLevel.GOOD)


@attrs.frozen(kw_only=True)
class QualitySample:
    """What was known of one direction at one time; None means unknown.

    Attributes:
        at: Seconds, as `now` counts them.
        loss: Share of packets that were not heard, 0 to 1.
        burst_loss: The same within bursts (RFC 3611 §4.7.2), 0 without any.
        burst_ratio: Mean run of missing packets over that of random loss.
        jitter_ms: Interarrival jitter.
        rtt_ms: Round-trip time.
        delay_ms: One-way delay from mouth to ear.
        r_factor: Rating (ITU-T G.107).
        mos: Mean opinion score.
    """

    at: float
    loss: float | None = None
    burst_loss: float | None = None
    burst_ratio: float | None = None
    jitter_ms: float | None = None
    rtt_ms: float | None = None
    delay_ms: float | None = None
    r_factor: float | None = None
    mos: float | None = None


_NAMES = tuple([field.name for field in attrs.fields(QualitySample)][1:])
_FIELDS = 1 + len(_NAMES)


def unpack_samples(packed: bytes) -> tuple[QualitySample, ...]:
    """Return the samples that a monitor has packed, oldest first."""
    numbers = array("d")
    numbers.frombytes(packed)
    values = [None if math.isnan(value) else value for value in numbers]
    rows = (values[first : first + _FIELDS] for first in range(0, len(values), _FIELDS))
    return tuple([QualitySample(at=at or 0.0, **dict(zip(_NAMES, row, strict=True))) for at, *row in rows])


@attrs.frozen
class AlertChanged:
    """The level of a call changed: what it was (None at first), what it is, and the score that did it."""

    before: AlertLevel | None
    level: AlertLevel
    mos: float


class QualityMonitor:
    """Keeps the history of one direction of a call, and its alert level.

    A level falls as soon as a score is below its threshold (good from 4, fair from 3, poor from 2) and rises
    only when the score is 0.1 above it.

    Attributes:
        level: The alert level, None while no score is known.
    """

    __slots__ = ("_due", "_history", "_interval", "_max_samples", "level")

    def __init__(self, *, max_samples: int = 720, interval_s: float = INTERVAL_S) -> None:
        """Create an empty monitor.

        Args:
            max_samples: Samples kept, 1 to 100,000; the oldest is dropped beyond that. 720 are an hour.
            interval_s: Least time between two samples of the history, in seconds; 0 keeps every one, for
                who has an interval of its own.

        Raises:
            LocalProtocolError: `max_samples` is out of range.
        """
        if not 1 <= max_samples <= 100_000:
            raise LocalProtocolError(f"max_samples is {max_samples}, not in 1..100000")
        # Packed: a hundred thousand calls with an hour of history each are not to be objects.
        self._history = array("d")
        self._max_samples = max_samples
        self._interval = interval_s
        self._due = float("-inf")
        self.level: AlertLevel | None = None

    @property
    def due(self) -> float:
        """When the next sample belongs into the history, in seconds."""
        return self._due

    @property
    def history(self) -> tuple[QualitySample, ...]:
        """The samples, oldest first, 5 s apart."""
        return unpack_samples(self.packed())

    @property
    def latest(self) -> QualitySample | None:
        """The newest sample of the history, None before the first."""
        return next(iter(unpack_samples(self._history[-_FIELDS:].tobytes())), None)

    def packed(self) -> bytes:
        """Return the history as octets, for `unpack_samples`."""
        return self._history.tobytes()

    def add(self, sample: QualitySample) -> AlertChanged | None:
        """Take what is known now; it goes into the history when its time has come. Return a changed level."""
        if sample.at >= self._due:
            self._keep(sample)
            self._due = sample.at + self._interval
        if sample.mos is None:
            return None
        level = self._next_level(sample.mos)
        if level is self.level:
            return None
        changed = AlertChanged(self.level, level, sample.mos)
        self.level = level
        return changed

    def _keep(self, sample: QualitySample) -> None:
        if len(self._history) == self._max_samples * _FIELDS:
            del self._history[:_FIELDS]
        values = (sample.at, *(getattr(sample, name) for name in _NAMES))
        self._history.extend([math.nan if value is None else value for value in values])

    def _next_level(self, score: float) -> AlertLevel:
        level = alert_level(score)
        if self.level is None or _ORDER.index(level) <= _ORDER.index(self.level):
            return level
        return max(alert_level(score - _HYSTERESIS), self.level, key=_ORDER.index)
