"""Waiting for the answers to requests of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import trio

from trio_runtime.base.connection_errors import FailureCause
from trio_runtime.base.errors import NetworkError, RequestTimedOutError
from trio_runtime.session import CallHeaders, SipResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sansio_sip.message import Response
    from sansio_sip.outbound import Way

__all__ = ["Answers", "first_answer", "no_answer"]


@attrs.define
class _Waiting:
    done: trio.Event
    started: float
    outcome: SipResponse | Exception | None = None


class Answers:
    """Who waits for which answer, by the number of the request.

    Args:
        now: The time in seconds on the coordinator's clock.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: dict[int, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    async def response_to(self, send: Callable[[Callable[[int], None]], int]) -> SipResponse:
        """Send a request and return its final response, whatever its status.

        Args:
            send: Sends it and returns its number; what it is given gets that first.

        Raises: what `send` does, and what `failed` is given.
        """
        waiting = _Waiting(trio.Event(), self._now())
        number = send(lambda sent: self._wait(sent, waiting))
        try:
            await waiting.done.wait()
        finally:
            del self._waiting[number]
        if isinstance(waiting.outcome, SipResponse):
            return waiting.outcome
        raise waiting.outcome or RequestTimedOutError("no response")

    def _wait(self, number: int, waiting: _Waiting) -> None:
        self._waiting[number] = waiting

    def received(self, number: int, response: Response) -> None:
        """Give a response to who waits for it."""
        waiting = self._waiting.get(number)
        if waiting is not None:
            waiting.outcome = SipResponse(
                response.status_code,
                response.reason,
                CallHeaders(response),
                response.body,
                self._now() - waiting.started,
            )
            waiting.done.set()

    def failed(self, number: int, error: Exception) -> None:
        """Tell who waits that there will be no response."""
        waiting = self._waiting.get(number)
        if waiting is not None:
            waiting.outcome = error
            waiting.done.set()


def no_answer(cause: str) -> NetworkError:
    """Return the error for a request that could not be sent."""
    if isinstance(cause, FailureCause):
        return cause.error
    return NetworkError(f"the peer cannot be reached: {cause}")


async def first_answer(
    ways: Sequence[Way], ask: Callable[[Way | None], Awaitable[SipResponse]]
) -> SipResponse:
    """Ask the phones of a user one after the other until one answers, with whatever status.

    Args:
        ways: Where the user is, the preferred phone first; without any it is asked where the URI says.
        ask: Asks at one place.

    Raises: what the last one that is asked raises.
    """
    *others, last = ways or (None,)
    for way in others:
        try:
            return await ask(way)
        except (RequestTimedOutError, NetworkError):
            continue  # a phone that is gone, and whose binding has not expired yet
    return await ask(last)
