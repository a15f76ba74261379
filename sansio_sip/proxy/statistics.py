"""Counters of a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..admission import AdmissionStatistics
    from ..outbound import Outbound
    from ..register import Registrar, RegistrarStatistics
    from ..transaction import TransactionLayer

__all__ = ["ProxyCounters", "ProxyStatistics", "snapshot"]


@attrs.define
class ProxyCounters:
    """Counters since the start; see `ProxyStatistics` for what they mean."""

    requests: int = 0
    refused: int = 0
    branches: int = 0
    relayed: int = 0
    dropped: int = 0
    malformed: int = 0
    keep_alives: int = 0
    targets_left_out: int = 0


@attrs.frozen
class ProxyStatistics:
    """A snapshot of a proxy.

    Attributes:
        requests: Requests that got a response context.
        refused: Requests that the proxy answered itself without one.
        branches: Copies of requests that were sent.
        relayed: Messages forwarded without state.
        dropped: Messages that could neither be forwarded nor answered.
        malformed: Messages that broke the rules.
        keep_alives: Datagrams that only keep a binding open.
        targets_left_out: Targets beyond ``max_targets``.
        contexts: Response contexts now.
        pending: Requests that have no final response yet.
        transactions: Transactions now.
        retransmissions_received: Requests that came again.
        stray_responses: Responses that matched nothing; never forwarded (RFC 6026 §7.3).
        lookups: Requests and responses that wait for the DNS now.
        failovers: Requests that went to another target because one failed.
        replies_redirected: Responses that took another way because their connection was gone.
        replies_lost: Responses for which there was no other way.
        admission: What was taken on and what not; ``None`` without `ProxyConfig.admission`.
        registered: Addresses that have phones now.
        held: REGISTERs that wait for the word of the proxy's user.
        registrar: What the registrar counts; ``None`` without `ProxyConfig.registrar`.
    """

    requests: int
    refused: int
    branches: int
    relayed: int
    dropped: int
    malformed: int
    keep_alives: int
    targets_left_out: int
    contexts: int
    pending: int
    transactions: int
    retransmissions_received: int
    stray_responses: int
    lookups: int
    failovers: int
    replies_redirected: int
    replies_lost: int
    admission: AdmissionStatistics | None
    registered: int
    held: int
    registrar: RegistrarStatistics | None


def snapshot(
    counters: ProxyCounters,
    contexts: int,
    pending: int,
    layer: TransactionLayer,
    outbound: Outbound,
    admission: AdmissionStatistics | None,
    registrar: Registrar | None,
) -> ProxyStatistics:
    """Return the counters of a proxy as they are now."""
    return ProxyStatistics(
        **attrs.asdict(counters),
        contexts=contexts,
        pending=pending,
        transactions=len(layer),
        retransmissions_received=layer.statistics.retransmissions_received,
        stray_responses=layer.statistics.stray_responses,
        lookups=outbound.lookups,
        **attrs.asdict(outbound.statistics),
        admission=admission,
        registered=0 if registrar is None else len(registrar),
        held=0 if registrar is None else registrar.held,
        registrar=None if registrar is None else attrs.evolve(registrar.statistics),
    )
