"""How long a datagram takes: distributions of delay, each a frozen value."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Protocol, TypeAlias, cast

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between

__all__ = [
    "ConstantLatency",
    "Latency",
    "LatencyLike",
    "LogNormalLatency",
    "NormalLatency",
    "UniformLatency",
    "as_latency",
]

_STANDARD = NormalDist()
_FAR = 0.999
"""The quantile that stands for the greatest delay of a distribution without end."""

_seconds = between(0, 3_600, " s")


class Latency(Protocol):
    """A distribution of delays.

    It is asked by quantile and holds no chance of its own: one draw of the link decides, whatever the
    distribution, so that another one changes no other fate.
    """

    @property
    def greatest(self) -> float:
        """The greatest delay in seconds, or one that hardly any datagram exceeds."""
        ...

    def at(self, quantile: float) -> float:
        """Return the delay in seconds that a share of `quantile` of all datagrams does not exceed."""
        ...


@attrs.frozen
class ConstantLatency:
    """The same delay for every datagram.

    Attributes:
        seconds: The delay.
    """

    seconds: float = attrs.field(default=0.010, validator=_seconds)

    @property
    def greatest(self) -> float:
        """The delay itself."""
        return self.seconds

    def at(self, quantile: float) -> float:
        """Return the delay."""
        return self.seconds


@attrs.frozen
class UniformLatency:
    """Every delay between two bounds is as likely as another.

    Attributes:
        least: Least delay in seconds.
        greatest: Greatest delay in seconds.
    """

    least: float = attrs.field(validator=_seconds)
    greatest: float = attrs.field(validator=_seconds)

    def __attrs_post_init__(self) -> None:
        """Check the order of the two delays."""
        if self.least > self.greatest:
            raise ConfigurationError(f"must not be less than least, {self.least:g} s", field="greatest")

    def at(self, quantile: float) -> float:
        """Return the delay at a quantile."""
        return self.least + (self.greatest - self.least) * quantile


@attrs.frozen
class NormalLatency:
    """Delays around a mean, cut off below.

    Attributes:
        mean: Mean in seconds.
        deviation: Standard deviation in seconds.
        least: No delay is less than this many seconds.
        greatest: The delay that one datagram of a thousand exceeds.
    """

    mean: float = attrs.field(validator=_seconds)
    deviation: float = attrs.field(validator=_seconds)
    least: float = attrs.field(default=0.0, validator=_seconds)
    greatest: float = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Compute what is asked for often."""
        object.__setattr__(self, "greatest", self.at(_FAR))

    def at(self, quantile: float) -> float:
        """Return the delay at a quantile."""
        return max(self.least, self.mean + self.deviation * _deviations(quantile))


@attrs.frozen
class LogNormalLatency:
    """Delays with a long tail, as queues of other people's traffic make them.

    Attributes:
        median: Half of the datagrams take no longer, in seconds, `least` included.
        spread: Standard deviation of the logarithm of what exceeds `least`; 0.5 is a calm line, 1 a bad one.
        least: The part that never varies, in seconds, such as the distance.
        greatest: The delay that one datagram of a thousand exceeds.
    """

    median: float = attrs.field(validator=_seconds)
    spread: float = attrs.field(default=0.5, validator=between(0, 3))
    least: float = attrs.field(default=0.0, validator=_seconds)
    greatest: float = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Check the order, and compute what is asked for often."""
        if self.least > self.median:
            raise ConfigurationError(f"must not exceed the median, {self.median:g} s", field="least")
        object.__setattr__(self, "greatest", self.at(_FAR))

    def at(self, quantile: float) -> float:
        """Return the delay at a quantile."""
        return self.least + (self.median - self.least) * math.exp(self.spread * _deviations(quantile))


def _deviations(quantile: float) -> float:
    """Return a quantile of the standard normal distribution; its ends, which are infinite, are cut off."""
    return _STANDARD.inv_cdf(min(max(quantile, 1e-9), 1 - 1e-9))


LatencyLike: TypeAlias = "float | tuple[float, float] | Latency"
"""Seconds, the least and the greatest number of seconds, or a distribution."""


def as_latency(value: LatencyLike) -> Latency:
    """Return the distribution that a short form stands for.

    Raises:
        ConfigurationError: A delay is negative, or the two are in the wrong order.
    """
    match value:
        case int() | float() if value >= 0:
            return ConstantLatency(value)
        case (int() | float() as least, int() | float() as greatest) if 0 <= least <= greatest:
            return UniformLatency(least, greatest)
        case ConstantLatency() | UniformLatency() | NormalLatency() | LogNormalLatency():
            return value
        case object(at=_, greatest=_):
            return cast("Latency", value)
    raise ConfigurationError(
        f"must be seconds, (least, greatest) or a distribution, not {value!r}", field="latency"
    )
