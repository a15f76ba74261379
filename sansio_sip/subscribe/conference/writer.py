"""Conference documents written as XML (RFC 4575 §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..xml_element import XmlElement, write_xml
from .members import ElementState, Occasion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .info import ConferenceDescription, ConferenceInfo, ConferenceState, ConferenceUri
    from .members import ConferenceEndpoint, ConferenceMedia, ConferenceUser

__all__ = ["CONFERENCE_INFO_TYPE", "CONFERENCE_NAMESPACE", "build_conference_info"]

CONFERENCE_INFO_TYPE: Final = "application/conference-info+xml"
CONFERENCE_NAMESPACE: Final = "urn:ietf:params:xml:ns:conference-info"


def build_conference_info(document: ConferenceInfo) -> bytes:
    """Write a document, its elements in the order of the schema.

    Raises:
        LocalProtocolError: A text holds a character that XML does not have.
    """
    head = {"entity": document.entity, "state": document.state.value, "version": str(document.version)}
    root = XmlElement(CONFERENCE_NAMESPACE, "conference-info", head)
    if document.description is not None:
        _add_description(root, document.description)
    if document.status is not None:
        _add_status(root, document.status)
    if document.users or document.users_state is not ElementState.FULL:
        users = root.add("users")
        _mark(users, document.users_state)
        for user in document.users:
            _add_user(users, user)
    return write_xml(root, {CONFERENCE_NAMESPACE: ""})


def _mark(element: XmlElement, state: ElementState) -> None:
    if state is not ElementState.FULL:  # which is what no mark means
        element.attributes["state"] = state.value


def _add_texts(element: XmlElement, texts: Iterable[tuple[str, str]]) -> None:
    for name, text in texts:
        if text:
            element.add(name, text)


def _add_description(root: XmlElement, description: ConferenceDescription) -> None:
    element = root.add("conference-description")
    texts = (
        ("display-text", description.display_text),
        ("subject", description.subject),
        ("free-text", description.free_text),
        ("keywords", " ".join(description.keywords)),
    )
    _add_texts(element, texts)
    _add_uris(element, "conf-uris", description.conf_uris)
    _add_uris(element, "service-uris", description.service_uris)
    if description.maximum_user_count is not None:
        element.add("maximum-user-count", str(description.maximum_user_count))
    if description.available_media:
        offered = element.add("available-media")
        for item in description.available_media:
            _add_media_texts(offered.add("entry", label=item.id), item)


def _add_uris(description: XmlElement, name: str, uris: tuple[ConferenceUri, ...]) -> None:
    if uris:
        element = description.add(name)
        for item in uris:
            texts = (("uri", item.uri), ("display-text", item.display_text), ("purpose", item.purpose))
            _add_texts(element.add("entry"), texts)


def _add_status(root: XmlElement, status: ConferenceState) -> None:
    element = root.add("conference-state")
    if status.user_count is not None:
        element.add("user-count", str(status.user_count))
    for name, value in (("active", status.active), ("locked", status.locked)):
        if value is not None:
            element.add(name, "true" if value else "false")


def _add_user(users: XmlElement, user: ConferenceUser) -> None:
    element = users.add("user", entity=user.entity)
    _mark(element, user.state)
    _add_texts(element, (("display-text", user.display_text),))
    if user.roles:
        roles = element.add("roles")
        for role in user.roles:
            roles.add("entry", role)
    for endpoint in user.endpoints:
        _add_endpoint(element, endpoint)


def _add_endpoint(user: XmlElement, endpoint: ConferenceEndpoint) -> None:
    element = user.add("endpoint", entity=endpoint.entity)
    _mark(element, endpoint.state)
    _add_texts(element, (("display-text", endpoint.display_text),))
    _add_occasion(element, "referred", endpoint.referred)
    if endpoint.status is not None:
        element.add("status", endpoint.status.value)
    _add_texts(element, (("joining-method", endpoint.joining_method),))
    _add_occasion(element, "joining-info", endpoint.joining)
    _add_texts(element, (("disconnection-method", endpoint.disconnection_method),))
    _add_occasion(element, "disconnection-info", endpoint.disconnection)
    for item in endpoint.media:
        media = element.add("media", id=item.id)
        _add_media_texts(media, item)
    if endpoint.dialog is not None:
        dialog = endpoint.dialog
        texts = (
            ("display-text", dialog.display_text),
            ("call-id", dialog.call_id),
            ("from-tag", dialog.from_tag),
            ("to-tag", dialog.to_tag),
        )
        _add_texts(element.add("call-info").add("sip"), texts)


def _add_media_texts(element: XmlElement, media: ConferenceMedia) -> None:
    texts = (
        ("display-text", media.display_text),
        ("type", media.type),
        ("label", media.label),
        ("src-id", media.src_id),
        ("status", media.status),
    )
    _add_texts(element, texts)


def _add_occasion(endpoint: XmlElement, name: str, occasion: Occasion | None) -> None:
    if occasion is not None:
        texts = (("when", occasion.when), ("reason", occasion.reason), ("by", occasion.by))
        _add_texts(endpoint.add(name), texts)
