"""What can be wrong with a session description."""

from __future__ import annotations

from ..errors import ParseError, RemoteProtocolError

__all__ = ["NegotiationError", "SdpError"]


class SdpError(ParseError):
    """Octets that are not a session description."""

    def __init__(self, message: str, *, rule: str, position: int | None = None) -> None:
        super().__init__(message, error_class="sdp", rule=rule, position=position)


class NegotiationError(RemoteProtocolError):
    """An offer or answer with nothing that we can take; 488 answers such an offer (RFC 3261 §21.4.26)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status_hint=488)
