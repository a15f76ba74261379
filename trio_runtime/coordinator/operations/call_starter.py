"""Who makes calls for those that act in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trio_runtime.base.types import SessionId
    from trio_runtime.session import Call

__all__ = ["CallStarter"]


class CallStarter(Protocol):
    """Makes calls."""

    def __call__(
        self,
        uri: str,
        headers: Iterable[tuple[str, str]],
        *,
        on_named: Callable[[SessionId], None] | None = None,
    ) -> Call:
        """Call a URI; ``on_named`` gets the id of the call before anything happens."""
