"""What the events of a coordinator say of its calls, as counters and histograms."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

import attrs

from trio_runtime.base.types import SessionId
from trio_runtime.events.media_types import DigitReceived, QualityAlert
from trio_runtime.events.types import (
    CallAnswered,
    CallTerminated,
    HandlerFailed,
    MessageMalformed,
    SessionCreated,
)
from trio_runtime.observe.exposition import Family, Sample, histogram

__all__ = ["SETUP_BOUNDS_S", "CallMetrics"]

SETUP_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0)
"""Upper bounds of the buckets of the set-up time, in seconds."""
_ENDS = ("RemoteBye", "LocallyClosed")


@attrs.define
class _Open:
    direction: str
    begun: float
    answered: bool = False


class CallMetrics:
    """Counts calls by their events, each in constant time.

    Attributes:
        untracked: Calls whose beginning was not seen, or for which there was no room.
    """

    def __init__(self, now: Callable[[], float], *, max_calls: int = 100_000) -> None:
        """Begin at zero.

        Args:
            now: The time in seconds.
            max_calls: Calls that are followed at one time; of more only the end is counted.
        """
        self._now = now
        self._max_calls = max_calls
        self._open: dict[SessionId, _Open] = {}
        self._attempts: Counter[str] = Counter(outgoing=0, incoming=0)
        self._answered: Counter[str] = Counter(outgoing=0, incoming=0)
        self._failed: Counter[str] = Counter()
        self._ended: Counter[str] = Counter(dict.fromkeys(_ENDS, 0))
        self._others: Counter[str] = Counter()
        self._setup_counts = [0] * (len(SETUP_BOUNDS_S) + 1)
        self._setup_s = self._talk_s = 0.0
        self._talks = 0
        self.untracked = 0

    def take(self, event: object) -> bool:
        """Count an event; always False, so that it can be the filter of a subscription that nobody reads."""
        if isinstance(event, SessionCreated):
            self._begin(event)
        elif isinstance(event, CallAnswered):
            self._answer(event)
        elif isinstance(event, CallTerminated):
            self._end(event)
        elif isinstance(event, HandlerFailed | MessageMalformed | DigitReceived | QualityAlert):
            self._others[type(event).__name__] += 1
        return False

    def _begin(self, event: SessionCreated) -> None:
        self._attempts[event.direction.value] += 1
        if len(self._open) < self._max_calls:
            self._open[event.session_id] = _Open(event.direction.value, self._now())

    def _answer(self, event: CallAnswered) -> None:
        call = self._open.get(event.session_id)
        if call is None or call.answered:
            return
        call.answered = True
        self._answered[call.direction] += 1
        seconds = self._now() - call.begun
        self._setup_counts[bisect_left(SETUP_BOUNDS_S, seconds)] += 1
        self._setup_s += seconds

    def _end(self, event: CallTerminated) -> None:
        call = self._open.pop(event.session_id, None)
        if call is None:
            self.untracked += 1
        elif call.answered:
            self._talks += 1
            self._talk_s += event.duration_s
            self._ended[type(event.end).__name__] += 1
        else:
            self._failed[_class(event.end)] += 1

    def families(self) -> list[Family]:
        """Return all values as they are now."""
        answered, failed = self._answered.total(), self._failed.total()
        decided = answered + failed
        return [
            _counter("voip_call_attempts", "Calls that began.", "direction", self._attempts),
            _counter("voip_calls_answered", "Calls that were answered.", "direction", self._answered),
            _counter(
                "voip_calls_failed", "Calls that ended without answer, by class.", "class", self._failed
            ),
            _counter(
                "voip_calls_ended", "Answered calls that are over, by who ended them.", "end", self._ended
            ),
            _counter("voip_events", "Other events, by kind.", "kind", self._others),
            _one("voip_calls_untracked_total", "counter", "Calls that were not followed.", self.untracked),
            _one("voip_calls_active", "gauge", "Calls that are followed now.", len(self._open)),
            _one(
                "voip_answer_seizure_ratio",
                "gauge",
                "Share of the calls, those being set up left out, that were answered (ASR).",
                answered / decided if decided else float("nan"),
            ),
            _one(
                "voip_average_call_duration_seconds",
                "gauge",
                "Mean length of the answered calls that are over (ACD).",
                self._talk_s / self._talks if self._talks else float("nan"),
            ),
            _one(
                "voip_talk_seconds_total",
                "counter",
                "Length of all answered calls that are over.",
                self._talk_s,
            ),
            histogram(
                "voip_call_setup_seconds",
                "From the beginning of a call to its answer.",
                SETUP_BOUNDS_S,
                self._setup_counts,
                self._setup_s,
            ),
        ]


def _class(end: object) -> str:
    """Return what kind of failure an end is: the class of its status, else its own name."""
    status = getattr(end, "status_code", None)
    return f"{status // 100}xx" if isinstance(status, int) else type(end).__name__


def _counter(name: str, about: str, label: str, counts: Counter[str]) -> Family:
    samples = [Sample(count, {label: value}) for value, count in sorted(counts.items())]
    return Family(f"{name}_total", "counter", about, tuple(samples))


def _one(name: str, kind: str, about: str, value: float) -> Family:
    return Family(name, kind, about, (Sample(value),))
