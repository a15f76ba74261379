"""Python's garbage collector under load: an explicit switch, because it changes the whole process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["GC_MODES", "tuned_collector"]

GC_MODES = ("tuned", "default", "freeze")
_THRESHOLDS = (50_000, 20, 10)


@contextmanager
def tuned_collector(mode: str) -> Iterator[None]:
    """Set the collector for the block and put it back afterwards.

    A call makes and drops many small objects, nearly none of them in cycles: the default thresholds
    let the collector look at them again and again, about a fifth of the time of a loaded server.

    Args:
        mode: ``default`` changes nothing, ``tuned`` collects rarely, ``freeze`` also exempts everything
            that is loaded already.
    """
    if mode == "default":
        yield
        return
    before = gc.get_threshold()
    if mode == "freeze":
        gc.collect()
        gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if mode == "freeze":
            gc.unfreeze()
