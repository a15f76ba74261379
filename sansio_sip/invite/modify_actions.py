"""What the rows of the table of `Modifier` do (RFC 3261 §14.1, RFC 3311 §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..table import TableMachine
from .cancel import CancelRequest
from .media_events import UpdateFailed
from .modify_request import ModifyRequest, ReinviteRequest, Wish
from .modify_rules import glare_delay, method_for_change, method_for_refresh
from .modify_states import ModifyInput, ModifyState
from .recovering import request_failed
from .session_body import put_description

if TYPE_CHECKING:
    from ..message import Message, Request, Response
    from .agreement import Agreement
    from .call_base import CallBase
    from .leg import Leg

__all__ = ["ModifyActions"]

_ON_THE_WAY = (ModifyState.SENT, ModifyState.CANCELLING, ModifyState.ENDING)


class ModifyActions(TableMachine[ModifyState, ModifyInput]):
    """Changes one leg of a call; `Modifier` says when which is done.

    Args:
        call: The call.
        leg: The leg.
        now: Current time in seconds.
    """

    # fmt: off
    __slots__ = ("_before", "_call", "_delay", "_inviting", "_leg", "_proceeding", "_reason", "_request",
                 "_response", "_status", "_tries", "_wish")
    # fmt: on

    _request: Request  # once there was one

    def __init__(self, call: CallBase, leg: Leg, now: float) -> None:
        super().__init__(ModifyState.IDLE, now)
        self._call = call
        self._leg = leg
        self._before: Agreement | None = None
        self._delay: float | None = None
        self._inviting = self._proceeding = False
        self._reason = ""
        self._response: Response | None = None
        self._status = 0
        self._tries = 0
        self._wish = Wish(None)

    def is_for(self, leg: Leg) -> bool:
        """Return whether this changes a leg; an early one may have lost the race since."""
        return self._leg is leg

    @property
    def inviting(self) -> bool:
        """Whether a re-INVITE of ours has no final answer, so that no other may come (§14.2)."""
        return self.state in _ON_THE_WAY and self._inviting

    def call_over(self, now: float) -> None:
        """Want nothing more; what is on its way is ended."""
        self._clock(now)
        self._fire(ModifyInput.CALL_OVER)

    def settled(self, now: float) -> None:
        """Send what waits, if nothing is in its way any more."""
        self._clock(now)
        if self.state is ModifyState.QUEUED and self._method():
            self._fire(ModifyInput.SEND)

    # What a request reports

    def sends(self, request: Request) -> None:
        """Take note of what is sent now."""
        self._request, self._proceeding = request, False

    def proceeds(self) -> None:
        """Take a provisional response; a CANCEL that had to wait for one goes now (RFC 3261 §9.1)."""
        waited, self._proceeding = not self._proceeding, True
        if waited and self.state is ModifyState.CANCELLING:
            self._cancel()

    def accepted(self, response: Response, cause: str, now: float) -> None:
        """Take a 2xx; ``cause`` says what was wrong with its description, empty when nothing was."""
        self._clock(now)
        self._status, self._reason, self._response = (488 if cause else 200), cause, response
        if not cause:
            self._call.timer_agreed(self._request, response, self._now)
        self._fire(ModifyInput.FAILURE if cause else ModifyInput.SUCCESS)

    def refused(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take a failure; what met a request of the peer is tried again (RFC 3261 §14.1)."""
        self._clock(now)
        self._status, self._reason, self._response = status_code, reason, response
        if self._leg.negotiation.answerable:
            self._leg.negotiation.rollback()
        self._tries += 1
        self._delay, foreign = None, self._wish.foreign
        if self._tries <= self._call.config.max_glares:
            self._delay = glare_delay(self._call, self._leg, status_code, response, foreign=foreign)
        self._fire(ModifyInput.FAILURE if self._delay is None else ModifyInput.GLARE)

    # What the rows of the table are made of

    def _method(self) -> str:
        wish, call, leg = self._wish, self._call, self._leg
        if wish.media is None and not wish.late_offer:
            return method_for_refresh(call, leg)
        return method_for_change(call, leg, by_update=wish.by_update and not wish.late_offer)

    def _send(self, _message: Message | None = None) -> None:
        method, call, leg = self._method(), self._call, self._leg
        media = self._wish.media
        if method == "INVITE":
            media = media or leg.negotiation.said
        fields = (*call.config.target_fields, *call.timer_fields(), *self._wish.fields)
        request = leg.dialog.request(method, fields)
        if media is not None and not self._wish.late_offer:
            put_description(request, leg.negotiation.offer(media))
        kind = ReinviteRequest if method == "INVITE" else ModifyRequest
        self._before = leg.negotiation.agreed
        self._inviting = method == "INVITE"
        if self._inviting:
            self._arm_expiry(ModifyInput.EXPIRED, call.config.reinvite_patience)
        kind(call, leg, request, media, self).send(self._now)

    def _cancel(self, _message: Message | None = None) -> None:
        if self._proceeding:  # without a provisional response no CANCEL may be sent (§9.1)
            CancelRequest(self._call, self._leg.dialog, self._request).send(self._now)
        self._arm_end()

    def _arm_end(self, _message: Message | None = None) -> None:
        self._arm_expiry(ModifyInput.EXPIRED, self._call.config.timers.timeout)
        # Still waiting for the DNS, nobody knows of it; at a server that is silent, no other gets it.
        if self._call.outbound.withdraw(self._request):
            self._call.transaction_ended()
            self._fire(ModifyInput.FAILURE)

    def _arm_backoff(self, _message: Message | None = None) -> None:
        self._arm_expiry(ModifyInput.RETRY_DUE, self._delay or 0.0)
        self._call.settled(self._now)

    def _try_again(self, _message: Message | None = None) -> None:
        self.settled(self._now)

    def _report(self, _message: Message | None = None) -> None:
        if self._wish.heard is not None:
            self._wish.heard(self._status, self._response)
        else:
            self._call.report_media(self._leg, ours=True)
        self._call.settled(self._now)

    def _report_failure(self, _message: Message | None = None) -> None:
        """Tell the user; the dialog may have ended with it (RFC 3261 §12.2.1.2)."""
        self._tell_failure()
        early = self._leg.early
        if early or not request_failed(self._call, self._status, self._reason, self._response, self._now):
            self._call.timer_failed(self._now)
            self._resynchronise()
            self._call.settled(self._now)

    def _tell_failure(self) -> None:
        if self._wish.heard is not None:
            self._wish.heard(self._status, self._response)
        else:
            session, status, reason = self._call.session, self._status, self._reason
            self._call.out.events.append(UpdateFailed(session, status, reason, self._response))

    def _tell_withdrawn(self, _message: Message | None = None) -> None:
        self._status, self._reason, self._response = 487, "withdrawn", None
        self._tell_failure()

    def _leave(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._call.drop_concern(self)

    def _resynchronise(self) -> None:
        """Offer again what held before, when a refused re-INVITE was executed in part (RFC 6141 §3.4)."""
        before, negotiation = self._before, self._leg.negotiation
        if before is not None and before.local is not None and negotiation.agreed is not before:
            self._call.report_media(self._leg)
            self._wish, self._tries = Wish(before.local), 0
            self._fire(ModifyInput.WANT)

    def _drop(self, _message: Message | None = None) -> None:
        outbound = self._call.outbound
        outbound.layer.terminate(outbound.key(self._request), self._now)

    def _report_silence(self, _message: Message | None = None) -> None:
        self._status, self._reason, self._response = 408, "no response in time", None
        if self._leg.negotiation.answerable:
            self._leg.negotiation.rollback()
        self._report_failure()
