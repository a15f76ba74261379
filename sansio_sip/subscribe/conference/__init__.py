"""The conference package: what a focus tells of its conference (RFC 4575, RFC 4579)."""

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
from .reader import parse_conference_info
from .state import ConferenceDocumentState, as_focus, is_focus
from .table import ConferenceTable
from .writer import CONFERENCE_INFO_TYPE, build_conference_info

__all__ = [
    "CONFERENCE_INFO_TYPE",
    "ConferenceDescription",
    "ConferenceDocumentState",
    "ConferenceEndpoint",
    "ConferenceInfo",
    "ConferenceMedia",
    "ConferenceState",
    "ConferenceTable",
    "ConferenceUri",
    "ConferenceUser",
    "ElementState",
    "EndpointDialog",
    "EndpointStatus",
    "Occasion",
    "as_focus",
    "build_conference_info",
    "is_focus",
    "parse_conference_info",
]
