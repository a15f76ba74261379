"""Who is in which call: the dialogs of users, as far as their calls go through us (RFC 4235)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sansio_sip.errors import ParseError
from sansio_sip.subscribe import (
    DialogEntry,
    DialogInfoState,
    DialogParticipant,
    DialogProgress,
    resource_of,
)
from trio_runtime.base.types import CallDirection, CallState, SessionId
from trio_runtime.events import types as facts

if TYPE_CHECKING:
    from trio_runtime.session import Call, SessionRegistry

__all__ = ["UserCalls"]

_PROGRESS = {CallState.INITIATING: DialogProgress.TRYING, CallState.RINGING: DialogProgress.EARLY}


class UserCalls:
    """Knows the calls of each user.

    Args:
        registry: All calls.
        serves: Tells whether a resource is a user that can be watched.
        on_change: Told of each user whose calls have changed, and of the call.
    """

    def __init__(
        self,
        registry: SessionRegistry,
        serves: Callable[[str], bool],
        on_change: Callable[[str, str], None],
    ) -> None:
        self._registry = registry
        self._serves = serves
        self._on_change = on_change
        self._by_resource: dict[str, dict[str, DialogEntry]] = {}
        self._owner: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._by_resource)

    def take(self, event: facts.SessionEvent) -> bool:
        """Take an event of the bus, as it is published; it is wanted by nobody else."""
        if isinstance(event, facts.SessionCreated | facts.CallStateChanged):
            call = self._registry.find(event.session_id)
            if call is not None:
                self._update(call)
        elif isinstance(event, facts.CallTerminated):
            self._end(event.session_id)
        return False

    def _update(self, call: Call) -> None:
        try:
            resource = self._owner.get(call.id) or resource_of(call.remote_uri)
        except ParseError:
            return
        if not self._serves(resource) or call.state.is_final:
            return
        self._owner[call.id] = resource
        entry = _entry_of(call)
        entries = self._by_resource.setdefault(resource, {})
        if entries.get(call.id) != entry:
            entries[call.id] = entry
            self._on_change(resource, call.id)

    def _end(self, session_id: SessionId) -> None:
        resource = self._owner.pop(session_id, None)
        if resource is None:
            return
        entries = self._by_resource[resource]
        del entries[session_id]
        if not entries:
            del self._by_resource[resource]
        self._on_change(resource, session_id)

    def in_call(self, resource: str) -> bool:
        """Return whether a user has a call that is answered."""
        entries = self._by_resource.get(resource, {}).values()
        return any(entry.progress is DialogProgress.CONFIRMED for entry in entries)

    def state(self, resource: str, changed: str = "") -> DialogInfoState:
        """Return the dialogs of a user; ``changed`` is the call that has just changed, which may be over."""
        entries = self._by_resource.get(resource, {})
        told = tuple(entries.values())
        if changed and changed not in entries:
            told += (DialogEntry(id=changed, progress=DialogProgress.TERMINATED),)
        return DialogInfoState(f"sip:{resource}", told, frozenset([changed] if changed else ()))


def _entry_of(call: Call) -> DialogEntry:
    """Return a call as the one sees it who is at its other end."""
    incoming = call.direction is CallDirection.INCOMING
    return DialogEntry(
        id=call.id,
        progress=_PROGRESS.get(call.state, DialogProgress.CONFIRMED),
        call_id=call.sip_call_id,
        direction="initiator" if incoming else "recipient",
        local=DialogParticipant(identity=call.remote_uri),
        remote=DialogParticipant(identity=call.local_uri),
    )
