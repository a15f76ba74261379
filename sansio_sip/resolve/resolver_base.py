"""What a resolver holds: lookups, open questions, answers that still hold, failed targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..machine import Outbox, Transmit
from .cache import AnswerCache, Blacklist
from .events import DnsQuestion, ResolverEvent, TargetsFound, TargetsNotFound
from .lookup import Lookup
from .questions import OpenQuestions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from .config import ResolverConfig
    from .lookup_steps import LookupSteps
    from .records import QuestionKey, Record
    from .target import Target

__all__ = ["ResolverBase", "ResolverStatistics"]


@attrs.define
class ResolverStatistics:
    """Counters since the start."""

    lookups: int = 0
    found: int = 0
    not_found: int = 0
    questions: int = 0
    cache_hits: int = 0


class ResolverBase:
    """Lookups, and the questions they have in common; see `Resolver`.

    Args:
        config: See `ResolverConfig`.
        now: Current time in seconds.
        ids: Source of the randomness among servers of one priority.
        outbox: Where events go; a parent's, or a new one.
    """

    __slots__ = ("_blacklist", "_cache", "_config", "_ids", "_lookups", "_now", "_queries", "_questions",
                 "out", "statistics")  # fmt: skip

    def __init__(
        self,
        config: ResolverConfig,
        *,
        now: float,
        ids: Ids,
        outbox: Outbox[ResolverEvent] | None = None,
    ) -> None:
        self._config = config
        self._ids = ids
        self._now = now
        self._queries = 0
        self._lookups: dict[int, Lookup] = {}
        self._questions = OpenQuestions()
        self._cache = AnswerCache(config.max_cached)
        self._blacklist = Blacklist(config.max_blacklisted)
        self.out: Outbox[ResolverEvent] = Outbox() if outbox is None else outbox
        self.statistics = ResolverStatistics()

    def __repr__(self) -> str:
        sizes = f"lookups={len(self._lookups)} cached={len(self._cache)} bad={len(self._blacklist)}"
        return f"<{type(self).__name__} {sizes}>"

    def next_transmit(self) -> Transmit | None:
        """Return ``None``: a resolver asks by events and sends nothing itself."""
        return self.out.next_transmit()

    def next_event(self) -> ResolverEvent | None:
        """Pop one event."""
        return self.out.next_event()

    @property
    def deadline(self) -> float | None:
        """When the oldest lookup runs out of time; all have the same time."""
        for lookup in self._lookups.values():
            return lookup.deadline
        return None

    def handle_timeout(self, now: float) -> None:
        """End every lookup whose time is over."""
        self._clock(now)
        while (deadline := self.deadline) is not None and deadline <= self._now:
            next(iter(self._lookups.values())).handle_timeout(self._now)

    @property
    def closed(self) -> bool:
        """Whether no lookup is open."""
        return not self._lookups

    def close(self, now: float) -> None:
        """Cancel every lookup."""
        self._clock(now)
        for lookup in list(self._lookups.values()):
            lookup.close(self._now)

    def _clock(self, now: float) -> None:
        self._now = max(self._now, now)

    # Answers of the DNS

    def receive_answer(self, question: int, records: Iterable[Record], ttl: float, now: float) -> None:
        """Take the answer to a question; one that nobody waits for any more is ignored.

        Args:
            question: Its number.
            records: The records; none when the name has none.
            ttl: Seconds that they hold; the shortest of the records.
            now: Current time in seconds.
        """
        self._clock(now)
        key = self._questions.key(question)
        if key is None:
            return
        config = self._config
        kept = tuple(records)[: 4 * config.max_targets]
        hold = min(ttl, config.max_ttl) if kept else config.negative_ttl
        if hold > 0:
            self._cache.put(key, kept, self._now + hold)
        self._deliver(question, key, kept)

    def question_failed(self, question: int, now: float) -> None:
        """Tell that the DNS gave no answer; that counts as no records, and is not remembered."""
        self._clock(now)
        key = self._questions.key(question)
        if key is not None:
            self._deliver(question, key, ())

    def _deliver(self, question: int, key: QuestionKey, records: tuple[Record, ...]) -> None:
        for query in self._questions.close(question):
            self._lookups[query].receive_records(key, records, self._now)

    # What a lookup needs

    def ask(self, key: QuestionKey, lookup: LookupSteps) -> tuple[Record, ...] | None:
        """Return what is known already, else ask and return ``None``."""
        known = self._cache.get(key, self._now)
        if known is not None:
            self.statistics.cache_hits += 1
            return known
        number = self._questions.open(key, lookup.query)
        if number:
            self.statistics.questions += 1
            self.out.events.append(DnsQuestion(number, *key))
        return None

    def done(self, lookup: LookupSteps, targets: tuple[Target, ...], cause: str) -> None:
        """Take the result of a lookup."""
        del self._lookups[lookup.query]
        self._questions.forget(lookup.query)
        self._report(lookup.query, self._blacklist.sorted(targets, self._now), cause)

    def _report(self, query: int, targets: tuple[Target, ...], cause: str) -> None:
        if targets:
            self.statistics.found += 1
            self.out.events.append(TargetsFound(query, targets))
        else:
            self.statistics.not_found += 1
            self.out.events.append(TargetsNotFound(query, cause))
