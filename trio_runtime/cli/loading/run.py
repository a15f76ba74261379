"""Runs a load: each call in a task of its own, begun when the plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from trio_runtime.base.errors import CallEnded, CallRejected, MediaError, VoipError
from trio_runtime.cli.loading.result import CallResult, LoadResult
from trio_runtime.session import describe_end

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.account_config import Account
    from trio_runtime.cli.loading.plan import LoadPlan
    from trio_runtime.coordinator import SessionCoordinator
    from trio_runtime.session import Call

__all__ = ["Load"]

_MOST_REASONS = 100  # of different failures; peers can make up any number of phrases


class Load:
    """Many calls to one URI.

    Args:
        phone: Makes them.
        uri: Whom to call.
        plan: When, and for how long.
        account: Who calls; None is the phone's own address.

    Attributes:
        plan: See above.
        result: What became of the calls so far.
    """

    def __init__(
        self, phone: SessionCoordinator, uri: str, plan: LoadPlan, *, account: Account | str | None = None
    ) -> None:
        self.plan = plan
        self.result = LoadResult()
        self._phone = phone
        self._uri = uri
        self._account = account
        self._start = 0.0
        self._reasons: set[str] = set()

    async def run(self) -> LoadResult:
        """Make all calls, wait until they are over, and return what became of them.

        Cancelled, it hangs up what is open; `result` has what is known by then.
        """
        self._start = trio.current_time()
        try:
            async with trio.open_nursery() as nursery:
                for number in range(self.plan.calls):
                    await trio.sleep_until(self._start + self.plan.begins(number))
                    nursery.start_soon(self._call)
        finally:
            self.result.took = self._now()
        return self.result

    def _now(self) -> float:
        return trio.current_time() - self._start

    async def _call(self) -> None:
        began, result = self._now(), self.result
        if result.open >= self.plan.max_open:
            result.calls.append(CallResult(began, None, began, "too many calls are open"))
            return
        result.open += 1
        result.most_open = max(result.most_open, result.open)
        try:
            outcome = await self._one(began)
        except VoipError as error:
            outcome = CallResult(began, None, self._now(), self._reason(error))
        finally:
            result.open -= 1
        result.calls.append(outcome)

    async def _one(self, began: float) -> CallResult:
        async with self._phone.make_call(self._uri, account=self._account) as call:
            with trio.move_on_after(self.plan.timeout) as patience:
                await call.answered()
            if patience.cancelled_caught:
                return CallResult(began, None, self._now(), f"no answer in {self.plan.timeout:g} s")
            set_up = self._now() - began
            end = await self._hold(call)
            media = call.statistics()
            mos = None if media is None or media.rtp is None else media.rtp.mos
        early = "" if end is None else f"ended early: {describe_end(end)}"
        return CallResult(began, set_up, self._now(), early, mos)

    async def _hold(self, call: Call) -> CallEnd | None:
        """Let the call last, and return how it ended if it did so by itself."""
        with trio.move_on_after(self.plan.hold):
            try:
                while self.plan.audio is not None:
                    await call.play(self.plan.audio)
            except (CallEnded, MediaError):
                pass  # how it ended is known to the call; one without audio is held in silence
            return await call.ended()
        return None

    def _reason(self, error: VoipError) -> str:
        reason = f"{error.status_code} {error.reason}" if isinstance(error, CallRejected) else str(error)
        if reason not in self._reasons and len(self._reasons) >= _MOST_REASONS:
            return "other reasons"
        self._reasons.add(reason)
        return reason
