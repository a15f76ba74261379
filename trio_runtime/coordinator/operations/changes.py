"""Changes of media that we ask for: one at a time for each call, from the offer to its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from trio_runtime.base.errors import SipFailure
from trio_runtime.base.moment import Moment

if TYPE_CHECKING:
    from sansio_sip.invite import UpdateFailed
    from sansio_sip.sdp import NegotiatedMedia
    from trio_runtime.base.types import SessionId

__all__ = ["MediaChanges"]


@attrs.define
class _Change:
    """A change that the peer has not answered yet.

    Attributes:
        agreed: Called when the peer has taken it.
        done: When it has an outcome.
        failure: Why it failed, ``None`` when it did not.
    """

    agreed: Callable[[NegotiatedMedia | None], None]
    done: Moment = attrs.field(factory=Moment)
    failure: Exception | None = None


class MediaChanges:
    """Lets calls wait for the outcome of their changes."""

    def __init__(self) -> None:
        self._open: dict[str, _Change] = {}

    @property
    def open(self) -> int:
        """How many changes wait for an answer."""
        return len(self._open)

    async def change(
        self,
        session_id: SessionId,
        start: Callable[[], None],
        agreed: Callable[[NegotiatedMedia | None], None],
    ) -> None:
        """Change the media of a call and wait until the peer has taken that or refused it.

        Who gives up waiting does not take the change back: what becomes of it still counts, and the next one
        waits for it.

        Args:
            session_id: The call.
            start: Sends the offer.
            agreed: Called with what was agreed on as soon as the peer has taken it, waited for or not.

        Raises:
            SipFailure: The peer refused it, with its status, or did not answer: 408.
            CallEnded: The call ended first.
        """
        while (before := self._open.get(session_id)) is not None:
            await before.done.wait()
        change = self._open[session_id] = _Change(agreed)
        try:
            start()
        except BaseException:
            if self._open.get(session_id) is change:
                del self._open[session_id]
            change.done.set()
            raise
        await change.done.wait()
        if change.failure is not None:
            raise change.failure

    def negotiated(self, session_id: SessionId, media: NegotiatedMedia | None) -> None:
        """Take note that the peer has taken our change."""
        change = self._open.pop(session_id, None)
        if change is not None:
            change.agreed(media)
            change.done.set()

    def failed(self, event: UpdateFailed) -> None:
        """Take note that the peer has refused our change; what was agreed before holds."""
        self.give_up(event.session, lambda: SipFailure(event.status_code, event.reason))

    def give_up(self, session_id: str, error: Callable[[], Exception]) -> None:
        """Let who waits for a change of a call have an error in its place; it is made if somebody does."""
        change = self._open.pop(session_id, None)
        if change is not None:
            change.failure = error()
            change.done.set()
