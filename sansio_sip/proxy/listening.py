"""What a response context hears of its branches (RFC 3261 §16.7 items 1 to 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .context_table import ContextTable
from .redirection import recurse
from .rewriting import without_first_via
from .states import ContextInput, ContextState
from .targets import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..machine import Endpoint
    from ..message import Request, Response
    from ..transaction import TransactionKey
    from .admission import Admitted
    from .shared import Shared
    from .targets import Target

__all__ = ["Listening"]


class Listening(ContextTable):
    """The part of a response context that its branches talk to.

    Args:
        number: Its number in events.
        key: The server transaction.
        request: The request as it was received.
        admitted: What is known of it after `admit`.
        source: Where it came from.
        shared: What the parts of the proxy share.
        forget: Called with the number when all transactions are gone.
    """

    __slots__ = ("_breadth", "_mark", "_server_gone", "_settling", "routed")

    def __init__(
        self,
        number: int,
        key: TransactionKey,
        request: Request,
        *,
        admitted: Admitted,
        source: Endpoint,
        shared: Shared,
        forget: Callable[[int], object],
    ) -> None:
        super().__init__(number, key, request, source, shared, forget)
        self.routed = admitted.request
        self._mark = admitted.mark
        self._breadth = admitted.breadth
        self._server_gone = False
        self._settling = False

    def branch_provisional(self, response: Response) -> None:
        """Forward a provisional response other than 100."""
        self._fire(ContextInput.PROVISIONAL, without_first_via(response))

    def branch_success(self, response: Response) -> None:
        """Forward a 2xx and cancel the other branches."""
        self._fire(ContextInput.SUCCESS, without_first_via(response))

    def branch_failure(self, tried: Request, response: Response) -> None:
        """Keep a final response for the choice of the best one, or follow it."""
        kept: Response | None = response
        config = self._shared.config
        if config.recurse and self.state is ContextState.OPEN and self._shared.is_responsible(self.routed):
            targets, kept = recurse(self.routed, tried, response)
            self._add(targets)
        if kept is not None:
            is_global = kept.status_code >= 600
            what = ContextInput.GLOBAL_FAILURE if is_global else ContextInput.FAILURE
            self._fire(what, without_first_via(kept))

    def branch_failed(self, status_code: int) -> None:
        """Count what happened to a branch like a response."""
        self._collect_local(Reply(status_code))

    def _add(self, targets: Sequence[Target]) -> None:
        before = self._targets.left_out
        self._targets.add(targets)
        self._shared.counters.targets_left_out += self._targets.left_out - before
