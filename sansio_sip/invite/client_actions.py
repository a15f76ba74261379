"""What the rows of the caller's table do (RFC 3261 §13.2.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog
from ..errors import ProtocolError
from ..message import Message, Request, Response
from .bye import ByeRequest
from .ends import Cancelled, Failed, Rejected, TimedOut, TransportLost
from .events import CallAnswered, CallProgress
from .leg import Leg
from .prack import is_news, take_provisional
from .session import InviteSession
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from ..sdp import LocalMedia
    from .acks import Acknowledger

__all__ = ["ClientActions"]


class ClientActions(InviteSession):
    """The caller's actions; `ClientTable` says when which is done, `InviteClient` what starts them."""

    __slots__ = ("_acks", "_cause", "_invite", "_legs", "_local_media")

    _acks: Acknowledger
    _cause: str
    _invite: Request
    _legs: dict[str, Leg]
    _local_media: LocalMedia | None

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

    def _early_leg(self, response: Response) -> Leg | None:
        """Return the leg of a 1xx, a new one for a new To tag (§12.1.2, §13.2.2.1)."""
        tag = response.to_tag
        leg = self._legs.get(tag)
        if leg is None:
            if not tag or len(self._legs) >= self.config.max_forks:
                return None
            try:
                dialog = Dialog.from_response(self._invite, response)
            except ProtocolError:
                return None  # the final answer makes the dialog, if its headers can be read
            leg = self._legs[tag] = self._new_leg(dialog)
            self._register(dialog.id)
        leg.learn(response)
        self.leg = leg
        return leg

    def _new_leg(self, dialog: Dialog) -> Leg:
        return Leg(dialog, self._first_offer.fork(), owner=True, offer_due=not self._invite.body)

    def _report_answer(self, message: Message | None) -> None:
        if isinstance(message, Response) and self.leg is not None:
            self.report_media(self.leg)
            self.out.events.append(CallAnswered(self.session, message))
            self.settled(self._now)

    def _acknowledge_again(self, message: Message | None) -> None:
        """Repeat the ACK for a repeated 2xx; a 2xx of another branch gets ACK and BYE."""
        if not isinstance(message, Response) or self._acks.repeat(message, self._now):
            return
        dialog = self._acks.new_branch(self._invite, message, self._now)
        if dialog is not None:
            ByeRequest(self, dialog).send(self._now)

    def _end_bad_answer(self, _message: Message | None = None) -> None:
        self._end(Failed(self._cause))

    def _end_cancelled(self, _message: Message | None = None) -> None:
        self._end(Cancelled())

    def _end_rejected(self, message: Message | None) -> None:
        if isinstance(message, Response):
            self._end(Rejected(message.status_code, message.reason), message)

    def _end_timed_out(self, _message: Message | None = None) -> None:
        self._end(TimedOut())

    def _end_unreachable(self, _message: Message | None = None) -> None:
        self._end(TransportLost(self._cause))
