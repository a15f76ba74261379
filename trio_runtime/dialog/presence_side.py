"""The verbs of signalling that concern those who watch our users; see `DialogManager` for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.subscribe import EventState, Publication
    from trio_runtime.base.environment import Environment
    from trio_runtime.dialog.endpoint import SipEndpoint

__all__ = ["PresenceSide"]


class PresenceSide:
    """Answers watchers, and tells them of changes.

    Args:
        environment: Clock.
        endpoint: Gives the open endpoint.
    """

    def __init__(self, environment: Environment, endpoint: Callable[[], SipEndpoint]) -> None:
        self._now = environment.clock.now
        self._endpoint = endpoint

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
        """Send what the answers have left."""
        self._endpoint().pump.flush()

    def notify(self, resource: str, package: str, state: EventState) -> int:
        """Tell a new state to all who watch; return how many subscriptions there are."""
        endpoint = self._endpoint()
        count = endpoint.agent.notify(resource, package, state, self._now())
        endpoint.pump.flush()
        return count

    def published(self, resource: str, package: str) -> tuple[Publication, ...]:
        """Return what phones have published, the latest last."""
        return self._endpoint().agent.publications(resource, package)
