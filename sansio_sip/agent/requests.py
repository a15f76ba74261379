"""Requests of our own outside of calls, such as OPTIONS (RFC 3261 §8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import ChallengeAnswerer, is_challenge
from ..outbound import Way, put_way
from ..table import NEVER
from ..transaction import (
    FailureResponse,
    Schedule,
    SuccessResponse,
    TransactionEvent,
    TransactionTimedOut,
    TransportFailed,
)
from .events import RequestFailed, ResponseReceived

if TYPE_CHECKING:
    from ..auth import Credentials
    from ..machine import Endpoint
    from ..message import Request, Response
    from .core import Core

__all__ = ["ClientRequest", "Requests"]

_NO_ANSWER = "no response in time"
# Who asks whether somebody is there does not want to wait as long as a transaction lives.
_TIMEOUTS = {"OPTIONS": 5.0}


class Requests:
    """Numbers the requests and gives each its end.

    Args:
        core: What the parts of the agent share.
    """

    __slots__ = ("_core", "_count", "_schedule")

    def __init__(self, core: Core) -> None:
        self._core = core
        self._count = 0
        self._schedule = Schedule()

    @property
    def upcoming(self) -> int:
        """The number that the next request has in events."""
        return self._count + 1

    def count(self) -> int:
        """Count a request that went out and return its number."""
        self._count += 1
        return self._count

    def send(
        self, request: Request, timeout: float | None, credentials: tuple[Credentials, ...],
        way: Way | None = None,
    ) -> int:  # fmt: skip
        """Send a request and return its number.

        Args:
            request: The request without Via.
            timeout: Seconds in which it has to be answered; ``None`` for those of its method.
            credentials: What challenges are answered with.
            way: How it gets there; None as its URI says.
        """
        core = self._core
        if timeout is None:
            timeout = _TIMEOUTS.get(request.method, core.config.timers.timeout)
        way = way or Way(uri=request.uri)
        put_way(request, way)
        sent = ClientRequest(self.count(), request, core, core.now + timeout, credentials, way.flow)
        sent.send()
        self._schedule.update(sent)
        return sent.number

    def ended(self, number: int, status_code: int, reason: str, response: Response | None) -> None:
        """Tell the end of a request inside a call."""
        if response is not None:
            self._core.out.events.append(ResponseReceived(number, response))
        else:
            self._core.out.events.append(RequestFailed(number, status_code, reason))

    @property
    def deadline(self) -> float | None:
        """When the next request has waited for long enough."""
        return self._schedule.deadline

    def handle_timeout(self, now: float) -> None:
        """Give up what has waited for long enough."""
        while (request := self._schedule.pop_due(now)) is not None:
            request.handle_timeout(now)


class ClientRequest:
    """One request and, when it is challenged, its second try with credentials.

    Args:
        number: Its number in events.
        request: The request without Via.
        core: What the parts of the agent share.
        deadline: Absolute time in seconds at which it has failed.
        credentials: What challenges are answered with.
        flow: Where it goes whatever its URIs say, or None.

    Attributes:
        deadline: The same while it waits for its answer, then ``None``.
        scheduled: A parent's earliest queue entry for it.
    """

    __slots__ = ("_challenges", "_core", "_flow", "_request", "deadline", "number", "scheduled")

    def __init__(
        self,
        number: int,
        request: Request,
        core: Core,
        deadline: float,
        credentials: tuple[Credentials, ...],
        flow: Endpoint | None = None,
    ) -> None:
        self.number = number
        self.deadline: float | None = deadline
        self.scheduled = NEVER
        self._request = request
        self._core = core
        self._flow = flow
        self._challenges = ChallengeAnswerer(credentials, core.ids)

    def send(self) -> None:
        """Send it."""
        self._core.outbound.send(self._request, self, self._core.now, flow=self._flow)

    def handle_timeout(self, now: float) -> None:
        """Give up, whether it waits for an answer or for the DNS; whatever comes later is stray."""
        if self.deadline is None or now < self.deadline:
            return
        outbound = self._core.outbound
        self._fail(408, _NO_ANSWER)
        if not outbound.withdraw(self._request):
            outbound.layer.terminate(outbound.key(self._request), now)

    def transaction_event(self, event: TransactionEvent, now: float) -> None:
        """Take an event of its transaction."""
        match event:
            case FailureResponse(_, response):
                if not self._try_again(response):
                    self._end(response)
            case SuccessResponse(_, response):
                self._end(response)
            case TransactionTimedOut():
                self._fail(408, _NO_ANSWER)
            case TransportFailed(_, cause):
                self._fail(503, cause)
            case _:
                return

    def _end(self, response: Response) -> None:
        self.deadline = None
        self._core.out.events.append(ResponseReceived(self.number, response))

    def _fail(self, status_code: int, cause: str) -> None:
        self.deadline = None
        self._core.out.events.append(RequestFailed(self.number, status_code, cause))

    def _try_again(self, response: Response) -> bool:
        if not is_challenge(response):
            return False
        again = self._request.copy()
        again.remove("via")
        again.set("CSeq", f"{again.cseq.number + 1} {again.method}")
        if not self._challenges.authorize(again, response):
            return False
        self._request = again
        self.send()
        return True
