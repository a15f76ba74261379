"""Facts about supervisors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["SupervisionChanged"]


@attrs.frozen
class SupervisionChanged:
    """A supervisor hears a call and the one that it is connected with, or does no more.

    Attributes:
        session_id: The call.
        supervisor: The call with the supervisor.
        mode: ``monitor``, ``whisper``, ``barge`` or ``ended``.
    """

    session_id: SessionId
    supervisor: SessionId
    mode: str
