"""All signalling of a coordinator behind one door, the twin of `MediaManager`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from sansio_sip.errors import LocalProtocolError
from trio_runtime.base.errors import InvalidUriError
from trio_runtime.dialog.endpoint import open_endpoint
from trio_runtime.dialog.passing import PassingVerbs
from trio_runtime.dialog.serving import Service

if TYPE_CHECKING:
    from sansio_sip.agent import Agent, AgentEvent, Sender
    from sansio_sip.outbound import Way
    from sansio_sip.sdp import LocalMedia
    from trio_runtime.base.config import CoordinatorConfig
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.listening import Listener
    from trio_runtime.base.service import ServiceScope
    from trio_runtime.base.types import Address
    from trio_runtime.dialog.types import DialogStatistics
    from trio_runtime.observe.trace import Trace

__all__ = ["DialogManager"]

_NO_SERVICE = Service()


class DialogManager(PassingVerbs):
    """Owns the agent and its pump; maps the core's errors to the runtime's.

    Args:
        environment: Clock, network and randomness.
        config: The coordinator's configuration.
        on_event: Takes each of the agent's events, synchronously.
        trace: Where messages are recorded, or ``None``.
        service: What it serves besides calls.
    """

    def __init__(
        self,
        environment: Environment,
        config: CoordinatorConfig,
        *,
        on_event: Callable[[AgentEvent], None],
        trace: Trace | None,
        service: Service = _NO_SERVICE,
    ) -> None:
        super().__init__(environment)
        self._service = service
        self._config = config
        self._on_event = on_event
        self._trace = trace

    @property
    def listening(self) -> list[Listener]:
        """The listeners with the addresses that peers use, empty before `open`."""
        return [] if self._opened is None else self._opened.listening

    async def open(self) -> Address:
        """Open the listeners, make the agent and return the first address; see `open_endpoint`."""
        self._opened = await open_endpoint(
            self._environment,
            self._config,
            on_event=self._on_event,
            trace=self._trace,
            adapt=self._service.adapt,
            backends=self._service.backends,
        )
        return self._opened.addresses[0]

    def start(self, services: ServiceScope) -> None:
        """Start the service tasks."""
        self.endpoint.start(services)

    def refuse_new_calls(self) -> None:
        """Answer every new call with 503 from now on."""
        self.endpoint.agent.refuse_new_calls(self._environment.clock.now())

    async def drain(self, grace: float) -> int:
        """Hang up everything, wait at most ``grace`` seconds; return how many calls are left."""
        return await self.endpoint.drain(self._environment.clock.now(), grace)

    def close(self) -> None:
        """Release the sockets."""
        if self._opened is not None:
            self._opened.close()

    def own_hosts(self) -> dict[bool, str]:
        """Ask the routes anew for our addresses, IPv6 or not, where we listen on all interfaces."""
        self.endpoint.local_hosts.forget()
        return self.endpoint.local_hosts.usual()

    # Verbs: each runs the agent and then the pump, at once and without waiting.

    def invite(
        self,
        session: str,
        uri: str,
        media: LocalMedia | None,
        headers: Iterable[tuple[str, str]],
        on_started: Callable[[str], None],
        sender: Sender | None = None,
        ways: Sequence[Way] = (),
        focus: str = "",
    ) -> None:
        """Call ``uri``.

        Args:
            session: Name of the call.
            uri: SIP URI of the callee.
            media: What to offer.
            headers: More header fields.
            on_started: Called with the Call-ID before anything is sent and any event is handed out.
            sender: Who calls; the agent as it is configured when ``None``.
            ways: Where the callee is registered with us.
            focus: URI of the conference that calls, or empty.

        Raises:
            InvalidUriError: The URI cannot be called, or a header cannot be sent.
        """
        agent, pump = self.endpoint.agent, self.endpoint.pump
        try:
            now = self._environment.clock.now()
            agent.invite(
                uri, media, now, headers=headers, session=session, sender=sender, ways=ways, focus=focus
            )
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error
        on_started(agent.call_id(session))
        pump.flush()

    def lose_media(self, session: str) -> None:
        """End a call because nothing is heard of its peer any more."""
        self._do(session, lambda agent, now: agent.lose_media(session, now))

    def speaks_six(self, session: str) -> bool:
        """Return whether the media of a call is at an IPv6 address of ours.

        Raises:
            SessionNotFoundError: The call is over.
        """
        found: list[bool] = []
        self._do(session, lambda agent, now: found.append(":" in agent.local_media(session).address))
        return found[0]

    def move_media(self, session: str, host: str) -> None:
        """Offer the media of a call at another address of ours; what becomes of it is an event.

        Raises:
            SessionNotFoundError: The call is over.
            CallStateError: A change is on its way.
        """

        def change(agent: Agent, now: float) -> None:
            # Where any of our addresses will do, the one that the peer was told before is kept.
            moved = attrs.evolve(agent.local_media(session), address=host, any_interface=False)
            agent.update_media(session, moved, now)

        self._do(session, change)

    def request(
        self,
        method: str,
        uri: str,
        headers: Iterable[tuple[str, str]],
        content_type: str,
        body: bytes,
        on_sent: Callable[[int], None],
        sender: Sender | None = None,
        way: Way | None = None,
    ) -> int:
        """Send a request outside of calls and return its number; ``on_sent`` gets it first.

        Raises:
            InvalidUriError: The URI cannot be reached, or a header cannot be sent.
        """
        agent, pump = self.endpoint.agent, self.endpoint.pump
        now = self._environment.clock.now()
        try:
            number = agent.request(
                method, uri, now, headers=headers, content_type=content_type, body=body,
                sender=sender, way=way,
            )  # fmt: skip
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error
        on_sent(number)
        pump.flush()
        return number

    def statistics(self) -> DialogStatistics:
        """Return what the agent, the pump and the transports count."""
        return self.endpoint.statistics()
