"""Rows that are secured in one go: the same profile, payloads at the same column and of about one length."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from .hot_state import HotState, Numbers, Octets2d, Profile


@attrs.frozen(eq=False)
class Group:
    """Some rows of a batch, no context twice.

    Attributes:
        rows: The whole batch, uint8, shape (n_rows, stride).
        picked: The rows of the group; shape (n,), as all that follows.
        contexts: Their contexts.
        index: Their packet indices.
        ends: Where their payloads end.
        body: The column where all their payloads begin.
        profile: How all of them are secured.
    """

    rows: Octets2d
    picked: Numbers
    contexts: Numbers
    index: Numbers
    ends: Numbers
    body: int
    profile: Profile

    def only(self, chosen: Numbers) -> Group:
        """Return the group of some of its rows."""
        return attrs.evolve(
            self,
            picked=self.picked[chosen],
            contexts=self.contexts[chosen],
            index=self.index[chosen],
            ends=self.ends[chosen],
        )


def groups(
    state: HotState,
    rows: Octets2d,
    picked: Numbers,
    contexts: Numbers,
    index: Numbers,
    ends: Numbers,
    body: Numbers,
) -> Iterator[Group]:
    """Divide rows into groups; all arrays but `rows` have shape (n,) and belong to the picked rows."""
    if not picked.size:
        return
    blocks = (ends - body + 15) >> 4
    # Lengths within a factor of two share a group: a longer key stream costs less than a call more.
    size = np.frexp(blocks)[1].astype(np.int64)
    kind = state.profile[contexts] << 40 | body << 8 | size
    if (kind == kind[0]).all():
        yield Group(
            rows, picked, contexts, index, ends, int(body[0]), state.profiles[state.profile[contexts[0]]]
        )
        return
    kinds: list[int] = np.unique(kind).tolist()
    for value in kinds:
        chosen = np.flatnonzero(kind == value)
        yield Group(
            rows,
            picked[chosen],
            contexts[chosen],
            index[chosen],
            ends[chosen],
            int(body[chosen[0]]),
            state.profiles[value >> 40],
        )
