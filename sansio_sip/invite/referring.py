"""REFER in a call: its verbs, and its messages on their way to `Transfers` (RFC 3515)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, ParseError
from ..headers import ReferredBy, ReferTo
from .call_base import CallBase
from .transfers import Transfers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..headers import Replaces
    from ..message import Request
    from ..transaction import TransactionKey
    from .leg import Leg

__all__ = ["ReferVerbs", "receive_notify", "receive_refer", "receive_subscribe"]


def _transfers_of(call: CallBase) -> Transfers:
    """Return the REFERs of a call, made when the first one comes up."""
    transfers = call.concern(Transfers)
    if transfers is None:
        transfers = Transfers(call)
        call.add_concern(transfers)
    return transfers


def receive_refer(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take a REFER of the peer."""
    _transfers_of(call).receive_refer(leg.dialog, key, request, call.now)


def receive_notify(call: CallBase, leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take a NOTIFY: a report about a REFER of ours."""
    _transfers_of(call).receive_notify(leg.dialog, key, request, call.now)


def receive_subscribe(call: CallBase, _leg: Leg, key: TransactionKey, request: Request) -> None:
    """Take a SUBSCRIBE to the reports about a REFER of the peer."""
    _transfers_of(call).receive_subscribe(key, request, call.now)


class ReferVerbs(CallBase):
    """The verbs of a call for transfers."""

    __slots__ = ()

    def refer(
        self,
        target: str,
        now: float,
        *,
        method: str = "",
        replaces: Replaces | None = None,
        referred_by: str = "",
        subscribe: bool = True,
        headers: Iterable[tuple[str, str]] = (),
    ) -> int:
        """Ask the peer to contact somebody, and return the number of the REFER in events.

        Args:
            target: URI to contact.
            now: Current time in seconds.
            method: Method to use, INVITE when empty.
            replaces: The call of the target that the new one shall replace (RFC 3891).
            referred_by: Our Referred-By, empty to send none (RFC 3892).
            subscribe: Whether the peer shall report how it goes (RFC 4488).
            headers: More header fields.

        Raises:
            LocalProtocolError: There is no dialog, the call is over, too many REFERs are open, or a
                value cannot stand in a message.
        """
        self._clock(now)
        if self.leg is None or self.over:
            raise LocalProtocolError(f"a call in {self.state.name} cannot be transferred")
        try:
            refer_to = ReferTo.to(target, method=method, replaces=replaces)
            by = (("Referred-By", str(ReferredBy.parse(referred_by))),) if referred_by else ()
        except ParseError as error:
            raise LocalProtocolError(f"{target!r} cannot be referred to: {error}") from error
        quiet = () if subscribe else (("Refer-Sub", "false"),)
        return _transfers_of(self).refer(self.leg.dialog, refer_to, (*by, *quiet, *headers), self._now)

    def accept_refer(self, refer: int, now: float) -> None:
        """Accept a `ReferReceived`: we contact whom the peer names; without effect when it is over.

        Raises:
            LocalProtocolError: There never was such a REFER, or it was accepted already.
        """
        self._clock(now)
        server = _transfers_of(self).find(refer)
        if server is not None:
            server.accept(self._now)

    def reject_refer(self, refer: int, status_code: int, now: float, reason: str = "") -> None:
        """Refuse a `ReferReceived` with a status of 300 or more; without effect when it is over.

        Raises:
            LocalProtocolError: There never was such a REFER, it was accepted already, or the status
                is none that refuses.
        """
        self._clock(now)
        server = _transfers_of(self).find(refer)
        if server is not None:
            server.reject(status_code, self._now, reason)

    def notify_progress(self, refer: int, status_code: int, now: float, reason: str = "") -> None:
        """Report the status of the request that a REFER made us send; a final one is the last.

        It has no effect when the peer wants no reports, or no more.

        Raises:
            LocalProtocolError: There never was such a REFER, it was not accepted, or there is no such
                status.
        """
        self._clock(now)
        server = _transfers_of(self).find(refer)
        if server is not None:
            server.progress(status_code, self._now, reason)

    def close_transfers(self, now: float) -> None:
        """Wait for no report any more, and make no more than one last."""
        transfers = self.concern(Transfers)
        if transfers is not None:
            transfers.close(self._clock(now))
