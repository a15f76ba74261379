"""What is published with an agent, and how it reaches those who watch (RFC 3903 §6, RFC 3856)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RemoteProtocolError
from ..register import address_of_record, is_own_address
from ..subscribe import Compositor, StatePublished, composed_state

if TYPE_CHECKING:
    from ..message import Request
    from ..subscribe import CompositorConfig, Notifiers
    from ..transaction import RequestReceived
    from .backends import AgentBackends
    from .core import Core

__all__ = ["Publications"]


class Publications:
    """Answers PUBLISH, and tells each new state to the user and, if wanted, to the watchers.

    Args:
        core: What the parts of the agent share.
        config: What the compositor serves.
        notifiers: The subscriptions to us.
        backends: Whom to ask who may publish for a resource.
    """

    __slots__ = ("_backends", "_core", "_notifiers", "compositor")

    def __init__(
        self, core: Core, config: CompositorConfig, notifiers: Notifiers, backends: AgentBackends
    ) -> None:
        self._core = core
        self._notifiers = notifiers
        self._backends = backends
        self.compositor = Compositor(config, now=core.now, ids=core.ids, outbound=core.outbound)

    def receive(self, event: RequestReceived, username: str) -> None:
        """Take a PUBLISH; who is known by name publishes for his own address only (403)."""
        if username and not self._may_publish(username, event.request):
            self._core.respond(event.key, event.request, 403)
            return
        self.compositor.receive_request(event.key, event.request, self._core.now, username=username)
        self._settle()

    def _may_publish(self, username: str, request: Request) -> bool:
        owns = self._backends.owns
        if owns is None:
            return is_own_address(username, request.request_uri)
        try:
            return owns(username, address_of_record(request.request_uri))
        except RemoteProtocolError:
            return False  # what is no SIP address is nobody's

    def receive_subscribe(self, event: RequestReceived, username: str) -> None:
        """Take a SUBSCRIBE to a state that may be published here."""
        core, notifiers = self._core, self._notifiers
        notifier = notifiers.receive_request(event.key, event.request, core.now, username=username)
        if notifier is None or not core.config.notify_published:
            return
        package = notifier.admission.event.package
        if any(known.name == package for known in self.compositor.config.packages):
            published = self.compositor.publications(notifier.resource, package)
            notifier.accept(composed_state(published), core.now)
            notifiers.settle(notifier)

    def _settle(self) -> None:
        core = self._core
        while (event := self.compositor.next_event()) is not None:
            core.events().events.append(event)
            if core.config.notify_published and isinstance(event, StatePublished):
                state = composed_state(event.publications)
                self._notifiers.notify(event.resource, event.package, state, core.now)

    # The shape of a machine

    @property
    def deadline(self) -> float | None:
        """When the next publication expires."""
        return self.compositor.deadline

    def handle_timeout(self, now: float) -> None:
        """Drop what has expired and tell those who watch."""
        self.compositor.handle_timeout(now)
        self._settle()
