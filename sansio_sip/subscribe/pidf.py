"""Presence documents as XML: PIDF with the person's activities (RFC 3863, RFC 4479, RFC 4480)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import ParseError
from .event_state import FixedState
from .presence import PresenceDocument, PresenceTuple
from .xml_element import XmlElement, write_xml
from .xml_reader import read_xml_untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PIDF_TYPE", "build_pidf", "parse_pidf", "presence_state"]

PIDF_TYPE = "application/pidf+xml"

_PIDF = "urn:ietf:params:xml:ns:pidf"
_PERSON = "urn:ietf:params:xml:ns:pidf:data-model"
_RPID = "urn:ietf:params:xml:ns:pidf:rpid"
_PREFIXES = {_PIDF: "", _PERSON: "dm", _RPID: "rpid"}
_KNOWN = frozenset(_PREFIXES)
_PRIORITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# Activities that RFC 4480 names; any other word is the text of its <other>.
_NAMED = frozenset((
    "appointment", "away", "breakfast", "busy", "dinner", "holiday", "in-transit", "looking-for-work",
    "lunch", "meal", "meeting", "on-the-phone", "performance", "permanent-absence", "playing",
    "presentation", "shopping", "sleeping", "spectator", "steering", "travel", "tv", "unknown",
    "vacation", "working", "worship",
))  # fmt: skip


def presence_state(document: PresenceDocument) -> FixedState:
    """Return a document as the state that a notifier tells or a publisher publishes."""
    return FixedState(PIDF_TYPE, build_pidf(document))


def build_pidf(document: PresenceDocument) -> bytes:
    """Write a presence document.

    Raises:
        LocalProtocolError: A text holds a character that XML does not have.
    """
    root = XmlElement(_PIDF, "presence", {"entity": document.entity})
    for item in document.tuples:
        _add_tuple(root, item)
    if document.activities:
        _add_person(root, document.activities)
    if document.note:
        # The schema wants the notes in front of what other namespaces add.
        root.children.insert(len(document.tuples), XmlElement(_PIDF, "note", text=document.note))
    return write_xml(root, _PREFIXES if document.activities else {_PIDF: ""})


def _add_tuple(root: XmlElement, item: PresenceTuple) -> None:
    element = root.add("tuple", id=item.id)
    status = element.add("status")
    if item.open is not None:
        status.add("basic", "open" if item.open else "closed")
    if item.contact:
        contact = element.add("contact", item.contact)
        if item.priority is not None:
            contact.attributes["priority"] = f"{item.priority:.3f}"
    if item.note:
        element.add("note", item.note)
    if item.timestamp:
        element.add("timestamp", item.timestamp)


def _add_person(root: XmlElement, activities: Iterable[str]) -> None:
    person = XmlElement(_PERSON, "person", {"id": "person"})
    doing = XmlElement(_RPID, "activities")
    for activity in activities:
        if activity in _NAMED:
            doing.add(activity)
        else:
            doing.add("other", "" if activity == "other" else activity)
    person.children.append(doing)
    root.children.append(person)


def parse_pidf(data: bytes) -> PresenceDocument:
    """Read a presence document; what other namespaces add is left out.

    A tuple with something in it that must be understood and is not is left out as a whole.

    Raises:
        ParseError: It is no presence document, or something in it must be understood and is not.
    """
    root = read_xml_untrusted(data)
    if (root.namespace, root.name) != (_PIDF, "presence"):
        raise _bad(f"the document is a {root.name!r}")
    if _is_beyond_us(root):
        raise _bad("something must be understood that is not")
    tuples = [
        _tuple_of(element)
        for element in root.find_all(_PIDF, "tuple")
        if not _is_beyond_us(element) and not any(map(_is_beyond_us, element.find_all(_PIDF, "status")))
    ]
    activities, person_note = _person_of(root)
    note = root.text_of(_PIDF, "note") or person_note
    return PresenceDocument(root.attributes.get("entity", ""), tuple(tuples), activities, note)


def _tuple_of(element: XmlElement) -> PresenceTuple:
    status = element.find(_PIDF, "status")
    basic = "" if status is None else status.text_of(_PIDF, "basic").lower()
    contact = element.find(_PIDF, "contact")
    priority = "" if contact is None else contact.attributes.get("priority", "").strip()
    return PresenceTuple(
        id=element.attributes.get("id", ""),
        open={"open": True, "closed": False}.get(basic),
        contact=element.text_of(_PIDF, "contact"),
        priority=float(priority) if _PRIORITY.fullmatch(priority) else None,
        note=element.text_of(_PIDF, "note"),
        timestamp=element.text_of(_PIDF, "timestamp"),
    )


def _person_of(root: XmlElement) -> tuple[tuple[str, ...], str]:
    """Return the activities and the note of the person; some put the activities into the tuples."""
    people = list(root.find_all(_PERSON, "person"))
    places = [*people, *root.find_all(_PIDF, "tuple")]
    places += [status for place in places for status in place.find_all(_PIDF, "status")]
    words: dict[str, None] = {}
    for place in places:
        for element in place.find_all(_RPID, "activities"):
            for doing in element.children:
                if doing.namespace == _RPID and doing.name != "note":
                    words[_word_of(doing)] = None
    notes = [note for person in people for note in (person.text_of(_PERSON, "note"),) if note]
    return tuple(words), notes[0] if notes else ""


def _word_of(doing: XmlElement) -> str:
    return (doing.text.strip().lower() or "other") if doing.name == "other" else doing.name


def _is_beyond_us(element: XmlElement) -> bool:
    """Whether a child has to be understood (RFC 3863 §4.2.3) and is of a namespace that we do not know."""
    marks = ("1", "true")
    return any(
        child.namespace not in _KNOWN and child.attributes.get(f"{_PIDF} mustUnderstand", "").strip() in marks
        for child in element.children
    )


def _bad(message: str) -> ParseError:
    return ParseError(f"no presence document: {message}", error_class="body", rule="RFC 3863 §4.1")
