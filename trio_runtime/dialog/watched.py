"""The verbs of signalling that concern those who watch us; see `DialogManager` for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import LocalProtocolError
from trio_runtime.base.errors import CallStateError, SessionNotFoundError
from trio_runtime.dialog.agent_side import AgentSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from sansio_sip.agent import Agent
    from sansio_sip.subscribe import EventState

__all__ = ["Watched"]


class Watched(AgentSide):
    """Lets others watch what is here, and tells them how it is.

    See `AgentSide` for the arguments.
    """

    def is_own_host(self, host: str) -> bool:
        """Return whether a host in a URI is one of those that we are reached at."""
        return host.strip("[]") in {each.host for each in self._endpoint().listening}

    def accept(self, subscription: str, state: EventState) -> None:
        """Let a subscriber see a state, the whole of it first.

        Raises:
            CallStateError: It was decided about, or is gone.
        """
        self._do(lambda agent, now: agent.accept_subscription(subscription, state, now))

    def reject(self, subscription: str, status_code: int) -> None:
        """Refuse a subscriber; the error is that of `accept`."""
        self._do(lambda agent, now: agent.reject_subscription(subscription, now, status_code))

    def tell(self, resource: str, package: str, state: EventState) -> int:
        """Tell a new state to all who watch a resource, and return how many they are."""
        counts: list[int] = []
        self._do(lambda agent, now: counts.append(agent.notify(resource, package, state, now)))
        return counts[0]

    def end(self, subscription: str, reason: str) -> None:
        """End a subscription with the state that was told last; the error is that of `accept`."""
        self._do(lambda agent, now: agent.end_subscription(subscription, reason, now))

    def act_as_focus(self, session: str, uri: str) -> None:
        """Let a call show that it leads into a conference.

        Raises:
            SessionNotFoundError: The call is over.
        """
        endpoint = self._endpoint()
        try:
            endpoint.agent.act_as_focus(session, uri, self._now())
        except LocalProtocolError as error:
            raise SessionNotFoundError(str(error)) from error

    def _do(self, verb: Callable[[Agent, float], object]) -> None:
        endpoint = self._endpoint()
        try:
            verb(endpoint.agent, self._now())
        except LocalProtocolError as error:
            raise CallStateError(str(error)) from error
        finally:
            endpoint.pump.flush()
