"""All publications of a coordinator, by the agent's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.errors import ParseError
from sansio_sip.message import parse_uri
from sansio_sip.message.names import is_token
from sansio_sip.subscribe import PublishOrder, SubscriptionClosed
from trio_runtime.base.errors import ConfigurationError, InvalidUriError, LimitExceededError
from trio_runtime.coordinator.subscribing.publication import Publication, Publishable, published_state

if TYPE_CHECKING:
    from sansio_sip import subscribe as core
    from sansio_sip.agent import Sender
    from sansio_sip.subscribe import FixedState
    from trio_runtime.dialog import Requesting

__all__ = ["Publications"]


class Publications:
    """Holds the publications from their first PUBLISH to their end.

    Args:
        requesting: The signalling side.
        max_publications: How many there may be; one more is refused.
    """

    def __init__(self, requesting: Requesting, max_publications: int = 10_000) -> None:
        self._requesting = requesting
        self._max_publications = max_publications
        self._by_name: dict[str, Publication] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def start(
        self, uri: str, event: str, state: Publishable, expires: int, sender: Sender | None
    ) -> Publication:
        """Publish, and keep it alive.

        Raises:
            InvalidUriError: The URI cannot be reached, or the state is empty.
            ConfigurationError: ``event`` or ``expires`` is none.
            LimitExceededError: There are ``max_publications`` already.
        """
        if len(self._by_name) >= self._max_publications:
            raise LimitExceededError(f"there are {self._max_publications} publications already")
        order = self._order(uri, event, expires)
        publication = Publication(uri, event, self)

        def enter(name: str) -> None:
            publication.started(name)
            self._by_name[name] = publication

        self._requesting.publish(order, published_state(uri, state), sender, enter)
        return publication

    def _order(self, uri: str, event: str, expires: int) -> PublishOrder:
        try:
            parse_uri(uri)
        except ParseError as error:
            raise InvalidUriError(f"{uri!r} cannot be published about: {error}") from error
        if not is_token(event):
            raise ConfigurationError(f"{event!r} is no event package", field="event")
        try:
            return PublishOrder(uri=uri, package=event, from_=self._requesting.own_address, expires=expires)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"must be 1 to 2**32-1 s, not {expires!r}", field="expires") from error

    def change(self, name: str, state: FixedState) -> None:
        """Publish another state."""
        self._requesting.change(name, state)

    def drop(self, name: str) -> None:
        """Remove what is published."""
        self._requesting.drop(name)

    def close(self) -> None:
        """Tell whoever still waits that nothing comes any more."""
        for publication in list(self._by_name.values()):
            publication.finished(SubscriptionClosed())
        self._by_name.clear()

    # Events of the signalling side

    def updated(self, event: core.PublicationUpdated) -> None:
        """Take a 2xx."""
        publication = self._by_name.get(event.publication)
        if publication is not None:
            publication.updated(event.expires)

    def retrying(self, event: core.PublicationRetrying) -> None:
        """Take a failure that can be mended."""
        publication = self._by_name.get(event.publication)
        if publication is not None:
            publication.failed(event.end, event.delay)

    def ended(self, event: core.PublicationEnded) -> None:
        """Take the news that a publication is over."""
        publication = self._by_name.pop(event.publication, None)
        if publication is not None:
            publication.finished(event.end)
