"""The keyword arguments that say how bad a simulated network is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from trio_runtime.observe.trace import TraceEntry
from trio_runtime.testing.bandwidth import Bandwidth
from trio_runtime.testing.bursts import BurstLoss
from trio_runtime.testing.latency import LatencyLike

__all__ = ["WireConditions"]


class WireConditions(TypedDict, total=False):
    """See `Wire` for what each means."""

    latency: LatencyLike
    loss: float
    duplicate: float
    reorder: float
    bursts: BurstLoss | None
    bandwidth: Bandwidth | None
    media_loss: float | None
    loss_for: Callable[[TraceEntry], bool] | None
    icmp: bool
    max_datagrams: int
