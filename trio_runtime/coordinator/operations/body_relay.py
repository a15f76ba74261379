"""Session descriptions that pass from one call to another: who waits for whose word."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec

from sansio_sip.invite import passed_fields
from trio_runtime.base.errors import CallStateError, SessionNotFoundError
from trio_runtime.coordinator.operations.passed_exchange import Exchange, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sansio_sip.invite import AnswerReceived, OfferReceived, OfferWithdrawn, SessionBody, UpdateFailed
    from trio_runtime.base.types import SessionId
    from trio_runtime.dialog import DialogManager

__all__ = ["BodyRelay"]

P = ParamSpec("P")


class BodyRelay:
    """Passes what one peer says to the other, at once, in calls that have no media of ours.

    Args:
        dialogs: The signalling side.
    """

    def __init__(self, dialogs: DialogManager) -> None:
        self._dialogs = dialogs
        self._partners: dict[str, str] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._said: dict[str, Said] = {}
        self._offering: set[str] = set()  # calls whose peer has offered in a response, and waits
        self._waiting: dict[str, str] = {}  # who was told of such an offer, and whose it is
        self._told: dict[str, SessionBody] = {}  # what a caller has been told, and cannot be told otherwise
        self._to_renew: set[str] = set()

    def __len__(self) -> int:
        """Return how many calls have a partner."""
        return len(self._partners)

    # Before the answer

    def pass_progress(self, near: SessionId, far: SessionId, status_code: int) -> None:
        """Tell a caller how far the call for it is, with what was said there."""
        said = self._said.pop(far, None)
        if said is None:
            self._dialogs.pass_progress(near, status_code, None, reliable=False)
            return
        self._join(near, far)
        try:
            self._dialogs.pass_progress(near, status_code, said.body, reliable=said.reliable)
        except CallStateError:  # an offer to a caller who takes none before the answer: he gets it then
            self._dialogs.pass_progress(near, status_code, None, reliable=False)
            return
        if said.reliable:
            self._told.setdefault(near, said.body)

    def pass_answer(self, near: SessionId, far: SessionId, headers: Iterable[tuple[str, str]]) -> None:
        """Accept a caller's call with what was said in the call for it."""
        body, told = self._dialogs.peer_body(far), self._told.pop(near, None)
        self._join(near, far)
        self._said.pop(far, None)
        if told is not None and told != body:
            self._to_renew.add(near)  # another branch had said something, and cannot take it back
        self._dialogs.pass_answer(near, body, headers)

    def _join(self, near: str, far: str) -> None:
        before = self._partners.get(near)
        if before is not None and before != far:
            del self._partners[before]
        self._partners[near], self._partners[far] = far, near
        if far in self._offering:
            self._offering.discard(far)
            self._waiting[near] = far

    # What the peers say

    def offer_received(self, event: OfferReceived) -> None:
        """Take an offer, or the wish for one; while another one is open it meets that (glare)."""
        session, body = event.session, event.body
        if event.in_response and body is not None:
            self._offered_when_asked(session, body)
            return
        other = self._partners.get(session)
        if other is None or session in self._exchanges:
            self._quietly(self._dialogs.reject_offer, session, 491)
            return
        self._begin(Exchange(session, other))
        by_update = event.method != "INVITE"
        if not self._quietly(self._dialogs.pass_offer, other, body, by_update=by_update):
            self._end(session)
            self._quietly(self._dialogs.reject_offer, session, 491)

    def _offered_when_asked(self, session: str, body: SessionBody) -> None:
        exchange = self._exchanges.get(session)
        if exchange is None:
            self._offering.add(session)
            self._said[session] = Said(body, reliable=True)
        elif exchange.silent:
            self._end(session)
            self._begin(Exchange(session, exchange.asker, renewal=True))
            self._quietly(self._dialogs.pass_offer, exchange.asker, body, insist=True)
        else:
            exchange.acknowledged = True
            self._quietly(self._dialogs.answer_offer, exchange.asker, body)

    def answer_received(self, event: AnswerReceived) -> None:
        """Take an answer."""
        session, body = event.session, event.body
        exchange = self._exchanges.get(session)
        if exchange is not None and (event.ours or exchange.acknowledged):
            self._end(session)
            if exchange.silent:
                self._renew(exchange.asker)
            else:
                to = exchange.asker if event.ours else exchange.other
                self._quietly(self._dialogs.answer_offer, to, body)
        elif session in self._waiting:
            self._quietly(self._dialogs.answer_offer, self._waiting.pop(session), body)
        elif event.early:
            self._said[session] = Said(body, event.settled)

    def update_failed(self, event: UpdateFailed) -> bool:
        """Take a refusal of what was passed on; False for a change that nobody has passed on."""
        exchange = self._exchanges.get(event.session)
        if exchange is None:
            return False
        self._end(event.session)
        if exchange.renewal:
            for session in (exchange.asker, exchange.other):
                self._dialogs.hang_up(session)
        elif not exchange.silent:
            fields = passed_fields(event.response)
            self._quietly(self._dialogs.reject_offer, exchange.asker, event.status_code, fields)
        return True

    def offer_withdrawn(self, event: OfferWithdrawn) -> None:
        """Take back what was passed on for a peer that wants it no more; the other one may have taken it."""
        exchange = self._exchanges.get(event.session)
        if exchange is not None:
            exchange.silent = True
            self._quietly(self._dialogs.withdraw_offer, exchange.other)

    def confirmed(self, session: str) -> None:
        """Take note that the ACK of a caller came: what it leaves unanswered is answered without streams."""
        far = self._waiting.pop(session, None)
        if far is not None:
            self._quietly(self._dialogs.reject_offer, far, 488)
        if session in self._to_renew:
            self._to_renew.discard(session)
            self._renew(session)

    def _renew(self, session: str) -> None:
        """Let both agree anew, by an offer that the peer of this call makes now."""
        other = self._partners.get(session)
        if other is not None:
            self._begin(Exchange(other, session, silent=True, renewal=True))
            self._quietly(self._dialogs.pass_offer, session, None, insist=True)

    def call_over(self, session: str) -> None:
        """Take note that a call is over."""
        self._end(session)
        other = self._partners.pop(session, "")
        self._partners.pop(other, None)
        self._waiting.pop(session, None)
        self._waiting.pop(other, None)
        for known in (self._said, self._told):
            known.pop(session, None)
        for names in (self._offering, self._to_renew):
            names.discard(session)

    def _begin(self, exchange: Exchange) -> None:
        self._exchanges[exchange.asker] = self._exchanges[exchange.other] = exchange

    def _end(self, session: str) -> None:
        exchange = self._exchanges.get(session)
        if exchange is not None:
            self._told.pop(exchange.asker, None)
            self._told.pop(exchange.other, None)
            del self._exchanges[exchange.asker], self._exchanges[exchange.other]

    def _quietly(self, verb: Callable[P, None], *values: P.args, **named: P.kwargs) -> bool:
        """Say something in a call; False when it is over, or has nobody to say it to."""
        try:
            verb(*values, **named)
        except (CallStateError, SessionNotFoundError):
            return False
        return True
