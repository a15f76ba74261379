"""States and inputs of the publishing side (RFC 3903 §4)."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["PublisherInput", "PublisherState"]


@unique
class PublisherState(IntEnum):
    """Where a publication stands.

    PUBLISHING, CLOSING and REMOVING have a PUBLISH on its way; there is never a second one (§4).
    """

    IDLE = 0
    PUBLISHING = 1
    PUBLISHED = 2
    RETRY_WAIT = 3
    CLOSING = 4
    REMOVING = 5
    TERMINATED = 6


@unique
class PublisherInput(IntEnum):
    """What can happen to a publication."""

    PUBLISH = 0
    CLOSE = 1
    ACCEPTED = 2
    TAG_UNKNOWN = 3
    FAILED_FOR_NOW = 4
    FAILED_FOR_GOOD = 5
    WITHDRAWN = 6
    REFRESH_DUE = 7
    RETRY_DUE = 8
    EXPIRED = 9
