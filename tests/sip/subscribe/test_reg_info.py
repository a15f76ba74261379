"""Registration information (RFC 3680)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.subscribe import REG
from sansio_sip.subscribe.reg import (
    REG_INFO_TYPE,
    ContactEvent,
    RegInfo,
    RegInfoState,
    RegInfoTable,
    RegisteredAddress,
    RegisteredContact,
    RegistrationProgress,
    build_reg_info,
    parse_reg_info,
)

DATA = Path(__file__).parents[2] / "data" / "subscribe" / "reg-info.json"
DOCUMENTS = [
    document["text"].encode() for document in json.loads(DATA.read_text(encoding="utf-8"))["documents"]
]
ACTIVE = RegistrationProgress.ACTIVE
FULL = RegisteredContact(
    id="76",
    uri="sip:joe@pc34.example.com",
    active=True,
    event=ContactEvent.SHORTENED,
    display_name='J "O" <E>',
    duration=10,
    expires=60,
    retry_after=5,
    q="0.8",
    call_id="a&b",
    cseq=7,
    params=(("+sip.x", "a"), ("audio", "")),
)


def contact(
    id: str, *, active: bool = True, event: ContactEvent = ContactEvent.REGISTERED
) -> RegisteredContact:
    return RegisteredContact(id=id, uri=f"sip:{id}@h", active=active, event=event)


def joe(
    *contacts: RegisteredContact, id: str = "a7", progress: RegistrationProgress = ACTIVE
) -> RegisteredAddress:
    return RegisteredAddress(f"sip:{id}@example.com", id, progress, contacts)


def rows(table: RegInfoTable) -> dict[str, list[str]]:
    return {item.id: [row.id for row in item.contacts] for item in table.registrations}


@pytest.mark.parametrize("data", DOCUMENTS)
def test_document_of_the_rfc_survives_a_round_trip(data: bytes) -> None:
    """SRV-6: RFC 3680 §5.3, §6."""
    read = parse_reg_info(data)
    assert parse_reg_info(build_reg_info(read)) == read


def test_document_of_the_rfc_is_read_right() -> None:
    """SRV-6: RFC 3680 §5.3."""
    read = parse_reg_info(DOCUMENTS[0])
    (registration,) = read.registrations
    assert (read.version, read.full, registration.aor, registration.progress) == (
        0, True, "sip:user@example.com", ACTIVE
    )  # fmt: skip
    assert [
        (item.uri, item.active, item.event.value, item.duration, item.q) for item in registration.contacts
    ] == [
        ("sip:user@pc887.example.com", True, "registered", 7322, "0.8"),
        ("sip:user@university.edu", False, "expired", 3600, "0.5"),
    ]


def test_everything_is_written_and_read_back() -> None:
    """SRV-6."""
    document = RegInfo(2**31, False, (joe(FULL), joe(id="b")))
    assert parse_reg_info(build_reg_info(document)) == document
    with pytest.raises(LocalProtocolError):
        build_reg_info(RegInfo(0, True, (joe(attrs.evolve(FULL, uri="\0")),)))


def test_user_of_the_rfc_registers() -> None:
    """SRV-6: RFC 3680 §6: nobody, then the first contact."""
    table = RegInfoTable()
    assert not table.receive(parse_reg_info(DOCUMENTS[1]))
    assert rows(table) == {"a7": []}
    assert table.registrations[0].progress is RegistrationProgress.INIT
    assert not table.receive(parse_reg_info(DOCUMENTS[2]))
    assert rows(table) == {"a7": ["76"]}
    assert table.registrations[0].progress is ACTIVE


def test_documents_add_up() -> None:
    """SRV-6: RFC 3680 §5.2: partial ones change rows, full ones replace all, what has ended goes."""
    table = RegInfoTable()
    table.receive(RegInfo(0, True, (joe(contact("1"), contact("2")), joe(id="b"))))
    gone = contact("1", active=False, event=ContactEvent.EXPIRED)
    unknown = contact("9", active=False, event=ContactEvent.UNREGISTERED)
    assert not table.receive(RegInfo(1, False, (joe(gone, unknown, contact("3")), joe(contact("4"), id="c"))))
    assert rows(table) == {"a7": ["2", "3"], "b": [], "c": ["4"]}
    assert len(table) == 6
    table.receive(RegInfo(2, True, (joe(contact("5")),)))
    assert rows(table) == {"a7": ["5"]}


@pytest.mark.parametrize(
    ("version", "full", "missed", "used"),
    [(4, True, False, False), (5, False, False, False), (5, True, False, True), (6, False, False, True),
     (7, False, True, True), (9, True, False, True)],
)  # fmt: skip
def test_version_tells_what_was_missed(version: int, full: bool, missed: bool, used: bool) -> None:
    """SRV-6: RFC 3680 §5.2: an old one is discarded, a gap asks for a refresh."""
    table = RegInfoTable()
    table.receive(RegInfo(5, True))
    assert table.receive(RegInfo(version, full, (joe(),))) is missed
    assert bool(rows(table)) is used


def test_partial_document_at_the_beginning_asks_for_a_full_one() -> None:
    """SRV-6."""
    assert RegInfoTable().receive(RegInfo(3, False))


def test_table_is_bounded() -> None:
    """SRV-6: law 8: counted, and what is there is still updated."""
    table = RegInfoTable(max_contacts=4)
    table.receive(RegInfo(0, True, (joe(*map(contact, "12345")), joe(contact("6"), id="b"))))
    assert rows(table) == {"a7": ["1", "2", "3"]}
    assert (len(table), table.left_out) == (4, 4)
    table.receive(RegInfo(1, False, (joe(contact("1", event=ContactEvent.REFRESHED), contact("7")),)))
    assert table.registrations[0].contacts[0].event is ContactEvent.REFRESHED
    assert (len(table), table.left_out) == (4, 5)
    table.receive(
        RegInfo(2, False, (joe(contact("2", active=False, event=ContactEvent.EXPIRED), contact("8")),))
    )
    assert rows(table) == {"a7": ["1", "3", "8"]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<reginfo", "<other"),
        ('version="3"', ""),
        ('version="3"', 'version=" "'),
        ('version="3"', 'version="-1"'),
        ('version="3"', f'version="{2**64}"'),
        ('state="full"', ""),
        ('state="full"', 'state="half"'),
        ("urn:ietf:params:xml:ns:reginfo", "urn:x"),
        (' aor="sip:a7@example.com"', ""),
        (' id="a7"', ""),
        ('id="a7" state="active"', 'id="a7" state="on"'),
        ('id="76" state="active"', 'id="76" state="init"'),
        ('id="76"', ""),
        ('event="shortened"', 'event="lost"'),
        ('event="shortened"', ""),
        (' expires="60"', ""),
        (' retry-after="5"', "probation"),
        ("<uri>sip:joe@pc34.example.com</uri>", ""),
        (' name="audio"', ""),
    ],
)
def test_damaged_document_is_refused(old: str, new: str) -> None:
    """SRV-6: RFC 3680 §5.1: what must be there."""
    text = build_reg_info(RegInfo(3, True, (joe(FULL),))).decode()
    if new == "probation":
        text, old, new = text.replace('event="shortened"', 'event="probation"'), old, ""
    elif old.startswith("<reg"):
        text = text.replace("</reginfo", "</other")
    assert text.count(old) >= 1
    with pytest.raises(ParseError) as caught:
        parse_reg_info(text.replace(old, new).encode())
    assert caught.value.error_class in ("body", "header-syntax", "number-range")


def test_entities_are_refused() -> None:
    """SRV-6: no document type, hence no expansion."""
    with pytest.raises(ParseError):
        parse_reg_info(b'<!DOCTYPE reginfo [<!ENTITY a "b">]>' + build_reg_info(RegInfo(0, True)))


@pytest.mark.parametrize(
    ("event", "field"), [(ContactEvent.SHORTENED, "expires"), (ContactEvent.PROBATION, "retry_after")]
)
def test_contact_without_what_its_event_needs_is_refused(event: ContactEvent, field: str) -> None:
    """SRV-6: RFC 3680 §5.1."""
    with pytest.raises(ValueError, match=field):
        contact("1", event=event)


def test_notifier_tells_all_or_what_has_changed() -> None:
    """SRV-6: RFC 3680 §4.7: of a changed registration only the contacts that changed."""
    both = (joe(contact("1"), contact("2")), joe(id="b", progress=RegistrationProgress.INIT))
    state = RegInfoState(both, frozenset({"2"}))
    assert state.content_type == REG_INFO_TYPE == REG.content_type
    assert parse_reg_info(state.document(0, full=True)) == RegInfo(0, True, both)
    assert parse_reg_info(state.document(1, full=False)) == RegInfo(1, False, (joe(contact("2")),))
    assert (
        parse_reg_info(RegInfoState(both, frozenset({"b"})).document(2, full=False)).registrations == both[1:]
    )
    assert parse_reg_info(RegInfoState(both).document(3, full=False)) == RegInfo(3, True, both)


def test_package_has_the_times_of_the_rfc() -> None:
    """SRV-6: RFC 3680 §4.4, §4.10."""
    values: dict[str, Any] = attrs.asdict(REG)
    assert (values["name"], values["default_expires"], values["min_interval"]) == ("reg", 3761, 5.0)
