"""A registrar behind our own endpoint: the agent's machine on any network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import attrs

from sansio_sip.agent import AgentConfig, AgentEvent, AuthenticationConfig
from sansio_sip.auth import Credentials, DigestServerConfig
from sansio_sip.message import Request, parse_message
from sansio_sip.register import RegistrarConfig
from trio_runtime.base.config import CoordinatorConfig
from trio_runtime.base.environment import Environment
from trio_runtime.base.service import ServiceScope
from trio_runtime.dialog.endpoint import SipEndpoint, open_endpoint
from trio_runtime.observe.trace import Trace

__all__ = ["Registrar", "registrar"]


@attrs.define
class Registrar:
    """A running one.

    Attributes:
        endpoint: Its sockets and its agent.
        trace: What it sent and heard.
    """

    endpoint: SipEndpoint
    trace: Trace

    def contacts(self, aor: str) -> list[str]:
        """Where a user is."""
        return [binding.contact for binding in self.endpoint.agent.lookup(aor)]

    def requests(self) -> list[Request]:
        """The REGISTERs that it heard."""
        messages = [parse_message(entry.data) for entry in self.trace if entry.data[:9] == b"REGISTER "]
        return [message for message in messages if isinstance(message, Request)]


@asynccontextmanager
async def registrar(
    environment: Environment,
    *,
    users: Mapping[str, str] | None = None,
    events: list[AgentEvent] | None = None,
    options: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Registrar]:
    """Serve while the block lasts; leaving it is the death of a server: nobody is told.

    Args:
        environment: Where.
        users: Their passwords; without them everybody may register.
        events: Where what it tells goes.
        options: Of `CoordinatorConfig`.
        settings: Of `RegistrarConfig`.
    """
    asked = AuthenticationConfig(
        digest=DigestServerConfig(realm="test"),
        methods=frozenset({"REGISTER"}),
        users=tuple([Credentials(name, password) for name, password in (users or {}).items()]),
    )

    def adapt(config: AgentConfig) -> AgentConfig:
        wanted = RegistrarConfig(**settings)
        return attrs.evolve(config, registrar=wanted, authentication=None if users is None else asked)

    trace = Trace(1_000)
    config = CoordinatorConfig(uri="sip:registrar@test", **(options or {}))
    told = [] if events is None else events
    endpoint = await open_endpoint(environment, config, on_event=told.append, trace=trace, adapt=adapt)

    async def nothing() -> None:
        return

    try:
        async with ServiceScope(nothing) as services:
            endpoint.start(services)
            yield Registrar(endpoint, trace)
    finally:
        endpoint.close()
