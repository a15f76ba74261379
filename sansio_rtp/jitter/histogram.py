"""How long packets take, as a histogram that forgets; and the delay that pays for it best (ITU-T G.107)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..quality import G711_BPL, effective_impairment, r_factor

BIN_MS = 5.0
"""Width of a bin: 0.0025 MOS of delay."""


@lru_cache(maxsize=64)
def delay_ratings(n_bins: int, path_ms: float) -> npt.NDArray[np.float64]:
    """Return R without loss for a delay up to the upper edge of each bin, behind a path of `path_ms`."""
    return np.array([r_factor(path_ms + BIN_MS * (index + 1), 0.0) for index in range(n_bins)])


def best_bins(
    counts: npt.NDArray[np.float64], path_ms: float, *, loss: float = 0.0, bpl: float = G711_BPL
) -> npt.NDArray[np.int64]:
    """Return for each stream the bin whose upper edge is the best delay: R of G.107 is the highest there.

    Waiting longer saves packets and costs delay; the E-model tells which is worth more. Of equal ratings the
    shorter delay is taken.

    Args:
        counts: float64, shape (n_streams, n_bins): packets (or weights) by delay, each bin `BIN_MS` wide.
        path_ms: What the delay from mouth to ear has besides, in ms.
        loss: Share that the network loses anyway, 0 to 1.
        bpl: Robustness of codec and concealment against loss (G.113).

    Returns:
        int64, shape (n_streams,); 0 for streams without packets.
    """
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1e-9)
    in_time = np.cumsum(counts, axis=1) / total
    unheard = np.clip(1.0 - in_time * (1.0 - loss), 0.0, 1.0)
    rating = delay_ratings(counts.shape[1], path_ms) - effective_impairment(unheard, bpl=bpl)
    # Rounding errors of the sum must not make the longer of two equal delays win.
    return np.asarray((rating >= rating.max(axis=1, keepdims=True) - 1e-6).argmax(axis=1), np.int64)
