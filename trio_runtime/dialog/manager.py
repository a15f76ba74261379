"""All signalling of a coordinator behind one door, the twin of `MediaManager`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import trio

from sansio_sip.agent import Agent, AgentStatistics
from sansio_sip.errors import LocalProtocolError, RemoteProtocolError
from sansio_sip.ids import Ids
from trio_runtime.base.errors import (
    CallStateError,
    InvalidUriError,
    NetworkError,
    SdpError,
    SessionNotFoundError,
    VoipError,
)
from trio_runtime.dialog.config import agent_config
from trio_runtime.dialog.pump import Pump, PumpStatistics
from trio_runtime.dialog.types import DialogStatistics

if TYPE_CHECKING:
    from sansio_sip.agent import AgentEvent
    from sansio_sip.sdp import LocalMedia
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.ports import DatagramSocket
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.observe.trace import Trace

__all__ = ["DialogManager"]

_WILDCARDS = ("0.0.0.0", "::", "")
_SOMEWHERE = "192.0.2.1"  # RFC 5737: only asks the routing table, nothing is sent there


class DialogManager:
    """Owns the agent, its socket and its pump; maps the core's errors to the runtime's.

    Args:
        environment: Clock, network and randomness.
        config: The coordinator's configuration.
        on_event: Takes each of the agent's events, synchronously.
        trace: Where messages are recorded, or ``None``.
    """

    def __init__(
        self,
        environment: Environment,
        config: CoordinatorConfig,
        *,
        on_event: Callable[[AgentEvent], None],
        trace: Trace | None,
    ) -> None:
        self._environment = environment
        self._config = config
        self._on_event = on_event
        self._trace = trace
        self._socket: DatagramSocket | None = None
        self._parts: tuple[Agent, Pump] | None = None
        self.advertised: Address = ("", 0)

    async def open(self) -> None:
        """Bind the socket and make the agent.

        Raises:
            PortInUseError: Another program holds the port.
            NetworkError: The address is none of this machine's.
            ConfigurationError: A value cannot be used.
        """
        config, environment = self._config, self._environment
        self._socket = await environment.network.open_datagram(
            config.bind_host, config.sip_port, receive_buffer=config.receive_buffer
        )
        host, port = self._socket.local_address
        self.advertised = (config.advertised_host or self._reachable(host), port)
        agent = Agent(
            agent_config(config, self.advertised),
            now=environment.clock.now(),
            ids=Ids(environment.random_bytes),
        )
        pump = Pump(
            agent,
            self._socket,
            local=self.advertised,
            environment=environment,
            on_event=self._on_event,
            trace=self._trace,
        )
        self._parts = (agent, pump)

    def _reachable(self, host: str) -> str:
        """Return an address for messages: a wildcard address must never reach one."""
        if host not in _WILDCARDS:
            return host
        try:
            return self._environment.network.local_host_for(_SOMEWHERE)
        except NetworkError:
            return "127.0.0.1"  # no network but the loopback one

    def start(self, services: ServiceScope) -> None:
        """Start the tasks that read, keep time and resolve names."""
        _, pump = self._running()
        services.start_soon(pump.read, name="SIP socket")
        services.start_soon(pump.run_timers, name="SIP timers")
        services.start_soon(pump.resolve, name="name resolution")

    async def drain(self, grace: float) -> int:
        """Hang up everything, wait at most ``grace`` seconds for it; return how many calls are left."""
        agent, pump = self._running()
        agent.close(self._environment.clock.now())
        pump.flush()
        with trio.move_on_after(grace):
            await pump.closed.wait()
        return agent.statistics().calls

    def close(self) -> None:
        """Release the socket."""
        if self._parts is not None:
            self._parts[1].close()
        elif self._socket is not None:
            self._socket.close()

    def _running(self) -> tuple[Agent, Pump]:
        if self._parts is None:
            raise VoipError("the coordinator is not open: use `async with`")
        return self._parts

    # Verbs: each runs the agent and then the pump, at once and without waiting.

    def invite(self, uri: str, media: LocalMedia | None, headers: Iterable[tuple[str, str]]) -> str:
        """Call ``uri`` and return the name of the call.

        Raises:
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
        """
        agent, pump = self._running()
        try:
            session = agent.invite(uri, media, self._environment.clock.now(), headers=headers)
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error
        pump.flush()
        return session

    def ring(self, session: str, status_code: int = 180) -> None:
        """Send a provisional response."""
        self._do(session, lambda agent, now: agent.ring(session, now, status_code))

    def answer(
        self, session: str, media: LocalMedia | None, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Accept a call.

        Raises:
            SdpError: The offer has nothing that we can take.
            CallStateError: The call does not wait for an answer any more.
        """
        self._do(session, lambda agent, now: agent.answer(session, media, now, headers=headers))

    def reject(
        self, session: str, status_code: int, reason: str, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Refuse a call."""
        self._do(
            session,
            lambda agent, now: agent.reject(session, status_code, now, reason=reason, headers=headers),
        )

    def hang_up(self, session: str) -> None:
        """End a call as its state demands; one that is gone is no error."""
        self._do(session, lambda agent, now: agent.hang_up(session, now))

    def request(
        self, method: str, uri: str, headers: Iterable[tuple[str, str]] = (), content_type: str = "", body: bytes = b""
    ) -> int:
        """Send a request outside of calls and return its number.

        Raises:
            InvalidUriError: The URI cannot be reached, or a header cannot be sent.
        """
        agent, pump = self._running()
        now = self._environment.clock.now()
        try:
            number = agent.request(method, uri, now, headers=headers, content_type=content_type, body=body)
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error
        pump.flush()
        return number

    def _do(self, session: str, verb: Callable[[Agent, float], None]) -> None:
        agent, pump = self._running()
        try:
            verb(agent, self._environment.clock.now())
        except LocalProtocolError as error:
            kind = SessionNotFoundError if "there is no call" in str(error) else CallStateError
            raise kind(str(error)) from error
        except RemoteProtocolError as error:
            raise SdpError(str(error)) from error
        finally:
            pump.flush()

    def statistics(self) -> DialogStatistics:
        """Return what the agent, the pump and the socket count."""
        agent, pump = self._running()
        if self._socket is None:
            raise VoipError("the coordinator is not open: use `async with`")
        return DialogStatistics(agent.statistics(), pump.statistics, self._socket.statistics())
