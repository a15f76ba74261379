"""The snapshot of an agent, gathered from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .statistics import AgentStatistics

if TYPE_CHECKING:
    from .core import Core
    from .services import Services

__all__ = ["take_statistics"]


def take_statistics(core: Core, services: Services, *, calls: int, usages: int) -> AgentStatistics:
    """Return what the parts of an agent count.

    Args:
        core: What they share.
        services: What it serves besides calls.
        calls: Calls now.
        usages: Registrations, subscriptions and publications now.
    """
    counters, layer, outbound = core.counters, core.layer, core.outbound
    published, registrar = services.publications, services.registrar
    return AgentStatistics(
        **attrs.asdict(counters),
        calls=calls,
        usages=usages,
        registered=0 if registrar is None else len(registrar),
        registrar=None if registrar is None else attrs.evolve(registrar.statistics),
        held=0 if registrar is None else registrar.held,
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
