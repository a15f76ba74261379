"""The agent: a whole SIP user agent as one machine."""

from ..admission import AdmissionConfig, AdmissionStatistics
from ..auth import AuthenticationConfig
from .agent import Agent
from .backends import AgentBackends
from .config import AgentConfig
from .events import (
    AgentEvent,
    CredentialsRefused,
    MessageRefused,
    RequestFailed,
    RequestHandedOver,
    ResponseReceived,
)
from .recorded_values import ReplayError
from .recording import RecordingAgent
from .replay import ReplayedInput, replay
from .sender import Sender, contact_for
from .statistics import AgentStatistics

__all__ = [
    "AdmissionConfig",
    "AdmissionStatistics",
    "Agent",
    "AgentBackends",
    "AgentConfig",
    "AgentEvent",
    "AgentStatistics",
    "AuthenticationConfig",
    "CredentialsRefused",
    "MessageRefused",
    "RecordingAgent",
    "ReplayError",
    "ReplayedInput",
    "RequestFailed",
    "RequestHandedOver",
    "ResponseReceived",
    "Sender",
    "contact_for",
    "replay",
]
