"""Fields of `QueueConfig` as keyword arguments, for the type checker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trio_runtime.base.priority import CallPriority
    from trio_runtime.media import Playable
    from trio_runtime.queue.config import Announcement, OverflowTarget, QueuePlace
    from trio_runtime.queue.core.strategies import Strategy
    from trio_runtime.session import Call

__all__ = ["QueueOptions"]


class QueueOptions(TypedDict, total=False):
    """The fields of `QueueConfig`."""

    strategy: Strategy
    max_length: int
    max_wait: float | None
    needs_agents: bool
    ring_time: float
    penalty: float
    ageing: float
    service_level: float
    short_abandon: float
    answer: Literal["at_once", "early", "when_served"]
    greeting: Playable | None
    music: Playable | None
    announce: Callable[[QueuePlace], Announcement] | None
    announce_every: float
    escape_key: str
    callback_key: str
    callback_prompt: Playable | None
    callback_to: Callable[[Call], str]
    callback_ring: float
    line_tone: Playable | None
    overflow: tuple[OverflowTarget, ...]
    priority_of: Callable[[Call], CallPriority] | None
    skills_of: Callable[[Call], Mapping[str, float]] | None
