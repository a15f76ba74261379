"""Presence of a user: the status that people see, and the document that machines send (RFC 3863)."""

from __future__ import annotations

from enum import Enum, unique

import attrs

__all__ = ["PresenceDocument", "PresenceStatus", "PresenceTuple", "compose"]


@unique
class PresenceStatus(Enum):
    """What a user is up to.

    CUSTOM is anything else; its note says what.
    """

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    DO_NOT_DISTURB = "do-not-disturb"
    OFFLINE = "offline"
    IN_CALL = "in-call"
    CUSTOM = "custom"


# The activities of RFC 4480 §3.2 that tell a status, the telling ones first.
_ACTIVITIES: dict[str, PresenceStatus] = {
    "do-not-disturb": PresenceStatus.DO_NOT_DISTURB,
    "on-the-phone": PresenceStatus.IN_CALL,
    "busy": PresenceStatus.BUSY,
    "appointment": PresenceStatus.BUSY,
    "meeting": PresenceStatus.BUSY,
    "performance": PresenceStatus.BUSY,
    "presentation": PresenceStatus.BUSY,
    "away": PresenceStatus.AWAY,
    "breakfast": PresenceStatus.AWAY,
    "dinner": PresenceStatus.AWAY,
    "holiday": PresenceStatus.AWAY,
    "lunch": PresenceStatus.AWAY,
    "meal": PresenceStatus.AWAY,
    "permanent-absence": PresenceStatus.AWAY,
    "sleeping": PresenceStatus.AWAY,
    "travel": PresenceStatus.AWAY,
    "vacation": PresenceStatus.AWAY,
}
# RFC 4480 has no activity for this one: it is sent as busy, with its name as another activity.
_SENT: dict[PresenceStatus, tuple[str, ...]] = {
    PresenceStatus.BUSY: ("busy",),
    PresenceStatus.AWAY: ("away",),
    PresenceStatus.IN_CALL: ("on-the-phone",),
    PresenceStatus.DO_NOT_DISTURB: ("busy", "do-not-disturb"),
    PresenceStatus.CUSTOM: ("other",),
}


@attrs.frozen
class PresenceTuple:
    """One way to reach the user (RFC 3863 §4.1.2).

    Attributes:
        id: Name of the tuple within its publication; it stays the same when the state changes.
        open: Whether messages and calls are accepted; None when the document does not say.
        contact: URI, empty when there is none.
        priority: From 0 to 1, None when there is none.
        note: Words for a human.
        timestamp: When the status changed, as an RFC 3339 date; empty when not said.
    """

    id: str
    open: bool | None
    contact: str = ""
    priority: float | None = None
    note: str = ""
    timestamp: str = ""


@attrs.frozen
class PresenceDocument:
    """A presence document.

    Attributes:
        entity: URI of the presentity.
        tuples: The ways to reach the user.
        activities: What the user does, in the words of RFC 4480 §3.2.
        note: Words for a human about the user.
    """

    entity: str
    tuples: tuple[PresenceTuple, ...] = ()
    activities: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def of(
        cls, entity: str, status: PresenceStatus, *, id: str = "phone", contact: str = "", note: str = "",
        timestamp: str = "",
    ) -> PresenceDocument:  # fmt: skip
        """Make the document of one device.

        Args:
            entity: URI of the presentity.
            status: The status; OFFLINE is closed, everything else open.
            id: Name of the device's tuple.
            contact: URI of the device.
            note: Words for a human; what a CUSTOM status is about.
            timestamp: When the status changed, as an RFC 3339 date.
        """
        reachable = status is not PresenceStatus.OFFLINE
        device = PresenceTuple(id, reachable, contact, timestamp=timestamp)
        return cls(entity, (device,), _SENT.get(status, ()), note)

    @property
    def status(self) -> PresenceStatus:
        """What a human would see: offline when no tuple is open, otherwise the most telling activity."""
        if not any(item.open for item in self.tuples):
            return PresenceStatus.OFFLINE
        for activity, status in _ACTIVITIES.items():
            if activity in self.activities:
                return status
        return PresenceStatus.CUSTOM if self.activities else PresenceStatus.AVAILABLE


def compose(entity: str, documents: tuple[PresenceDocument, ...]) -> PresenceDocument:
    """Make one document of what several devices publish, the latest last (RFC 3903 §10.3).

    Tuples are kept apart by giving those of the same id a number; activities are those of any open
    device; of several notes the latest counts. Without documents the user is offline.
    """
    seen: dict[str, int] = {}
    tuples: list[PresenceTuple] = []
    activities: dict[str, None] = {}
    note = ""
    for document in documents:
        for item in document.tuples:
            count = seen[item.id] = seen.get(item.id, 0) + 1
            tuples.append(item if count == 1 else attrs.evolve(item, id=f"{item.id}-{count}"))
        if any(item.open for item in document.tuples):
            activities |= dict.fromkeys(document.activities)
        note = document.note or note
    return PresenceDocument(entity, tuple(tuples), tuple(activities), note)
