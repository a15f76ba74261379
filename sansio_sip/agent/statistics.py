"""Counters of an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..admission import AdmissionStatistics
    from ..register import RegistrarStatistics

__all__ = ["AgentCounters", "AgentStatistics"]


@attrs.define
class AgentCounters:
    """Counters since the start; see `AgentStatistics` for what they mean."""

    messages_received: int = 0
    keep_alives: int = 0
    malformed: int = 0
    calls_in: int = 0
    calls_out: int = 0
    calls_refused: int = 0
    challenged: int = 0
    handed_over: int = 0
    not_handed_over: int = 0
    unanswered: int = 0


@attrs.frozen
class AgentStatistics:
    """A snapshot of an agent.

    Attributes:
        messages_received: Datagrams that were messages.
        keep_alives: Datagrams that only keep a binding open.
        malformed: Datagrams that broke the rules; answered with 400 or dropped.
        calls_in: Calls that came in.
        calls_out: Calls that were made.
        calls_refused: Calls refused because there were too many or the agent was closing.
        challenged: Requests that were challenged, those of a registrar left out.
        handed_over: Requests that were handed to the application.
        not_handed_over: Requests refused because of ``max_handed_over``.
        unanswered: Requests that the application has not answered in time.
        calls: Calls now, those included that are only being cleaned up.
        usages: Registrations, subscriptions and publications now, both ways.
        registered: Addresses of record with bindings now.
        registrar: What became of REGISTERs; ``None`` without a registrar.
        held: REGISTERs that wait for the user's word now.
        published: Publications with us now.
        transactions: Transactions now.
        retransmissions_received: Requests that came again.
        stray_responses: Responses that matched nothing.
        merged: Requests refused with 482.
        refused: Requests refused because of ``max_transactions``.
        lookups: Requests and responses that wait for the DNS now.
        failovers: Requests that went to another target because one failed.
        replies_redirected: Responses that took another way because their connection was gone.
        replies_lost: Responses for which there was no other way.
        admission: What was taken on and what not; ``None`` without `AgentConfig.admission`.
    """

    messages_received: int
    keep_alives: int
    malformed: int
    calls_in: int
    calls_out: int
    calls_refused: int
    challenged: int
    handed_over: int
    not_handed_over: int
    unanswered: int
    calls: int
    usages: int
    registered: int
    registrar: RegistrarStatistics | None
    held: int
    published: int
    transactions: int
    retransmissions_received: int
    stray_responses: int
    merged: int
    refused: int
    lookups: int
    failovers: int
    replies_redirected: int
    replies_lost: int
    admission: AdmissionStatistics | None
