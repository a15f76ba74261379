"""What two calls that are connected are like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId
    from trio_runtime.media import BridgeMode

__all__ = ["BridgeInfo"]


@attrs.frozen
class BridgeInfo:
    """Two calls that are connected, by `bridge` or `Call.connect`.

    Attributes:
        name: Names it in events.
        created_at: Time at which they were connected, in seconds of the coordinator's clock.
        sessions: The two calls.
        mode: How they hear each other: ``waiting``, ``relay`` or ``room``.
    """

    name: str
    created_at: float
    sessions: tuple[SessionId, SessionId]
    mode: BridgeMode
