"""One NOTIFY as an application sees it: where the subscription stands, and the state as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from sansio_sip.subscribe import DialogInfo, MessageSummary, PresenceDocument
from sansio_sip.subscribe.conference import ConferenceInfo
from sansio_sip.subscribe.reg import RegInfo

if TYPE_CHECKING:
    from trio_runtime.session import CallHeaders

__all__ = ["Notification", "ResourceState"]

ResourceState: TypeAlias = PresenceDocument | DialogInfo | MessageSummary | RegInfo | ConferenceInfo
"""The state of what is watched: presence, calls, a mailbox, registrations, or a conference."""


@attrs.frozen(kw_only=True)
class Notification:
    """What a notifier tells.

    Attributes:
        status: ``active``, ``pending`` while nobody has let us in, or ``terminated`` for its last one.
        reason: Why it is the last one, such as ``deactivated``, ``rejected`` or ``noresource``; empty when
            not told.
        retry_after: Seconds that the notifier asks to wait with another subscription, or None.
        expires: Seconds that the subscription still lasts, or None.
        state: The whole state by now, where its form is known: documents that only tell what has changed are
            added up. None without a body, or for a form that is not known or not kept to.
        problem: What is wrong with the body; empty when nothing is.
        content_type: Media type of the body without parameters; empty when there is none.
        body: The body as it came.
        headers: The header fields.
        notifier: Tells notifiers apart where the subscription was forked to several.
    """

    status: str
    reason: str
    retry_after: int | None
    expires: int | None
    state: ResourceState | None
    problem: str
    content_type: str
    body: bytes
    headers: CallHeaders
    notifier: str
