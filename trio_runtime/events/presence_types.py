"""What a coordinator publishes of who watches whom, and of what is to be seen."""

from __future__ import annotations

import attrs

__all__ = ["PresenceChanged", "WatcherGone", "WatcherRefused", "WatcherSubscribed"]


@attrs.frozen
class PresenceChanged:
    """Something else is to be seen of a user now.

    Attributes:
        resource: The user, as ``user@host``.
        status: What a human would see, such as ``available`` or ``in-call``.
        note: Words for a human, empty for none.
        watchers: How many subscriptions were told.
    """

    resource: str
    status: str
    note: str
    watchers: int


@attrs.frozen
class WatcherSubscribed:
    """Somebody watches a user from now on.

    Attributes:
        resource: The user, as ``user@host``.
        package: What is watched.
        watcher: URI of who watches.
        expires: Seconds for which it holds unless refreshed; 0 for a single look.
    """

    resource: str
    package: str
    watcher: str
    expires: int


@attrs.frozen
class WatcherRefused:
    """Somebody may not watch a user.

    Attributes:
        resource: The user, as ``user@host``.
        package: What was to be watched.
        watcher: URI of who asked.
        status_code: The answer.
    """

    resource: str
    package: str
    watcher: str
    status_code: int


@attrs.frozen
class WatcherGone:
    """Somebody watches a user no more.

    Attributes:
        resource: The user, as ``user@host``.
        package: What was watched.
        watcher: URI of who watched.
    """

    resource: str
    package: str
    watcher: str
