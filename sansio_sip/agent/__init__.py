"""The agent: a whole SIP user agent as one machine."""

from .agent import Agent
from .config import AgentConfig
from .events import AgentEvent, MessageRefused, RequestFailed, ResponseReceived
from .statistics import AgentStatistics

__all__ = [
    "Agent",
    "AgentConfig",
    "AgentEvent",
    "AgentStatistics",
    "MessageRefused",
    "RequestFailed",
    "ResponseReceived",
]
