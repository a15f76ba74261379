"""Rows by codec: those of one table are coded with one look-up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .headers import Rows

Frames = npt.NDArray[np.int16]
"""Audio of many streams, int16, shape (n_streams, n_samples)."""


def groups(names: list[str], rows: Rows) -> list[tuple[str, Rows]]:
    """Return the positions in `rows` that have each name: one pair, nearly always."""
    places: list[int] = rows.tolist()
    chosen = [names[row] for row in places]
    kinds = set(chosen)
    if len(kinds) == 1:
        return [(kinds.pop(), np.arange(rows.size))]
    return [
        (kind, np.array([place for place, name in enumerate(chosen) if name == kind], np.intp))
        for kind in sorted(kinds)
    ]
