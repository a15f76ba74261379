"""Call centres: callers who wait, agents who take them, and the numbers."""

from trio_runtime.queue.call_queue import CallQueue
from trio_runtime.queue.centre import CallCentre
from trio_runtime.queue.config import OverflowTarget, QueueConfig, QueuePlace
from trio_runtime.queue.core.agent_table import AgentState
from trio_runtime.queue.core.agents import QueueAgent
from trio_runtime.queue.core.config import QueueRules
from trio_runtime.queue.core.dispatcher import Dispatcher
from trio_runtime.queue.core.statistics import AgentStatistics, QueueStatistics
from trio_runtime.queue.core.store import MemoryQueueStore, QueueStore
from trio_runtime.queue.core.strategies import (
    BySkill,
    FewestCalls,
    FreeAgent,
    LongestIdle,
    RingAll,
    RoundRobin,
    Strategy,
)
from trio_runtime.queue.house import Locate
from trio_runtime.queue.options import QueueOptions
from trio_runtime.queue.outcome import QueueEnd, QueueOutcome

__all__ = [
    "AgentState",
    "AgentStatistics",
    "BySkill",
    "CallCentre",
    "CallQueue",
    "Dispatcher",
    "FewestCalls",
    "FreeAgent",
    "Locate",
    "LongestIdle",
    "MemoryQueueStore",
    "OverflowTarget",
    "QueueAgent",
    "QueueConfig",
    "QueueEnd",
    "QueueOptions",
    "QueueOutcome",
    "QueuePlace",
    "QueueRules",
    "QueueStatistics",
    "QueueStore",
    "RingAll",
    "RoundRobin",
    "Strategy",
]
