"""The verbs of signalling that concern those who watch us; see `DialogManager` for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import LocalProtocolError
from trio_runtime.base.errors import CallStateError, ConfigurationError, SessionNotFoundError
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

    # Conferences

    def open_focus(self, uri: str) -> None:
        """Be the focus of a conference.

        Raises:
            ConfigurationError: There is one at that URI, or there are too many.
        """
        try:
            self._endpoint().agent.open_focus(uri, self._now())
        except LocalProtocolError as error:
            raise ConfigurationError(str(error), field="uri") from error

    def close_focus(self, uri: str) -> None:
        """Be its focus no more."""
        self._endpoint().agent.close_focus(uri, self._now())

    def focus_at(self, uri: str) -> str:
        """Return the URI of the conference that a URI means, empty when it means none."""
        return self._endpoint().agent.focus_at(uri)

    def act_as_focus(self, session: str, uri: str) -> None:
        """Let a call show that it leads into a conference; with an empty URI, into none any more.

        Raises:
            SessionNotFoundError: The call is over.
        """
        endpoint = self._endpoint()
        try:
            endpoint.agent.act_as_focus(session, uri, self._now())
        except LocalProtocolError as error:
            raise SessionNotFoundError(str(error)) from error
        finally:
            endpoint.pump.flush()

    # What is wanted outside of calls

    def accept_referral(self, subscription: str) -> None:
        """Do what somebody wants; the error is that of `accept`."""
        self._do(lambda agent, now: agent.accept_referral(subscription, now))

    def report_referral(self, subscription: str, status_code: int, reason: str) -> None:
        """Tell how far that is; a final status is the last. Who is gone hears nothing."""
        self._do(lambda agent, now: agent.report_referral(subscription, status_code, now, reason=reason))

    # Subscriptions

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

    def _do(self, verb: Callable[[Agent, float], object]) -> None:
        endpoint = self._endpoint()
        try:
            verb(endpoint.agent, self._now())
        except LocalProtocolError as error:
            raise CallStateError(str(error)) from error
        finally:
            endpoint.pump.flush()
