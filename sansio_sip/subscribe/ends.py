"""How a subscription or publication can end: values, never exceptions."""

from __future__ import annotations

import attrs

__all__ = [
    "NotifyFailed",
    "NotifyMissing",
    "RemotelyUnsubscribed",
    "RequestRefused",
    "RequestTimedOut",
    "RequestUnreachable",
    "SubscriptionClosed",
    "SubscriptionEnd",
    "SubscriptionExpired",
    "TerminatedByNotifier",
]


@attrs.frozen
class TerminatedByNotifier:
    """A NOTIFY said ``terminated`` (RFC 6665 §4.1.3).

    Attributes:
        reason: The reason code, empty when there was none.
        retry_after: Seconds that the notifier asks to wait, or None.
    """

    reason: str
    retry_after: int | None = None


@attrs.frozen
class RequestRefused:
    """A SUBSCRIBE or PUBLISH got a final status of 300 or more, or we refused one.

    Attributes:
        status_code: The status code.
        reason: The phrase that came with it.
        retry_after: Seconds that the peer asks to wait, or None.
    """

    status_code: int
    reason: str
    retry_after: int | None = None


@attrs.frozen
class RequestTimedOut:
    """A SUBSCRIBE or PUBLISH got no final response for 64·T1."""


@attrs.frozen
class RequestUnreachable:
    """A SUBSCRIBE or PUBLISH could not be sent.

    Attributes:
        cause: What the transport said.
    """

    cause: str


@attrs.frozen
class NotifyMissing:
    """Timer N fired: no NOTIFY came (RFC 6665 §4.1.2.4)."""


@attrs.frozen
class SubscriptionExpired:
    """It was not refreshed in time."""


@attrs.frozen
class RemotelyUnsubscribed:
    """The subscriber said that it has enough, or wanted one look only (Expires 0)."""


@attrs.frozen
class NotifyFailed:
    """The subscriber cannot be notified any more (RFC 6665 §4.2.2).

    Attributes:
        status_code: The status code; 408 when there was no answer.
        reason: The phrase, or what the transport said.
    """

    status_code: int
    reason: str


@attrs.frozen
class SubscriptionClosed:
    """We ended it; a fetch that has what it wanted ends so too.

    Attributes:
        reason: The reason code that we gave as notifier, otherwise empty.
    """

    reason: str = ""


SubscriptionEnd = (
    TerminatedByNotifier
    | RequestRefused
    | RequestTimedOut
    | RequestUnreachable
    | NotifyMissing
    | SubscriptionExpired
    | RemotelyUnsubscribed
    | NotifyFailed
    | SubscriptionClosed
)
