"""What one offer and its answer agreed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..sdp import LocalMedia, NegotiatedMedia, SessionDescription

__all__ = ["Agreement"]


class Agreement(NamedTuple):
    """One complete exchange of descriptions.

    Attributes:
        own: Our description.
        remote: The peer's description.
        local: What ours was made of, ``None`` when we refused every stream.
        media: What follows from both, ``None`` when there is no stream.
    """

    own: SessionDescription
    remote: SessionDescription
    local: LocalMedia | None
    media: NegotiatedMedia | None

    def placed(self, local: LocalMedia) -> LocalMedia:
        """Return media at the address that the peer was told before: a change of codecs moves nothing."""
        return local if self.local is None else local.at(self.local.address)

    def unless_same(self, made: SessionDescription) -> SessionDescription:
        """Return our description again when nothing but its number changed (RFC 3264 §8)."""
        return self.own if made._replace(origin=self.own.origin) == self.own else made
