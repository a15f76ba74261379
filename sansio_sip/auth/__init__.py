"""Digest authentication (RFC 7616, RFC 8760) for SIP (RFC 3261 §22)."""

from .challenge import Challenge, build_challenge, parse_challenge
from .client import Credentials, DigestClient
from .digest import digest_from_hash, digest_response, hash_user, is_supported
from .nonces import NonceStore, NonceUse
from .secret import Secret, SecretLookup
from .server import DigestServer
from .server_config import DigestServerConfig
from .verdict import Authenticated, ChallengeCause, Challenged, Exempt, Verdict

__all__ = [
    "Authenticated",
    "Challenge",
    "ChallengeCause",
    "Challenged",
    "Credentials",
    "DigestClient",
    "DigestServer",
    "DigestServerConfig",
    "Exempt",
    "NonceStore",
    "NonceUse",
    "Secret",
    "SecretLookup",
    "Verdict",
    "build_challenge",
    "digest_from_hash",
    "digest_response",
    "hash_user",
    "is_supported",
    "parse_challenge",
]
