"""What a response context hears of its branches (RFC 3261 §16.7 items 1 to 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .context_table import ContextTable
from .preferences import forbids_recursion, prefer_targets
from .redirection import Recursion, recurse
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

    __slots__ = ("_breadth", "_flow_back", "_mark", "_server_gone", "_settling", "routed")

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
        self._flow_back = admitted.flow_back
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
            targets, kept = self._recurse(tried, response)
            self._add(targets)
        if kept is not None:
            is_global = kept.status_code >= 600
            what = ContextInput.GLOBAL_FAILURE if is_global else ContextInput.FAILURE
            self._fire(what, without_first_via(kept))

    def _recurse(self, tried: Request, response: Response) -> Recursion:
        """Take new targets out of a response, as far as the caller lets us (RFC 3841 §7.2.4, §9.1)."""
        config, request = self._shared.config, self.routed
        if config.caller_preferences and forbids_recursion(request):
            return Recursion([], response)
        found = recurse(request, tried, response)
        if not config.caller_preferences:
            return found
        chosen = prefer_targets(request, found.targets)
        if isinstance(chosen, Reply) or not chosen:
            return Recursion([], response)  # nothing for this caller, who may look at the contacts itself
        return Recursion(list(chosen), found.response)

    def branch_failed(self, status_code: int) -> None:
        """Count what happened to a branch like a response."""
        self._collect_local(Reply(status_code))

    def _add(self, targets: Sequence[Target]) -> None:
        before = self._targets.left_out
        self._targets.add(targets)
        self._shared.counters.targets_left_out += self._targets.left_out - before
