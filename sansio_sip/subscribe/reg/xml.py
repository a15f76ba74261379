"""Registration information as XML (RFC 3680 §5)."""

from __future__ import annotations

from ..xml_element import XmlElement, write_xml
from ..xml_reader import read_xml_untrusted
from ..xml_values import DocumentReader
from .info import ContactEvent, RegInfo, RegisteredAddress, RegisteredContact, RegistrationProgress

__all__ = ["REG_INFO_TYPE", "build_reg_info", "parse_reg_info"]

REG_INFO_TYPE = "application/reginfo+xml"

_NS = "urn:ietf:params:xml:ns:reginfo"
_READ = DocumentReader("registration information", "RFC 3680 §5.1")


def build_reg_info(document: RegInfo) -> bytes:
    """Write a document.

    Raises:
        LocalProtocolError: A text holds a character that XML does not have.
    """
    head = {"version": str(document.version), "state": "full" if document.full else "partial"}
    root = XmlElement(_NS, "reginfo", head)
    for item in document.registrations:
        element = root.add("registration", aor=item.aor, id=item.id, state=item.progress.value)
        for contact in item.contacts:
            _add_contact(element, contact)
    return write_xml(root, {_NS: ""})


def _add_contact(registration: XmlElement, contact: RegisteredContact) -> None:
    element = registration.add("contact", id=contact.id, state="active" if contact.active else "terminated")
    named = (
        ("event", contact.event.value),
        ("duration-registered", contact.duration),
        ("expires", contact.expires),
        ("retry-after", contact.retry_after),
        ("q", contact.q or None),
        ("callid", contact.call_id or None),
        ("cseq", contact.cseq),
    )
    element.attributes.update([(name, str(value)) for name, value in named if value is not None])
    element.add("uri", contact.uri)
    if contact.display_name:
        element.add("display-name", contact.display_name)
    for name, value in contact.params:
        element.add("unknown-param", value, name=name)


def parse_reg_info(data: bytes) -> RegInfo:
    """Read a document; what it does not define is left out.

    Raises:
        ParseError: It is no registration information, or something that must be told is not.
    """
    root = read_xml_untrusted(data)
    _READ.check_root(root, _NS, "reginfo")
    version, state = _READ.version(root), root.attributes.get("state")
    if state not in ("full", "partial"):
        raise _READ.fault(f"state {state!r}")
    registrations = tuple(map(_registration_of, root.find_all(_NS, "registration")))
    return RegInfo(version, state == "full", registrations)


def _registration_of(element: XmlElement) -> RegisteredAddress:
    return RegisteredAddress(
        _READ.required(element, "aor"),
        _READ.required(element, "id"),
        _READ.member(RegistrationProgress, element.attributes.get("state", ""), "a registration in state"),
        tuple(map(_contact_of, element.find_all(_NS, "contact"))),
    )


def _contact_of(element: XmlElement) -> RegisteredContact:
    given = element.attributes
    state = given.get("state")
    if state not in ("active", "terminated"):
        raise _READ.fault(f"a contact in state {state!r}")
    uri = element.text_of(_NS, "uri")
    if not uri:
        raise _READ.fault("a contact without uri")
    try:
        return RegisteredContact(
            id=_READ.required(element, "id"),
            uri=uri,
            active=state == "active",
            event=_READ.member(ContactEvent, given.get("event", ""), "a contact after"),
            display_name=element.text_of(_NS, "display-name"),
            duration=_READ.number(given.get("duration-registered")),
            expires=_READ.number(given.get("expires")),
            retry_after=_READ.number(given.get("retry-after")),
            q=given.get("q", ""),
            call_id=given.get("callid", ""),
            cseq=_READ.number(given.get("cseq")),
            params=tuple(
                [(_READ.required(item, "name"), item.text) for item in element.find_all(_NS, "unknown-param")]
            ),
        )
    except ValueError as error:
        raise _READ.fault(str(error)) from error
