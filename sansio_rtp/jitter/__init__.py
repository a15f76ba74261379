"""The jitter buffer: packets in any order in, an even timeline out."""

from .buffer import JitterBuffer
from .config import JitterConfig
from .run import JitterRun
from .slot import JitterStatistics, Slot, SlotKind

__all__ = ["JitterBuffer", "JitterConfig", "JitterRun", "JitterStatistics", "Slot", "SlotKind"]
