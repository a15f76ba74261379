"""Rows by codec: those of one table are coded with one look-up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .headers import Rows

Frames = npt.NDArray[np.int16]
"""Audio of many streams, int16, shape (n_streams, n_samples)."""


def groups(names: Sequence[str], rows: Rows) -> list[tuple[str, Rows]]:
    """Return the positions in `rows` that have each name: one pair, nearly always."""
    chosen = [names[row] for row in rows.tolist()]
    kinds = set(chosen)
    if len(kinds) == 1:
        return [(kinds.pop(), np.arange(rows.size))]
    array = np.array(chosen)
    return [(name, np.flatnonzero(array == name)) for name in sorted(kinds)]
