"""Session descriptions (RFC 8866) and offer/answer (RFC 3264)."""

from .build import build_sdp
from .direction import Direction
from .errors import NegotiationError, SdpError
from .formats import MediaFormat, media_formats
from .media import LocalMedia, NegotiatedMedia
from .model import Attributes, Connection, MediaDescription, Origin, SessionDescription
from .negotiate import apply_answer, decline_offer, make_answer, make_offer
from .parse import parse_sdp

__all__ = [
    "Attributes",
    "Connection",
    "Direction",
    "LocalMedia",
    "MediaDescription",
    "MediaFormat",
    "NegotiatedMedia",
    "NegotiationError",
    "Origin",
    "SdpError",
    "SessionDescription",
    "apply_answer",
    "build_sdp",
    "decline_offer",
    "make_answer",
    "make_offer",
    "media_formats",
    "parse_sdp",
]
