"""What everything that belongs to one call stands on: its legs, its transactions, its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import ChallengeAnswerer
from ..errors import LocalProtocolError
from ..headers import Reason
from ..machine import Outbox, Transmit
from ..message import build_response
from .ends import CallEnd, LocallyClosed, TimedOut
from .events import CallEnded, InviteEvent
from .media_events import media_event
from .offer_answer import OfferAnswer
from .refreshed_call import RefreshedCall
from .states import OVER_STATES, InviteInput, InviteState

if TYPE_CHECKING:
    from ..dialog import Dialog, DialogId
    from ..ids import Ids
    from ..message import Request, Response
    from ..outbound import Outbound
    from ..transaction import TransactionKey
    from .config import InviteConfig
    from .leg import Leg
    from .negotiation import Negotiation

__all__ = ["CallBase"]

_BY_US = LocallyClosed()


class CallBase(RefreshedCall):
    """The ground that a call's own table and all of its concerns share.

    Args:
        session: Name of the call in its events.
        config: What all calls of the agent share.
        now: Current time in seconds.
        ids: Makes tags and numbers.
        outbound: How requests get out.
        registry: Where a dialog is entered, so that its messages find this call.
        outbox: Where events go; the agent's, or a new one.

    Attributes:
        call_id: Call-ID of the call, empty before there is an INVITE.
        leg: The leg that the call runs on: the winner of a fork, before the answer the latest one.
        transactions_open: How many own transactions have not terminated yet.
    """

    # fmt: off
    __slots__ = ("_bye_fields", "_dialog_ids", "_first_offer", "_lost", "call_id", "challenges", "config",
                 "ids", "leg", "out", "outbound", "registry", "session", "transactions_open")
    # fmt: on

    def __init__(
        self,
        session: str,
        config: InviteConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        registry: dict[DialogId, CallBase],
        outbox: Outbox[InviteEvent] | None = None,
    ) -> None:
        super().__init__(now)
        self.session = session
        self.config = config
        self.ids = ids
        self.outbound = outbound
        self.registry = registry
        self.out: Outbox[InviteEvent] = Outbox() if outbox is None else outbox
        self.call_id = ""
        self.leg: Leg | None = None
        self.challenges = ChallengeAnswerer(config.credentials, ids)
        self._first_offer: Negotiation = OfferAnswer(ids.session_id())  # what every leg starts from
        self._dialog_ids: tuple[DialogId, ...] = ()
        self._bye_fields: tuple[tuple[str, str], ...] = ()
        self._lost: CallEnd = _BY_US  # why it ends when a concern ends it
        self.transactions_open = 0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.session} {self.state.name}>"

    @property
    def dialog(self) -> Dialog | None:
        """The dialog that the call runs in, ``None`` before there is one."""
        return None if self.leg is None else self.leg.dialog

    def require_leg(self) -> Leg:
        """Return the leg that the call runs on.

        Raises:
            LocalProtocolError: There is none yet.
        """
        if self.leg is None:
            raise LocalProtocolError("the call has no dialog yet")
        return self.leg

    @property
    def negotiation(self) -> Negotiation:
        """Offers and answers of the leg that the call runs on."""
        return self._first_offer if self.leg is None else self.leg.negotiation

    @property
    def over(self) -> bool:
        """Whether the user has heard of the end, or will never hear of the call."""
        return self.state in OVER_STATES

    @property
    def now(self) -> float:
        """The last time seen, in seconds."""
        return self._now

    @property
    def closed(self) -> bool:
        """Whether the call is over and nothing is owed to the peer any more."""
        return self.state is InviteState.TERMINATED and not self.transactions_open and self.deadline is None

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self.outbound.layer.next_transmit()

    def next_event(self) -> InviteEvent | None:
        """Pop one event."""
        return self.out.next_event()

    def release(self) -> None:
        """End without a word: somebody else goes on with the call."""
        self._stop_timers()
        self.concerns = ()
        self.state = InviteState.TERMINATED

    def dissolve(self) -> None:
        """Be gone: leave the registry, and let go of what knows the call as well."""
        super().dissolve()
        self.forget()

    def forget(self) -> None:
        """Take the dialogs of this call out of the registry."""
        for dialog_id in self._dialog_ids:
            self.registry.pop(dialog_id, None)
        self._dialog_ids = ()

    def respond(
        self, key: TransactionKey, request: Request, status_code: int, extra: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Answer a request inside the dialog."""
        self.outbound.layer.respond(key, build_response(request, status_code, extra=extra), self._now)

    # Own transactions

    def transaction_opened(self) -> None:
        """Count an own transaction; the call stays until the last one has ended."""
        self.transactions_open += 1

    def transaction_ended(self) -> None:
        """Count the end of an own transaction."""
        self.transactions_open -= 1

    def lose(self, end: CallEnd, bye_fields: tuple[tuple[str, str], ...] = ()) -> None:
        """End the dialog because a request in it failed for good (RFC 3261 §12.2.1.2).

        Args:
            end: What the user hears.
            bye_fields: More fields of the BYE, such as Reason.
        """
        if self._allows(InviteInput.LOST):
            self._lost = end
            self._bye_fields = bye_fields
            self._fire(InviteInput.LOST)

    def session_expired(self, now: float) -> None:
        """End the call that nobody has refreshed in time (RFC 4028 §10)."""
        self._clock(now)
        reason = Reason("SIP", 408, "Session expired")
        self.lose(TimedOut("session refresh"), (("Reason", str(reason)),))

    def bye_done(self, dialog: Dialog, now: float) -> None:
        """Take note that the BYE in ``dialog`` is through."""
        self._clock(now)
        if dialog is self.dialog:
            self._fire(InviteInput.BYE_DONE)

    def _register(self, dialog_id: DialogId) -> None:
        if dialog_id not in self.registry:
            self.registry[dialog_id] = self
            self._dialog_ids = (*self._dialog_ids, dialog_id)

    def _end(self, end: CallEnd, response: Response | None = None) -> None:
        for concern in self.concerns:
            concern.call_over(self._now)
        self.out.events.append(CallEnded(self.session, end, response))

    def report_media(self, leg: Leg, *, ours: bool = False) -> None:
        """Tell what was agreed on a leg, ``ours`` when we had asked for a change."""
        if (event := media_event(self.session, leg, ours=ours)) is not None:
            self.out.events.append(event)
