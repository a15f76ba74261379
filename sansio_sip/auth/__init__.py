"""Digest authentication (RFC 3261 §22, RFC 7616, RFC 8760), and signed identity (RFC 8224, RFC 8225)."""

from .answerer import ChallengeAnswerer, is_challenge
from .authentication import AuthenticationConfig, DigestServers
from .challenge import Challenge, build_challenge, parse_challenge
from .client import DigestClient
from .credentials import Credentials
from .digest import digest_from_hash, digest_response, hash_user, hash_username, is_supported
from .identity import FRESHNESS, IdentityHeader, Signer, read_identities, sign_identity
from .identity_verify import IdentityFault, SignatureCheck, verify_identity
from .nonces import NonceStore, NonceUse
from .passport import Claims, Json, Passport, canonical_json, parse_passport
from .secret import Secret, SecretLookup
from .server import DigestServer
from .server_config import DigestServerConfig
from .user_hash import HashedNames, UserFinder
from .verdict import Authenticated, ChallengeCause, Challenged, Exempt, Verdict

__all__ = [
    "FRESHNESS",
    "Authenticated",
    "AuthenticationConfig",
    "Challenge",
    "ChallengeAnswerer",
    "ChallengeCause",
    "Challenged",
    "Claims",
    "Credentials",
    "DigestClient",
    "DigestServer",
    "DigestServerConfig",
    "DigestServers",
    "Exempt",
    "HashedNames",
    "IdentityFault",
    "IdentityHeader",
    "Json",
    "NonceStore",
    "NonceUse",
    "Passport",
    "Secret",
    "SecretLookup",
    "SignatureCheck",
    "Signer",
    "UserFinder",
    "Verdict",
    "build_challenge",
    "canonical_json",
    "digest_from_hash",
    "digest_response",
    "hash_user",
    "hash_username",
    "is_challenge",
    "is_supported",
    "parse_challenge",
    "parse_passport",
    "read_identities",
    "sign_identity",
    "verify_identity",
]
