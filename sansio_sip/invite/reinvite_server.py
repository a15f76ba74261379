"""A re-INVITE of the peer: its answer, repeated until the ACK (RFC 3261 §14.2, §13.3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ProtocolError
from ..table import Rule, Table
from .ends import Failed, TimedOut
from .offer_server import OfferServer
from .offer_server_states import OfferInput as I
from .offer_server_states import OfferServerState as S

if TYPE_CHECKING:
    from ..message import Message, Request

__all__ = ["REINVITE_TABLE", "ReinviteServer"]

_T = OfferServer


class ReinviteServer(OfferServer):
    """One re-INVITE that came in; see `OfferServer` for its arguments."""

    __slots__ = ("_cause", "_interval")

    _cause: str
    _interval: float

    @property
    def cseq(self) -> int:
        """CSeq number of the re-INVITE and of its ACK."""
        return self._request.cseq.number

    def receive_cancel(self, now: float) -> None:
        """Take the CANCEL of the re-INVITE, already answered itself; too late after the 2xx (§9.2)."""
        self._clock(now)
        self._fire(I.CANCEL_RECEIVED)

    def receive_ack(self, ack: Request, now: float) -> None:
        """Take the ACK, which has the answer when the 2xx had the offer."""
        self._clock(now)
        self._fire(I.ACK_RECEIVED if self._take_answer(ack) else I.BAD_ANSWER)

    def _take_answer(self, ack: Request) -> bool:
        negotiation = self.leg.negotiation
        if self.state is not S.ACCEPTED or not negotiation.answerable:
            return True
        try:
            answer = negotiation.read(ack)
            if answer is not None:
                negotiation.receive_answer(answer)
                return True
            self._cause = "the ACK has no answer to our offer"
        except ProtocolError as error:
            self._cause = str(error)
        negotiation.rollback()
        return False

    # What the rows of the table are made of

    def _arm_acceptance(self, _message: Message | None = None) -> None:
        self._interval = self._call.config.timers.t1
        self._arm_repeat(I.REPEAT_DUE, self._interval)
        self._arm_expiry(I.ACK_EXPIRED, self._call.config.timers.timeout)

    def _repeat(self, _message: Message | None = None) -> None:
        self._call.outbound.layer.respond(self.key, self._response, self._now)
        self._interval = min(2 * self._interval, self._call.config.timers.t2)
        self._arm_repeat(I.REPEAT_DUE, self._interval)

    def _lose_unacknowledged(self, _message: Message | None = None) -> None:
        self._call.lose(TimedOut("ACK"))

    def _lose_unanswered(self, _message: Message | None = None) -> None:
        self._call.lose(Failed(self._cause))

    def _rollback(self, _message: Message | None = None) -> None:
        if self.leg.negotiation.is_open:
            self.leg.negotiation.rollback()

    table = Table(
        "re-INVITE, server side",
        {
            (S.WAITING, I.ANSWER): Rule(S.ACCEPTED, (_T._accept, _arm_acceptance, _T._report)),
            (S.WAITING, I.REJECT): Rule(S.OVER, (_T._refuse, _T._leave)),
            (S.WAITING, I.UNDECIDED): Rule(S.WAITING, (_T._decide,)),
            (S.WAITING, I.CANCEL_RECEIVED): Rule(S.OVER, (_T._refuse_487, _T._withdraw, _T._leave)),
            (S.WAITING, I.CALL_OVER): Rule(S.OVER, (_T._refuse_487, _T._leave)),
            (S.ACCEPTED, I.REPEAT_DUE): Rule(S.ACCEPTED, (_repeat,)),
            (S.ACCEPTED, I.ACK_RECEIVED): Rule(S.OVER, (_T._report, _T._leave)),
            (S.ACCEPTED, I.BAD_ANSWER): Rule(S.OVER, (_T._leave, _lose_unanswered)),
            (S.ACCEPTED, I.ACK_EXPIRED): Rule(S.OVER, (_rollback, _T._leave, _lose_unacknowledged)),
            (S.ACCEPTED, I.CALL_OVER): Rule(S.OVER, (_rollback, _T._leave)),
        },
        ignored=frozenset({(S.WAITING, I.ACK_RECEIVED), (S.ACCEPTED, I.CANCEL_RECEIVED)}),
        user_owned=frozenset(),
        final=S.OVER,
    )


REINVITE_TABLE = ReinviteServer.table
