"""What a server finds when it looks at the credentials of a request."""

from __future__ import annotations

from enum import Enum, unique

import attrs

__all__ = ["Authenticated", "ChallengeCause", "Challenged", "Exempt", "Verdict"]


@unique
class ChallengeCause(Enum):
    """Why a request is challenged; for logs and counters, the peer is not told."""

    MISSING = "no credentials"
    UNUSABLE = "credentials that cannot be used"
    WRONG = "unknown user or wrong password"
    STALE = "nonce too old or unknown"
    REPLAYED = "nonce count used before"


@attrs.frozen
class Authenticated:
    """The sender knows the user's password."""

    username: str
    realm: str
    algorithm: str
    qop: str | None


@attrs.frozen
class Challenged:
    """The request is to be answered with a challenge.

    Attributes:
        status_code: 401 or 407.
        fields: Header fields of the answer, the strongest algorithm first (RFC 8760 §2.3).
        cause: Why.
        username: The name that was given, where there was one.
        stale: Whether the client may try again with the same password.
    """

    status_code: int
    fields: tuple[tuple[str, str], ...]
    cause: ChallengeCause
    username: str = ""
    stale: bool = False


@attrs.frozen
class Exempt:
    """ACK and CANCEL cannot be sent again with credentials, so they are never challenged (RFC 3261 §22.1)."""


Verdict = Authenticated | Challenged | Exempt
