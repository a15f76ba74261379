"""Whether the peer of a call still lives: asked when a request got no answer, or when the user wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .recovery_table import RecoveryInput, RecoveryTable, end_of

if TYPE_CHECKING:
    from ..message import Response

__all__ = ["DialogRecovery"]


class DialogRecovery(RecoveryTable):
    """The health of one dialog: a `Concern` of its call (DLG-7, DLG-8).

    A dialog is over when a request in it times out (RFC 3261 §12.2.1.2); a network that is away for a
    moment should not cost the call. So the peer is asked a few times first, with growing pauses.
    """

    __slots__ = ()

    def trouble(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take note that a request in the dialog was not answered, or that the peer knows it no more.

        Args:
            status_code: 408 for none, 481 for a dialog that is gone, 503 when it could not be sent.
            reason: What happened, in words.
            response: The response, where there was one.
            now: Current time in seconds.
        """
        self._clock(now)
        self._cause, self._end = reason, end_of(status_code, reason, response)
        self._fire(RecoveryInput.GONE if status_code == 481 else RecoveryInput.TROUBLE)

    def check(self, now: float) -> None:
        """Ask the peer whether it is there; nothing is told unless it is not."""
        self._clock(now)
        self._fire(RecoveryInput.CHECK)

    def heard(self, now: float) -> None:
        """Take note that the peer has sent something."""
        self._clock(now)
        self._fire(RecoveryInput.HEARD)

    def call_over(self, now: float) -> None:
        """Ask no more."""
        self._clock(now)
        self._fire(RecoveryInput.CALL_OVER)

    def settled(self, now: float) -> None:
        """Take note that something changed; a probe waits for nothing."""
