"""What the rows of the callee's table do (RFC 3261 §13.3, §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import DialogState
from ..errors import ParseError
from ..message import Message, Request, Response, build_response, reason_phrase
from .ends import Cancelled, Failed, Rejected, TimedOut
from .events import CallConfirmed
from .session import InviteSession
from .states import InviteInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..transaction import TransactionKey

__all__ = ["ServerActions"]


class ServerActions(InviteSession):
    """The callee's actions; `ServerTable` says when which is done, `InviteServer` what starts them."""

    __slots__ = ("_cause", "_interval", "_key", "_request", "_response", "local_tag")

    local_tag: str
    _cause: str
    _interval: float
    _key: TransactionKey
    _request: Request
    _response: Response | None

    def _build(self, status_code: int, extra: Iterable[tuple[str, str]] = (), reason: str = "") -> Response:
        if status_code < 200:
            extra = (("Contact", self.config.contact), *extra)
        return build_response(self._request, status_code, reason or None, to_tag=self.local_tag, extra=extra)

    def _respond(self, _message: Message | None = None) -> None:
        if self._response is not None:
            self.outbound.layer.respond(self._key, self._response, self._now)

    def _arm_expires(self, _message: Message | None = None) -> None:
        try:
            seconds = self._request.expires
        except ParseError:
            return  # a damaged wish is none
        if seconds is not None:
            self._arm_expiry(InviteInput.INVITE_EXPIRED, float(seconds))

    def _arm_ringing(self, _message: Message | None = None) -> None:
        self._arm_repeat(InviteInput.REPEAT_DUE, self.config.ring_interval)

    def _arm_acceptance(self, _message: Message | None = None) -> None:
        if self.dialog is not None:
            self.dialog.state = DialogState.CONFIRMED
        self._interval = self.config.timers.t1
        self._arm_repeat(InviteInput.REPEAT_DUE, self._interval)
        self._arm_expiry(InviteInput.ACK_EXPIRED, self.config.timers.timeout)
        if self.negotiation.media is not None:
            self._report_agreement()

    def _report_agreement(self) -> None:
        if self.leg is not None:
            self.report_media(self.leg)

    def _repeat(self, _message: Message | None = None) -> None:
        self._respond()
        self._interval = min(2 * self._interval, self.config.timers.t2)
        self._arm_repeat(InviteInput.REPEAT_DUE, self._interval)

    def _confirm(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._response = None
        self.out.events.append(CallConfirmed(self.session))

    def _refuse(self, status_code: int) -> None:
        self._response = self._build(status_code)
        self._respond()

    def _refuse_487(self, _message: Message | None = None) -> None:
        self._refuse(487)

    def _refuse_480(self, _message: Message | None = None) -> None:
        self._refuse(480)

    def _end_rejected(self, _message: Message | None = None) -> None:
        if self._response is not None:
            status = self._response.status_code
            self._end(Rejected(status, self._response.reason or reason_phrase(status), by_remote=False))

    def _end_cancelled(self, _message: Message | None = None) -> None:
        self._end(Cancelled(by_remote=True))

    def _end_no_ack(self, _message: Message | None = None) -> None:
        self._end(TimedOut("ACK"))

    def _end_bad_answer(self, _message: Message | None = None) -> None:
        self._end(Failed(self._cause))
