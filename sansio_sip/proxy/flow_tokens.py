"""Names for the connections of peers that nothing else leads to (RFC 5626 §5.2, RFC 7118 §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ids import Ids
    from ..machine import Endpoint

__all__ = ["FlowTokens"]


class FlowTokens:
    """Remembers connections by tokens that nobody can make up; see `Flows`.

    RFC 5626 lets a proxy encode the flow into the token; one that is drawn at random and remembered leaks no
    inner address and needs no key, and the connection is remembered anyhow.

    Args:
        ids: Makes the tokens.
        transports: Those whose peers are reached by their own connection only; others need no token.
        max_flows: Connections that are remembered; the oldest makes room.

    Attributes:
        dropped: Connections that had to make room.
    """

    __slots__ = ("_by_token", "_ids", "_max_flows", "_tokens", "_transports", "dropped")

    def __init__(
        self,
        ids: Ids,
        *,
        transports: frozenset[str] = frozenset({"WS", "WSS"}),
        max_flows: int = 100_000,
    ) -> None:
        self._ids = ids
        self._transports = transports
        self._max_flows = max_flows
        self._tokens: dict[Endpoint, str] = {}
        self._by_token: dict[str, Endpoint] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._tokens)

    def token(self, flow: Endpoint, *, needed: bool = False) -> str:
        """Return the name of a connection, the same each time; empty for one that needs none.

        Args:
            flow: The connection, or over UDP where a NAT has put its peer.
            needed: Whether it is known that nothing else leads to its peer, whatever its transport.
        """
        if not needed and flow.transport not in self._transports:
            return ""
        known = self._tokens.get(flow)
        if known is not None:
            return known
        if len(self._tokens) >= self._max_flows:
            self.forget(next(iter(self._tokens)))
            self.dropped += 1
        token = self._tokens[flow] = self._ids.octets(16).hex()
        self._by_token[token] = flow
        return token

    def find(self, token: str) -> Endpoint | None:
        """Return the connection that a token names, None when it is gone or forged."""
        return self._by_token.get(token)

    def forget(self, flow: Endpoint) -> None:
        """Take note that a connection is gone."""
        token = self._tokens.pop(flow, None)
        if token is not None:
            del self._by_token[token]
