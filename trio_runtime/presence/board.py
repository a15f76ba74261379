"""What is to be seen of each user: what the application set, else what phones say, else what we know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.subscribe import (
    MESSAGE_SUMMARY,
    PRESENCE,
    EventState,
    MessageCounts,
    MessageSummary,
    PresenceDocument,
    PresenceStatus,
    compose,
    composed_state,
    parse_pidf,
    presence_state,
)
from trio_runtime.base.errors import LimitExceededError, VoipError
from trio_runtime.presence.types import UserPresence

if TYPE_CHECKING:
    from sansio_sip.subscribe import Publication

__all__ = ["PresenceBoard"]

_VOICE = "voice-message"


@attrs.frozen
class _Set:
    status: PresenceStatus
    note: str


class PresenceBoard:
    """The states of users.

    Args:
        published: Gives what phones have published of a resource, for a package.
        is_registered: Tells whether a user has a phone now.
        in_call: Tells whether a user is in a call now.
        automatic: Whether those two count.
        max_states: How many users can have a state that is set.
    """

    def __init__(
        self,
        published: Callable[[str, str], tuple[Publication, ...]],
        is_registered: Callable[[str], bool],
        in_call: Callable[[str], bool],
        *,
        automatic: bool,
        max_states: int,
    ) -> None:
        self._published = published
        self._is_registered = is_registered
        self._in_call = in_call
        self._automatic = automatic
        self._max_states = max_states
        self._set: dict[str, _Set] = {}
        self._mailboxes: dict[str, MessageSummary] = {}
        self._told: dict[str, PresenceDocument] = {}

    def __len__(self) -> int:
        return len(self._set)

    def set(self, resource: str, status: PresenceStatus, note: str) -> None:
        """Let a user be seen like that.

        Raises:
            LimitExceededError: There are ``max_states`` already.
            VoipError: The note cannot be sent.
        """
        self._check_room(self._set, resource)
        state = _Set(status, note)
        try:
            presence_state(_document(resource, state.status, note))
        except LocalProtocolError as error:
            raise VoipError(f"the note cannot be sent: {error}") from error
        self._set[resource] = state

    def clear(self, resource: str) -> None:
        """Let a user be seen as he is."""
        self._set.pop(resource, None)

    def set_messages(self, resource: str, new: int, old: int) -> None:
        """Let a mailbox hold so many messages.

        Raises:
            LimitExceededError: There are ``max_states`` already.
            VoipError: A count is below zero.
        """
        if new < 0 or old < 0:
            raise VoipError("there are no fewer than 0 messages")
        self._check_room(self._mailboxes, resource)
        counts = {_VOICE: MessageCounts(new, old)}
        self._mailboxes[resource] = MessageSummary(new > 0, f"sip:{resource}", counts)

    def _check_room(self, table: Mapping[str, object], resource: str) -> None:
        if resource not in table and len(table) >= self._max_states:
            raise LimitExceededError(f"there are {self._max_states} states already")

    # What is to be seen

    def document(self, resource: str) -> tuple[PresenceDocument, str]:
        """Return the presence of a user, and who says so."""
        fixed = self._set.get(resource)
        if fixed is not None:
            return _document(resource, fixed.status, fixed.note), "set"
        busy = self._automatic and self._in_call(resource)
        documents = self._documents(resource)
        if documents:
            if busy:
                documents += (_document(resource, PresenceStatus.IN_CALL, id="calls"),)
            return compose(f"sip:{resource}", documents), "published"
        if busy:
            status = PresenceStatus.IN_CALL
        elif self._automatic and self._is_registered(resource):
            status = PresenceStatus.AVAILABLE
        else:
            status = PresenceStatus.OFFLINE
        return _document(resource, status), "automatic"

    def _documents(self, resource: str) -> tuple[PresenceDocument, ...]:
        found: list[PresenceDocument] = []
        for publication in self._published(resource, PRESENCE.name):
            try:
                found.append(parse_pidf(publication.body))
            except ParseError:
                continue  # nobody can read it, our watchers neither
        return tuple(found)

    def presence(self, resource: str) -> UserPresence:
        """Return what a human would see of a user."""
        document, source = self.document(resource)
        note = document.note or next((item.note for item in document.tuples if item.note), "")
        return UserPresence(document.status, note, source)

    def is_news(self, resource: str) -> bool:
        """Return whether something else is to be seen of a user than when this was asked last."""
        document, source = self.document(resource)
        before = self._told.pop(resource, _document(resource, PresenceStatus.OFFLINE))
        if source != "automatic" or document.status is not PresenceStatus.OFFLINE:
            self._told[resource] = document  # who is simply away takes no room
        return document != before

    def presence_state(self, resource: str) -> EventState:
        """Return what watchers of the presence of a user are told."""
        return presence_state(self.document(resource)[0])

    def mailbox_state(self, resource: str) -> EventState:
        """Return what watchers of a mailbox are told: what a phone, or else the application, says."""
        published = self._published(resource, MESSAGE_SUMMARY.name)
        if published:
            return composed_state(published)
        empty = MessageSummary(False, f"sip:{resource}", {_VOICE: MessageCounts(0, 0)})
        return self._mailboxes.get(resource, empty)


def _document(resource: str, status: PresenceStatus, note: str = "", *, id: str = "user") -> PresenceDocument:
    return PresenceDocument.of(f"sip:{resource}", status, id=id, note=note)
