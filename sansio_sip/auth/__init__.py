"""Digest authentication (RFC 7616, RFC 8760) for SIP (RFC 3261 §22)."""

from .challenge import Challenge, parse_challenge
from .client import Credentials, DigestClient
from .digest import digest_response, is_supported

__all__ = [
    "Challenge",
    "Credentials",
    "DigestClient",
    "digest_response",
    "is_supported",
    "parse_challenge",
]
