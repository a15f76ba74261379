"""The keyword arguments of the open functions: the fields of their configurations, each optional."""

from __future__ import annotations

from typing import TypedDict

from trio_runtime.base.account_config import Account
from trio_runtime.base.capture_config import CaptureConfig
from trio_runtime.base.flow_config import FlowConfig
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.limits_config import LimitsConfig
from trio_runtime.base.media_config import MediaConfig
from trio_runtime.base.presence_config import PresenceConfig
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.base.requests_config import RequestsConfig
from trio_runtime.base.tls_config import TlsConfig

__all__ = ["CoordinatorOptions", "EndpointOptions", "ProxyOptions"]


class EndpointOptions(TypedDict, total=False):
    """See `EndpointConfig` for what each means."""

    bind_host: str
    listen: tuple[str, ...]
    connect: tuple[str, ...]
    tls: TlsConfig
    flows: FlowConfig
    advertised_host: str | None
    stun_server: str | None
    drain_grace: float
    limits: LimitsConfig
    receive_buffer: int
    t1: float
    t2: float
    t4: float
    trace_messages: int
    capture: CaptureConfig | None


class CoordinatorOptions(EndpointOptions, total=False):
    """See `CoordinatorConfig` for what each means."""

    display_name: str
    username: str | None
    password: str | None
    realm: str | None
    outbound_proxy: str | None
    accounts: tuple[Account, ...]
    max_registrations: int
    requests: RequestsConfig
    on_network_change: str
    recovery_probes: int
    inbound: InboundConfig | None
    registrar: RegistrarConfig | None
    presence: PresenceConfig | None
    max_sessions: int
    max_redirects: int
    user_agent: str
    max_ringing: float
    session_interval: int
    media: MediaConfig
    no_media: bool


class ProxyOptions(EndpointOptions, total=False):
    """See `ProxyServerConfig` for what each means."""

    domains: tuple[str, ...]
    hosts: tuple[str, ...]
    registrar: RegistrarConfig | None
    inbound: InboundConfig | None
    relay_foreign: bool
    record_route: bool
    recurse: bool
    flow_transports: tuple[str, ...]
    timer_c: float
    route_timeout: float
    max_routing: int
    max_requests: int
    max_transactions: int
    max_targets: int
    max_branches: int
    max_flows: int
