"""What a proxy server can be told."""

from __future__ import annotations

from collections import Counter

import attrs

from trio_runtime.base.endpoint_config import EndpointConfig
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.listening import transport_name
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.base.validation import any_of, between, flag, optional, part, text

__all__ = ["ProxyServerConfig"]


@attrs.frozen(kw_only=True)
class ProxyServerConfig(EndpointConfig):
    """What a proxy server is responsible for and what it puts up with; how it listens says `EndpointConfig`.

    Attributes:
        domains: Domains whose users `route` knows, such as ``example.com``; our addresses are ours anyway,
            and so are the domains of the registrar.
        hosts: More names of this machine, as they may stand in a Route or a Request-URI.
        registrar: Which phones may register here, and with what; None routes a REGISTER like any request.
        inbound: Whether users of our domains need their password to call as well, where they are not let in
            by address: theirs at the registrar, or one of these. None asks nobody.
        relay_foreign: Whether requests that begin something and are for none of our domains are forwarded to
            where they say, as an outbound proxy does it; otherwise they get 403: nobody can hide behind us.
        record_route: Whether we stay on the path of the dialogs that we help to make.
        recurse: Whether the contacts of a 3xx are tried by us instead of being handed back to the caller.
        flow_transports: Transports whose peers are reached by nothing but their own connection: ``ws`` and
            ``wss``, and others where all phones stand behind NATs.
        timer_c: Seconds that an INVITE may ring, more than 180.
        route_timeout: Seconds that `route` may take; then an INVITE gets 408, any other request 500.
        max_routing: Async calls of `route` at one time; a request more gets 503.
        max_requests: Requests being forwarded at one time; more get 503.
        max_transactions: Server transactions at one time; more get 503.
        max_targets: Targets that one request may ever have; more are left out.
        max_branches: Targets of one request that are tried at the same time; the others wait.
        max_flows: Connections that are remembered by name, see `flow_transports`.
    """

    domains: tuple[str, ...] = attrs.field(default=(), validator=any_of(text))
    hosts: tuple[str, ...] = attrs.field(default=(), validator=any_of(text))
    registrar: RegistrarConfig | None = attrs.field(default=None, validator=optional(part(RegistrarConfig)))
    inbound: InboundConfig | None = attrs.field(default=None, validator=optional(part(InboundConfig)))
    relay_foreign: bool = attrs.field(default=False, validator=flag)
    record_route: bool = attrs.field(default=True, validator=flag)
    recurse: bool = attrs.field(default=True, validator=flag)
    flow_transports: tuple[str, ...] = attrs.field(default=("ws", "wss"), validator=any_of(transport_name))
    timer_c: float = attrs.field(default=185.0, validator=between(180.001, 3_600, " s"))
    route_timeout: float = attrs.field(default=10.0, validator=between(0.001, 30, " s"))
    max_routing: int = attrs.field(default=10_000, validator=between(1))
    max_requests: int = attrs.field(default=100_000, validator=between(1))
    max_transactions: int = attrs.field(default=1_000_000, validator=between(1))
    max_targets: int = attrs.field(default=64, validator=between(1))
    max_branches: int = attrs.field(default=20, validator=between(1, 60))
    max_flows: int = attrs.field(default=100_000, validator=between(1))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        super().__attrs_post_init__()
        if self.registrar is not None:
            self.registrar.check_with(self.inbound)
        most = Counter([each.transport for each in self.listeners]).most_common(1)
        if most[0][1] > 1:
            # Via and Record-Route name one address of a transport, and answers have to come back there.
            raise ConfigurationError("names one transport twice", field="listen")
