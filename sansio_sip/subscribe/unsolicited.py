"""NOTIFY without a subscription, as mailboxes send it to phones that are set up for it (RFC 3842 §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import RemoteProtocolError
from ..headers import SubscriptionState
from .event_match import event_of
from .events import NotifyReceived

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..message import Request

__all__ = ["UnsolicitedAnswer", "answer_unsolicited"]


class UnsolicitedAnswer(NamedTuple):
    """Status and event of a NOTIFY that no subscription waits for."""

    status_code: int
    event: NotifyReceived | None = None


def answer_unsolicited(notify: Request, packages: Collection[str]) -> UnsolicitedAnswer:
    """Return how a NOTIFY outside of any subscription is answered.

    RFC 6665 knows none and wants 481 (§4.1.3). RFC 3265 left them to policy, and many mailboxes rely on
    it; the event has no subscription, and its state may be missing.

    Args:
        notify: The NOTIFY.
        packages: Event packages for which they are taken; empty for none.
    """
    try:
        event = event_of(notify)
        state = SubscriptionState("active")
        if notify.get("subscription-state") is not None:
            state = SubscriptionState.of(notify)
    except RemoteProtocolError as error:
        return UnsolicitedAnswer(error.status_hint)
    if event.package not in packages:
        return UnsolicitedAnswer(481)
    content_type = notify.content_type or ""
    received = NotifyReceived("", notify.from_tag, state, content_type, notify.body, notify)
    return UnsolicitedAnswer(200, received)
