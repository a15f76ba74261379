"""Lookups of targets, and who waits for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..resolve import DnsQuestion, Resolver, TargetsFound

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable

    from ..ids import Ids
    from ..resolve import Record, ResolverConfig, Target

__all__ = ["Lookups", "Waiter"]

Waiter = Callable[["tuple[Target, ...]", str, float], None]
"""Takes the targets in order, why there are none, and the time."""


class Lookups:
    """Gives what a resolver finds to those who asked, and its questions to the runtime.

    Args:
        config: The resolver's.
        ids: Source of the randomness among servers of one priority.
        questions: Where `DnsQuestion` events go.

    Attributes:
        resolver: The resolver.
        busy: Whether a result is being handed out; what is asked meanwhile is told afterwards.
    """

    __slots__ = ("_questions", "_waiting", "busy", "resolver")

    def __init__(self, config: ResolverConfig, *, ids: Ids, questions: deque[DnsQuestion]) -> None:
        self.resolver = Resolver(config, now=float("-inf"), ids=ids)
        self.busy = False
        self._questions = questions
        self._waiting: dict[int, Waiter] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def start(self, uri: str, waiter: Waiter, now: float, *, size: int = 0) -> int:
        """Find the targets of a URI; what needs no question is told before this returns.

        Args:
            uri: The next hop.
            waiter: Who hears the result.
            now: Current time in seconds.
            size: Octets of the request.

        Returns:
            The number of the lookup, for `cancel`.
        """
        query = self.resolver.resolve(uri, now, size=size)
        self._waiting[query] = waiter
        self._report(now)
        return query

    def is_open(self, query: int) -> bool:
        """Return whether somebody waits for a lookup."""
        return query in self._waiting

    def cancel(self, query: int) -> None:
        """Give up a lookup; nobody hears of it any more."""
        self._waiting.pop(query, None)
        self.resolver.cancel(query, float("-inf"))
        self._report(float("-inf"))  # of this lookup only, for which nobody waits any more

    def receive_answer(self, question: int, records: Iterable[Record], ttl: float, now: float) -> None:
        """Take the answer to a question; see `Resolver.receive_answer`."""
        self.resolver.receive_answer(question, records, ttl, now)
        self._report(now)

    def question_failed(self, question: int, now: float) -> None:
        """Tell that the DNS gave no answer; see `Resolver.question_failed`."""
        self.resolver.question_failed(question, now)
        self._report(now)

    @property
    def deadline(self) -> float | None:
        """When the oldest lookup runs out of time."""
        return self.resolver.deadline

    def handle_timeout(self, now: float) -> None:
        """End the lookups whose time is over."""
        self.resolver.handle_timeout(now)
        self._report(now)

    def _report(self, now: float) -> None:
        if self.busy:
            return  # the loop below is under way, and comes to what has been added
        self.busy = True
        try:
            while (event := self.resolver.next_event()) is not None:
                if isinstance(event, DnsQuestion):
                    self._questions.append(event)
                    continue
                waiter = self._waiting.pop(event.query, None)
                if waiter is not None and isinstance(event, TargetsFound):
                    waiter(event.targets, "", now)
                elif waiter is not None:
                    waiter((), getattr(event, "cause", ""), now)
        finally:
            self.busy = False
