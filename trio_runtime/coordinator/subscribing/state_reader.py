"""Reading the bodies of NOTIFY requests; what tells changes only is added up for each notifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

from sansio_sip.subscribe import (
    DIALOG_INFO_TYPE,
    MESSAGE_SUMMARY_TYPE,
    PIDF_TYPE,
    DialogInfo,
    DialogInfoTable,
    MessageSummary,
    PresenceDocument,
    parse_dialog_info,
    parse_message_summary,
    parse_pidf,
)
from sansio_sip.subscribe.conference import (
    CONFERENCE_INFO_TYPE,
    ConferenceInfo,
    ConferenceTable,
    ElementState,
    parse_conference_info,
)
from sansio_sip.subscribe.reg import REG_INFO_TYPE, RegInfo, RegInfoTable, parse_reg_info

if TYPE_CHECKING:
    from collections.abc import Callable

    from trio_runtime.coordinator.subscribing.notification import ResourceState

__all__ = ["StateReader", "reader_for"]


class StateReader(Protocol):
    """Reads the documents of one notifier in the order in which they come."""

    def read(self, body: bytes) -> tuple[ResourceState, bool]:
        """Return the whole state, and whether something between was missed.

        Raises:
            ProtocolError: The body cannot be read.
        """
        ...


class _Presence:
    def read(self, body: bytes) -> tuple[PresenceDocument, bool]:
        return parse_pidf(body), False


class _Mailbox:
    def read(self, body: bytes) -> tuple[MessageSummary, bool]:
        return parse_message_summary(body), False


class _Dialogs:
    def __init__(self) -> None:
        self._table = DialogInfoTable()

    def read(self, body: bytes) -> tuple[DialogInfo, bool]:
        document = parse_dialog_info(body)
        missed = self._table.receive(document)
        return attrs.evolve(document, full=True, dialogs=self._table.dialogs), missed


class _Registrations:
    def __init__(self) -> None:
        self._table = RegInfoTable()

    def read(self, body: bytes) -> tuple[RegInfo, bool]:
        document = parse_reg_info(body)
        missed = self._table.receive(document)
        return attrs.evolve(document, full=True, registrations=self._table.registrations), missed


class _Conference:
    def __init__(self) -> None:
        self._table = ConferenceTable()

    def read(self, body: bytes) -> tuple[ConferenceInfo, bool]:
        document, table = parse_conference_info(body), self._table
        missed = table.receive(document)
        whole = attrs.evolve(
            document,
            state=ElementState.DELETED if table.over else ElementState.FULL,
            description=table.description,
            status=table.status,
            users=table.users,
            users_state=ElementState.FULL,
        )
        return whole, missed


_READERS: dict[str, Callable[[], StateReader]] = {
    PIDF_TYPE: _Presence,
    MESSAGE_SUMMARY_TYPE: _Mailbox,
    DIALOG_INFO_TYPE: _Dialogs,
    REG_INFO_TYPE: _Registrations,
    CONFERENCE_INFO_TYPE: _Conference,
}


def reader_for(content_type: str) -> StateReader | None:
    """Return a new reader for a media type, None for one that is not known."""
    make = _READERS.get(content_type)
    return None if make is None else make()
