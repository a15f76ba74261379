"""What came of a load: counts, reasons, and percentiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

if TYPE_CHECKING:
    from trio_runtime.cli.printing.output import Json

__all__ = ["CallResult", "LoadResult", "percentiles"]

_SHARES = (50, 90, 95, 99, 100)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return the median, the 90th, 95th and 99th percentile and the most; empty for nothing."""
    if not values:
        return {}
    found = np.percentile(values, _SHARES)
    names = [f"p{share}" for share in _SHARES[:-1]] + ["max"]
    return {name: round(float(value), 6) for name, value in zip(names, found, strict=True)}


@attrs.frozen
class CallResult:
    """What became of one call.

    Attributes:
        began: Seconds from the start of the load.
        set_up: Seconds from the INVITE to the answer, None when there was none.
        over: Seconds from the start of the load to its end.
        failure: Why it failed, empty when it did not.
        mos: How it sounded to us, None when that is not known.
    """

    began: float
    set_up: float | None
    over: float
    failure: str = ""
    mos: float | None = None


@attrs.define
class LoadResult:
    """What became of all calls so far.

    Attributes:
        calls: Those that are over, in the order of their ends.
        open: Calls that last.
        most_open: The most at one time.
        took: Seconds that the load has taken; 0 while it runs.
    """

    calls: list[CallResult] = attrs.field(factory=list)
    open: int = 0
    most_open: int = 0
    took: float = 0.0

    @property
    def answered(self) -> int:
        """How many were answered."""
        return sum([call.set_up is not None for call in self.calls])

    @property
    def failed(self) -> int:
        """How many failed, answered or not."""
        return sum([bool(call.failure) for call in self.calls])

    @property
    def failures(self) -> dict[str, int]:
        """How many failed for which reason, the most frequent first."""
        return dict(Counter([call.failure for call in self.calls if call.failure]).most_common())

    @property
    def set_up(self) -> dict[str, float]:
        """Percentiles of the set-up time, in seconds."""
        return percentiles([call.set_up for call in self.calls if call.set_up is not None])

    @property
    def mos(self) -> float | None:
        """The mean of the mean opinion scores, None without any."""
        scores = [call.mos for call in self.calls if call.mos is not None]
        return round(float(np.mean(scores)), 3) if scores else None

    @property
    def rate(self) -> float:
        """Calls a second that were begun on the whole, 0 for fewer than two."""
        began = sorted([call.began for call in self.calls])
        return (len(began) - 1) / (began[-1] - began[0]) if len(began) > 1 and began[-1] > began[0] else 0.0

    def values(self) -> dict[str, Json]:
        """Return the numbers as JSON has them."""
        return {
            "calls": len(self.calls),
            "answered": self.answered,
            "failed": self.failed,
            "failures": dict(self.failures),
            "most_open": self.most_open,
            "rate": round(self.rate, 3),
            "seconds": round(self.took, 3),
            "set_up_s": dict(self.set_up),
            "mos": self.mos,
        }

    def words(self) -> str:
        """Return the numbers for people."""
        lines = [
            f"calls      {len(self.calls)}, {self.answered} answered, {self.failed} failed, "
            f"{self.rate:.1f} a second, {self.most_open} at one time, in {self.took:.1f} s"
        ]
        if self.set_up:
            times = ", ".join([f"{name} {value * 1_000:.1f} ms" for name, value in self.set_up.items()])
            lines.append(f"set-up     {times}")
        if self.mos is not None:
            lines.append(f"audio      mean MOS {self.mos:.2f}")
        lines += [f"failed     {count} times: {reason}" for reason, count in self.failures.items()]
        return "\n".join(lines)
