"""Which streams of an offer we could answer, the protected ones first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .audio_line import is_usable_audio
from .keying import SECURE_PROTOCOLS, AcceptedKeys, SrtpPolicy, accept_keys

if TYPE_CHECKING:
    from .crypto import CryptoAttribute
    from .model import SessionDescription

__all__ = ["answerable"]


def answerable(
    offer: SessionDescription, crypto: tuple[CryptoAttribute, ...], policy: SrtpPolicy
) -> Iterable[tuple[int, AcceptedKeys | None]]:
    """Return the audio streams that our policy lets us answer.

    Peers that can do either offer two lines, one with and one without SRTP, so of all that we could take
    the protected ones go first. A line that is named secure is never answered in the clear.

    Args:
        offer: The peer's description.
        crypto: Our keys; empty when the policy is off.
        policy: Whether streams may or must be SRTP.

    Returns:
        Places in the offer, each with the keys of a stream that is to be SRTP.
    """
    plain = [
        (index, None)
        for index, line in enumerate(offer.media)
        if line.protocol not in SECURE_PROTOCOLS and is_usable_audio(offer, line)
    ]
    if not crypto:
        return plain
    secure = [
        (index, keys)
        for index, line in enumerate(offer.media)
        if is_usable_audio(offer, line) and (keys := accept_keys(line, crypto)) is not None
    ]
    return secure if policy is SrtpPolicy.REQUIRED else [*secure, *plain]
