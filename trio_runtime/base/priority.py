"""How urgent a call is."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CallPriority"]


class CallPriority(IntEnum):
    """How urgent a call is, the greater the more; an emergency goes before everything else."""

    BACKGROUND = 0
    LOW = 1
    NORMAL = 2
    HIGH = 3
    EMERGENCY = 4
