"""The event publication agent: publishes a state, keeps it alive, changes and removes it (RFC 3903 §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from .publisher_states import PublisherInput, PublisherState
from .publisher_table import PublisherTable

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Outbox
    from ..outbound import Outbound
    from .config import SubscribeConfig
    from .event_state import FixedState
    from .events import SubscribeEvent
    from .publish_order import PublishOrder

__all__ = ["Publisher"]

_OVER = frozenset({PublisherState.CLOSING, PublisherState.REMOVING, PublisherState.TERMINATED})


class Publisher(PublisherTable):
    """Keeps one state published, one PUBLISH after the other.

    Args:
        name: Name of the publication in its events.
        config: What all usages of the agent share.
        now: Current time in seconds.
        ids: Makes tags and Call-IDs.
        outbound: How requests get out.
        outbox: Where events go; the agent's, or a new one.
    """

    __slots__ = ()

    def __init__(
        self,
        name: str,
        config: SubscribeConfig,
        *,
        now: float,
        ids: Ids,
        outbound: Outbound,
        outbox: Outbox[SubscribeEvent] | None = None,
    ) -> None:
        super().__init__(
            name, config, PublisherState.IDLE, now=now, ids=ids, outbound=outbound, outbox=outbox
        )
        self._etag = ""
        self._failures = 0
        self._told = None

    def __repr__(self) -> str:
        return f"<Publisher {self.name} {self.state.name}>"

    @property
    def etag(self) -> str:
        """The entity-tag of what the compositor has; empty when it has nothing."""
        return self._etag

    def publish(self, order: PublishOrder, state: FixedState, now: float) -> None:
        """Publish for the first time.

        Raises:
            LocalProtocolError: It was published already, the state is empty (§4.2), or a value cannot
                stand in a message.
        """
        self._clock(now)
        if self.state is not PublisherState.IDLE:
            raise LocalProtocolError(f"a publication in {self.state.name} cannot be made again")
        _check(state)
        order.build(self.ids, etag="", state=state)  # refuses what cannot be sent before anything changes
        self._order = order
        self._state = state
        self._fire(PublisherInput.PUBLISH)

    def change(self, state: FixedState, now: float) -> None:
        """Publish a new state, at once or when the PUBLISH on its way is answered.

        Raises:
            LocalProtocolError: Nothing is published, the publication is over, or the state is empty.
        """
        self._clock(now)
        if self.state is PublisherState.IDLE or self.state in _OVER:
            raise LocalProtocolError(f"a publication in {self.state.name} cannot change")
        _check(state)
        self._state = state
        self._fire(PublisherInput.PUBLISH)

    def close(self, now: float) -> None:
        """Remove what is published; may be called again without effect (§4.5)."""
        self._clock(now)
        self._fire(PublisherInput.CLOSE)


def _check(state: FixedState) -> None:
    if not state.body or not state.content_type:
        raise LocalProtocolError("a publication needs a body and its content_type (RFC 3903 §4.2)")
