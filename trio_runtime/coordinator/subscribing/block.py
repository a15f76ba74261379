"""The blocks in which something is subscribed to, or published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING

from trio_runtime.base.blocks import checkpoint_unless_raised

if TYPE_CHECKING:
    from trio_runtime.coordinator.subscribing.publication import Publication
    from trio_runtime.coordinator.subscribing.subscription import Subscription

__all__ = ["PublishedBlock", "SubscribedBlock"]


class SubscribedBlock:
    """An async context manager: entering subscribes and waits until that is accepted, leaving unsubscribes.

    Args:
        start: Starts the subscription.
        patient: Whether to go on waiting while it is tried again.
    """

    def __init__(self, start: Callable[[], Subscription], *, patient: bool) -> None:
        self._start = start
        self._patient = patient
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> Subscription:
        """Subscribe; see `Subscription.accepted` for what is raised when that fails."""
        subscription = self._start()
        try:
            await subscription.accepted(patient=self._patient)
        except BaseException:
            subscription.unsubscribe()
            raise
        self._subscription = subscription
        return subscription

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]:
        """Unsubscribe; the coordinator sends and repeats what that takes, nothing is waited for."""
        if self._subscription is not None:
            self._subscription.unsubscribe()
        return checkpoint_unless_raised(kind)


class PublishedBlock:
    """An async context manager: entering publishes and waits for it, leaving removes what is published.

    Args:
        start: Starts the publication.
        patient: Whether to go on waiting while it is tried again.
    """

    def __init__(self, start: Callable[[], Publication], *, patient: bool) -> None:
        self._start = start
        self._patient = patient
        self._publication: Publication | None = None

    async def __aenter__(self) -> Publication:
        """Publish; see `Publication.published` for what is raised when that fails."""
        publication = self._start()
        try:
            await publication.published(patient=self._patient)
        except BaseException:
            publication.remove()
            raise
        self._publication = publication
        return publication

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]:
        """Remove it; the coordinator sends and repeats what that takes, nothing is waited for."""
        if self._publication is not None:
            self._publication.remove()
        return checkpoint_unless_raised(kind)
