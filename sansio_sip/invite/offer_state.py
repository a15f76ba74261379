"""Who owes whom a session description (RFC 3264 §4)."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["OfferState"]


@unique
class OfferState(IntEnum):
    """Whether an offer is open, and whose."""

    NONE = 0
    LOCAL_OFFER = 1
    REMOTE_OFFER = 2
    STABLE = 3
