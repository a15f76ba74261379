"""A conference as a state that its focus tells, and how a focus is known (RFC 4575 §3.6, RFC 4579 §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ...errors import ParseError
from ...headers import FeatureSet
from .info import ConferenceDescription, ConferenceInfo, ConferenceState
from .members import ConferenceUser, ElementState
from .writer import CONFERENCE_INFO_TYPE, build_conference_info

if TYPE_CHECKING:
    from ...message import NameAddr

__all__ = ["ConferenceDocumentState", "as_focus", "is_focus"]


def is_focus(contact: NameAddr) -> bool:
    """Return whether the other side of a dialog is the focus of a conference (RFC 4579 §3.1)."""
    try:
        return FeatureSet.of_params(contact.params).supports("sip.isfocus")
    except ParseError:
        return False


def as_focus(contact: NameAddr) -> NameAddr:
    """Return the Contact that a focus sends in dialogs of its conference (RFC 4579 §3.1)."""
    return contact if is_focus(contact) else contact.with_param("isfocus", None)


@attrs.frozen(kw_only=True)
class ConferenceDocumentState:
    """The whole conference, and which of its users have changed.

    Attributes:
        entity: URI of the conference.
        description: The conference as such, or None.
        status: How it is, or None.
        users: All users.
        changed: URIs of users that have changed; of one who is no longer among ``users``, that it has gone.
        over: Whether the conference has ended.
    """

    entity: str
    description: ConferenceDescription | None = None
    status: ConferenceState | None = None
    users: tuple[ConferenceUser, ...] = ()
    changed: frozenset[str] = frozenset()
    over: bool = False

    @property
    def content_type(self) -> str:
        """Media type of the documents."""
        return CONFERENCE_INFO_TYPE

    def document(self, version: int, *, full: bool) -> bytes:
        """Return the whole conference, or the users that have changed; see `EventState`."""
        if self.over:
            over = ConferenceInfo(entity=self.entity, version=version, state=ElementState.DELETED)
            return build_conference_info(over)
        if full or not self.changed:
            return build_conference_info(
                ConferenceInfo(
                    entity=self.entity,
                    version=version,
                    description=self.description,
                    status=self.status,
                    users=self.users,
                )
            )
        present = {user.entity: user for user in self.users}
        gone = ElementState.DELETED
        users = [
            present.get(entity) or ConferenceUser(entity=entity, state=gone)
            for entity in sorted(self.changed)
        ]
        return build_conference_info(
            ConferenceInfo(
                entity=self.entity,
                version=version,
                state=ElementState.PARTIAL,
                status=self.status,
                users=tuple(users),
                users_state=ElementState.PARTIAL,
            )
        )
