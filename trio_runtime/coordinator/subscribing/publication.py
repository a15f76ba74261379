"""One publication as an application sees it (RFC 3903)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import trio

from sansio_sip.subscribe import FixedState, PresenceDocument, PresenceStatus, presence_state
from trio_runtime.base.errors import CallStateError
from trio_runtime.base.subscription_errors import describe_subscription_end, subscription_error

if TYPE_CHECKING:
    from sansio_sip.subscribe import SubscriptionEnd

__all__ = ["Publication", "PublicationOwner", "Publishable", "published_state"]

Publishable: TypeAlias = PresenceStatus | PresenceDocument | FixedState
"""A status, a whole presence document, or any body with its media type."""


def published_state(uri: str, state: Publishable) -> FixedState:
    """Return the body that is published for a resource."""
    match state:
        case PresenceStatus():
            return presence_state(PresenceDocument.of(uri, state))
        case PresenceDocument():
            return presence_state(state)
        case FixedState():
            return state


class PublicationOwner(Protocol):
    """What a publication asks of its coordinator."""

    def change(self, name: str, state: FixedState) -> None:
        """Publish another state."""
        ...

    def drop(self, name: str) -> None:
        """Remove what is published."""
        ...


class Publication:
    """A state that is known to the compositor, and kept so.

    Args:
        uri: What it is about.
        event: Event package.
        owner: The coordinator's publications.

    Attributes:
        uri: See above.
        event: See above.
        expires: Seconds that the compositor granted last; 0 while nothing is published.
        retry_in: Seconds from a failure until it is tried again; None while there is none.
        end: What failed last, or how it ended; None while all is well.
        over: Whether it has ended.
    """

    def __init__(self, uri: str, event: str, owner: PublicationOwner) -> None:
        self.uri = uri
        self.event = event
        self.expires = 0
        self.retry_in: float | None = None
        self.end: SubscriptionEnd | None = None
        self.over = False
        self._owner = owner
        self._name = ""
        self._changed = trio.lowlevel.ParkingLot()

    def __repr__(self) -> str:
        state = "over" if self.over else "published" if self.expires else "not published"
        return f"<Publication {self.event} of {self.uri} {state}>"

    def modify(self, state: Publishable) -> None:
        """Publish another state in place of the old one: at once, or when the PUBLISH on its way is answered.

        What cannot be published now is tried again, the latest state only.

        Raises:
            CallStateError: It is over, or the state is empty.
        """
        if self.over:
            raise CallStateError(f"the publication of {self.uri} is over: {self.end_text}")
        self._owner.change(self._name, published_state(self.uri, state))

    def remove(self) -> None:
        """Remove what is published; nothing is waited for."""
        if not self.over:
            self._owner.drop(self._name)

    @property
    def end_text(self) -> str:
        """What failed last, or how it ended, in words; empty while all is well."""
        return "" if self.end is None else describe_subscription_end(self.end)

    async def published(self, *, patient: bool = True) -> None:
        """Wait until the compositor has it.

        Args:
            patient: Whether to go on waiting while it is tried again.

        Raises:
            SubscriptionRejected: The compositor refused.
            RequestTimedOutError: There was no answer.
            NetworkError: It cannot be reached.
            SubscriptionEndedError: The publication is over.
        """
        await trio.lowlevel.checkpoint()
        while self.over or not self.expires:
            if self.end is not None and (self.over or not patient):
                raise subscription_error(self.uri, self.end)
            await self._changed.park()

    async def ended(self) -> SubscriptionEnd:
        """Wait until it is over, and return how it ended."""
        await trio.lowlevel.checkpoint()
        while self.end is None or not self.over:
            await self._changed.park()
        return self.end

    # What the coordinator tells

    def started(self, name: str) -> None:
        """Note the agent's name of it."""
        self._name = name

    def updated(self, expires: int) -> None:
        """Note that the compositor has it."""
        self.expires, self.end, self.retry_in = expires, None, None
        self._changed.unpark_all()

    def failed(self, end: SubscriptionEnd, retry_in: float) -> None:
        """Note that it will be tried again."""
        self.end, self.retry_in = end, retry_in
        self._changed.unpark_all()

    def finished(self, end: SubscriptionEnd) -> None:
        """Note that it is over."""
        self.over, self.expires, self.end, self.retry_in = True, 0, end, None
        self._changed.unpark_all()
