"""What a call that lasts asks of its coordinator: hold, other media, to be connected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trio_runtime.coordinator.operations.bridge_ops import MediaBridges
from trio_runtime.coordinator.operations.changes import MediaChanges
from trio_runtime.coordinator.operations.media_ops import MediaOps
from trio_runtime.coordinator.operations.transfers import Transfers
from trio_runtime.session import Groups, Links

if TYPE_CHECKING:
    from sansio_sip.sdp import NegotiatedMedia
    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import SessionId
    from trio_runtime.bridge import SupervisionMode
    from trio_runtime.coordinator.sip_client import SipClient
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus, EventStream
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import MediaBridge, MediaManager, NoMedia
    from trio_runtime.session import Call

__all__ = ["ChangeOps"]

Agreed = Callable[["NegotiatedMedia | None"], None]


class ChangeOps(MediaOps):
    """The coordinator's side of `ChangeOperations`.

    Args:
        environment: Clock.
        dialogs: The signalling side.
        media: The media side.
        client: Waits for responses.
        bus: Where events are published.

    Attributes:
        now: Returns the time in seconds.
        publish: Publishes an event; it is made only if somebody listens.
        changes: The changes of media that wait for an answer.
        transfers: The transfers that are not over.
        bridges: Which calls hear each other.
        links: Which calls belong together, two by two.
        groups: Named sets of calls.
    """

    def __init__(
        self,
        environment: Environment,
        dialogs: DialogManager,
        media: MediaManager | NoMedia,
        client: SipClient,
        bus: EventBus[SessionEvent],
    ) -> None:
        self._clock = environment.clock
        self._dialogs = dialogs
        super().__init__(media)
        self._client = client
        self._bus = bus
        # Some ten times a call each: without a way around.
        self.now = environment.clock.now
        self.publish = bus.announce
        self.changes = MediaChanges()
        self.transfers = Transfers(self.publish)
        self.links: Links[Call] = Links(self.publish)
        self.groups: Groups[Call] = Groups(self.publish)
        self.bridges = MediaBridges(media, self.now, self.publish)

    def subscribe(self, session_id: SessionId, other: SessionId | None = None) -> EventStream[SessionEvent]:
        """Return a stream of the events of a call, which ends with it; or of two calls."""
        return self._bus.subscribe(about=session_id, and_about=other)

    def end_events(self, session_id: SessionId) -> None:
        """End the streams of a call that is over, once what waits in them has been read."""
        self._bus.end_subject(session_id)

    async def hold(self, session_id: SessionId, agreed: Agreed) -> None:
        """Put the peer on hold."""
        await self.changes.change(session_id, lambda: self._dialogs.hold(session_id), agreed)

    async def resume(self, session_id: SessionId, agreed: Agreed) -> None:
        """Take the peer back."""
        await self.changes.change(session_id, lambda: self._dialogs.resume(session_id), agreed)

    async def update_media(
        self, session_id: SessionId, codecs: tuple[str, ...] | None, direction: str | None, agreed: Agreed
    ) -> None:
        """Offer other media."""
        media = None if codecs is None else self._media.offer(session_id, codecs)
        await self.changes.change(
            session_id, lambda: self._dialogs.update_media(session_id, media, direction), agreed
        )

    def connect(self, a: SessionId, b: SessionId) -> MediaBridge:
        """Let two calls hear each other."""
        return self.bridges.connect(a, b)

    def disconnect(self, bridge: MediaBridge) -> None:
        """Let two calls hear each other no more."""
        self.bridges.disconnect(bridge)

    def invite(
        self, session_id: SessionId, guest: SessionId, mode: SupervisionMode, on_end: Callable[[], None]
    ) -> None:
        """Let a call hear two that are connected."""
        self.bridges.invite(session_id, guest, mode, on_end)

    def dismiss(self, guest: SessionId) -> None:
        """Let it hear them no more."""
        self.bridges.dismiss(guest)

    def publish_event(self, event: SessionEvent) -> None:
        """Publish an event that was made already."""
        self._bus.publish(event)
