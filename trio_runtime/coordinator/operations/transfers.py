"""Transfers: what the peer does for us, and what we do for the peer (RFC 3515, RFC 5589)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import attrs

from sansio_sip.invite import (
    CallEnd,
    ReferEnded,
    ReferFinished,
    ReferLost,
    ReferProgressed,
    Rejected,
    RemoteBye,
    TimedOut,
)
from trio_runtime.base.errors import SipFailure
from trio_runtime.base.moment import Moment
from trio_runtime.events.call_types import TransferFailed, TransferProgressed

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["Report", "Transfers"]

Report: TypeAlias = Callable[[int, str], None]
"""Tells whoever asked for a call how far it has come: status and phrase."""


@attrs.define
class _Transfer:
    """A REFER of ours that is not over."""

    done: Moment = attrs.field(factory=Moment)
    outcome: ReferEnded | None = None


class Transfers:
    """Follows REFERs of both sides to their ends.

    Args:
        publish: Publishes events.
    """

    def __init__(self, publish: Callable[..., None]) -> None:
        self._publish = publish
        self._ours: dict[tuple[str, int], _Transfer] = {}
        self._theirs: dict[str, Report] = {}

    @property
    def open(self) -> int:
        """How many transfers are not over."""
        return len(self._ours) + len(self._theirs)

    # What we ask for

    async def transfer(
        self,
        session_id: SessionId,
        start: Callable[[Callable[[int], None]], None],
        end: Callable[[], CallEnd | None],
    ) -> None:
        """Send a REFER and wait until the peer has done what it says.

        Args:
            session_id: The call.
            start: Sends it; what it is given gets the number first.
            end: How the call has ended, ``None`` while it lasts.

        Raises:
            SipFailure: The peer refused, or failed.
        """
        numbers: list[int] = []

        def sent(number: int) -> None:
            numbers.append(number)
            self._ours[session_id, number] = transfer

        transfer = _Transfer()
        start(sent)
        try:
            await transfer.done.wait()
        finally:
            self._ours.pop((session_id, numbers[0]), None)
        failure = _failure(transfer.outcome, end())
        if failure is not None:
            self._publish(TransferFailed, session_id, *failure)
            raise SipFailure(*failure, session_id=session_id)

    def progressed(self, event: ReferProgressed) -> None:
        """Take a report of the peer."""
        if (event.session, event.refer) in self._ours:
            self._publish(TransferProgressed, event.session, event.status_code, event.reason)

    def ended(self, event: ReferEnded) -> None:
        """Take the last word about a REFER of ours."""
        transfer = self._ours.get((event.session, event.refer))
        if transfer is not None:
            transfer.outcome = event
            transfer.done.set()

    # What the peer asks for

    def follow(self, new_session: str, report: Report) -> None:
        """Report to whoever asked for a call how it goes."""
        self._theirs[new_session] = report

    def report(self, new_session: str, status_code: int, reason: str = "") -> None:
        """Tell whoever asked for a call how far it has come; final, it is the last."""
        asked = self._theirs.get(new_session)
        if asked is None:
            return
        if status_code >= 200:
            del self._theirs[new_session]
        asked(status_code, reason)

    def call_over(self, session: str, end: CallEnd) -> None:
        """Tell whoever asked for a call that it did not come about."""
        if session in self._theirs:
            status, reason = _status_of(end)
            self.report(session, status, reason)


def _failure(outcome: ReferEnded | None, end: CallEnd | None) -> tuple[int, str] | None:
    """Return status and phrase of a transfer that failed, ``None`` for one that did not."""
    what = None if outcome is None else outcome.end
    match what:
        case ReferFinished(status, reason):
            return None if status < 300 else (status, reason)
        case ReferLost(status, cause):
            # A peer that has hung up, or reports nothing, mostly has what it wants: failures it would tell.
            good = status < 300 and (isinstance(end, RemoteBye) or cause in ("suppressed", "noresource"))
            return None if good else (status or 408, cause)
        case None:
            return 500, "nobody tells how it went"
        case refused:
            return refused.status_code, refused.reason


def _status_of(end: CallEnd) -> tuple[int, str]:
    match end:
        case Rejected(status_code, reason):
            return status_code, reason
        case TimedOut():
            return 408, "Request Timeout"
        case _:
            return 503, "Service Unavailable"
