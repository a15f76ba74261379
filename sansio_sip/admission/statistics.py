"""Counters of what was taken on and what not."""

from __future__ import annotations

import attrs

__all__ = ["AdmissionCounters", "AdmissionStatistics"]


@attrs.define
class AdmissionCounters:
    """Counters since the start; see `AdmissionStatistics` for what they mean."""

    admitted: int = 0
    refused_draining: int = 0
    refused_queue_time: int = 0
    refused_max_calls: int = 0
    refused_rate: int = 0
    refused_source_calls: int = 0
    refused_source_rate: int = 0
    refused_source_requests: int = 0
    refused_user: int = 0
    refused_repeats: int = 0
    refused_acks: int = 0
    refused_forgotten: int = 0
    dropped_scanner: int = 0
    dropped_banned: int = 0
    bans: int = 0
    sources_forgotten: int = 0


@attrs.frozen
class AdmissionStatistics:
    """A snapshot of what was taken on and what not.

    Attributes:
        admitted: Requests outside of dialogs that were let in.
        refused_draining: Requests refused because no new calls are taken any more.
        refused_queue_time: Requests refused because messages waited too long to be read.
        refused_max_calls: Calls refused because there were too many at once.
        refused_rate: Calls refused because too many began.
        refused_source_calls: Calls refused because one source had too many at once.
        refused_source_rate: Calls refused because too many began from one source.
        refused_source_requests: Requests refused because one source sent too many.
        refused_user: Calls refused because one user had too many.
        refused_repeats: INVITEs that were refused before and came again.
        refused_acks: ACKs and CANCELs of refused INVITEs, read no further.
        refused_forgotten: Refused INVITEs that were forgotten for want of room.
        dropped_scanner: Requests of scanners, dropped without an answer.
        dropped_banned: Datagrams and messages of banned sources, not read.
        bans: Bans so far.
        sources_forgotten: Sources that were forgotten for want of room.
        banned: Sources that are banned now, those included whose time is over and who were not heard since.
        sources: Sources whose rate or faults are remembered now.
        refused: Refused INVITEs that are remembered now.
        queue_time: Seconds that messages waited to be read when it was last measured.
    """

    admitted: int
    refused_draining: int
    refused_queue_time: int
    refused_max_calls: int
    refused_rate: int
    refused_source_calls: int
    refused_source_rate: int
    refused_source_requests: int
    refused_user: int
    refused_repeats: int
    refused_acks: int
    refused_forgotten: int
    dropped_scanner: int
    dropped_banned: int
    bans: int
    sources_forgotten: int
    banned: int
    sources: int
    refused: int
    queue_time: float
