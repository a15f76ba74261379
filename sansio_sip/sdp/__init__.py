"""Session descriptions (RFC 8866) and offer/answer (RFC 3264)."""

from .audio_line import VOIP_METRICS
from .build import build_sdp
from .crypto import CryptoAttribute, crypto_of, parse_crypto
from .crypto_key import CryptoKey, parse_inline
from .crypto_suite import CRYPTO_SUITES, DEFAULT_SUITES, CryptoSuite
from .direction import Direction
from .errors import NegotiationError, SdpError
from .formats import MediaFormat, is_voice, media_formats
from .keying import SrtpKeys, SrtpPolicy, make_crypto
from .media import LocalMedia, NegotiatedMedia
from .model import Attributes, Connection, MediaDescription, Origin, SessionDescription
from .negotiate import apply_answer, decline_offer, make_answer, make_offer
from .parse import parse_sdp

__all__ = [
    "CRYPTO_SUITES",
    "DEFAULT_SUITES",
    "VOIP_METRICS",
    "Attributes",
    "Connection",
    "CryptoAttribute",
    "CryptoKey",
    "CryptoSuite",
    "Direction",
    "LocalMedia",
    "MediaDescription",
    "MediaFormat",
    "NegotiatedMedia",
    "NegotiationError",
    "Origin",
    "SdpError",
    "SessionDescription",
    "SrtpKeys",
    "SrtpPolicy",
    "apply_answer",
    "build_sdp",
    "crypto_of",
    "decline_offer",
    "is_voice",
    "make_answer",
    "make_crypto",
    "make_offer",
    "media_formats",
    "parse_crypto",
    "parse_inline",
    "parse_sdp",
]
