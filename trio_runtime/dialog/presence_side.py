"""The verbs of signalling that concern those who watch our users; see `DialogManager` for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from sansio_sip.errors import LocalProtocolError
from trio_runtime.dialog.agent_side import AgentSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.subscribe import EventState, Publication
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.endpoint import SipEndpoint

__all__ = ["PresenceSide"]


class PresenceSide(AgentSide):
    """Answers watchers, and tells them of changes.

    See `AgentSide` for the arguments.
    """

    def __init__(self, environment: Environment, endpoint: Callable[[], SipEndpoint]) -> None:
        super().__init__(environment, endpoint)
        self._closed = False

    def accept(self, subscription: str, state: EventState) -> bool:
        """Let somebody watch, with `flush`; return whether he still wanted to."""
        endpoint = self._endpoint()
        try:
            endpoint.agent.accept_subscription(subscription, state, self._now())
        except LocalProtocolError:
            return False  # gone while the application thought about it
        return True

    def reject(self, subscription: str, status_code: int) -> bool:
        """Refuse somebody, with `flush`; return whether he still waited."""
        endpoint = self._endpoint()
        try:
            endpoint.agent.reject_subscription(subscription, self._now(), status_code)
        except LocalProtocolError:
            return False
        return True

    def flush(self) -> None:
        """Send what the verbs have left."""
        self._endpoint().pump.flush()

    def flush_soon(self) -> None:
        """Do as `flush`, but not in the midst of what goes on: a call that begins may not hear of its end."""
        trio.lowlevel.current_trio_token().run_sync_soon(self._flush_late, idempotent=True)

    def _flush_late(self) -> None:
        if not self._closed:
            self.flush()

    def close(self) -> None:
        """Send nothing more: the sockets are about to go."""
        self._closed = True

    def notify(self, resource: str, package: str, state: EventState) -> int:
        """Tell a new state to all who watch, with `flush`; return how many subscriptions there are."""
        return self._endpoint().agent.notify(resource, package, state, self._now())

    def published(self, resource: str, package: str) -> tuple[Publication, ...]:
        """Return what phones have published, the latest last."""
        return self._endpoint().agent.publications(resource, package)
