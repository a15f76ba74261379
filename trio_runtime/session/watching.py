"""What can be seen of a call: its events, its measurements, its ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trio_runtime.session.lifecycle import CallLifecycle

if TYPE_CHECKING:
    from sansio_rtp.session import QualityHistory
    from trio_runtime.base.types import SessionId
    from trio_runtime.events import EventStream
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.media import MediaStatistics
    from trio_runtime.session.operations import CallOperations

__all__ = ["WatchedCall"]


class WatchedCall(CallLifecycle):
    """A call that tells what happens in it, also after its end.

    Attributes:
        sip_call_id: Call-ID on the wire.
        final_statistics: What the media had measured when the call ended, ``None`` until then.
        final_quality: The quality over time as it was then, ``None`` until then.
    """

    def __init__(self, session_id: SessionId, operations: CallOperations) -> None:
        super().__init__(session_id, operations)
        self.sip_call_id = ""
        self.final_statistics: MediaStatistics | None = None
        self.final_quality: QualityHistory | None = None

    @property
    def events(self) -> EventStream[SessionEvent]:
        """A new stream of the events of this call from now on; it ends with the call."""
        stream = self._operations.subscribe(self.id)
        if self.end is not None:
            stream.close()
        return stream

    def statistics(self) -> MediaStatistics | None:
        """What the media of the call measured, also after its end; ``None`` when it had none."""
        return self.final_statistics or self._operations.media_statistics(self.id)

    def quality_history(self) -> QualityHistory:
        """How the call sounded both ways: a sample every 5 s of its last 20 minutes, also after its end."""
        if self.final_quality is not None:
            return self.final_quality
        return self._operations.quality_history(self.id)

    def ladder(self) -> str:
        """The ladder diagram of the call, as far as the trace reaches back."""
        return self._operations.ladder(self.sip_call_id)
