"""What a branch of a forwarded request does: it sends, cancels, tells and times (RFC 3261 §16.6-16.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import Response
from ..table import TableMachine
from ..transaction import (
    FailureResponse,
    ProvisionalResponse,
    SuccessResponse,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from .branch_owner import BranchOwner
from .states import BranchInput as I
from .states import BranchState as S

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Message, Request
    from ..outbound import Finisher, Outbound
    from ..transaction import TransactionEvent, TransactionKey
    from .config import ProxyConfig
    from .forwarding import Forwarded
    from .targets import Target

__all__ = ["BranchActions"]


class BranchActions(TableMachine[S, I]):
    """What the rows of `Branch` are made of, and what comes in from its transactions.

    Args:
        forwarded: The copy of the request, complete but for Record-Route and Via.
        target: Where it goes.
        breadth: Its share of Max-Breadth while it has no final response.
        owner: The response context.
        config: Timer values.
        outbound: How requests get out.
        now: Current time in seconds.
    """

    __slots__ = ("_config", "_key", "_next_hop", "_open", "_outbound", "_owner", "breadth", "request",
                 "target")  # fmt: skip

    def __init__(
        self,
        forwarded: Forwarded,
        target: Target,
        breadth: int,
        *,
        owner: BranchOwner,
        config: ProxyConfig,
        outbound: Outbound,
        now: float,
    ) -> None:
        super().__init__(S.CALLING, now)
        self.request, self._next_hop = forwarded
        self.target = target
        self.breadth = breadth
        self._owner = owner
        self._config = config
        self._outbound = outbound
        self._key: TransactionKey = ()  # known when it has been sent
        self._open = 0  # client transactions that have not terminated: the request's and its CANCEL's

    def __repr__(self) -> str:
        return f"<Branch {self.state.name} {self.target.uri}>"

    @property
    def waiting(self) -> bool:
        """Whether targets of a lower preference have to wait for it."""
        return self.state in (S.CALLING, S.PROCEEDING, S.CANCELLING)

    @property
    def pending(self) -> bool:
        """Whether its final response is still to come."""
        return self.state < S.ANSWERED

    @property
    def closed(self) -> bool:
        """Whether nothing of it is left."""
        return self.state is S.TERMINATED and not self._open

    @property
    def _is_invite(self) -> bool:
        return self.request.method == "INVITE"

    def start(self, finish: Finisher) -> None:
        """Send the request; a next hop that is none is told at once, through the owner."""
        self._open = 1
        self.request.flow = self.target.usual_flow
        if self._is_invite:
            self._arm_expiry(I.TIMER_C, self._config.timer_c)
            if self.target.ring_time is not None:
                self._arm_repeat(I.RING_EXPIRED, self.target.ring_time)

        def finish_and_note(request: Request, endpoint: Endpoint) -> str:
            branch = finish(request, endpoint)
            self._key = (branch, request.method)
            return branch

        self._outbound.send(
            self.request, self, self._now, self._next_hop, finish=finish_and_note, flow=self.target.flow
        )

    def cancel(self, now: float) -> None:
        """Cancel it, as soon as that is allowed; only an INVITE can be (RFC 3261 §9.1)."""
        self._clock(now)
        if self._is_invite:
            self._fire(I.CANCEL)

    def handle_timeout(self, now: float) -> None:
        """Fire the timers that are due."""
        super().handle_timeout(now)
        self._owner.branch_changed(self)

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of the request's transaction; what becomes of a CANCEL is of no consequence."""
        self._clock(now)
        match event:
            case TransactionTerminated(key):
                self._open -= 1
                if key[-1] != "CANCEL":
                    self._fire(I.GONE)
            case ProvisionalResponse(_, response):
                self._hear(I.TRYING if response.status_code == 100 else I.PROVISIONAL, response)
            case SuccessResponse(_, response):
                self._hear(I.SUCCESS, response)
            case FailureResponse(_, response):
                self._hear(I.FAILURE, response)
            case TransactionTimedOut(key) if key[-1] != "CANCEL":
                self._fire(I.TIMED_OUT)
            case TransportFailed(key) if key[-1] != "CANCEL":
                self._fire(I.TRANSPORT_FAILED)
            case _:
                return
        self._owner.branch_changed(self)

    def _hear(self, what: I, response: Response) -> None:
        if response.cseq.method == self.request.method:
            self._fire(what, response)

    # What the rows of the table are made of.

    def _restart_timer_c(self, _message: Message | None) -> None:
        if self._is_invite:
            self._arm_expiry(I.TIMER_C, self._config.timer_c)

    def _tell_provisional(self, message: Message | None) -> None:
        if isinstance(message, Response):
            self._owner.branch_provisional(message)

    def _tell_success(self, message: Message | None) -> None:
        if isinstance(message, Response):
            self._owner.branch_success(message)

    def _tell_failure(self, message: Message | None) -> None:
        if not isinstance(message, Response):
            return
        # After 430 an edge proxy has lost the flow, and the phone may have another one (RFC 5626 §7).
        if not (message.status_code == 430 and self._owner.try_instead(self.target)):
            self._owner.branch_failure(self.request, message)

    def _tell_unreachable(self, _message: Message | None) -> None:
        if not self._owner.try_instead(self.target):
            self._owner.branch_failed(503)  # §16.9

    def _tell_timeout(self, _message: Message | None) -> None:
        self._owner.branch_failed(408)  # §16.8

    def _tell_cancelled(self, _message: Message | None) -> None:
        self._owner.branch_failed(487)

    def _send_cancel(self, _message: Message | None) -> None:
        self._stop_repeat()
        self._open += 1
        self._arm_expiry(I.CANCEL_EXPIRED, self._config.timers.timeout)
        self._outbound.cancel(self.request, self, self._now)

    def _withdraw(self, _message: Message | None) -> None:
        self._stop_repeat()
        if self._take_back():
            self._fire(I.WITHDRAWN)

    def _destroy(self, _message: Message | None) -> None:
        self._stop_timers()
        if self._take_back():
            self._fire(I.GONE)
        else:
            self._outbound.layer.terminate(self._key, self._now)

    def _take_back(self) -> bool:
        """Take the request back when it still waits for the DNS; when not, it goes to no other server."""
        withdrawn = self._outbound.withdraw(self.request)
        self._open -= withdrawn
        return withdrawn
