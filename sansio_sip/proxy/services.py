"""What a proxy does besides forwarding, as its configuration wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..auth import DigestServers
from ..register import Registrar
from .gate import Gate
from .registrations import Registrations

if TYPE_CHECKING:
    from ..auth import DigestServer
    from .backends import ProxyBackends
    from .shared import Shared

__all__ = ["add_services"]


def add_services(shared: Shared, backends: ProxyBackends) -> None:
    """Make a registrar, and what asks phones and callers for passwords, where they are wanted.

    Args:
        shared: What the parts of the proxy share; it gets them.
        backends: Objects of the application's own.
    """
    asked, judge = shared.config.authentication, None
    if asked is not None:
        servers = DigestServers(asked, backends.secrets, shared.ids)
        judge = servers.end if "REGISTER" in asked.methods else None
        shared.authorize = Gate(shared, asked, servers.proxy, backends, shared.authorize).authorize
    _add_registrar(shared, backends, judge)


def _add_registrar(shared: Shared, backends: ProxyBackends, judge: DigestServer | None) -> None:
    config = shared.config.registrar
    if config is None:
        return
    events: Any = shared.out  # one queue for all events; each part appends its own kind
    registrar = Registrar(
        config,
        now=shared.now,
        ids=shared.ids,
        outbound=shared.outbound,
        store=backends.store,
        authenticator=judge,
        may_register=backends.owns,
        outbox=events,
    )
    shared.registrations = Registrations(registrar, config.domains, asks=judge is not None)
