"""Where a call centre keeps what it knows (QUE-5)."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Protocol

from trio_runtime.queue.core.agents import AgentRecord
from trio_runtime.queue.core.line import CallerRecord, WaitingLine

__all__ = ["MemoryQueueStore", "QueueStore"]


class QueueStore(Protocol):
    """Keeps agents, callers and lines. All is done at once, in the task that changes something."""

    @property
    def agents(self) -> MutableMapping[str, AgentRecord]:
        """The agents by name, in the order in which they were added."""
        ...

    @property
    def callers(self) -> MutableMapping[str, CallerRecord]:
        """Those who wait or talk, by name."""
        ...

    def line(self, queue: str) -> WaitingLine:
        """Return the line of a queue, empty when it is new."""
        ...

    def changed(self, record: AgentRecord | CallerRecord) -> None:
        """Take note that what stands in a record is different now."""
        ...


class MemoryQueueStore:
    """Keeps everything in memory.

    Attributes:
        agents: The agents by name.
        callers: Those who wait or talk, by name.
    """

    def __init__(self) -> None:
        self.agents: dict[str, AgentRecord] = {}
        self.callers: dict[str, CallerRecord] = {}
        self._lines: dict[str, WaitingLine] = {}

    def line(self, queue: str) -> WaitingLine:
        """Return the line of a queue."""
        return self._lines.setdefault(queue, WaitingLine())

    def changed(self, record: AgentRecord | CallerRecord) -> None:
        """Do nothing: the records are what is kept."""
