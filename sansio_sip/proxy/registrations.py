"""The registrar inside of a proxy: edge proxy, registrar and home proxy in one (RFC 3261 §10, RFC 5626 §5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..auth import DigestServers
from ..message import Uri
from ..register import Registrar, judge_register
from ..transaction import RequestReceived
from .gate import Gate

if TYPE_CHECKING:
    from ..auth import DigestServer
    from ..message import Request
    from ..register import RegistrarConfig
    from ..transaction import TransactionKey
    from .backends import ProxyBackends
    from .shared import Shared

__all__ = ["Registrations", "add_services"]


class Registrations:
    """Takes the REGISTERs for the domains of a registrar, which answers by the proxy's own transactions.

    Args:
        shared: What the parts of the proxy share.
        config: The registrar's.
        backends: Objects of the application's own.
        judge: Judges credentials; None lets everybody register.

    Attributes:
        registrar: It.
    """

    __slots__ = ("_asks", "_domains", "_shared", "registrar")

    def __init__(
        self, shared: Shared, config: RegistrarConfig, backends: ProxyBackends, judge: DigestServer | None
    ) -> None:
        events: Any = shared.out  # one queue for all events; each part appends its own kind
        self._shared = shared
        self._domains = config.domains
        self._asks = judge is not None
        self.registrar = Registrar(
            config,
            now=shared.now,
            ids=shared.ids,
            outbound=shared.outbound,
            store=backends.store,
            authenticator=judge,
            may_register=backends.owns,
            outbox=events,
        )

    def serves(self, request: Request) -> bool:
        """Whether a request registers with us; it names the domain alone (RFC 3261 §10.2).

        Args:
            request: A request for a domain of ours, without the routes that name us.
        """
        if request.method != "REGISTER" or request.routes:
            return False
        uri = request.request_uri
        if not isinstance(uri, Uri) or uri.user is not None:
            return False
        return not self._domains or uri.host.lower() in self._domains

    def receive(self, event: RequestReceived) -> None:
        """Answer a REGISTER, or hold it until the user has spoken."""
        admission = self._shared.admission
        bans = admission.bans if admission is not None and self._asks else None
        judge_register(self.registrar, event, self._shared.now, bans)


def add_services(shared: Shared, backends: ProxyBackends) -> None:
    """Make what the configuration asks for: a registrar, passwords for it and for callers."""
    config, judge = shared.config, None
    asked = config.authentication
    if asked is not None:
        servers = DigestServers(asked, backends.secrets, shared.ids)
        judge = servers.end if "REGISTER" in asked.methods else None
        shared.authorize = Gate(shared, asked, servers.proxy, backends, shared.authorize).authorize
    if config.registrar is not None:
        shared.registrations = Registrations(shared, config.registrar, backends, judge)
