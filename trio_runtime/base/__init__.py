"""What every floor of the runtime stands on: errors, configuration, types, clock and the ports of I/O."""

from __future__ import annotations

from trio_runtime.base.clock import (
    Clock,
    KernelClock,
    TrioClock,
    open_clock,
)
from trio_runtime.base.config import (
    CoordinatorConfig,
)
from trio_runtime.base.connection_errors import (
    CertificateError,
    ConnectionFailedError,
)
from trio_runtime.base.environment import (
    Environment,
    RandomBytes,
)
from trio_runtime.base.errors import (
    AudioFileError,
    CallCancelled,
    CallEnded,
    CallError,
    CallRejected,
    CallStateError,
    CallTimedOut,
    ConfigurationError,
    InvalidUriError,
    LimitExceededError,
    MediaError,
    MediaMismatchError,
    NetworkError,
    PortInUseError,
    PortsExhaustedError,
    RequestTimedOutError,
    ResolutionError,
    SdpError,
    SessionNotFoundError,
    SipFailure,
    UnsupportedError,
    VoipError,
)
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.base.listening import Listener
from trio_runtime.base.media_config import (
    MediaConfig,
)
from trio_runtime.base.network import Network
from trio_runtime.base.ports import DatagramSocket, DatagramStatistics, MediaIO, MediaSocket
from trio_runtime.base.priority import CallPriority
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.base.types import (
    Address,
    CallDirection,
    CallState,
    SessionId,
)
from trio_runtime.base.version import (
    VERSION,
)

__all__ = [
    "VERSION",
    "Address",
    "AudioFileError",
    "CallCancelled",
    "CallDirection",
    "CallEnded",
    "CallError",
    "CallPriority",
    "CallRejected",
    "CallState",
    "CallStateError",
    "CallTimedOut",
    "CertificateError",
    "Clock",
    "ConfigurationError",
    "ConnectionFailedError",
    "CoordinatorConfig",
    "DatagramSocket",
    "DatagramStatistics",
    "Environment",
    "FlowConfig",
    "InvalidUriError",
    "KernelClock",
    "LimitExceededError",
    "LimitsConfig",
    "Listener",
    "MediaConfig",
    "MediaError",
    "MediaIO",
    "MediaMismatchError",
    "MediaSocket",
    "Network",
    "NetworkError",
    "PortInUseError",
    "PortsExhaustedError",
    "RandomBytes",
    "RequestTimedOutError",
    "ResolutionError",
    "SdpError",
    "SessionId",
    "SessionNotFoundError",
    "SipFailure",
    "TlsConfig",
    "TrioClock",
    "UnsupportedError",
    "VoipError",
    "open_clock",
]
