"""Presence and its documents (RFC 3856, RFC 3863, RFC 4479, RFC 4480)."""

from __future__ import annotations

import pytest

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.subscribe import (
    PresenceDocument,
    PresenceStatus,
    PresenceTuple,
    build_pidf,
    compose,
    parse_pidf,
    presence_state,
)

HEAD = (
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
    'xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" xmlns:x="urn:x" entity="pres:someone@example.com">'
)


def document(inner: str) -> PresenceDocument:
    return parse_pidf(f"{HEAD}{inner}</presence>".encode())


@pytest.mark.parametrize("status", PresenceStatus)
def test_every_status_survives_its_document(status: PresenceStatus) -> None:
    """SRV-6: PresenceStatus Available, Busy, Away, DoNotDisturb, Offline, InCall, Custom."""
    assert parse_pidf(build_pidf(PresenceDocument.of("sip:a@b", status))).status is status
    silent = PresenceDocument("sip:a@b", (PresenceTuple("a", None, "sip:a@b"),))
    assert parse_pidf(build_pidf(silent)) == silent
    made = PresenceDocument.of(
        "sip:alice@example.com", status, contact="sip:alice@192.0.2.1", note="Back at 4 & <5>",
        timestamp="2026-11-21T10:00:00Z",
    )  # fmt: skip
    read = parse_pidf(build_pidf(made))
    assert read == made
    assert read.status is status
    (device,) = read.tuples
    assert device.open is (status is not PresenceStatus.OFFLINE)
    assert presence_state(made).content_type == "application/pidf+xml"


def test_document_has_the_order_of_the_schema() -> None:
    """SRV-6: RFC 3863 §4.1, §4.4: status, contact, note, timestamp; tuples, notes, then the rest."""
    device = PresenceTuple("a", True, "sip:a@b", 0.8, "there", "2026-11-21T10:00:00Z")
    text = build_pidf(PresenceDocument("sip:a@b", (device,), ("busy", "gardening", "other"), "n")).decode()
    order = [
        "<?xml", "<presence", "entity=", '<tuple id="a">', "<status><basic>open</basic></status>",
        '<contact priority="0.800">', "<note>there", "<timestamp>", "</tuple>", "<note>n</note>",
        "<dm:person", "<rpid:busy/>", "<rpid:other>gardening</rpid:other>", "<rpid:other/>", "</presence>",
    ]  # fmt: skip
    positions = [text.index(part) for part in order]
    assert positions == sorted(positions)
    read = parse_pidf(text.encode())
    assert read.activities == ("busy", "gardening", "other")
    assert read.tuples == (device,)


def test_example_with_two_tuples_and_foreign_extensions() -> None:
    """SRV-6: RFC 3863 §4.1, §4.2.2: what is not known is left out."""
    read = document(
        '<tuple id="bs35r9"><status><basic>open</basic><x:im>busy</x:im></status>'
        '<contact priority="0.8">im:someone@example.net</contact>'
        '<note xml:lang="en">Don\'t Disturb Please!</note><timestamp>2001-10-27T16:49:29Z</timestamp></tuple>'
        '<tuple id="eg92n8"><status><basic>closed</basic></status><contact priority="1.0">mailto:a@b'
        "</contact></tuple><note>I'll be in Tokyo next week</note>"
    )
    first, second = read.tuples
    assert first == PresenceTuple(
        "bs35r9", True, "im:someone@example.net", 0.8, "Don't Disturb Please!", "2001-10-27T16:49:29Z"
    )
    assert (second.open, second.priority) == (False, 1.0)
    assert (read.entity, read.note) == ("pres:someone@example.com", "I'll be in Tokyo next week")
    assert read.status is PresenceStatus.AVAILABLE


@pytest.mark.parametrize(("inner", "status"), [
    ("", PresenceStatus.OFFLINE),
    ('<tuple id="a"/>', PresenceStatus.OFFLINE),
    ('<tuple id="a"><status/></tuple>', PresenceStatus.OFFLINE),
    ('<tuple id="a"><status><basic> OPEN </basic></status></tuple>', PresenceStatus.AVAILABLE),
    ('<tuple id="a"><status><basic>odd</basic></status></tuple>', PresenceStatus.OFFLINE),
])  # fmt: skip
def test_status_of_a_plain_document(inner: str, status: PresenceStatus) -> None:
    """SRV-6: RFC 3863 §4.1.4."""
    assert document(inner).status is status


@pytest.mark.parametrize(("activity", "status"), [
    ("away", PresenceStatus.AWAY), ("vacation", PresenceStatus.AWAY), ("meeting", PresenceStatus.BUSY),
    ("on-the-phone", PresenceStatus.IN_CALL), ("shopping", PresenceStatus.CUSTOM),
])  # fmt: skip
@pytest.mark.parametrize("place", ["person", "tuple", "status"])
def test_activities_of_the_person_or_of_a_tuple(activity: str, status: PresenceStatus, place: str) -> None:
    """SRV-6: RFC 4480 §3.2."""
    doing = f"<r:activities><r:note>x</r:note><r:{activity}/></r:activities>"
    person = f'<dm:person id="p">{doing}<dm:note>there</dm:note></dm:person>' if place == "person" else ""
    in_tuple, in_status = doing if place == "tuple" else "", doing if place == "status" else ""
    read = document(
        f'<tuple id="a"><status><basic>open</basic>{in_status}</status>{in_tuple}</tuple>{person}'
    )
    assert read.activities == (activity,)
    assert read.status is status
    assert read.note == ("there" if place == "person" else "")


def test_what_must_be_understood_and_is_not() -> None:
    """SRV-6: RFC 3863 §4.2.3: the tuple is left out; in the document itself nothing can be used."""
    must = '<x:y xmlns:p="urn:ietf:params:xml:ns:pidf" p:mustUnderstand="1"/>'
    good = '<tuple id="b"><status><basic>open</basic></status></tuple>'
    for bad in (f'<tuple id="a"><status/>{must}</tuple>', f'<tuple id="a"><status>{must}</status></tuple>'):
        assert [one.id for one in document(bad + good).tuples] == ["b"]
    with pytest.raises(ParseError):
        document(good + must)


@pytest.mark.parametrize("data", [b"<presence/>", b"<p xmlns='urn:ietf:params:xml:ns:pidf'/>", b"x"])
def test_what_is_no_presence_document(data: bytes) -> None:
    """SRV-6."""
    with pytest.raises(ParseError):
        parse_pidf(data)


@pytest.mark.parametrize("priority", ["1.5", "0.1234", "x", "", "-1"])
def test_priority_outside_of_the_schema_is_none(priority: str) -> None:
    """SRV-6: RFC 3863 §4.1.5."""
    read = document(f'<tuple id="a"><status/><contact priority="{priority}">sip:a@b</contact></tuple>')
    assert read.tuples[0].priority is None


def test_text_that_cannot_be_written_is_the_callers_mistake() -> None:
    """SRV-6, MSG-9."""
    with pytest.raises(LocalProtocolError):
        build_pidf(PresenceDocument.of("sip:a@b", PresenceStatus.CUSTOM, note="\0"))


def test_devices_are_composed_into_one_document() -> None:
    """SRV-6: RFC 3903 §10.3, §10.4: tuples stand beside each other, ids stay unique."""
    desk = PresenceDocument.of("sip:a@b", PresenceStatus.IN_CALL, contact="sip:a@desk")
    mobile = PresenceDocument.of(
        "sip:a@b", PresenceStatus.AVAILABLE, contact="sip:a@mobile", note="on the way"
    )
    off = PresenceDocument.of("sip:a@b", PresenceStatus.OFFLINE)
    whole = compose("sip:a@b", (desk, mobile, off))
    assert [one.id for one in whole.tuples] == ["phone", "phone-2", "phone-3"]
    assert whole.status is PresenceStatus.IN_CALL
    assert whole.note == "on the way"
    assert compose("sip:a@b", (off,)).status is PresenceStatus.OFFLINE
    assert compose("sip:a@b", ()).status is PresenceStatus.OFFLINE
