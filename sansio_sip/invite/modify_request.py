"""Our re-INVITE and UPDATE: what is sent, and how their answers are read (RFC 3261 §14.1, RFC 3311)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..errors import ProtocolError
from .dialog_request import DialogRequest
from .offer_in_response import OfferInResponse
from .prack import is_news, take_provisional
from .session_body import put_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..message import Request, Response
    from .call_base import CallBase
    from .leg import Leg
    from .negotiation import Body, Media

__all__ = ["ModifyListener", "ModifyRequest", "ReinviteRequest", "Wish"]


class Wish(NamedTuple):
    """A change that we want.

    Attributes:
        media: What we offer, or answer the peer's offer with; ``None`` to refresh what is agreed.
        late_offer: Whether a re-INVITE leaves the offer to the peer.
        fields: More header fields.
        heard: Called with status and response instead of an event; the status of a success is 200.
        foreign: Whether it is the wish of somebody else, who hears of a refusal and may try again.
        by_update: Whether an UPDATE is preferred where the peer takes one, as who wants it has sent one.
    """

    media: Media | None
    late_offer: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    heard: Callable[[int, Response | None], None] | None = None
    foreign: bool = False
    by_update: bool = False


class ModifyListener(Protocol):
    """Who wanted the change. It keeps no request, which knows it: a cycle would stay in memory."""

    def sends(self, request: Request) -> None:
        """Take note of what is sent now; a request is sent again, with credentials, when it is challenged."""
        ...

    def proceeds(self) -> None:
        """Take a provisional response: from now on a CANCEL may be sent."""
        ...

    def accepted(self, response: Response, cause: str, now: float) -> None:
        """Take a 2xx; ``cause`` says what was wrong with its description, empty when nothing was."""
        ...

    def refused(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take a failure."""
        ...


class ModifyRequest(DialogRequest):
    """An UPDATE.

    Args:
        call: The call.
        leg: The leg to change.
        request: The request without Via.
        media: What answers an offer of the peer.
        listener: Who hears the outcome.
    """

    __slots__ = ("_leg", "_listener", "_media")

    def __init__(
        self, call: CallBase, leg: Leg, request: Request, media: Media | None, listener: ModifyListener
    ) -> None:
        super().__init__(call, leg.dialog, request)
        self._leg = leg
        self._media = media
        self._listener = listener

    def send(self, now: float) -> None:
        """Send it."""
        self._listener.sends(self.request)
        super().send(now)

    def succeeded(self, response: Response, now: float) -> None:
        """Take the answer and the peer's new target (RFC 3311 §5.3)."""
        _, cause = self._read(response)
        self._listener.accepted(response, cause, now)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Give the failure on."""
        self._listener.refused(status_code, reason, response, now)

    def _try_again(self, response: Response, now: float) -> bool:
        return not self.owner.over and super()._try_again(response, now)

    def _read(self, response: Response) -> tuple[Body | None, str]:
        """Return our answer to an offer, ``None`` where it is still to be made, and what was wrong."""
        leg, cause = self._leg, ""
        answer: Body | None = b""
        try:
            leg.dialog.refresh_target(response)
            leg.learn(response)
            leg.learn_packages(response)
            answer = leg.exchange(response, self._media)
            if leg.negotiation.answerable:
                cause = "the response has no answer to our offer"
            elif leg.negotiation.passes and leg.offer_due:
                cause = "the response has no offer"
        except ProtocolError as error:
            cause = str(error)
        if leg.negotiation.answerable:
            leg.negotiation.rollback()
        return answer, cause


class ReinviteRequest(ModifyRequest):
    """A re-INVITE; it acknowledges its own 2xx, each copy (RFC 3261 §13.2.2.4)."""

    __slots__ = ("_ack", "_next_hop", "_owed")

    def __init__(
        self, call: CallBase, leg: Leg, request: Request, media: Media | None, listener: ModifyListener
    ) -> None:
        super().__init__(call, leg, request, media, listener)
        leg.rseq = None  # numbers of reliable responses begin anew with each INVITE
        leg.offer_due = not request.body
        self._ack: Request | None = None
        self._owed = False
        self._next_hop = ""

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Give the failure on; no offer is due any more."""
        self._leg.offer_due = False
        super().failed(status_code, reason, response, now)

    def provisional(self, response: Response, now: float) -> None:
        """Take a 1xx; a reliable one gets its PRACK."""
        self._listener.proceeds()
        if response.status_code > 100 and not self.owner.over and is_news(self._leg, response):
            take_provisional(self.owner, self._leg, self.request, response, self._media)

    def succeeded(self, response: Response, now: float) -> None:
        """Acknowledge a 2xx, with our answer where it has the offer."""
        if self._ack is not None:
            self.owner.outbound.send(self._ack, None, now, self._next_hop)
            return
        if self._owed:
            return  # the user has not answered the offer yet
        answer, cause = self._read(response)
        self._owed = answer is None
        if answer is not None:
            self._acknowledge(answer)
        elif self.owner.over:  # nobody would answer any more
            self._acknowledge(self._leg.negotiation.decline())
        else:
            OfferInResponse(self.owner, self._leg, self._acknowledge, now).start()
        self._listener.accepted(response, cause, now)

    def _acknowledge(self, answer: Body) -> None:
        credentials = [
            (name, value)
            for key, name, value in self.request.fields
            if key in ("authorization", "proxy-authorization")
        ]
        self._next_hop = self.dialog.next_hop
        self._ack = self.dialog.ack(self.request.cseq.number, credentials)
        put_description(self._ack, answer)
        self.owner.outbound.send(self._ack, None, self.owner.now, self._next_hop)
