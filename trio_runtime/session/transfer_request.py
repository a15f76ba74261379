"""A peer's wish that we call somebody else in its place."""

from __future__ import annotations

from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from trio_runtime.base.errors import CallStateError

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["CallBlock", "TransferRequest", "TransferTaker", "Transferable"]


CallT = TypeVar("CallT", bound="Transferable")
CallT_co = TypeVar("CallT_co", covariant=True)


class Transferable(Protocol):
    """What a request needs to know of its call."""

    @property
    def id(self) -> SessionId:
        """Its name."""

    @property
    def remote_uri(self) -> str:
        """URI of the peer."""


class CallBlock(Protocol[CallT_co]):
    """An async context manager in which a call lives."""

    def __aenter__(self) -> Awaitable[CallT_co]:
        """Make the call; nothing is waited for."""

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Awaitable[None]:
        """Hang up."""


class TransferTaker(Protocol[CallT]):
    """The coordinator's side of a request."""

    def accept_transfer(self, request: TransferRequest[CallT]) -> CallBlock[CallT]:
        """Call whom the peer wants us to call."""

    async def pass_transfer(self, request: TransferRequest[CallT], other: CallT) -> None:
        """Ask the peer of another call to do it."""

    def refuse_transfer(self, request: TransferRequest[CallT], status_code: int, reason: str) -> None:
        """Refuse it."""


class TransferRequest(Generic[CallT]):
    """A REFER of the peer; decide about it once: `accept` or `reject`. Undecided, it is refused in the end.

    Attributes:
        call: The call that it came in.
        refer: Its number there.
        target: URI of whom to call.
        referred_by: Who asks, as it says itself; empty when it does not, and never proven.
        headers: Header fields that the new call carries, Referred-By and Replaces among them.
        replaces: Whether the new call takes the place of another one there (attended transfer).
    """

    def __init__(
        self,
        call: CallT,
        refer: int,
        taker: TransferTaker[CallT],
        *,
        target: str,
        referred_by: str,
        headers: tuple[tuple[str, str], ...],
        replaces: bool,
    ) -> None:
        self.call = call
        self.refer = refer
        self.target = target
        self.referred_by = referred_by
        self.headers = headers
        self.replaces = replaces
        self._taker = taker
        self._decided = False

    def __repr__(self) -> str:
        kind = "attended" if self.replaces else "blind"
        return f"<TransferRequest {kind}, of {self.call.remote_uri} to {self.target}>"

    @property
    def undecided(self) -> bool:
        """Whether it still waits for `accept` or `reject`."""
        return not self._decided

    def accept(self) -> CallBlock[CallT]:
        """Return an async context manager that makes the new call when entered and hangs up when left.

        The peer is told how that goes, and mostly hangs up its own call once the new one is answered.

        Raises:
            CallStateError: It was decided about already.
        """
        self._decide()
        return self._taker.accept_transfer(self)

    async def pass_on(self, other: CallT) -> None:
        """Let the peer of another call do it, and tell this one how it goes; afterwards that call is hung up.

        Args:
            other: The call that this one is connected with.

        Raises:
            CallStateError: It was decided about already.
            SipFailure: The other peer refused, or failed; both calls go on.
            CallEnded: The other call ended, and nobody tells any more how it went.
        """
        self._decide()
        await self._taker.pass_transfer(self, other)

    def reject(self, status_code: int = 603, reason: str = "") -> None:
        """Refuse it; the call goes on.

        Args:
            status_code: 300 to 699.
            reason: Phrase; the registered one when empty.

        Raises:
            CallStateError: It was decided about already.
        """
        self._decide()
        self._taker.refuse_transfer(self, status_code, reason)

    def _decide(self) -> None:
        if self._decided:
            raise CallStateError("the transfer was decided about already", session_id=self.call.id)
        self._decided = True
