"""The order in which servers are tried (RFC 2782, "Usage rules")."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING

from .records import SrvRecord, clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids

__all__ = ["is_refusal", "order_srv"]


def is_refusal(records: list[SrvRecord]) -> bool:
    """Return whether a domain says that it has no such service: one record with the root as its target."""
    return len(records) == 1 and not clean_name(records[0].target)


def order_srv(records: Iterable[SrvRecord], ids: Ids | None) -> list[SrvRecord]:
    """Return records by priority, and at random by weight within one.

    Args:
        records: In any order.
        ids: Source of the randomness; None for the same order each time, which a stateless proxy needs
            (RFC 3263 §4.4).
    """
    if ids is None:
        return sorted(
            records, key=lambda record: (record.priority, -record.weight, record.target, record.port)
        )
    groups: dict[int, list[SrvRecord]] = {}
    for record in records:
        groups.setdefault(record.priority, []).append(record)
    return [record for priority in sorted(groups) for record in _by_weight(groups[priority], ids)]


def _by_weight(group: list[SrvRecord], ids: Ids) -> list[SrvRecord]:
    # Those without weight stand first, so that they have a small chance only.
    rest = sorted(group, key=lambda record: record.weight > 0)
    chosen: list[SrvRecord] = []
    while len(rest) > 1:
        chosen.append(rest.pop(_pick(rest, ids)))
    return chosen + rest


def _pick(records: list[SrvRecord], ids: Ids) -> int:
    """Return the index of the first record whose running sum of weights reaches a random number."""
    sums = list(itertools.accumulate(record.weight for record in records))
    wanted = min(int(ids.uniform(0, sums[-1] + 1)), sums[-1])
    return bisect.bisect_left(sums, wanted)
