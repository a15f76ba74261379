"""What a registrar tells of registrations, and how a watcher adds it up (RFC 3680)."""

from __future__ import annotations

from enum import Enum, unique

import attrs

__all__ = [
    "ContactEvent",
    "RegInfo",
    "RegInfoTable",
    "RegisteredAddress",
    "RegisteredContact",
    "RegistrationProgress",
]


@unique
class RegistrationProgress(Enum):
    """States of a registration (RFC 3680 §3.7.1); a contact is never in ``INIT``."""

    INIT = "init"
    ACTIVE = "active"
    TERMINATED = "terminated"


@unique
class ContactEvent(Enum):
    """What brought a contact into its state (RFC 3680 §5.1)."""

    REGISTERED = "registered"
    CREATED = "created"
    REFRESHED = "refreshed"
    SHORTENED = "shortened"
    EXPIRED = "expired"
    DEACTIVATED = "deactivated"
    PROBATION = "probation"
    UNREGISTERED = "unregistered"
    REJECTED = "rejected"


@attrs.frozen(kw_only=True)
class RegisteredContact:
    """One contact of a registration (RFC 3680 §5.1).

    Attributes:
        id: Name of the contact in these documents.
        uri: Its URI.
        active: Whether it is bound, or else has just gone.
        event: What happened to it.
        display_name: Name that goes with the URI.
        duration: Seconds for which it has been bound, or None.
        expires: Seconds that it still holds; must be told when it was shortened.
        retry_after: Seconds after which to register again; must be told on probation.
        q: Preference as written; empty when not told.
        call_id: Call-ID of the last REGISTER; empty when not told.
        cseq: CSeq number of the last REGISTER, or None.
        params: Contact parameters beyond those of RFC 3261, such as capabilities.
    """

    id: str
    uri: str
    active: bool
    event: ContactEvent
    display_name: str = ""
    duration: int | None = None
    expires: int | None = None
    retry_after: int | None = None
    q: str = ""
    call_id: str = ""
    cseq: int | None = None
    params: tuple[tuple[str, str], ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.event is ContactEvent.SHORTENED and self.expires is None:
            raise ValueError("expires is missing for a contact that was shortened")
        if self.event is ContactEvent.PROBATION and self.retry_after is None:
            raise ValueError("retry_after is missing for a contact on probation")


@attrs.frozen
class RegisteredAddress:
    """The registration of one address.

    Attributes:
        aor: The address of record.
        id: Its name in these documents.
        progress: Its state.
        contacts: Contacts; in a partial document those that have changed.
    """

    aor: str
    id: str
    progress: RegistrationProgress
    contacts: tuple[RegisteredContact, ...] = ()


@attrs.frozen
class RegInfo:
    """One registration information document.

    Attributes:
        version: Rises by one with each document of a subscription, from 0.
        full: Whether it tells all, or what has changed.
        registrations: The registrations.
    """

    version: int
    full: bool
    registrations: tuple[RegisteredAddress, ...] = ()


class RegInfoTable:
    """The registrations that one subscription tells of (RFC 3680 §5.2).

    Args:
        max_contacts: How many registrations and contacts are kept in all; more are left out and counted.
    """

    __slots__ = ("_contacts", "_registrations", "_version", "left_out", "max_contacts")

    def __init__(self, max_contacts: int = 10_000) -> None:
        self.max_contacts = max_contacts
        self.left_out = 0
        self._registrations: dict[str, RegisteredAddress] = {}
        self._contacts: dict[str, dict[str, RegisteredContact]] = {}
        self._version: int | None = None

    def __len__(self) -> int:
        return len(self._registrations) + sum([len(rows) for rows in self._contacts.values()])

    @property
    def registrations(self) -> tuple[RegisteredAddress, ...]:
        """The registrations with their bound contacts, in the order in which they became known."""
        return tuple(
            [
                attrs.evolve(item, contacts=tuple(self._contacts[item.id].values()))
                for item in self._registrations.values()
            ]
        )

    def receive(self, document: RegInfo) -> bool:
        """Take a document in.

        Returns:
            Whether something between was missed, so that a refresh should ask for the full state.
        """
        known = self._version
        if known is not None and (
            document.version < known or (document.version == known and not document.full)
        ):
            return False
        missed = not document.full and (known is None or document.version > known + 1)
        self._version = document.version
        if document.full:
            self._registrations.clear()
            self._contacts.clear()
        room = self.max_contacts - len(self)
        for registration in document.registrations:
            room -= self._update(registration, room)
        return missed

    def _update(self, registration: RegisteredAddress, room: int) -> int:
        """Take a registration in and return how many places it took."""
        fresh = registration.id not in self._registrations
        if fresh and room < 1:
            self.left_out += 1 + len(registration.contacts)
            return 0
        self._registrations[registration.id] = registration
        rows = self._contacts.setdefault(registration.id, {})
        before = len(rows) - fresh
        for contact in registration.contacts:
            if not contact.active:
                rows.pop(contact.id, None)
            elif contact.id in rows or len(rows) - before < room:
                rows[contact.id] = contact
            else:
                self.left_out += 1
        return len(rows) - before
