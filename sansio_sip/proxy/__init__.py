"""Proxies: requests forwarded, forked and answered for others (RFC 3261 §16)."""

from .backends import ProxyBackends
from .branch import Branch
from .config import ProxyConfig
from .context import ResponseContext
from .core import ProxyCore
from .events import (
    FinalResponseSent,
    ProxyEvent,
    RequestExpired,
    RequestForwarded,
    RequestRefused,
    RoutingNeeded,
)
from .flow_tokens import FlowTokens
from .phones import phone_targets
from .preferences import forbids_recursion, prefer_targets
from .preprocessing import Flows
from .proxy import Proxy
from .stateless import StatelessProxy
from .states import BranchInput, BranchState, ContextInput, ContextState
from .statistics import ProxyCounters, ProxyStatistics
from .targets import Authorizer, Later, Reply, Router, Routing, Target

__all__ = [
    "Authorizer",
    "Branch",
    "BranchInput",
    "BranchState",
    "ContextInput",
    "ContextState",
    "FinalResponseSent",
    "FlowTokens",
    "Flows",
    "Later",
    "Proxy",
    "ProxyBackends",
    "ProxyConfig",
    "ProxyCore",
    "ProxyCounters",
    "ProxyEvent",
    "ProxyStatistics",
    "Reply",
    "RequestExpired",
    "RequestForwarded",
    "RequestRefused",
    "ResponseContext",
    "Router",
    "Routing",
    "RoutingNeeded",
    "StatelessProxy",
    "Target",
    "forbids_recursion",
    "phone_targets",
    "prefer_targets",
]
