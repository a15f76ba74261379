"""What the rows of the callee's table do (RFC 3261 §13.3, §9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..dialog import DialogState
from ..errors import ParseError
from ..message import Message, Response, build_response, reason_phrase
from .ends import Cancelled, Failed, Rejected, TimedOut
from .events import CallConfirmed
from .reliable import ReliableResponses
from .server_descriptions import ServerDescriptions
from .states import InviteInput

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ServerActions"]


class ServerActions(ServerDescriptions):
    """The callee's actions; `ServerTable` says when which is done, `InviteServer` what starts them."""

    __slots__ = ("_interval", "_response", "_ring_reliable", "local_tag")

    local_tag: str
    _interval: float
    _response: Response | None
    _ring_reliable: bool

    def _build(self, status_code: int, extra: Iterable[tuple[str, str]] = (), reason: str = "") -> Response:
        if status_code < 200:
            # Allow in a 1xx lets the caller use UPDATE at once (RFC 3311 §4).
            extra = (("Contact", self.config.contact), ("Allow", self.config.allow), *extra)
        return build_response(self._request, status_code, reason or None, to_tag=self.local_tag, extra=extra)

    def _respond(self, _message: Message | None = None) -> None:
        if self._response is not None:
            self.outbound.layer.respond(self._key, self._response, self._now)

    def _arm_expires(self, _message: Message | None = None) -> None:
        """Wait no longer than the caller does (§13.3.1), nor for ever for one that died."""
        longest = self.config.max_ringing
        try:
            wished = self._request.expires
        except ParseError:
            wished = None  # a damaged wish is none
        seconds = longest if wished is None else min(float(wished), longest)
        self._arm_expiry(InviteInput.INVITE_EXPIRED, seconds)

    def _send_ringing(self, _message: Message | None = None) -> None:
        """Send a provisional response, and again each minute so that no proxy gives up (§13.3.1.1)."""
        if self._ring_reliable and self._response is not None:
            self._reliable().send(self._response, self._now)
            self._arm_repeat(InviteInput.REPEAT_DUE, self.config.ring_interval)
        else:
            self._respond()
            self._arm_ringing()

    def _repeat_ringing(self, _message: Message | None = None) -> None:
        """Ring again; reliably that is a new response, and none while the last one is on its way."""
        if self._ring_reliable and self._response is not None:
            self._response = self._build(self._response.status_code)
            if self._reliable().busy:
                self._arm_ringing()
                return
        self._send_ringing()

    def _arm_ringing(self, _message: Message | None = None) -> None:
        self._arm_repeat(InviteInput.REPEAT_DUE, self.config.ring_interval)

    def _arm_acceptance(self, _message: Message | None = None) -> None:
        self.require_leg().dialog.state = DialogState.CONFIRMED
        reliable = self.concern(ReliableResponses)
        if reliable is not None:
            reliable.final_sent(self._now)
        self._interval = self.config.timers.t1
        self._arm_repeat(InviteInput.REPEAT_DUE, self._interval)
        self._arm_expiry(InviteInput.ACK_EXPIRED, self.config.timers.timeout)
        if self.negotiation.media is not None:
            self._report_agreement()

    def _repeat(self, _message: Message | None = None) -> None:
        self._respond()
        self._interval = min(2 * self._interval, self.config.timers.t2)
        self._arm_repeat(InviteInput.REPEAT_DUE, self._interval)

    def _confirm(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._response = None
        del self._request
        self.out.events.append(CallConfirmed(self.session))
        self.settled(self._now)

    def _refuse(self, status_code: int) -> None:
        self._response = self._build(status_code)
        self._respond()

    def _refuse_487(self, _message: Message | None = None) -> None:
        self._refuse(487)

    def _refuse_480(self, _message: Message | None = None) -> None:
        self._refuse(480)

    def _refuse_lost(self, _message: Message | None = None) -> None:
        self._refuse(504 if isinstance(self._lost, TimedOut) else 488)

    def _end_rejected(self, _message: Message | None = None) -> None:
        response = cast(Response, self._response)
        status = response.status_code
        self._end(Rejected(status, response.reason or reason_phrase(status), by_remote=False))

    def _end_cancelled(self, _message: Message | None = None) -> None:
        self._end(Cancelled(by_remote=True))

    def _end_no_ack(self, _message: Message | None = None) -> None:
        self._end(TimedOut("ACK"))

    def _end_bad_answer(self, _message: Message | None = None) -> None:
        self._end(Failed(self._cause))
