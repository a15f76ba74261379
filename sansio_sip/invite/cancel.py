"""The CANCEL of an INVITE of ours (RFC 3261 §9.1)."""

from __future__ import annotations

from .dialog_request import DialogRequest

__all__ = ["CancelRequest"]


class CancelRequest(DialogRequest):
    """A CANCEL inside a dialog; its own answer says nothing, that of the INVITE all.

    Its request is the INVITE as it was sent.
    """

    __slots__ = ()

    def send(self, now: float) -> None:
        """Send it."""
        self.owner.transaction_opened()
        self.owner.outbound.cancel(self.request, self, now)
