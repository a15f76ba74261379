"""Beginning branches as preference and Max-Breadth allow (RFC 3261 §16.6, RFC 5393 §5.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from .branch import Branch
from .branch_id import marked_branch
from .events import RequestForwarded
from .forwarding import forward
from .listening import Listening
from .phones import flow_to
from .record_route import add_record_route
from .states import ContextInput, ContextState
from .targets import Reply

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Request
    from ..transaction.schedule import Timed
    from .targets import Target

__all__ = ["Forking"]


class Forking(Listening):
    """The part of a response context that begins branches; see `Listening` for its arguments."""

    __slots__ = ()

    def branch_changed(self, branch: Timed) -> None:
        """Go on after something happened to a branch."""
        self._shared.schedule.update(branch)
        self.settle()

    def try_instead(self, target: Target) -> bool:
        """Take the next way to the phone that a target stands for; return whether there is one."""
        if not target.spares or self.state is not ContextState.OPEN:
            return False
        first, *others = target.spares
        self._group.insert(0, attrs.evolve(first, spares=tuple(others)))
        return True

    def settle(self) -> None:
        """Begin what can begin, and answer when nothing is left that could."""
        if self._settling:
            return  # a branch failed while it was being begun: the loop below sees it
        self._settling = True
        try:
            while self._begin_some():
                pass
        finally:
            self._settling = False
        if self.state in (ContextState.OPEN, ContextState.STOPPED):
            if not any(branch.pending for branch in self._branches):
                self._fire(ContextInput.EXHAUSTED)
        elif self._server_gone and all(branch.closed for branch in self._branches):
            self._fire(ContextInput.GONE)

    def _begin_some(self) -> bool:
        """Begin as many branches as preference and Max-Breadth allow; False when none can."""
        if self.state is not ContextState.OPEN:
            return False
        if not self._group:
            if any(branch.waiting for branch in self._branches):
                return False
            self._group = self._next_group()
        free = self._breadth - sum([branch.breadth for branch in self._branches if branch.pending])
        count = min(free, len(self._group))
        if count <= 0:
            return False
        chosen, self._group = self._group[:count], self._group[count:]
        if any(target.ring_time is not None for target in chosen):
            # Whoever is given up without having spoken keeps its share; the next ones need some too.
            free -= min(len(self._targets), free - count)
        share, rest = divmod(free, count)
        # All are counted before the first is sent, for one may fail at once.
        branches = [self._make(target, share + (i < rest)) for i, target in enumerate(chosen)]
        self._branches += branches
        for branch in branches:
            self._start(branch)
        return True

    def _next_group(self) -> list[Target]:
        group = self._targets.next_group()
        if len(group) <= self._breadth or self._shared.config.serialise_wide_forks:
            return group
        self._collect_local(Reply(440))
        return []

    def _make(self, target: Target, breadth: int) -> Branch:
        shared = self._shared
        forwarded = forward(self.routed, target, breadth)
        return Branch(
            forwarded,
            target,
            breadth,
            owner=self,
            config=shared.config,
            outbound=shared.outbound,
            now=shared.now,
        )

    def _start(self, branch: Branch) -> None:
        shared = self._shared
        shared.counters.branches += 1
        shared.out.events.append(RequestForwarded(self.number, self.received.method, branch.request.uri))
        branch.start(partial(self._finish, branch))
        shared.schedule.update(branch)

    def _finish(self, branch: Branch, request: Request, endpoint: Endpoint) -> str:
        shared = self._shared
        add_record_route(
            request,
            self.source,
            endpoint,
            shared.identity,
            flows=shared.flows,
            wanted=shared.config.record_route,
            by_flow=(self._flow_back, flow_to(branch.target)),
        )
        return marked_branch(shared.ids.branch(), self._mark)
