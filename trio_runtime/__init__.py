"""SIP calls under Trio: open a coordinator, make and take calls; leaving a block hangs up.

The public face of the product: applications import from here and nothing below.
"""

from sansio_sip.subscribe import PresenceStatus
from trio_runtime.api import (
    open_api,
    open_b2bua,
    open_client,
    open_coordinator,
    open_proxy,
    open_registrar,
    open_server,
)
from trio_runtime.b2bua import (
    B2bua,
    B2buaConfig,
    B2buaStatistics,
    CallRecord,
    HeaderPolicy,
    Leg,
)
from trio_runtime.base.account_config import Account
from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.connection_errors import CertificateError, ConnectionFailedError
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
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.base.listening import Listener
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.presence_config import PresenceConfig
from trio_runtime.base.priority import CallPriority
from trio_runtime.base.register_request import RegisterRefusal, RegisterRequest
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.base.registration_errors import (
    NotRegisteredError,
    RegistrationEnded,
    RegistrationRejected,
)
from trio_runtime.base.requests_config import RequestsConfig
from trio_runtime.base.subscription_errors import SubscriptionEndedError, SubscriptionRejected
from trio_runtime.base.tls_config import TlsConfig
from trio_runtime.base.types import CallDirection, CallState, SessionId
from trio_runtime.base.user_secrets import UserRegistry
from trio_runtime.base.watch_request import WatchRequest
from trio_runtime.bridge import (
    BridgeEnd,
    BridgeInfo,
    Conference,
    ConferenceConfig,
    ConferenceInfo,
    ConferenceRole,
    DialOut,
    MemberInfo,
    Supervision,
    bridge,
)
from trio_runtime.control import ApiConfig, ApiServer
from trio_runtime.coordinator import (
    CoordinatorStatistics,
    IncomingRequest,
    Notification,
    PreparedCall,
    Publication,
    Registration,
    RegistrationState,
    SessionCoordinator,
    Subscription,
    SubscriptionStatus,
)
from trio_runtime.handlers import (
    Accept,
    AutoAnswerHandler,
    CallDecision,
    CallHandler,
    CallHooks,
    CompositeHandler,
    Defer,
    Forward,
    QueueHandler,
    Redirect,
    Reject,
    RejectAllHandler,
    Route,
    RoutingHandler,
)
from trio_runtime.presence import PresenceServer, PresenceStatistics, UserPresence, Watcher
from trio_runtime.proxy import (
    ProxyRequest,
    ProxyServer,
    ProxyServerConfig,
    ProxyServerStatistics,
    Reply,
    Target,
)
from trio_runtime.queue import (
    AgentState,
    CallCentre,
    CallQueue,
    QueueAgent,
    QueueConfig,
    QueueEnd,
    QueueOutcome,
    QueuePlace,
    QueueStatistics,
)
from trio_runtime.registrar import (
    Contact,
    MemoryStore,
    RedisStore,
    RegistrarStatistics,
    RegistrarStore,
    SqliteStore,
    StoreFailedError,
)
from trio_runtime.session import (
    Call,
    CallLink,
    Digit,
    IncomingCall,
    SessionGroup,
    SessionStats,
    SipResponse,
    TransferRequest,
    describe_end,
)

# fmt: off
__all__ = [
    "Accept", "Account", "AgentState", "ApiConfig", "ApiServer", "AudioFileError", "AutoAnswerHandler",
    "B2bua", "B2buaConfig", "B2buaStatistics", "BridgeEnd", "BridgeInfo", "Call", "CallCancelled",
    "CallCentre", "CallDecision", "CallDirection", "CallEnded", "CallError", "CallHandler", "CallHooks",
    "CallLink", "CallPriority", "CallQueue", "CallRecord", "CallRejected", "CallState",
    "CallStateError", "CallTimedOut", "CaptureConfig", "CertificateError", "CompositeHandler",
    "Conference", "ConferenceConfig", "ConferenceInfo", "ConferenceRole", "ConfigurationError",
    "ConnectionFailedError", "Contact", "CoordinatorConfig", "CoordinatorStatistics", "Defer",
    "DialOut", "Digit", "FlowConfig", "Forward", "HeaderPolicy", "InboundConfig", "IncomingCall",
    "IncomingRequest", "InvalidUriError", "Leg", "LimitExceededError", "LimitsConfig", "Listener",
    "MediaConfig", "MediaError", "MediaMismatchError", "MemberInfo", "MemoryStore", "NetworkError",
    "NotRegisteredError", "Notification", "PortInUseError", "PortsExhaustedError", "PreparedCall",
    "PresenceConfig", "PresenceServer", "PresenceStatistics", "PresenceStatus", "ProxyRequest",
    "ProxyServer", "ProxyServerConfig", "ProxyServerStatistics", "Publication", "QueueAgent",
    "QueueConfig", "QueueEnd", "QueueHandler", "QueueOutcome", "QueuePlace", "QueueStatistics",
    "Redirect", "RedisStore", "RegisterRefusal", "RegisterRequest", "RegistrarConfig",
    "RegistrarStatistics", "RegistrarStore", "Registration", "RegistrationEnded",
    "RegistrationRejected", "RegistrationState", "Reject", "RejectAllHandler", "Reply",
    "RequestTimedOutError", "RequestsConfig", "ResolutionError", "Route", "RoutingHandler", "SdpError",
    "SessionCoordinator", "SessionGroup", "SessionId", "SessionNotFoundError", "SessionStats",
    "SipFailure", "SipResponse", "SqliteStore", "StoreFailedError", "Subscription",
    "SubscriptionEndedError", "SubscriptionRejected", "SubscriptionStatus", "Supervision", "Target",
    "TlsConfig", "TransferRequest", "UnsupportedError", "UserPresence", "UserRegistry", "VoipError",
    "WatchRequest", "Watcher", "bridge", "describe_end", "open_api", "open_b2bua", "open_client",
    "open_coordinator", "open_proxy", "open_registrar", "open_server",
]
# fmt: on
