"""Calls that belong together two by two: legs of one call, and a call that somebody is asked by (SES-29)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

from trio_runtime.base.errors import CallStateError, LimitExceededError
from trio_runtime.events.relation_types import LinkChanged

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import SessionId

__all__ = ["CallLink", "LinkEnd", "LinkKind", "Linkable", "Links"]

LinkEnd = Literal["hang_up", "hang_up_other", "keep"]
"""What becomes of one call when the other ends: ``hang_up`` either way, ``hang_up_other`` only the second
with the first, ``keep`` nothing."""

LinkKind = Literal["legs", "consultation"]
"""``legs`` are two sides of one conversation, ``consultation`` is a call made to ask somebody meanwhile."""

_MAX_LINKS = 16  # of one call


class Linkable(Protocol):
    """What a link needs to know of a call."""

    @property
    def id(self) -> SessionId:
        """Its name."""

    end: CallEnd | None

    def hang_up(self) -> None:
        """End it."""


CallT = TypeVar("CallT", bound=Linkable)


class CallLink(Generic[CallT]):
    """Two calls that belong together, until one ends or it is cut.

    Attributes:
        first: The call that was linked.
        second: The one that it was linked with.
        kind: What they are to each other.
        on_end: What becomes of one when the other ends.
        active: Whether it still holds.
    """

    def __init__(
        self, first: CallT, second: CallT, kind: LinkKind, on_end: LinkEnd, links: Links[CallT]
    ) -> None:
        self.first = first
        self.second = second
        self.kind: LinkKind = kind
        self.on_end: LinkEnd = on_end
        self.active = True
        self._links = links

    def __repr__(self) -> str:
        return f"<CallLink {self.kind} {self.first.id} {self.second.id}, {self.on_end}>"

    def other(self, call: CallT) -> CallT:
        """Return the other one of the two."""
        return self.second if call is self.first else self.first

    def cut(self) -> None:
        """Let each call be by itself; once it is over, nothing."""
        if self.active:
            self._links.remove(self, "cut")


class Links(Generic[CallT]):
    """The links of all calls of a coordinator; each goes with the first of its calls that ends.

    Args:
        publish: Publishes events.
    """

    def __init__(self, publish: Callable[..., None]) -> None:
        self._publish = publish
        self._by_call: dict[SessionId, list[CallLink[CallT]]] = {}

    def __len__(self) -> int:
        return sum([len(links) for links in self._by_call.values()]) // 2

    def of(self, call: CallT) -> tuple[CallLink[CallT], ...]:
        """Return the links of a call."""
        return tuple(self._by_call.get(call.id, ()))

    def add(self, first: CallT, second: CallT, kind: LinkKind, on_end: LinkEnd) -> CallLink[CallT]:
        """Link two calls; see `Call.link`."""
        if first is second:
            raise CallStateError("a call cannot be linked with itself", session_id=first.id)
        for call in (first, second):
            if call.end is not None:
                raise CallStateError("a call that is over cannot be linked", session_id=call.id)
            if len(self.of(call)) >= _MAX_LINKS:
                raise LimitExceededError(f"the call has {_MAX_LINKS} links already", session_id=call.id)
        if any(link.other(first) is second for link in self.of(first)):
            raise CallStateError("the two calls are linked already", session_id=first.id)
        link = CallLink(first, second, kind, on_end, self)
        for call in (first, second):
            self._by_call.setdefault(call.id, []).append(link)
        self._publish(LinkChanged, first.id, second.id, kind, "linked")
        return link

    def remove(self, link: CallLink[CallT], change: Literal["cut", "ended", "cascaded"]) -> None:
        """Forget a link, and tell why."""
        link.active = False
        for call in (link.first, link.second):
            left = self._by_call[call.id]
            left.remove(link)
            if not left:
                del self._by_call[call.id]
        self._publish(LinkChanged, link.first.id, link.second.id, link.kind, change)

    def call_over(self, call: CallT) -> None:
        """Take note that a call is over: its links go, and other calls with it where that was wanted."""
        for link in self.of(call):
            if not link.active:
                continue  # the other call has ended meanwhile, in our hands
            other = link.other(call)
            cascades = link.on_end == "hang_up" or (link.on_end == "hang_up_other" and call is link.first)
            self.remove(link, "cascaded" if cascades else "ended")
            if cascades:
                other.hang_up()
