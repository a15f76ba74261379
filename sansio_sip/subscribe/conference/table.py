"""A conference as one subscription tells of it: documents added up (RFC 4575 §4.6)."""

from __future__ import annotations

from typing import TypeVar

import attrs

from .info import ConferenceDescription, ConferenceInfo, ConferenceState
from .members import ConferenceEndpoint, ConferenceUser, ElementState

__all__ = ["ConferenceTable"]

_Keyed = TypeVar("_Keyed", ConferenceUser, ConferenceEndpoint)


class ConferenceTable:
    """What is known of one conference.

    Args:
        max_users: How many users are kept; more are left out and counted.

    Attributes:
        description: The conference as such; None when not told.
        status: How it is; None when not told.
        over: Whether it has ceased to exist, so that the subscription should end.
    """

    __slots__ = ("_users", "_version", "description", "left_out", "max_users", "over", "status")

    def __init__(self, max_users: int = 10_000) -> None:
        self.max_users = max_users
        self.left_out = 0
        self.description: ConferenceDescription | None = None
        self.status: ConferenceState | None = None
        self.over = False
        self._users: dict[str, ConferenceUser] = {}
        self._version: int | None = None

    @property
    def users(self) -> tuple[ConferenceUser, ...]:
        """The users in the order in which they became known."""
        return tuple(self._users.values())

    def receive(self, document: ConferenceInfo) -> bool:
        """Take a document in.

        Returns:
            Whether something was missed, so that a refresh has to ask for the full state; such a document
            is not used.
        """
        known = self._version
        if known is not None and document.version <= known:
            return False
        if document.state is ElementState.PARTIAL:
            if known is None or document.version > known + 1:
                return True
        else:
            self.description = self.status = None
            self._users.clear()
        self._version = document.version
        self.over = document.state is ElementState.DELETED
        if not self.over:
            self._take(document)
        return False

    def _take(self, document: ConferenceInfo) -> None:
        self.description = document.description or self.description
        self.status = document.status or self.status
        if document.users_state is not ElementState.PARTIAL and _tells_of_users(document):
            self._users.clear()
        for user in document.users:
            old = self._users.pop(user.entity, None) if user.state is ElementState.DELETED else None
            if old is None and user.state is not ElementState.DELETED:
                self._put(user)

    def _put(self, user: ConferenceUser) -> None:
        old = self._users.get(user.entity)
        if old is None and len(self._users) >= self.max_users:
            self.left_out += 1
        else:
            self._users[user.entity] = user if old is None else _updated_user(old, user)


def _tells_of_users(document: ConferenceInfo) -> bool:
    """A partial document without users says nothing of them."""
    return document.state is ElementState.FULL or bool(document.users)


def _updated_user(old: ConferenceUser, new: ConferenceUser) -> ConferenceUser:
    if new.state is ElementState.FULL:
        return new
    endpoints = {item.entity: item for item in old.endpoints}
    for item in new.endpoints:
        if item.state is ElementState.DELETED:
            endpoints.pop(item.entity, None)
        else:
            before = endpoints.get(item.entity)
            endpoints[item.entity] = item if before is None else _updated_endpoint(before, item)
    return attrs.evolve(_told(old, new), endpoints=tuple(endpoints.values()))


def _updated_endpoint(old: ConferenceEndpoint, new: ConferenceEndpoint) -> ConferenceEndpoint:
    if new.state is ElementState.FULL:
        return new
    media = {item.id: item for item in old.media} | {item.id: item for item in new.media}
    return attrs.evolve(_told(old, new), media=tuple(media.values()))


def _told(old: _Keyed, new: _Keyed) -> _Keyed:
    """Replace what the new element tells; the whole is as full as it was."""
    fields = [field.name for field in attrs.fields(type(new)) if field.name != "state"]
    return attrs.evolve(old, **{name: getattr(new, name) or getattr(old, name) for name in fields})
