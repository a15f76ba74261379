"""Dialog states and identity (RFC 3261 §12)."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["DialogId", "DialogState"]

DialogId = tuple[str, str, str]
"""Call-ID, local tag, remote tag; the remote tag is empty for an RFC 2543 peer."""


@unique
class DialogState(IntEnum):
    """How far a dialog has come.

    RECOVERING is a confirmed dialog whose peer did not answer and is being probed.
    """

    EARLY = 0
    CONFIRMED = 1
    RECOVERING = 2
    TERMINATED = 3
