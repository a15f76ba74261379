"""What both sides of a call share: its dialog, requests inside it, BYE, and its one end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError, RemoteProtocolError
from ..machine import Outbox, Transmit
from ..message import Message, Request, Response, build_response
from ..table import TableMachine
from ..transaction import TransactionEvent, TransactionKey, TransactionTerminated
from .bye import ByeRequest
from .challenge import ChallengeAnswerer
from .ends import CallEnd, LocallyClosed, RemoteBye
from .events import CallEnded, InviteEvent, MediaNegotiated
from .in_call import answer_in_call
from .offer_answer import OfferAnswer
from .states import OVER_STATES, InviteInput, InviteState

if TYPE_CHECKING:
    from ..dialog import Dialog, DialogId
    from ..ids import Ids
    from ..transaction import Outbound
    from .config import InviteConfig

__all__ = ["InviteSession"]


class InviteSession(TableMachine[InviteState, InviteInput]):
    """One call's signalling, either side; `InviteClient` and `InviteServer` have the tables.

    Args:
        session: Name of the call in its events.
        config: What all calls of the agent share.
        now: Current time in seconds.
        ids: Makes tags and numbers.
        outbound: How requests get out.
        registry: Where a dialog is entered, so that its messages find this call.
        outbox: Where events go; the agent's, or a new one.
    """

    # fmt: off
    __slots__ = ("_dialog_ids", "_open", "challenges", "config", "dialog", "ids", "negotiation", "out",
                 "outbound", "registry", "session")
    # fmt: on

    def __init__(
        self,
        session: str,
        config: InviteConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        registry: dict[DialogId, InviteSession],
        outbox: Outbox[InviteEvent] | None = None,
    ) -> None:
        super().__init__(InviteState.IDLE, now)
        self.session = session
        self.config = config
        self.ids = ids
        self.outbound = outbound
        self.registry = registry
        self.out: Outbox[InviteEvent] = Outbox() if outbox is None else outbox
        self.dialog: Dialog | None = None
        self.negotiation = OfferAnswer(ids.session_id())
        self.challenges = ChallengeAnswerer(config.credentials, ids)
        self._dialog_ids: list[DialogId] = []
        self._open = 0  # client transactions that have not terminated yet

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.session} {self.state.name}>"

    @property
    def call_id(self) -> str:
        """Call-ID of the call."""
        raise NotImplementedError

    @property
    def closed(self) -> bool:
        """Whether the call is over and nothing is owed to the peer any more."""
        return self.state is InviteState.TERMINATED and not self._open and self.deadline is None

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send; it comes from the transaction layer."""
        return self.outbound.layer.next_transmit()

    def next_event(self) -> InviteEvent | None:
        """Pop one event."""
        return self.out.next_event()

    def hang_up(self, now: float) -> None:
        """End the call as its state demands: CANCEL, BYE, a refusal, or ACK and then BYE."""
        self._clock(now)
        self._fire(InviteInput.HANG_UP)

    def close(self, now: float) -> None:
        """The same as `hang_up`; may be called again without effect."""
        self.hang_up(now)

    def forget(self) -> None:
        """Take the dialogs of this call out of the registry."""
        for dialog_id in self._dialog_ids:
            self.registry.pop(dialog_id, None)
        self._dialog_ids.clear()

    # Requests inside the dialog

    def receive_request(self, key: TransactionKey, request: Request, now: float) -> None:
        """Take a request inside the dialog (RFC 3261 §12.2.2)."""
        self._clock(now)
        bye = request.method == "BYE"
        dialog = self.dialog
        if dialog is not None and request.from_tag != dialog.remote_tag:
            # A branch of the fork that lost the race: its end is not the end of the call.
            self.respond(key, request, 200 if bye else 481)
            return
        try:
            if dialog is not None:
                dialog.receive_request(request)
        except RemoteProtocolError as error:
            self.respond(key, request, error.status_hint)
            return
        if bye:
            self.respond(key, request, 200)
            self._fire(InviteInput.BYE_RECEIVED, request)
        elif self.state in OVER_STATES:
            self.respond(key, request, 481)
        else:
            self._answer_in_call(key, request)

    def _answer_in_call(self, key: TransactionKey, request: Request) -> None:
        answer = answer_in_call(self.session, request, self.config, self.state, self.ids)
        self.respond(key, request, answer.status_code, answer.extra)
        if answer.event is not None:
            self.out.events.append(answer.event)

    def respond(
        self, key: TransactionKey, request: Request, status_code: int, extra: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Answer a request inside the dialog."""
        response = build_response(request, status_code, extra=extra)
        self.outbound.layer.respond(key, response, self._now)

    # Own transactions

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of the INVITE or CANCEL transaction of this call."""
        self._clock(now)
        if isinstance(event, TransactionTerminated):
            self.transaction_ended()
        else:
            self._invite_event(event)

    def _invite_event(self, event: TransactionEvent) -> None:
        """Take an event of the INVITE transaction; only a caller has one."""

    def transaction_opened(self) -> None:
        """Count an own transaction; the call stays until the last one has ended."""
        self._open += 1

    def transaction_ended(self) -> None:
        """Count the end of an own transaction."""
        self._open -= 1

    def bye_done(self, dialog: Dialog, now: float) -> None:
        """Take note that the BYE in ``dialog`` is through."""
        self._clock(now)
        if dialog is self.dialog:
            self._fire(InviteInput.BYE_DONE)

    # What the rows of the tables are made of

    def _send_bye(self, _message: Message | None = None) -> None:
        if self.dialog is None:
            raise LocalProtocolError("there is no dialog to send BYE in")
        ByeRequest(self, self.dialog).send(self._now)

    def _register(self, dialog_id: DialogId) -> None:
        if dialog_id not in self.registry:
            self.registry[dialog_id] = self
            self._dialog_ids.append(dialog_id)

    def _end(self, end: CallEnd, response: Response | None = None) -> None:
        self.out.events.append(CallEnded(self.session, end, response))

    def _end_locally(self, _message: Message | None = None) -> None:
        self._end(LocallyClosed())

    def _end_by_bye(self, message: Message | None) -> None:
        self._end(RemoteBye((message.get("reason") or "") if message is not None else ""))

    def _emit_media(self, *, early: bool) -> None:
        self.out.events.append(MediaNegotiated(self.session, self.negotiation.media, early))
