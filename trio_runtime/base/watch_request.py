"""What a function of the application decides about: somebody who wants to watch somebody."""

from __future__ import annotations

import attrs

__all__ = ["WatchRequest"]


@attrs.frozen(kw_only=True)
class WatchRequest:
    """A SUBSCRIBE that waits.

    Attributes:
        resource: Who is to be watched, as ``user@host``.
        package: ``presence``, ``dialog``, ``reg`` or ``message-summary``.
        watcher: URI of who asks, as it says itself.
        username: Whose password it knows, empty when nobody asked.
    """

    resource: str
    package: str
    watcher: str
    username: str
