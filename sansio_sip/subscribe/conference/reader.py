"""Conference documents read (RFC 4575 §6); sidebars, host information and extensions are left out."""

from __future__ import annotations

from ..xml_element import XmlElement
from ..xml_reader import read_xml_untrusted
from ..xml_values import DocumentReader
from .info import ConferenceDescription, ConferenceInfo, ConferenceState, ConferenceUri
from .members import (
    ConferenceEndpoint,
    ConferenceMedia,
    ConferenceUser,
    ElementState,
    EndpointDialog,
    EndpointStatus,
    Occasion,
)
from .writer import CONFERENCE_NAMESPACE

__all__ = ["parse_conference_info"]

_NS = CONFERENCE_NAMESPACE
_READ = DocumentReader("conference information", "RFC 4575 §5")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def parse_conference_info(data: bytes) -> ConferenceInfo:
    """Read a document; what stands inside something deleted is left out (§4.4).

    Raises:
        ParseError: It is no conference information, or a key, version, state or status is missing or damaged.
    """
    root = read_xml_untrusted(data)
    _READ.check_root(root, _NS, "conference-info")
    version, state = _READ.version(root), _state_of(root)
    entity = _READ.required(root, "entity")
    if state is ElementState.DELETED:
        return ConferenceInfo(entity=entity, version=version, state=state)
    description, status = root.find(_NS, "conference-description"), root.find(_NS, "conference-state")
    users = root.find(_NS, "users")
    return ConferenceInfo(
        entity=entity,
        version=version,
        state=state,
        description=None if description is None else _description_of(description),
        status=None if status is None else _status_of(status),
        users=() if users is None else tuple(map(_user_of, users.find_all(_NS, "user"))),
        users_state=ElementState.FULL if users is None else _state_of(users),
    )


def _state_of(element: XmlElement) -> ElementState:
    return _READ.member(ElementState, element.attributes.get("state", "full"), f"{element.name} in state")


def _description_of(element: XmlElement) -> ConferenceDescription:
    offered = element.find(_NS, "available-media")
    return ConferenceDescription(
        display_text=element.text_of(_NS, "display-text"),
        subject=element.text_of(_NS, "subject"),
        free_text=element.text_of(_NS, "free-text"),
        keywords=tuple(element.text_of(_NS, "keywords").split()),
        conf_uris=_uris_of(element.find(_NS, "conf-uris")),
        service_uris=_uris_of(element.find(_NS, "service-uris")),
        maximum_user_count=_READ.number(element.text_of(_NS, "maximum-user-count")),
        available_media=_media_of(offered, "entry", "label"),
    )


def _uris_of(element: XmlElement | None) -> tuple[ConferenceUri, ...]:
    entries = () if element is None else element.find_all(_NS, "entry")
    names = ("uri", "display-text", "purpose")
    return tuple([ConferenceUri(*[entry.text_of(_NS, name) for name in names]) for entry in entries])


def _status_of(element: XmlElement) -> ConferenceState:
    return ConferenceState(
        _READ.number(element.text_of(_NS, "user-count")),
        _BOOLEANS.get(element.text_of(_NS, "active")),
        _BOOLEANS.get(element.text_of(_NS, "locked")),
    )


def _user_of(element: XmlElement) -> ConferenceUser:
    entity, state = _READ.required(element, "entity"), _state_of(element)
    if state is ElementState.DELETED:
        return ConferenceUser(entity=entity, state=state)
    roles = element.find(_NS, "roles")
    return ConferenceUser(
        entity=entity,
        state=state,
        display_text=element.text_of(_NS, "display-text"),
        roles=() if roles is None else tuple([item.text.strip() for item in roles.find_all(_NS, "entry")]),
        endpoints=tuple(map(_endpoint_of, element.find_all(_NS, "endpoint"))),
    )


def _endpoint_of(element: XmlElement) -> ConferenceEndpoint:
    entity, state = _READ.required(element, "entity"), _state_of(element)
    if state is ElementState.DELETED:
        return ConferenceEndpoint(entity=entity, state=state)
    status = element.text_of(_NS, "status")
    return ConferenceEndpoint(
        entity=entity,
        state=state,
        status=_READ.member(EndpointStatus, status, "an endpoint that is") if status else None,
        display_text=element.text_of(_NS, "display-text"),
        referred=_occasion_of(element.find(_NS, "referred")),
        joining_method=element.text_of(_NS, "joining-method"),
        joining=_occasion_of(element.find(_NS, "joining-info")),
        disconnection_method=element.text_of(_NS, "disconnection-method"),
        disconnection=_occasion_of(element.find(_NS, "disconnection-info")),
        media=_media_of(element, "media", "id"),
        dialog=_dialog_of(element.find(_NS, "call-info")),
    )


def _occasion_of(element: XmlElement | None) -> Occasion | None:
    if element is None:
        return None
    return Occasion(*[element.text_of(_NS, name) for name in ("when", "reason", "by")])


def _media_of(parent: XmlElement | None, name: str, key: str) -> tuple[ConferenceMedia, ...]:
    elements = () if parent is None else parent.find_all(_NS, name)
    names = ("type", "status", "label", "src-id", "display-text")
    return tuple(
        [
            ConferenceMedia(_READ.required(item, key), *[item.text_of(_NS, text) for text in names])
            for item in elements
        ]
    )


def _dialog_of(element: XmlElement | None) -> EndpointDialog | None:
    sip = None if element is None else element.find(_NS, "sip")
    if sip is None:
        return None
    return EndpointDialog(
        *[sip.text_of(_NS, name) for name in ("call-id", "from-tag", "to-tag", "display-text")]
    )
