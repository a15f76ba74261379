"""A notification in one line, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sansio_sip.subscribe import DialogInfo, MessageSummary, PresenceDocument
from sansio_sip.subscribe.conference import ConferenceInfo
from sansio_sip.subscribe.reg import RegInfo
from trio_runtime.cli.printing.output import Record
from trio_runtime.control.messages import plain_numbers

if TYPE_CHECKING:
    from trio_runtime.coordinator import Notification
    from trio_runtime.coordinator.subscribing.notification import ResourceState

__all__ = ["notification_record", "state_words"]


def state_words(state: ResourceState) -> str:
    """Return a state in a few words."""
    match state:
        case PresenceDocument():
            note = f" ({state.note})" if state.note else ""
            return f"presence: {state.status.value}{note}"
        case DialogInfo():
            return _listed(
                "calls", [f"{each.progress.value} {each.remote.identity}" for each in state.dialogs]
            )
        case MessageSummary():
            counts = [f"{each.new} new and {each.old} old {name}" for name, each in state.counts.items()]
            return _listed("messages wait" if state.waiting else "no messages wait", counts)
        case RegInfo():
            contacts = [contact.uri for each in state.registrations for contact in each.contacts]
            return _listed("registered", contacts)
        case ConferenceInfo():
            return _listed("in the conference", [user.entity for user in state.users])


def _listed(what: str, items: list[str]) -> str:
    return f"{what}: {', '.join(items) or 'none'}"


def notification_record(notification: Notification, at_s: float) -> Record:
    """Return the record of a notification.

    Args:
        notification: What was told.
        at_s: Seconds since the program began.
    """
    if notification.state is not None:
        words = state_words(notification.state)
    else:
        words = notification.problem or f"{len(notification.body)} octets of {notification.content_type}"
        words = words if notification.body else "no state"
    reason = f", {notification.reason}" if notification.reason else ""
    return Record(
        "notification",
        f"{at_s:9.3f}  {notification.status}{reason}  {words}",
        {
            "time": round(at_s, 6),
            "status": notification.status,
            "reason": notification.reason,
            "retry_after": notification.retry_after,
            "type": notification.content_type,
            "state": plain_numbers(notification.state),
            "body": notification.body.decode("utf-8", "replace"),
            "problem": notification.problem,
        },
    )
