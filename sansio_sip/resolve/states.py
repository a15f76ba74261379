"""States and inputs of one lookup."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["LookupInput", "LookupState"]


@unique
class LookupState(IntEnum):
    """What a lookup waits for."""

    IDLE = 0
    ASKING_NAPTR = 1
    ASKING_SRV = 2
    ASKING_ADDRESSES = 3
    DONE = 4


@unique
class LookupInput(IntEnum):
    """What comes next: another question, the end, or too much time."""

    ASK_NAPTR = 0
    ASK_SRV = 1
    ASK_ADDRESSES = 2
    FOUND = 3
    NOT_FOUND = 4
    CANCEL = 5
    TIMER_LOOKUP = 6
