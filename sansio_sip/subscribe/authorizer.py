"""Answers the challenges that the requests of one subscription or publication meet (RFC 3261 §22)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..auth import DigestClient

if TYPE_CHECKING:
    from ..auth import Credentials
    from ..ids import Ids
    from ..message import Request, Response

__all__ = ["Authorizer"]


class Authorizer:
    """Keeps nonces and counts between requests, as between polls (RFC 6665 §4.4.3).

    Args:
        credentials: What challenges are answered with.
        ids: Makes the client nonces.
    """

    __slots__ = ("_client", "_ids")

    def __init__(self, credentials: tuple[Credentials, ...], ids: Ids) -> None:
        self._client = DigestClient(credentials) if credentials else None
        self._ids = ids

    def authorize(self, request: Request, response: Response) -> bool:
        """Put the answer to a 401 or 407 into a request; False when there is none to give."""
        client = self._client
        return client is not None and client.authorize(request, response, cnonce=self._ids.cnonce())
