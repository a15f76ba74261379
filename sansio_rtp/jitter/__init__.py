"""The jitter buffer: packets in any order in, an even timeline out."""

from .buffer import JitterBuffer
from .config import JitterConfig
from .delay import SHORTEST_MS
from .histogram import BIN_MS, best_bins
from .run import JitterNews, JitterRun, JitterTerms
from .slot import JitterStatistics, Slot, SlotKind

__all__ = [
    "BIN_MS",
    "SHORTEST_MS",
    "JitterBuffer",
    "JitterConfig",
    "JitterNews",
    "JitterRun",
    "JitterStatistics",
    "JitterTerms",
    "Slot",
    "SlotKind",
    "best_bins",
]
