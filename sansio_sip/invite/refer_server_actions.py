"""What the rows of the referee's table do (RFC 3515 §2.4.2, §2.4.4, RFC 4488)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..headers import EventType, SubscriptionState
from ..message import SIPFRAG_TYPE, build_response, build_sipfrag
from ..table import TableMachine
from .refer_notify import NotifyQueue
from .refer_states import ReferServerInput, ReferServerState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialog import Dialog
    from ..message import Message, Request
    from ..transaction import TransactionKey
    from .call_base import CallBase

__all__ = ["REFER_PACKAGE", "ReferServerActions"]

REFER_PACKAGE = "refer"


class ReferServerActions(TableMachine[ReferServerState, ReferServerInput]):
    """A REFER of the peer; `ReferServer` says when which is done.

    Args:
        call: The call that it came in.
        dialog: The dialog.
        number: Its number in events.
        key: Its transaction.
        request: The REFER.
        first: Whether it is the first of the peer in this dialog.
        now: Current time in seconds.
    """

    # fmt: off
    __slots__ = ("_call", "_dialog", "_expires", "_fields", "_key", "_queue", "_request", "_substate",
                 "event", "number", "reason", "status_code", "subscribed")
    # fmt: on

    def __init__(
        self,
        call: CallBase,
        dialog: Dialog,
        number: int,
        key: TransactionKey,
        request: Request,
        *,
        first: bool,
        now: float,
    ) -> None:
        super().__init__(ReferServerState.RECEIVED, now)
        self.number = number
        # The first may go without id; for later ones it is the only way to tell them apart (§2.4.6).
        self.event = EventType(REFER_PACKAGE, "" if first else str(request.cseq.number))
        self.status_code = 100
        self.reason = ""
        self._call = call
        self._dialog = dialog
        self._expires = call.config.refer.expires
        self._fields: tuple[tuple[str, str], ...] = ()
        self._key = key
        self._request = request
        self._substate = SubscriptionState("pending")
        self._queue = NotifyQueue(call, dialog, now)

    @property
    def deadline(self) -> float | None:
        """Time of the next timer, or of the next NOTIFY that waits."""
        first, second = super().deadline, None if self._queue.idle else self._queue.deadline
        return first if second is None else second if first is None else min(first, second)

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        super().handle_timeout(now)
        self._queue.handle_timeout(now)

    def notify_request(self) -> Request:
        """Make a NOTIFY of how far it is."""
        state = self._substate
        if not state.terminated:
            left = max(0, round(self._expire_at - self._now))
            state = SubscriptionState(state.state, left)
        fields = (
            ("Contact", self._call.config.contact),
            ("Event", str(self.event)),
            ("Subscription-State", str(state)),
        )
        body = build_sipfrag(self.status_code, self.reason, self._fields)
        return self._dialog.request("NOTIFY", fields, content_type=f"{SIPFRAG_TYPE};version=2.0", body=body)

    def subscriber_gone(self, now: float) -> None:
        """Take note that the peer does not want to hear any more of it."""
        self._clock(now)
        self._fire(ReferServerInput.GONE)

    # What the rows of the table are made of

    def _respond(self, status_code: int, extra: Iterable[tuple[str, str]] = (), reason: str = "") -> None:
        response = build_response(self._request, status_code, reason or None, extra=extra)
        try:
            self._call.outbound.layer.respond(self._key, response, self._now)
        except LocalProtocolError:  # its transaction is gone with the flow that it came on
            return

    def _accept(self, _message: Message | None = None) -> None:
        self._respond(202, self._call.config.answer_fields)

    def _accept_silently(self, _message: Message | None = None) -> None:
        self._respond(202, (*self._call.config.answer_fields, ("Refer-Sub", "false")))

    def _refuse_over(self, _message: Message | None = None) -> None:
        """Answer what is open when the call has ended (RFC 3261 §15.1.2)."""
        self.status_code = 487
        self._refuse()

    def _refuse(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._respond(self.status_code, self._fields, self.reason)

    def _arm(self, _message: Message | None = None) -> None:
        self._arm_expiry(ReferServerInput.EXPIRED, self._expires)

    def _activate(self, _message: Message | None = None) -> None:
        self._substate = SubscriptionState("active")

    def _tell(self, _message: Message | None = None) -> None:
        self._queue.tell(self, self._now)

    def _tell_last(self, _message: Message | None = None) -> None:
        self._last("noresource")

    def _tell_rejection(self, _message: Message | None = None) -> None:
        self._last("rejected")

    def _tell_timeout(self, _message: Message | None = None) -> None:
        self._last("timeout")

    def _tell_leaving(self, _message: Message | None = None) -> None:
        self._last("giveup")

    def _last(self, reason: str) -> None:
        self._stop_timers()
        self._substate = SubscriptionState("terminated", reason=reason)
        self._queue.tell(self, self._now)
