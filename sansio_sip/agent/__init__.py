"""The agent: a whole SIP user agent as one machine."""

from .agent import Agent
from .config import AgentConfig
from .events import AgentEvent, MessageRefused, RequestFailed, ResponseReceived
from .recorded_values import ReplayError
from .recording import RecordingAgent
from .replay import ReplayedInput, replay
from .statistics import AgentStatistics

__all__ = [
    "Agent",
    "AgentConfig",
    "AgentEvent",
    "AgentStatistics",
    "MessageRefused",
    "RecordingAgent",
    "ReplayError",
    "ReplayedInput",
    "RequestFailed",
    "ResponseReceived",
    "replay",
]
