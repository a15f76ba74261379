"""A REFER of ours and what the peer reports about it (RFC 3515 §2.4.1, §2.4.4, RFC 4488)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..headers import refer_sub_of
from ..table import Rule, Table, TableMachine
from .dialog_request import DialogRequest
from .recovering import request_failed
from .refer_events import (
    ReferAccepted,
    ReferEnd,
    ReferEnded,
    ReferFinished,
    ReferLost,
    ReferProgressed,
    ReferRefused,
)
from .refer_states import ReferClientInput as I
from .refer_states import ReferClientState as S

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..headers import SubscriptionState
    from ..message import Message, Request, Response, SipFragment
    from .call_base import CallBase

__all__ = ["REFER_CLIENT_TABLE", "ReferClient"]

_MAX_EXPIRES = 600  # seconds; a peer that falls silent cannot make us wait for longer


class _ReferRequest(DialogRequest):
    """The REFER; it tells its machine what became of it."""

    __slots__ = ("_refer",)

    def __init__(self, owner: CallBase, request: Request, refer: ReferClient) -> None:
        super().__init__(owner, refer.dialog, request)
        self._refer = refer

    def send(self, now: float) -> None:
        self._refer.cseq = str(self.request.cseq.number)  # another one when it is sent again with credentials
        super().send(now)

    def succeeded(self, response: Response, now: float) -> None:
        self._refer.accepted(response, now)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        self._refer.refused(status_code, reason, response, now)


class ReferClientActions(TableMachine[S, I]):
    """One REFER of ours.

    Args:
        call: The call.
        dialog: The dialog that it is sent in.
        number: Its number in events.
        fields: Refer-To and what else it says.
        now: Current time in seconds.

    Attributes:
        cseq: Number of the REFER as it was sent last, by which its NOTIFYs may name it (RFC 3515 §2.4.6).
    """

    __slots__ = ("_call", "_end", "_expires", "_fields", "cseq", "dialog", "number", "reason", "status_code")

    def __init__(
        self, call: CallBase, dialog: Dialog, number: int, fields: tuple[tuple[str, str], ...], now: float
    ) -> None:
        super().__init__(S.SENT, now)
        self._call = call
        self.dialog = dialog
        self.number = number
        self.cseq = ""
        self.status_code = 0
        self.reason = ""
        self._expires = 0.0
        self._end: ReferEnd = ReferLost(0, "closed")
        self._fields = fields

    # What the rows of the table are made of

    def _report_accepted(self, _message: Message | None = None) -> None:
        self._call.out.events.append(ReferAccepted(self._call.session, self.number, subscribed=True))

    def _report_suppressed(self, _message: Message | None = None) -> None:
        self._call.out.events.append(ReferAccepted(self._call.session, self.number, subscribed=False))

    def _report_progress(self, _message: Message | None = None) -> None:
        progress = ReferProgressed(self._call.session, self.number, self.status_code, self.reason)
        self._call.out.events.append(progress)

    def _report_end(self, _message: Message | None = None) -> None:
        self._stop_timers()
        self._call.out.events.append(ReferEnded(self._call.session, self.number, self._end))

    def _report_silence(self, _message: Message | None = None) -> None:
        self._end = ReferLost(self.status_code, "expired")
        self._report_end()

    def _report_closed(self, _message: Message | None = None) -> None:
        self._end = ReferLost(self.status_code, "closed")
        self._report_end()

    def _arm(self, _message: Message | None = None) -> None:
        # A NOTIFY that was sent when the subscription ran out may be on its way for as long again.
        self._arm_expiry(I.EXPIRED, self._expires + self._call.config.timers.timeout)


_T = ReferClientActions


class ReferClient(ReferClientActions):
    """One REFER of ours; see `ReferClientActions` for the arguments."""

    __slots__ = ()

    def send(self, now: float) -> None:
        """Send it.

        Raises:
            LocalProtocolError: A field cannot stand in a message.
        """
        self._clock(now)
        request = self.dialog.request("REFER", (*self._call.config.target_fields, *self._fields))
        _ReferRequest(self._call, request, self).send(self._now)

    def accepted(self, response: Response, now: float) -> None:
        """Take a 2xx; it creates the subscription unless it says Refer-Sub: false (RFC 4488 §4)."""
        self._clock(now)
        try:
            subscribed = refer_sub_of(response)
        except ParseError:
            subscribed = True
        if not subscribed:
            self._end = ReferLost(self.status_code, "suppressed")
        self._fire(I.ACCEPTED if subscribed else I.SUPPRESSED)

    def refused(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Take a final answer that refuses, or none; 408 and 481 have ended the dialog with it."""
        self._clock(now)
        self._end = ReferRefused(status_code, reason)
        self._fire(I.REFUSED)
        request_failed(self._call, status_code, reason, response, self._now)

    def notified(self, state: SubscriptionState, fragment: SipFragment, now: float) -> None:
        """Take a NOTIFY, already answered; it may come before the answer to the REFER (§2.4.4)."""
        self._clock(now)
        self.status_code, self.reason = fragment.status_code or 0, fragment.reason
        self._expires = float(min(_MAX_EXPIRES if state.expires is None else state.expires, _MAX_EXPIRES))
        if not state.terminated:
            self._fire(I.NOTIFIED)
        else:
            final = self.status_code >= 200
            self._end = (
                ReferFinished(self.status_code, self.reason)
                if final
                else ReferLost(self.status_code, state.reason or "noresource")
            )
            self._fire(I.LAST_NOTIFIED)

    def close(self, now: float) -> None:
        """Want no more reports; the peer learns it when its next one is refused."""
        self._clock(now)
        self._fire(I.CLOSE)

    table = Table(
        "REFER, referrer's side",
        {
            (S.SENT, I.ACCEPTED): Rule(S.WAITING, (_T._arm, _T._report_accepted)),
            (S.SENT, I.SUPPRESSED): Rule(S.OVER, (_T._report_suppressed, _T._report_end)),
            (S.SENT, I.REFUSED): Rule(S.OVER, (_T._report_end,)),
            # A NOTIFY says that the REFER was accepted, whatever becomes of its answer.
            (S.SENT, I.NOTIFIED): Rule(S.SUBSCRIBED, (_T._arm, _T._report_accepted, _T._report_progress)),
            (S.SENT, I.LAST_NOTIFIED): Rule(
                S.OVER, (_T._report_accepted, _T._report_progress, _T._report_end)
            ),
            (S.SENT, I.CLOSE): Rule(S.OVER, (_T._report_closed,)),
            (S.WAITING, I.NOTIFIED): Rule(S.SUBSCRIBED, (_T._arm, _T._report_progress)),
            (S.WAITING, I.LAST_NOTIFIED): Rule(S.OVER, (_T._report_progress, _T._report_end)),
            (S.WAITING, I.EXPIRED): Rule(S.OVER, (_T._report_silence,)),
            (S.WAITING, I.CLOSE): Rule(S.OVER, (_T._report_closed,)),
            (S.SUBSCRIBED, I.NOTIFIED): Rule(S.SUBSCRIBED, (_T._arm, _T._report_progress)),
            (S.SUBSCRIBED, I.LAST_NOTIFIED): Rule(S.OVER, (_T._report_progress, _T._report_end)),
            (S.SUBSCRIBED, I.EXPIRED): Rule(S.OVER, (_T._report_silence,)),
            (S.SUBSCRIBED, I.CLOSE): Rule(S.OVER, (_T._report_closed,)),
        },
        # The answer to the REFER may come after its first NOTIFY.
        ignored=frozenset((S.SUBSCRIBED, what) for what in (I.ACCEPTED, I.SUPPRESSED, I.REFUSED)),
        user_owned=frozenset({S.SENT}),  # the transaction has a timer
        final=S.OVER,
    )


REFER_CLIENT_TABLE = ReferClient.table
