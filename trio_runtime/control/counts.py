"""What the API counts."""

from __future__ import annotations

import attrs

__all__ = ["ApiCounts", "ApiStatistics"]


@attrs.define
class ApiCounts:
    """What is counted as it happens; see `ApiStatistics`."""

    accepted: int = 0
    refused: int = 0
    unauthorized: int = 0
    cut: int = 0
    unsigned: int = 0
    commands: int = 0
    errors: int = 0


@attrs.frozen
class ApiStatistics:
    """A snapshot.

    Attributes:
        connections: Connections now.
        accepted: Connections so far.
        refused: Connections for which there was no room, or that spoke no WebSocket.
        unauthorized: Connections without the right token.
        unsigned: Connections now that have not signed in yet.
        cut: Connections that were cut because the client did not read, or did not answer.
        commands: Messages of clients.
        errors: Those of them that were answered with an error.
        subscribers: Clients that want events.
        events: Events that were sent to somebody.
        events_lost: Events that subscribers have lost because they were too slow, all together.
        jobs: Recordings, bridges and so on that go on.
        conferences: Conferences that are open.
    """

    connections: int
    accepted: int
    refused: int
    unauthorized: int
    cut: int
    unsigned: int
    commands: int
    errors: int
    subscribers: int
    events: int
    events_lost: int
    jobs: int
    conferences: int
