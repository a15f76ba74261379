"""The NOTIFYs about one REFER: one at a time, not too often, the latest news only (RFC 3515 §3.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from ..table import Rule, Table, TableMachine
from .dialog_request import DialogRequest
from .refer_states import NotifyInput as I
from .refer_states import NotifyState as S

if TYPE_CHECKING:
    from ..dialog import Dialog
    from ..message import Message, Request, Response
    from .call_base import CallBase

__all__ = ["NOTIFY_TABLE", "NotifyQueue"]


class _NotifyRequest(DialogRequest):
    """One NOTIFY; it tells the queue what became of it."""

    __slots__ = ("_queue",)

    def __init__(self, owner: CallBase, dialog: Dialog, request: Request, queue: NotifyActions) -> None:
        super().__init__(owner, dialog, request)
        self._queue = queue

    def succeeded(self, response: Response, now: float) -> None:
        self._queue.answered(now)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        self._queue.refused(now)


class NewsSource(Protocol):
    """Who has the news."""

    def notify_request(self) -> Request:
        """Make the next NOTIFY from what is known now."""
        ...

    def subscriber_gone(self, now: float) -> None:
        """Take note that the peer does not want any more of them (RFC 6665 §4.2.2)."""
        ...


class NotifyActions(TableMachine[S, I]):
    """A queue of one place: what is told while a NOTIFY is on its way replaces what waits.

    Two NOTIFYs on their way at once could overtake each other, and the later one would be refused. It knows
    who has the news, which has the queue, only as long as it needs to: a cycle would stay in memory.

    Args:
        call: The call.
        dialog: The dialog.
        now: Current time in seconds.
    """

    __slots__ = ("_call", "_dialog", "_sent_at", "_source")

    def __init__(self, call: CallBase, dialog: Dialog, now: float) -> None:
        super().__init__(S.READY, now)
        self._call = call
        self._dialog = dialog
        self._source: NewsSource | None = None  # there is one whenever a NOTIFY is due
        self._sent_at = now

    def answered(self, now: float) -> None:
        """Take the 200 to a NOTIFY."""
        self._clock(now)
        self._fire(I.ANSWERED)

    def refused(self, now: float) -> None:
        """Take another answer, or none: the subscription is gone."""
        self._clock(now)
        self._fire(I.REFUSED)

    def _send(self, _message: Message | None = None) -> None:
        self._sent_at = self._now
        request = cast("NewsSource", self._source).notify_request()
        _NotifyRequest(self._call, self._dialog, request, self).send(self._now)

    def _pause(self, _message: Message | None = None) -> None:
        pause = self._call.config.refer.pause
        self._arm_expiry(I.PAUSE_OVER, max(0.0, self._sent_at + pause - self._now))

    def _rest(self, _message: Message | None = None) -> None:
        self._source = None

    def _report_gone(self, _message: Message | None = None) -> None:
        self._stop_timers()
        source, self._source = self._source, None
        cast("NewsSource", source).subscriber_gone(self._now)


_T = NotifyActions


class NotifyQueue(NotifyActions):
    """The NOTIFYs about one REFER; see `NotifyActions` for the arguments."""

    __slots__ = ()

    def tell(self, source: NewsSource, now: float) -> None:
        """Send the news that a source has then, now or as soon as it may be."""
        self._source = None if self.state is S.OVER else source
        self.handle_timeout(now)  # nobody waits for the end of a pause with nothing to say
        self._fire(I.TELL)

    @property
    def idle(self) -> bool:
        """Whether all that was told has been sent."""
        return self.state not in (S.IN_FLIGHT_MORE, S.PAUSED_MORE)

    table = Table(
        "NOTIFY of a REFER",
        {
            (S.READY, I.TELL): Rule(S.IN_FLIGHT, (_T._send,)),
            (S.IN_FLIGHT, I.TELL): Rule(S.IN_FLIGHT_MORE),
            (S.IN_FLIGHT, I.ANSWERED): Rule(S.PAUSED, (_T._pause, _T._rest)),
            (S.IN_FLIGHT, I.REFUSED): Rule(S.OVER, (_T._report_gone,)),
            (S.IN_FLIGHT_MORE, I.ANSWERED): Rule(S.PAUSED_MORE, (_T._pause,)),
            (S.IN_FLIGHT_MORE, I.REFUSED): Rule(S.OVER, (_T._report_gone,)),
            (S.PAUSED, I.TELL): Rule(S.PAUSED_MORE),
            (S.PAUSED, I.PAUSE_OVER): Rule(S.READY),
            (S.PAUSED_MORE, I.PAUSE_OVER): Rule(S.IN_FLIGHT, (_T._send,)),
        },
        ignored=frozenset({(S.IN_FLIGHT_MORE, I.TELL), (S.PAUSED_MORE, I.TELL)}),
        user_owned=frozenset({S.READY, S.IN_FLIGHT, S.IN_FLIGHT_MORE}),  # the transaction has a timer
        final=S.OVER,
    )


NOTIFY_TABLE = NotifyQueue.table
