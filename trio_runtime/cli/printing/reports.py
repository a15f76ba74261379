"""Statistics as text and as JSON."""

from __future__ import annotations

from enum import Enum
from typing import Any

import attrs

from trio_runtime.cli.printing.output import Json, Record
from trio_runtime.coordinator import CoordinatorStatistics
from trio_runtime.media import EngineStatistics, MediaStatistics
from trio_runtime.registrar import RegistrarStatistics

__all__ = ["audio_record", "audio_words", "plain", "registrar_record", "server_record"]


def server_record(statistics: CoordinatorStatistics) -> Record:
    """Return the record of a whole coordinator."""
    sessions, agent = statistics.sessions, statistics.dialogs.agent
    socket = statistics.dialogs.socket
    lines = [
        f"calls      {sessions.total_sessions}, {sessions.failed_sessions} failed, "
        f"{statistics.left_after_drain} left after draining, mean {sessions.average_duration:.1f} s",
        f"messages   {agent.messages_received} received, {agent.retransmissions_received} of them again, "
        f"{agent.malformed} malformed, {agent.stray_responses} stray responses",
        f"datagrams  {socket.received} received, {socket.sent} sent, {socket.dropped} dropped, "
        f"{socket.errors} errors, receive buffer {socket.receive_buffer // 1024} KiB",
        f"refused    {agent.calls_refused} calls, {agent.refused} requests, {agent.merged} merged",
        f"media      {_clock_words(statistics.media)}",
    ]
    flows = statistics.dialogs.flows
    if flows.accepted or flows.opened or flows.failed or flows.handshakes_failed:
        lines.append(
            f"connected  {flows.accepted} by peers, {flows.opened} by us, {flows.failed} failed, "
            f"{flows.refused} refused, {flows.handshakes_failed} without a handshake, "
            f"{flows.overdue} overdue, {flows.received} messages received, {flows.sent} sent, "
            f"{flows.unsent} not sent"
        )
    return Record("statistics", "\n".join(lines), plain(statistics))


def registrar_record(statistics: RegistrarStatistics | None) -> Record:
    """Return the record of a registrar; empty without one."""
    if statistics is None:
        return Record("registrar", "")
    words = (
        f"{statistics.addresses} addresses, {statistics.waiting} waiting; {statistics.accepted} accepted, "
        f"{statistics.refused} refused, {statistics.expired} expired, {statistics.flows_failed} flows failed"
    )
    store = statistics.store
    if store is not None:
        words += f"; store: {store.written} written, {store.waiting} waiting, {store.failures} failures"
    return Record("registrar", words, plain(statistics))


def _clock_words(media: EngineStatistics | None) -> str:
    if media is None:
        return "none"
    if media.lateness_p50_ms is None:
        return "no audio"
    return (
        f"{media.ticks} ticks, {media.skipped} skipped, {media.failed} failed streams, late by "
        f"{media.lateness_p50_ms:.2f} ms (p50), {media.lateness_p99_ms:.2f} (p99), "
        f"{media.lateness_max_ms:.2f} (max)"
    )


def audio_record(statistics: MediaStatistics | None) -> Record:
    """Return the record of one call's audio."""
    values: dict[str, Json] = {} if statistics is None else plain(statistics)
    return Record("audio", f"audio: {audio_words(statistics)}", values)


def audio_words(statistics: MediaStatistics | None) -> str:
    """Say in one line what one call's audio was like."""
    if statistics is None or statistics.rtp is None:
        return "none"
    rtp = statistics.rtp
    jitter = "unknown" if rtp.jitter_ms is None else f"{rtp.jitter_ms:.1f} ms"
    score = "unknown" if rtp.mos is None else f"{rtp.mos:.2f}"
    protected = "" if statistics.srtp is None else f", SRTP {statistics.srtp}"
    return (
        f"{rtp.packets_sent} packets sent, {rtp.packets_received} received, {rtp.lost} lost, "
        f"{rtp.late} late, jitter {jitter}, MOS {score}{protected}"
    )


def plain(record: attrs.AttrsInstance) -> dict[str, Json]:
    """Return a record as JSON values: enumerations by their value, tuples as lists."""
    return attrs.asdict(record, value_serializer=_serialize)


def _serialize(instance: object, field: object, value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return round(value, 6) if isinstance(value, float) else value
