"""A supervisor who hears two others talk, and may be heard by one of them or both (QUE-6)."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from trio_runtime.base.blocks import checkpoint_unless_raised
from trio_runtime.base.errors import CallStateError
from trio_runtime.base.moment import Moment
from trio_runtime.events.supervision_types import SupervisionChanged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trio_runtime.base.types import SessionId
    from trio_runtime.events.types import SessionEvent
    from trio_runtime.session import Call

__all__ = ["Supervision", "SupervisionMode"]

SupervisionMode: TypeAlias = Literal["monitor", "whisper", "barge"]
"""Whether nobody hears the supervisor, one side does, or both do."""


class SupervisionOperations(Protocol):
    """What a supervision asks of its coordinator."""

    def invite(
        self, session_id: SessionId, guest: SessionId, mode: SupervisionMode, on_end: Callable[[], None]
    ) -> None:
        """Let a call hear two that are connected, or be heard by others than before."""

    def dismiss(self, guest: SessionId) -> None:
        """Let it hear them no more."""

    def publish_event(self, event: SessionEvent) -> None:
        """Publish an event."""


class Supervision:
    """A supervisor on two connected calls, until the block is left, or one of the three calls ends.

    Their audio is mixed meanwhile, also where packets were relayed before, which they are again afterwards.
    All three calls go on.

    Args:
        call: The call whose peer hears a whisper.
        supervisor: The call with the supervisor.
        operations: The coordinator's side.
        mode: How it begins.

    Attributes:
        call: The same.
        supervisor: The same.
        mode: How it is now; None when it is over.
    """

    def __init__(
        self, call: Call, supervisor: Call, operations: SupervisionOperations, mode: SupervisionMode
    ) -> None:
        self.call = call
        self.supervisor = supervisor
        self.mode: SupervisionMode | None = None
        self._operations = operations
        self._ended = Moment()
        self._change(mode)

    def __repr__(self) -> str:
        return f"<Supervision of {self.call.id} by {self.supervisor.id}, {self.mode or 'over'}>"

    async def __aenter__(self) -> Supervision:
        """Open the block."""
        await checkpoint_unless_raised(None)
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]:
        """End it."""
        self.end()
        return checkpoint_unless_raised(kind)

    def monitor(self) -> None:
        """Let nobody hear the supervisor; raises `CallStateError` when it is over."""
        self._switch("monitor")

    def whisper(self) -> None:
        """Let only the peer of the call hear the supervisor; raises `CallStateError` when it is over."""
        self._switch("whisper")

    def barge(self) -> None:
        """Let both hear the supervisor; raises `CallStateError` when it is over."""
        self._switch("barge")

    def end(self) -> None:
        """Let the two be by themselves again. Idempotent."""
        if self.mode is not None:
            self._operations.dismiss(self.supervisor.id)

    async def ended(self) -> None:
        """Wait until it is over."""
        await self._ended.wait()

    def _switch(self, mode: SupervisionMode) -> None:
        if self.mode is None:
            raise CallStateError("the supervision is over", session_id=self.supervisor.id)
        if mode != self.mode:
            self._change(mode)

    def _change(self, mode: SupervisionMode) -> None:
        self._operations.invite(self.call.id, self.supervisor.id, mode, self._over)
        self.mode = mode
        self._publish(mode)

    def _over(self) -> None:
        self.mode = None
        self._ended.set()
        self._publish("ended")

    def _publish(self, mode: str) -> None:
        self._operations.publish_event(SupervisionChanged(self.call.id, self.supervisor.id, mode))
