"""Telling the peer of a call that our Contact is another one (RFC 3261 §12.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .states import InviteState

if TYPE_CHECKING:
    from .refreshed_call import RefreshedCall

__all__ = ["TargetRefresh"]


class TargetRefresh:
    """Waits until an UPDATE or a re-INVITE can be sent that has the new Contact, and is gone then.

    Args:
        call: The call.
    """

    __slots__ = ("_call",)

    def __init__(self, call: RefreshedCall) -> None:
        self._call = call

    @property
    def deadline(self) -> float | None:
        """None: what is in its way has timers of its own."""
        return None

    def handle_timeout(self, now: float) -> None:
        """Do nothing; see `deadline`."""

    def call_over(self, now: float) -> None:
        """Be gone."""
        self._call.drop_concern(self)

    def settled(self, now: float) -> None:
        """Send the request if nothing is in its way any more: a change of ours, or the peer's ACK."""
        if self._call.state is InviteState.ESTABLISHED and self._call.refresh_session(now):
            self._call.drop_concern(self)
