"""Counters of what goes out."""

from __future__ import annotations

import attrs

__all__ = ["OutboundStatistics"]


@attrs.define
class OutboundStatistics:
    """Counters since the start.

    Attributes:
        failovers: Requests that went to another target because one failed.
        replies_redirected: Responses that took another way because their connection was gone.
        replies_lost: Responses for which there was no other way.
    """

    failovers: int = 0
    replies_redirected: int = 0
    replies_lost: int = 0
