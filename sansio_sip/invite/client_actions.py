"""What the rows of the caller's table do (RFC 3261 §13.2.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..message import Message, Response
from .client_legs import ClientLegs
from .ends import Cancelled, Failed, Rejected, TimedOut, TransportLost
from .events import CallAnswered, CallProgress
from .prack import is_news, take_provisional
from .redirect import retry_after_of
from .session_body import SessionBody
from .states import InviteInput, InviteState

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from ..sdp import LocalMedia
    from .negotiation import Body
    from .redirect import Targets

__all__ = ["ClientActions"]


class ClientActions(ClientLegs):
    """The caller's actions; `ClientTable` says when which is done, `InviteClient` what starts them."""

    __slots__ = ("_cause", "_offered", "_targets")

    _cause: str
    _offered: Body
    _targets: Targets

    def _send_invite(self, _message: Message | None = None) -> None:
        self.transaction_opened()
        media = self._local_media
        movable = not isinstance(media, SessionBody) and media is not None and media.any_interface
        finish = self._place_media if movable else None
        self.outbound.send(self._invite, self, self._now, finish=finish, flow=self._targets.way.flow)

    def _place_media(self, invite: Request, endpoint: Endpoint) -> str:
        """Offer to be heard at the address that whoever is there can reach, now that we know who it is."""
        media = cast("LocalMedia", self._local_media).at(self.outbound.own.host(endpoint))
        if media is not self._local_media:
            self._local_media = media
            if self._offered:  # else the callee makes the offer, and this will answer it
                self._first_offer.rollback()  # nobody has seen it
                before, self._offered = self._offered, self._first_offer.offer(media)
                octets = cast("tuple[bytes, bytes]", (before, self._offered))
                invite.body = invite.body.replace(*octets, 1)
        return self.ids.branch()

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
            event = CallProgress(self.session, message.status_code, message.reason, message)
            if leg is None:
                self.out.events.append(event)
                return
            if not leg.negotiation.passes:
                self.out.events.append(event)
            take_provisional(self, leg, self._invite, message, self._local_media)
            if leg.negotiation.passes:  # with what it says, which the user has heard of now
                self.out.events.append(event)

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
