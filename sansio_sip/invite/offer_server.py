"""An offer of the peer inside a call, until it is answered (RFC 3261 §14.2, RFC 3311 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..headers import SipWarning
from ..message import build_response
from ..table import Rule, Table, TableMachine
from .media_events import OfferWithdrawn
from .offer_rules import offer_event, patience_for, takes_undecided
from .offer_server_states import OfferInput, OfferServerState
from .session_body import put_description

if TYPE_CHECKING:
    from ..message import Message, Request, Response
    from ..transaction import TransactionKey
    from .call_base import CallBase
    from .leg import Leg
    from .negotiation import Body, Description, Media

__all__ = ["OFFER_TABLE", "OfferServer"]

_WARNING = str(SipWarning(304, "agent", "No stream of the offer can be taken"))


class OfferServer(TableMachine[OfferServerState, OfferInput]):
    """An UPDATE or PRACK with an offer; it is answered by the user, or by default.

    Args:
        call: The call.
        leg: The leg that it came on.
        key: Its server transaction.
        request: The request.
        now: Current time in seconds.
    """

    __slots__ = ("_call", "_extra", "_media", "_repeated", "_request", "_response", "_status", "key", "leg")

    _response: Response  # once it is accepted

    def __init__(self, call: CallBase, leg: Leg, key: TransactionKey, request: Request, now: float) -> None:
        super().__init__(OfferServerState.WAITING, now)
        self.leg = leg
        self._call = call
        self.key = key
        self._request = request
        self._media = leg.negotiation.media
        self._repeated = False
        self._extra: tuple[tuple[str, str], ...] = ()
        self._status = 0

    @property
    def waiting(self) -> bool:
        """Whether nobody has decided yet."""
        return self.state is OfferServerState.WAITING

    def start(self, offer: Description | None) -> None:
        """Take the offer in and ask the user, or decide at once as the configuration says.

        Args:
            offer: The offer; ``None`` in a re-INVITE that leaves it to us.
        """
        negotiation = self.leg.negotiation
        self._repeated = offer is not None and negotiation.is_known(offer)
        if offer is not None:
            negotiation.receive_offer(offer)
        self._call.add_concern(self)
        patience = patience_for(self._call.config, negotiation, self._request.method)
        if patience is None or self._repeated:  # a refresh asks for nothing new (RFC 4028 §7.4)
            self._decide()
        else:
            self._arm_expiry(OfferInput.UNDECIDED, patience)
            self._call.out.events.append(offer_event(self._call.session, offer, self._request.method))

    def answer(self, media: Media, now: float) -> None:
        """Accept the request, and the offer with what we can take.

        Raises:
            LocalProtocolError: It was decided already.
            NegotiationError: The offer has nothing that we can take; it still waits.
        """
        self._clock(now)
        self._must_wait()
        response = build_response(self._request, 200, extra=self._answer_fields())
        put_description(response, self._describe(media))
        self._response = response
        self._fire(OfferInput.ANSWER)

    def reject(self, status_code: int, now: float, extra: tuple[tuple[str, str], ...] = ()) -> None:
        """Refuse the offer; the session stays as it was (RFC 3261 §14.2).

        Args:
            status_code: 300 to 699.
            now: Current time in seconds.
            extra: More header fields.

        Raises:
            LocalProtocolError: It was decided already, or the status is none that refuses.
        """
        self._clock(now)
        self._must_wait()
        if not 300 <= status_code <= 699:
            raise LocalProtocolError(f"{status_code} is no status that refuses an offer")
        self._status, self._extra = status_code, extra
        self._fire(OfferInput.REJECT)

    def call_over(self, now: float) -> None:
        """Refuse what still waits: the call has ended (RFC 3261 §15.1.2)."""
        self._clock(now)
        self._fire(OfferInput.CALL_OVER)

    def settled(self, now: float) -> None:
        """Only the user or time decides."""

    def _answer_fields(self) -> tuple[tuple[str, str], ...]:
        config, request = self._call.config, self._request
        if not self._refreshes:
            return config.info_fields(request)
        return (*config.answer_to(request), *self._call.answer_timer(request, self._now))

    @property
    def _refreshes(self) -> bool:
        """Whether the request may bring a new remote target, and its answer ours; PRACK may not."""
        return self._request.method != "PRACK"

    def _must_wait(self) -> None:
        if not self.waiting:
            raise LocalProtocolError("the offer is answered already")

    def _describe(self, media: Media) -> Body:
        negotiation = self.leg.negotiation
        return negotiation.answer(media) if negotiation.must_answer else negotiation.offer(media)

    # What the rows of the tables are made of

    def _decide(self, _message: Message | None = None) -> None:
        """Decide without the user: take the offer with the media that we have now."""
        media, negotiation = self.leg.negotiation.said, self.leg.negotiation
        if not takes_undecided(self._call.config, negotiation, repeated=self._repeated):
            self._withdraw()
            self.reject(504 if self._request.method == "UPDATE" else 480, self._now)
        elif media is None:
            self.reject(488, self._now)
        else:
            try:
                self.answer(media, self._now)
            except RemoteProtocolError as error:
                self.reject(error.status_hint, self._now)

    def _accept(self, _message: Message | None = None) -> None:
        self._call.outbound.layer.respond(self.key, self._response, self._now)
        self.leg.learn_packages(self._request)
        if self._refreshes:
            self.leg.dialog.refresh_target(self._request)

    def _report(self, _message: Message | None = None) -> None:
        media = self.leg.negotiation.media
        if media != self._media or self.leg.negotiation.news is not None:
            self._media = media
            self._call.report_media(self.leg)

    def _refuse(self, _message: Message | None = None) -> None:
        self.leg.negotiation.rollback()
        extra = (("Warning", _WARNING),) if self._status == 488 and not self.leg.negotiation.passes else ()
        self._call.respond(self.key, self._request, self._status, (*self._extra, *extra))

    def _refuse_487(self, _message: Message | None = None) -> None:
        self._status = 487
        self._refuse()

    def _withdraw(self, _message: Message | None = None) -> None:
        if self.leg.negotiation.passes:  # whoever was asked need not answer any more
            self._call.out.events.append(OfferWithdrawn(self._call.session))

    def _leave(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._call.drop_concern(self)
        self._call.settled(self._now)

    table = Table(
        "offer in UPDATE or PRACK",
        {
            (OfferServerState.WAITING, OfferInput.ANSWER): Rule(
                OfferServerState.OVER, (_accept, _report, _leave)
            ),
            (OfferServerState.WAITING, OfferInput.REJECT): Rule(OfferServerState.OVER, (_refuse, _leave)),
            (OfferServerState.WAITING, OfferInput.UNDECIDED): Rule(OfferServerState.WAITING, (_decide,)),
            (OfferServerState.WAITING, OfferInput.CALL_OVER): Rule(
                OfferServerState.OVER, (_refuse_487, _leave)
            ),
        },
        ignored=frozenset(),
        user_owned=frozenset(),
        final=OfferServerState.OVER,
    )


OFFER_TABLE = OfferServer.table
