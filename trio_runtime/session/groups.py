"""Named sets of calls: the members of a conference, of a transfer, of whatever ends together (SES-26)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Literal

import trio

from trio_runtime.base.errors import CallStateError, ConfigurationError, LimitExceededError
from trio_runtime.events.relation_types import GroupChanged
from trio_runtime.session.links import CallT

if TYPE_CHECKING:
    from trio_runtime.base.types import SessionId

__all__ = ["Groups", "LeaderEnd", "SessionGroup"]

LeaderEnd = Literal["keep", "end_all"]
"""What becomes of the others when the leader's call ends."""

_MAX_GROUPS = 10_000


class SessionGroup(Generic[CallT]):
    """A named set of calls; leaving its ``async with`` block hangs up all of them.

    Calls leave it when they end; it lasts until it is closed.

    Attributes:
        name: Its name, which no other group has meanwhile.
        leader: The call that leads it, or None; gone when it ends.
        closed: Whether it is over.
    """

    def __init__(
        self, name: str, groups: Groups[CallT], *, max_members: int, on_leader_end: LeaderEnd
    ) -> None:
        self.name = name
        self.leader: CallT | None = None
        self.closed = False
        self._groups = groups
        self._max_members = max_members
        self._on_leader_end = on_leader_end
        self._members: dict[SessionId, CallT] = {}

    def __repr__(self) -> str:
        return f"<SessionGroup {self.name!r}, {len(self)} calls>"

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[CallT]:
        return iter(self.members)

    def __contains__(self, call: object) -> bool:
        return any(call is member for member in self._members.values())

    @property
    def members(self) -> tuple[CallT, ...]:
        """The calls in it, the first that joined first."""
        return tuple(self._members.values())

    def add(self, call: CallT, *, leader: bool = False) -> None:
        """Take a call in; one that is in may become the leader.

        Raises:
            CallStateError: The call, or the group, is over.
            LimitExceededError: It is full.
        """
        if self.closed:
            raise CallStateError(f"the group {self.name!r} is closed", session_id=call.id)
        if call.end is not None:
            raise CallStateError("a call that is over cannot join a group", session_id=call.id)
        if call.id not in self._members:
            if len(self._members) >= self._max_members:
                raise LimitExceededError(f"the group {self.name!r} is full", session_id=call.id)
            self._members[call.id] = call
            self._groups.joined(self, call)
        if leader:
            self.leader = call

    def remove(self, call: CallT) -> None:
        """Let a call leave, which goes on; one that is not in it is no error."""
        if self._members.pop(call.id, None) is None:
            return
        led = self.leader is call
        if led:
            self.leader = None
        self._groups.left(self, call)
        if led and call.end is not None and self._on_leader_end == "end_all":
            self.end_all()

    def end_all(self) -> None:
        """Hang up every call in it."""
        for call in self.members:
            call.hang_up()

    def close(self) -> None:
        """Hang up every call in it, and be over."""
        if self.closed:
            return
        self.closed = True
        self.end_all()
        for call in self.members:
            self.remove(call)
        self._groups.closed(self)

    async def __aenter__(self) -> SessionGroup[CallT]:
        """Open the block."""
        await trio.lowlevel.checkpoint()
        return self

    def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]:
        """Hang up all; nothing is waited for."""
        self.close()
        return self._leave(cancelled=kind is not None)

    async def _leave(self, *, cancelled: bool) -> None:
        if not cancelled:
            await trio.lowlevel.checkpoint()


class Groups(Generic[CallT]):
    """The groups of a coordinator.

    Args:
        publish: Publishes events.
    """

    def __init__(self, publish: Callable[..., None]) -> None:
        self._publish = publish
        self._by_name: dict[str, SessionGroup[CallT]] = {}
        self._by_call: dict[SessionId, list[SessionGroup[CallT]]] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[SessionGroup[CallT]]:
        return iter(tuple(self._by_name.values()))

    def find(self, name: str) -> SessionGroup[CallT] | None:
        """Return a group that is not over, or None."""
        return self._by_name.get(name)

    def open(self, name: str, *, max_members: int, on_leader_end: LeaderEnd) -> SessionGroup[CallT]:
        """Make a group; see `SessionCoordinator.open_group`."""
        if not name:
            raise ConfigurationError("must not be empty", field="name")
        if name in self._by_name:
            raise ConfigurationError(f"is that of another group: {name!r}", field="name")
        if max_members < 1:
            raise ConfigurationError(f"must be 1 or more, not {max_members}", field="max_members")
        if on_leader_end not in ("keep", "end_all"):
            raise ConfigurationError(f"must be keep or end_all, not {on_leader_end!r}", field="on_leader_end")
        if len(self._by_name) >= _MAX_GROUPS:
            raise LimitExceededError(f"there are {_MAX_GROUPS} groups already")
        group = SessionGroup(name, self, max_members=max_members, on_leader_end=on_leader_end)
        self._by_name[name] = group
        self._publish(GroupChanged, None, name, "opened", 0)
        return group

    def joined(self, group: SessionGroup[CallT], call: CallT) -> None:
        """Take note that a call is in a group."""
        self._by_call.setdefault(call.id, []).append(group)
        self._publish(GroupChanged, call.id, group.name, "joined", len(group))

    def left(self, group: SessionGroup[CallT], call: CallT) -> None:
        """Take note that a call is in a group no longer."""
        groups = self._by_call[call.id]
        groups.remove(group)
        if not groups:
            del self._by_call[call.id]
        self._publish(GroupChanged, call.id, group.name, "left", len(group))

    def closed(self, group: SessionGroup[CallT]) -> None:
        """Take note that a group is over."""
        del self._by_name[group.name]
        self._publish(GroupChanged, None, group.name, "closed", 0)

    def call_over(self, call: CallT) -> None:
        """Take note that a call is over: it leaves its groups."""
        for group in tuple(self._by_call.get(call.id, ())):
            group.remove(call)
