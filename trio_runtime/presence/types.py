"""What applications see of presence."""

from __future__ import annotations

import attrs

from sansio_sip.errors import ParseError
from sansio_sip.subscribe import PresenceStatus, resource_of
from trio_runtime.base.errors import InvalidUriError

__all__ = ["PresenceStatistics", "UserPresence", "Watcher", "resource_named"]


@attrs.frozen
class UserPresence:
    """What a watcher would see of a user now.

    Attributes:
        status: The status.
        note: Words for a human, empty for none.
        source: Who says so: ``set`` by the application, ``published`` by a phone, or ``automatic``.
    """

    status: PresenceStatus
    note: str
    source: str


@attrs.frozen
class Watcher:
    """Somebody who watches a user.

    Attributes:
        resource: The user, as ``user@host``.
        package: What is watched.
        uri: Who watches.
        username: Whose password he knows, empty when nobody asked.
    """

    resource: str
    package: str
    uri: str
    username: str


@attrs.frozen(kw_only=True)
class PresenceStatistics:
    """What a presence server counts.

    Attributes:
        watchers: Subscriptions now.
        published: Publications now.
        states: Users whose state the application has set.
        in_calls: Users who are in a call now, as far as it goes through us.
        accepted: Subscriptions that were let in.
        refused: Subscriptions that were not.
        changes: How often something else was to be seen of a user.
        decisions_failed: How often the function of the application raised.
    """

    watchers: int
    published: int
    states: int
    in_calls: int
    accepted: int
    refused: int
    changes: int
    decisions_failed: int


def resource_named(uri: str) -> str:
    """Return what all URIs of a user have in common.

    Raises:
        InvalidUriError: The text is no URI.
    """
    try:
        return resource_of(uri)
    except ParseError as error:
        raise InvalidUriError(str(error)) from error
