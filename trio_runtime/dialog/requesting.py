"""The verbs of signalling that concern messages, subscriptions, publications, and requests to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sansio_sip.agent import Sender
from sansio_sip.errors import LocalProtocolError
from trio_runtime.base.errors import CallStateError, InvalidUriError
from trio_runtime.dialog.agent_side import AgentSide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sansio_sip.agent import Agent
    from sansio_sip.outbound import Way
    from sansio_sip.subscribe import FixedState, PublishOrder, SubscribeOrder

__all__ = ["Requesting"]

NameT = TypeVar("NameT", int, str)


class Requesting(AgentSide):
    """Runs the agent and then the pump, at once and without waiting; its errors become the runtime's.

    Where a method takes ``on_started``, that gets the name or number before any event is handed out.

    See `AgentSide` for the arguments.
    """

    @property
    def own_address(self) -> str:
        """The From value of the agent itself."""
        return self._endpoint().settings.address

    def send_message(
        self,
        uri: str,
        body: bytes,
        content_type: str,
        headers: Iterable[tuple[str, str]],
        sender: Sender | None,
        on_started: Callable[[int], None],
        way: Way | None = None,
    ) -> int:
        """Send a message and return its number.

        Raises:
            InvalidUriError: The URI cannot be reached, the message is too long, or a value cannot be sent.
        """
        return self._begin(
            lambda agent: agent.send_message(
                uri,
                self._now(),
                body=body,
                content_type=content_type,
                headers=headers,
                sender=sender,
                way=way,
            ),
            on_started,
        )

    def subscribe(
        self, order: SubscribeOrder, sender: Sender | None, on_started: Callable[[str], None]
    ) -> str:
        """Subscribe and keep it alive; return the agent's name of the subscription.

        Raises:
            InvalidUriError: A value cannot be sent.
        """
        return self._begin(
            lambda agent: agent.subscribe(order, self._now(), sender=self._who(sender)), on_started
        )

    def publish(
        self,
        order: PublishOrder,
        state: FixedState,
        sender: Sender | None,
        on_started: Callable[[str], None],
    ) -> str:
        """Publish and keep it alive; return the agent's name of the publication.

        Raises:
            InvalidUriError: A value cannot be sent, or the state is empty.
        """
        return self._begin(
            lambda agent: agent.publish(order, state, self._now(), sender=self._who(sender)), on_started
        )

    def refresh(self, name: str) -> None:
        """Ask for the full state of what is subscribed to.

        Raises:
            CallStateError: The subscription is over.
        """
        self._do(lambda agent: agent.refresh_subscription(name, self._now()))

    def change(self, name: str, state: FixedState) -> None:
        """Publish another state.

        Raises:
            CallStateError: The publication is over, or the state is empty.
        """
        self._do(lambda agent: agent.change_publication(name, state, self._now()))

    def drop(self, name: str) -> None:
        """Unsubscribe, or remove what is published; what is gone is no error."""
        self._do(lambda agent: agent.drop(name, self._now()))

    def respond(
        self,
        request: int,
        status_code: int,
        reason: str,
        headers: Iterable[tuple[str, str]],
        content_type: str,
        body: bytes,
    ) -> None:
        """Answer a request of somebody else.

        Raises:
            CallStateError: It has its answer, or a value cannot be sent.
        """
        self._do(
            lambda agent: agent.respond(
                request,
                status_code,
                self._now(),
                reason=reason,
                headers=headers,
                content_type=content_type,
                body=body,
            )
        )

    def _who(self, sender: Sender | None) -> Sender:
        """Return a sender in any case: subscriptions and publications of none have no way to a proxy."""
        own = self._endpoint().settings
        return sender or Sender(
            address=own.address, credentials=own.credentials, outbound_proxy=own.outbound_proxy
        )

    def _begin(self, verb: Callable[[Agent], NameT], on_started: Callable[[NameT], None]) -> NameT:
        endpoint = self._endpoint()
        try:
            name = verb(endpoint.agent)
        except LocalProtocolError as error:
            raise InvalidUriError(str(error)) from error
        on_started(name)
        endpoint.pump.flush()
        return name

    def _do(self, verb: Callable[[Agent], object]) -> None:
        endpoint = self._endpoint()
        try:
            verb(endpoint.agent)
        except LocalProtocolError as error:
            raise CallStateError(str(error)) from error
        finally:
            endpoint.pump.flush()
