"""Reliable provisional responses to a caller: taken in order, acknowledged with PRACK (RFC 3262 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError, ProtocolError
from ..headers import RAck, rseq_of
from .dialog_request import DialogRequest
from .offer_in_response import OfferInResponse
from .session_body import put_description

if TYPE_CHECKING:
    from ..message import Request, Response
    from .call_base import CallBase
    from .leg import Leg
    from .negotiation import Body, Media

__all__ = ["PrackRequest", "is_news", "take_provisional"]


class PrackRequest(DialogRequest):
    """One PRACK; whether it fails is seen from the INVITE's final response.

    Args:
        call: The call.
        leg: The leg of the response.
        rack: What it acknowledges.
        answer: Our answer to the offer of the response, empty when it has none.
    """

    __slots__ = ("_leg",)

    def __init__(self, call: CallBase, leg: Leg, rack: RAck, answer: Body) -> None:
        request = leg.dialog.request("PRACK", (("RAck", str(rack)),))
        put_description(request, answer)
        super().__init__(call, leg.dialog, request)
        self._leg = leg

    def send(self, now: float) -> None:
        """Send it; until it is answered the leg makes no new offer (RFC 6337 §4.1)."""
        self._leg.pracks += 1
        super().send(now)

    def succeeded(self, response: Response, now: float) -> None:
        """Take note that the peer has it."""
        self._done(now)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take note that it is over."""
        self._done(now)

    def _done(self, now: float) -> None:
        self._leg.pracks -= 1
        self.owner.settled(now)


def is_news(leg: Leg, response: Response) -> bool:
    """Return whether a provisional response may be looked at: a repeated or disordered reliable one not."""
    number = _number_of(response)
    return number is None or leg.rseq is None or number == leg.rseq + 1


def _number_of(response: Response) -> int | None:
    """Return the number of a response that wants a PRACK; without one that can be read none is possible."""
    try:
        return rseq_of(response) if "100rel" in response.require else None
    except ParseError:
        return None


def take_provisional(
    call: CallBase, leg: Leg, invite: Request, response: Response, media: Media | None
) -> None:
    """Take a provisional response to an INVITE of ours, one that `is_news`.

    Args:
        call: The call.
        leg: The leg of the response.
        invite: The INVITE as it was sent.
        response: The response, above 100.
        media: What answers an offer in it.
    """
    number = _number_of(response)
    if number is None:
        _take_preview(call, leg, response)
        return
    leg.rseq = number
    leg.learn_packages(response)
    _refresh_target(leg, response)
    answer = _take_description(call, leg, response, media)
    rack = RAck(number, invite.cseq.number, "INVITE")

    def acknowledge(answer: Body) -> None:
        if not call.over:  # its final response, or our CANCEL, has ended the early dialog
            PrackRequest(call, leg, rack, answer).send(call.now)

    if answer is None:
        OfferInResponse(call, leg, acknowledge, call.now).start()
    else:
        acknowledge(answer)


def _refresh_target(leg: Leg, response: Response) -> None:
    """Take the target of a reliable response at once, for the PRACK too (RFC 6141 §4.7)."""
    try:
        leg.dialog.refresh_target(response)
    except ParseError:
        return  # the old one is still good


def _take_preview(call: CallBase, leg: Leg, response: Response) -> None:
    try:
        if leg.preview(response):
            call.report_media(leg)
    except ProtocolError:
        return  # the final answer decides; early media is an extra


def _take_description(call: CallBase, leg: Leg, response: Response, media: Media | None) -> Body | None:
    before = leg.negotiation.media
    try:
        answer = leg.exchange(response, media)
    except ProtocolError:
        return b""  # the final answer decides
    if leg.negotiation.media != before or leg.negotiation.news is not None:
        call.report_media(leg)
    return answer
