"""Linking a call with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.session.asking import CallQuestions

if TYPE_CHECKING:
    from trio_runtime.session.links import CallLink, LinkEnd, LinkKind

__all__ = ["LinkedCall"]


class LinkedCall(CallQuestions):
    """A call that may belong to others."""

    @property
    def links(self) -> tuple[CallLink[Self], ...]:
        """What it is linked with."""
        found: tuple[CallLink[Self], ...] = self._operations.links.of(self)
        return found

    def link(self, other: Self, *, on_end: LinkEnd = "hang_up", kind: LinkKind = "legs") -> CallLink[Self]:
        """Let this call and another one belong together, until one of them ends.

        Args:
            other: The other call.
            on_end: ``hang_up`` ends either with the other, ``hang_up_other`` only ``other`` with this one,
                ``keep`` neither.
            kind: ``legs`` of one conversation, or a ``consultation``.

        Raises:
            CallStateError: One of them is over, they are one call, or linked already.
            LimitExceededError: One of them has too many links.
            ConfigurationError: There is no such policy or kind.
        """
        if on_end not in ("hang_up", "hang_up_other", "keep"):
            raise ConfigurationError(f"there is no {on_end!r}", field="on_end")
        if kind not in ("legs", "consultation"):
            raise ConfigurationError(f"there is no {kind!r}", field="kind")
        made: CallLink[Self] = self._operations.links.add(self, other, kind, on_end)
        return made
