"""The response context: one request, its targets, its branches, its responses (RFC 3261 §16.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .forking import Forking
from .states import ContextInput, ContextState
from .targets import Reply

if TYPE_CHECKING:
    from .targets import Routing

__all__ = ["ResponseContext"]


class ResponseContext(Forking):
    """Forwards one request and brings its responses back; see `Listening` for its arguments."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<ResponseContext {self.number} {self.state.name} {self.received.method} {self.received.uri}>"

    @property
    def closed(self) -> bool:
        """Whether all transactions are gone."""
        return self.state is ContextState.TERMINATED

    def route(self, routing: Routing) -> None:
        """Take the targets, once.

        Raises:
            LocalProtocolError: They have been given already.
        """
        self._fire(ContextInput.ROUTED)
        if self.state is ContextState.OPEN:
            if isinstance(routing, Reply):
                self._collect_local(routing)
            elif not routing:
                self._collect_local(Reply(480))
            else:
                self._add(routing)
        self.settle()

    def cancel(self) -> None:
        """Cancel every branch, as a CANCEL from upstream wants (§16.10)."""
        self._fire(ContextInput.CANCEL)
        self.settle()

    def server_gone(self) -> None:
        """Note that the server transaction has terminated."""
        self._server_gone = True
        self.settle()
