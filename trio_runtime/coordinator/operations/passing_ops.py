"""What calls ask of their coordinator through which session descriptions pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.coordinator.operations.body_relay import BodyRelay
from trio_runtime.coordinator.operations.transfer_ops import TransferOps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trio_runtime.base.environment import Environment
    from trio_runtime.base.types import SessionId
    from trio_runtime.coordinator.sip_client import SipClient
    from trio_runtime.dialog import DialogManager
    from trio_runtime.events import EventBus
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import MediaManager, NoMedia

__all__ = ["PassingOps"]


class PassingOps(TransferOps):
    """The coordinator's side of `PassingOperations`.

    Args:
        environment: Clock.
        dialogs: The signalling side.
        media: The media side.
        client: Waits for responses.
        bus: Where events are published.

    Attributes:
        relay: Which calls descriptions pass between.
    """

    def __init__(
        self,
        environment: Environment,
        dialogs: DialogManager,
        media: MediaManager | NoMedia,
        client: SipClient,
        bus: EventBus[SessionEvent],
    ) -> None:
        super().__init__(environment, dialogs, media, client, bus)
        self.relay = BodyRelay(dialogs)

    def pass_bodies(self, session_id: SessionId, *, passes: bool) -> None:
        """Let descriptions pass through a call that came in, or no more."""
        self._dialogs.pass_bodies(session_id, passes=passes)

    def pass_progress(self, session_id: SessionId, other: SessionId, status_code: int) -> None:
        """Tell the caller how far the call for it is, with what was said there."""
        self.relay.pass_progress(session_id, other, status_code)

    def pass_answer(
        self, session_id: SessionId, other: SessionId, headers: Iterable[tuple[str, str]]
    ) -> None:
        """Accept the call with what was said in the call for it."""
        self.relay.pass_answer(session_id, other, headers)
