"""Answers the challenges that the requests of one call, registration or subscription meet (RFC 3261 §22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client import DigestClient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..ids import Ids
    from ..message import Request, Response
    from .credentials import Credentials

__all__ = ["ChallengeAnswerer", "is_challenge"]


def is_challenge(response: Response) -> bool:
    """Return whether a response asks for credentials."""
    return response.status_code in (401, 407)


class ChallengeAnswerer:
    """Keeps nonces and counts between the requests of one user; makes nothing until it is asked.

    Args:
        credentials: What challenges are answered with.
        ids: Makes the client nonces.
    """

    __slots__ = ("_client", "_credentials", "_ids")

    def __init__(self, credentials: tuple[Credentials, ...], ids: Ids) -> None:
        self._credentials = credentials
        self._ids = ids
        self._client: DigestClient | None = None

    @property
    def nonce_counts(self) -> list[tuple[str, str, int]]:
        """How often each nonce was used: realm, nonce, count."""
        counts = {} if self._client is None else self._client.counts
        return [(realm, nonce, count) for (realm, nonce), count in counts.items()]

    def restore_nonces(self, counts: Iterable[tuple[str, str, int]]) -> None:
        """Go on counting where another process stopped; a server takes no count twice (RFC 7616 §3.4)."""
        known = {(realm, nonce): count for realm, nonce, count in counts}
        if known and self._credentials:
            self._client = DigestClient(self._credentials)
            self._client.counts.update(known)

    def authorize(self, request: Request, response: Response) -> bool:
        """Put the answer to a 401 or 407 into a request; False when there is none to give."""
        if not self._credentials:
            return False
        if self._client is None:
            self._client = DigestClient(self._credentials)
        return self._client.authorize(request, response, cnonce=self._ids.cnonce())
