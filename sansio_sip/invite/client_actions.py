"""What the rows of the caller's table do (RFC 3261 §13.2.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..message import Message, Response
from .client_legs import ClientLegs
from .ends import Cancelled, Failed, Rejected, TimedOut, TransportLost
from .events import CallAnswered, CallProgress
from .prack import is_news, take_provisional
from .redirect import retry_after_of
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from .redirect import Targets

__all__ = ["ClientActions"]


class ClientActions(ClientLegs):
    """The caller's actions; `ClientTable` says when which is done, `InviteClient` what starts them."""

    __slots__ = ("_cause", "_targets")

    _cause: str
    _targets: Targets

    def _send_invite(self, _message: Message | None = None) -> None:
        self.transaction_opened()
        self.outbound.send(self._invite, self, self._now)

    def _send_cancel(self, _message: Message | None = None) -> None:
        self.transaction_opened()
        self.outbound.cancel(self._invite, self, self._now)
        self._arm_expiry(InviteInput.CANCEL_EXPIRED, self.config.timers.timeout)

    def _withdraw(self, _message: Message | None = None) -> None:
        if self.outbound.withdraw(self._invite):  # still waits for the DNS: nobody knows of it
            self.transaction_ended()
            self.state = InviteState.TERMINATED

    def _drop_invite(self, _message: Message | None = None) -> None:
        self.outbound.layer.terminate(self.outbound.key(self._invite), self._now)

    def _report_progress(self, message: Message | None) -> None:
        if not isinstance(message, Response) or message.status_code == 100:
            return
        leg = self._early_leg(message)
        if leg is None or is_news(leg, message):
            status, reason = message.status_code, message.reason
            self.out.events.append(CallProgress(self.session, status, reason, message))
            if leg is not None:
                take_provisional(self, leg, self._invite, message, self._local_media)

    def _report_answer(self, message: Message | None) -> None:
        self.report_media(self.require_leg())
        self.out.events.append(CallAnswered(self.session, cast(Response, message)))
        self.settled(self._now)

    def _end_bad_answer(self, _message: Message | None = None) -> None:
        self._end(Failed(self._cause))

    def _end_cancelled(self, _message: Message | None = None) -> None:
        self._end(Cancelled())

    def _end_rejected(self, message: Message | None) -> None:
        response = cast(Response, message)
        retry_after = retry_after_of(response)
        self._end(Rejected(response.status_code, response.reason, retry_after=retry_after), response)

    def _end_timed_out(self, _message: Message | None = None) -> None:
        self._end(TimedOut())

    def _end_unreachable(self, _message: Message | None = None) -> None:
        self._end(TransportLost(self._cause))
