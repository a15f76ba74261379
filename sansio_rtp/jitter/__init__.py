"""The jitter buffer: packets in any order in, an even timeline out."""

from .buffer import JitterBuffer
from .config import JitterConfig
from .histogram import BIN_MS, best_bins
from .run import JitterRun
from .slot import JitterStatistics, Slot, SlotKind

__all__ = [
    "BIN_MS",
    "JitterBuffer",
    "JitterConfig",
    "JitterRun",
    "JitterStatistics",
    "Slot",
    "SlotKind",
    "best_bins",
]
