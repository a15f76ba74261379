"""What a user says about the load, and what can be seen of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .counting import take_statistics
from .service_verbs import ServiceVerbs

if TYPE_CHECKING:
    from .statistics import AgentStatistics

__all__ = ["OverloadVerbs"]


class OverloadVerbs(ServiceVerbs):
    """The verbs of an `Agent` that may have more to do than it can."""

    __slots__ = ()

    def measured_queue_time(self, seconds: float, now: float) -> None:
        """Tell how long messages wait now before the agent gets them; it holds for a second.

        While it is above ``max_queue_time`` no new work is begun; without `AgentConfig.admission` nothing
        comes of it.

        Args:
            seconds: How long the message that is received next has waited.
            now: Current time in seconds.
        """
        core = self._core
        if core.admission is not None:
            core.admission.judge.measured(seconds, core.clock(now))

    def refuse_new_calls(self, now: float) -> None:
        """Answer every new call with 503 from now on; what there is goes on, and can be called out.

        With `AgentConfig.admission` an OPTIONS outside of calls gets 503 too: so load balancers learn of it.
        """
        core = self._core
        core.clock(now)
        self._reception.draining = True
        if core.admission is not None:
            core.admission.judge.draining = True

    def statistics(self) -> AgentStatistics:
        """Return a snapshot of the counters."""
        return take_statistics(self._core, self._services, calls=len(self._calls), usages=len(self._usages))
