"""What a user says about the load, and what can be seen of it all."""

from __future__ import annotations

import attrs

from .service_verbs import ServiceVerbs
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
        core, services = self._core, self._services
        counters, layer, outbound = core.counters, core.layer, core.outbound
        published = services.publications
        return AgentStatistics(
            **attrs.asdict(counters),
            calls=len(self._calls),
            usages=len(self._usages),
            registered=0 if services.registrar is None else len(services.registrar),
            published=0 if published is None else len(published.compositor),
            transactions=len(layer),
            retransmissions_received=layer.statistics.retransmissions_received,
            stray_responses=layer.statistics.stray_responses,
            merged=layer.statistics.merged,
            refused=layer.statistics.refused,
            lookups=outbound.lookups,
            failovers=outbound.statistics.failovers,
            replies_redirected=outbound.statistics.replies_redirected,
            replies_lost=outbound.statistics.replies_lost,
            admission=None if core.admission is None else core.admission.statistics(),
        )
