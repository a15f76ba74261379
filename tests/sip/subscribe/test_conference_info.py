"""Conference information (RFC 4575), and how a focus is known (RFC 4579)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from sansio_sip.errors import LocalProtocolError, ParseError
from sansio_sip.message import NameAddr
from sansio_sip.subscribe import CONFERENCE, without_illegal
from sansio_sip.subscribe.conference import (
    CONFERENCE_INFO_TYPE,
    ConferenceDescription,
    ConferenceDocumentState,
    ConferenceEndpoint,
    ConferenceInfo,
    ConferenceMedia,
    ConferenceState,
    ConferenceTable,
    ConferenceUri,
    ConferenceUser,
    ElementState,
    EndpointDialog,
    EndpointStatus,
    Occasion,
    as_focus,
    build_conference_info,
    is_focus,
    parse_conference_info,
)

DATA = Path(__file__).parents[2] / "data" / "subscribe" / "conference-info.json"
DOCUMENTS = [
    document["text"].encode() for document in json.loads(DATA.read_text(encoding="utf-8"))["documents"]
]
PARTIAL, DELETED = ElementState.PARTIAL, ElementState.DELETED
WHEN = "2005-03-04T20:00:00Z"
ROOM = "sips:conf233@example.com"


def user(name: str, *endpoints: ConferenceEndpoint, **values: Any) -> ConferenceUser:
    return ConferenceUser(entity=f"sip:{name}@example.com", endpoints=endpoints, **values)


def device(name: str, **values: Any) -> ConferenceEndpoint:
    return ConferenceEndpoint(entity=f"sip:{name}", **values)


def info(version: int, *users: ConferenceUser, **values: Any) -> ConferenceInfo:
    return ConferenceInfo(entity=ROOM, version=version, users=users, **values)


def change(version: int, *users: ConferenceUser, **values: Any) -> ConferenceInfo:
    return info(version, *users, **{"state": PARTIAL, "users_state": PARTIAL, **values})


def table_of(*users: ConferenceUser, **values: Any) -> ConferenceTable:
    table = ConferenceTable()
    table.receive(info(1, *users, **values))
    return table


@pytest.mark.parametrize("data", DOCUMENTS)
def test_document_of_the_rfc_survives_a_round_trip(data: bytes) -> None:
    """SRV-6: RFC 4575 §7."""
    read = parse_conference_info(data)
    assert parse_conference_info(build_conference_info(read)) == read


def test_basic_example_is_read_right() -> None:
    """SRV-6: RFC 4575 §7.1."""
    read = parse_conference_info(DOCUMENTS[0])
    assert (read.entity, read.version, read.state) == (ROOM, 1, ElementState.FULL)
    assert read.description == ConferenceDescription(
        subject="Agenda: This month's goals",
        service_uris=(ConferenceUri("http://sharepoint/salesgroup/", purpose="web-page"),),
    )
    assert read.status == ConferenceState(33)
    bob, alice = read.users
    media = ConferenceMedia("1", "audio", "sendrecv", "34567", "432424", "main audio")
    assert bob.endpoints == (
        ConferenceEndpoint(
            entity="sip:bob@pc33.example.com",
            display_text="Bob's Laptop",
            status=EndpointStatus.DISCONNECTED,
            disconnection_method="departed",
            disconnection=Occasion(WHEN, "bad voice quality", "sip:mike@example.com"),
            media=(media,),
        ),
    )
    assert (alice.display_text, alice.endpoints[0].joining) == (
        "Alice",
        Occasion(WHEN, "", "sip:mike@example.com"),
    )


def test_rich_example_is_read_right() -> None:
    """SRV-6: RFC 4575 §7.2: sidebars and host information are passed over."""
    read = parse_conference_info(DOCUMENTS[1])
    assert (read.version, read.state, read.users_state) == (5, PARTIAL, ElementState.FULL)
    assert read.description is not None
    assert read.description.keywords == ("sales", "meeting", "weekly")
    assert read.description.maximum_user_count == 100
    assert read.description.available_media[1] == ConferenceMedia(
        "34569", "video", "inactive", display_text="main video"
    )
    assert read.status == ConferenceState(32, active=True, locked=False)
    (bob,) = read.users
    assert bob.roles == ("participant",)
    assert bob.endpoints[0].dialog == EndpointDialog(
        "hsjh8980vhsb78", "vav738dvbs", "8954jgjg8432", "full info"
    )
    assert bob.endpoints[0].referred == Occasion(WHEN, "expert required", "sip:mike@example.com")


def test_states_are_written_and_deleted_ones_are_empty() -> None:
    """SRV-6: RFC 4575 §4.4: what stands inside something deleted does not count."""
    document = change(
        3,
        user("a", device("1", state=DELETED), device("2", state=PARTIAL), state=PARTIAL),
        user("b", state=DELETED),
        status=ConferenceState(locked=True),
    )
    assert parse_conference_info(build_conference_info(document)) == document
    crowded = user("b", device("1", display_text="x", state=DELETED), state=DELETED, display_text="B")
    read = parse_conference_info(build_conference_info(change(3, crowded)))
    assert read.users == (user("b", state=DELETED),)
    inner = parse_conference_info(build_conference_info(change(3, attrs.evolve(crowded, state=PARTIAL))))
    assert inner.users[0].endpoints == (device("1", state=DELETED),)
    over = parse_conference_info(build_conference_info(info(4, crowded, state=DELETED)))
    assert over == info(4, state=DELETED)
    with pytest.raises(LocalProtocolError):
        build_conference_info(info(1, user("\0")))


def test_users_come_change_and_go() -> None:
    """SRV-6: RFC 4575 §4.6."""
    table = table_of(user("a", display_text="A"), user("b"))
    assert not table.receive(change(2, user("b", state=DELETED), user("c"), user("x", state=DELETED)))
    assert [item.entity[4] for item in table.users] == ["a", "c"]
    table.receive(change(3, user("a", display_text="Alice")))  # full: replaced
    table.receive(change(4, user("c", state=PARTIAL, roles=("host",))))
    assert table.users == (user("a", display_text="Alice"), user("c", roles=("host",)))


def test_devices_come_change_and_go() -> None:
    """SRV-6: RFC 4575 §4.6, step 3: what is not told stays; streams go by their id."""
    phone = device(
        "1",
        status=EndpointStatus.ALERTING,
        display_text="Desk",
        media=(ConferenceMedia("1"), ConferenceMedia("2")),
    )
    table = table_of(user("a", phone, device("2"), display_text="A"))
    news = device("1", state=PARTIAL, status=EndpointStatus.CONNECTED, media=(ConferenceMedia("2", "audio"),))
    gone, new = device("2", state=DELETED), device("3")
    table.receive(change(2, user("a", news, gone, device("9", state=DELETED), new, state=PARTIAL)))
    (alice,) = table.users
    assert (alice.display_text, alice.state) == ("A", ElementState.FULL)
    assert alice.endpoints == (
        attrs.evolve(
            phone,
            status=EndpointStatus.CONNECTED,
            media=(ConferenceMedia("1"), ConferenceMedia("2", "audio")),
        ),
        new,
    )
    table.receive(change(3, user("a", device("1", display_text="New"), state=PARTIAL)))
    assert table.users[0].endpoints[0] == device("1", display_text="New")


def test_parts_that_are_told_replace_those_that_were() -> None:
    """SRV-6: RFC 4575 §4.6, step 3.2."""
    first, second = ConferenceDescription(subject="1"), ConferenceDescription(free_text="2")
    table = table_of(user("a"), description=first, status=ConferenceState(1, active=True))
    table.receive(change(2, status=ConferenceState(2)))
    assert (table.description, table.status, len(table.users)) == (first, ConferenceState(2), 1)
    table.receive(change(3, description=second))
    assert (table.description, table.status) == (second, ConferenceState(2))


def test_users_that_are_told_as_all_replace_the_others() -> None:
    """SRV-6: RFC 4575 §7.2: a partial document with full users; one without users says nothing of them."""
    table = table_of(user("a"), user("b"))
    table.receive(change(2, users_state=ElementState.FULL))
    assert len(table.users) == 2
    table.receive(change(3, user("c"), users_state=ElementState.FULL))
    assert [item.entity[4] for item in table.users] == ["c"]
    table.receive(info(4))
    assert not table.users


@pytest.mark.parametrize(
    ("version", "state", "missed", "used"),
    [(1, ElementState.FULL, False, False), (2, PARTIAL, False, True), (3, PARTIAL, True, False),
     (3, ElementState.FULL, False, True)],
)  # fmt: skip
def test_version_tells_what_was_missed(version: int, state: ElementState, missed: bool, used: bool) -> None:
    """SRV-6: RFC 4575 §4.6: a partial document behind a gap is not used."""
    table = table_of()
    assert table.receive(info(version, user("a"), state=state)) is missed
    assert bool(table.users) is used


def test_partial_document_at_the_beginning_asks_for_a_full_one() -> None:
    """SRV-6."""
    table = ConferenceTable()
    assert table.receive(change(7, user("a")))
    assert not table.receive(info(3, user("b")))


def test_conference_ends() -> None:
    """SRV-6: RFC 4575 §4.6: deleted means that the subscription should end."""
    table = table_of(user("a"), status=ConferenceState(1))
    table.receive(info(2, state=DELETED))
    assert table.over
    assert (table.users, table.status) == ((), None)


def test_table_is_bounded() -> None:
    """SRV-6: law 8."""
    table = ConferenceTable(max_users=2)
    table.receive(info(1, user("a"), user("b"), user("c")))
    assert (len(table.users), table.left_out) == (2, 1)
    table.receive(change(2, user("b", display_text="B", state=PARTIAL)))
    assert table.users[1].display_text == "B"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("urn:ietf:params:xml:ns:conference-info", "urn:x"), (f'entity="{ROOM}"', ""), ('version="1"', ""),
        ('state="full"', 'state="some"'), ('entity="sip:a@example.com"', ""), ('entity="sip:1"', ""),
        ('id="7"', ""), ("<status>connected", "<status>there"), ("<user-count>5", "<user-count>five"),
        ("<user ", '<user state="x" '), ('label="9"', ""),
    ],
)  # fmt: skip
def test_damaged_document_is_refused(old: str, new: str) -> None:
    """SRV-6: RFC 4575 §5."""
    phone = device("1", status=EndpointStatus.CONNECTED, media=(ConferenceMedia("7"),))
    offered = ConferenceDescription(available_media=(ConferenceMedia("9"),))
    text = build_conference_info(
        info(1, user("a", phone), status=ConferenceState(5), description=offered)
    ).decode()
    assert old in text
    parse_conference_info(text.encode())
    with pytest.raises(ParseError):
        parse_conference_info(text.replace(old, new).encode())


def test_dialog_information_of_other_protocols_is_passed_over() -> None:
    """SRV-6: RFC 4575 §5.7.9."""
    phone = device("1", dialog=EndpointDialog("c", "f", "t"))
    text = build_conference_info(info(1, user("a", phone)))
    read = parse_conference_info(text.replace(b"<sip>", b"<h323>").replace(b"</sip>", b"</h323>"))
    assert read.users[0].endpoints[0].dialog is None


# The focus


def test_focus_tells_all_or_what_has_changed() -> None:
    """SRV-6: RFC 4575 §3.6: who has gone is told as deleted."""
    state = ConferenceDocumentState(
        entity=ROOM,
        description=ConferenceDescription(subject="x"),
        status=ConferenceState(2),
        users=(user("a"), user("b")),
        changed=frozenset({"sip:b@example.com", "sip:gone@example.com"}),
    )
    assert state.content_type == CONFERENCE_INFO_TYPE == CONFERENCE.content_type
    table = ConferenceTable()
    before = attrs.evolve(state, users=(user("a"), user("gone")))
    table.receive(parse_conference_info(before.document(0, full=True)))
    table.receive(parse_conference_info(state.document(1, full=False)))
    assert table.users == state.users
    assert (table.description, table.status) == (state.description, state.status)
    unchanged = attrs.evolve(state, changed=frozenset())
    assert parse_conference_info(unchanged.document(2, full=False)).state is ElementState.FULL
    over = attrs.evolve(state, over=True)
    assert parse_conference_info(over.document(3, full=False)) == info(3, state=DELETED)


def test_focus_is_known_by_its_contact() -> None:
    """SRV-6: RFC 4579 §3.1: ``isfocus``."""
    contact = NameAddr.parse("<sip:conf@example.com>;q=1")
    assert not is_focus(contact)
    assert str(as_focus(contact)) == "<sip:conf@example.com>;q=1;isfocus"
    assert is_focus(as_focus(contact))
    assert as_focus(as_focus(contact)) == as_focus(contact)
    assert not is_focus(NameAddr.parse('<sip:conf@example.com>;isfocus="FALSE"'))
    assert not is_focus(NameAddr.parse('<sip:conf@example.com>;isfocus;audio="#"'))


def test_package_has_the_times_of_the_rfc() -> None:
    """SRV-6: RFC 4575 §3.3, §3.9."""
    assert (CONFERENCE.name, CONFERENCE.default_expires, CONFERENCE.min_interval) == ("conference", 3600, 5.0)


def test_names_of_strangers_fit_into_a_document() -> None:
    """SRV-6, ERR-1: what XML does not have is left out, and nothing else."""
    text = "Mal\x01lo\ufffery\udcff \t\N{BLACK SUN WITH RAYS} <&>"
    name = without_illegal(text)
    assert name == "Mallory \t\N{BLACK SUN WITH RAYS} <&>"
    written = build_conference_info(info(0, user("mallory", display_text=name)))
    assert parse_conference_info(written).users[0].display_text == name
