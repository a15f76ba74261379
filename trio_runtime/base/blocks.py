"""How blocks are left: at once where they were left by an exception, with one checkpoint otherwise."""

from __future__ import annotations

import trio

__all__ = ["checkpoint_unless_raised"]


async def checkpoint_unless_raised(kind: type[BaseException] | None) -> None:
    """Give others a turn at a normal exit; after an exception nothing is waited for.

    Args:
        kind: What ``__aexit__`` was given.
    """
    if kind is None:
        await trio.lowlevel.checkpoint()
