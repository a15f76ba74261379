"""Makes Trio's own choices repeatable: it shuffles the tasks that are ready at one moment."""

from __future__ import annotations

import trio._core._run as trio_run

__all__ = ["seed_scheduler"]


def seed_scheduler(seed: str) -> None:
    """Let every later choice of Trio's scheduler follow from `seed`.

    Trio keeps this private; its own pytest plugin and hypothesis use it. Where a future Trio has it no more,
    nothing happens, and runs repeat only as far as they do not depend on the order of ready tasks.
    """
    source = getattr(trio_run, "_r", None)
    if source is None or not hasattr(trio_run, "_ALLOW_DETERMINISTIC_SCHEDULING"):
        return
    # Sorts the ready tasks by age before they are shuffled; else their order depends on memory addresses.
    setattr(trio_run, "_ALLOW_DETERMINISTIC_SCHEDULING", True)  # noqa: B010  # declared Final
    source.seed(seed)
