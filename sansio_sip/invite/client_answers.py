"""What a caller does with a 2xx: the winner, its description, its ACK (RFC 3261 §13.2.2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from .client_table import ClientTable
from .offer_in_response import OfferInResponse
from .states import InviteInput

if TYPE_CHECKING:
    from ..message import Response
    from .leg import Leg
    from .negotiation import Body

__all__ = ["ClientAnswers"]


class ClientAnswers(ClientTable):
    """Takes the 2xx of an INVITE."""

    __slots__ = ()

    def _receive_success(self, response: Response) -> None:
        if self._acks:
            self._fire(InviteInput.REPEATED_SUCCESS, response)
            return
        try:
            leg = self._confirmed_leg(response)
        except ProtocolError as error:  # not even an ACK can be sent; the callee gives up by itself
            self._cause = str(error)
            self._fire(InviteInput.TRANSPORT_FAILED)
            return
        self._win(leg, response)
        answer = self._take_description(leg, response)
        if answer is None:
            self._let_answer(leg, response)
            return
        self._acks.acknowledge(self._invite, leg.dialog, answer, self._now)
        self._fire(InviteInput.BAD_ANSWER if self._cause else InviteInput.SUCCESS, response)

    def _let_answer(self, leg: Leg, response: Response) -> None:
        """Let the user answer the offer of a 2xx; its ACK waits for that."""
        self._acks.owe(leg.dialog)

        def acknowledge(answer: Body) -> None:
            self._acks.acknowledge(self._invite, leg.dialog, answer, self._now)

        offer = OfferInResponse(self, leg, acknowledge, self._now)
        if self.over:  # it was given up, and a BYE may not overtake the ACK
            offer.call_over(self._now)
            self._fire(InviteInput.SUCCESS, response)
        else:
            offer.start()  # so the user has heard of the offer when it hears of the answer
            self._fire(InviteInput.SUCCESS, response)

    def _take_description(self, leg: Leg, response: Response) -> Body | None:
        """Take the answer; or the offer of a 2xx to an INVITE without one, and return our answer to that."""
        negotiation, first = leg.negotiation, not leg.negotiation.begun
        try:
            answer = leg.exchange(response, self._local_media)
            if first and negotiation.barren and self._local_media:
                self._cause = "the offer has no stream that we can take"
        except ProtocolError as error:
            self._cause = str(error) or "the session description cannot be used"
            return b""
        finally:
            if first and not negotiation.must_answer:
                negotiation.conclude()
        return answer
