"""Whether a stream is SRTP, and with which keys (RFC 4568 §5.1, §7.1, RFC 8643)."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import attrs

from .crypto import CryptoAttribute, crypto_of
from .crypto_key import CryptoKey
from .crypto_suite import CRYPTO_SUITES, DEFAULT_SUITES
from .errors import NegotiationError

if TYPE_CHECKING:
    from .model import MediaDescription

__all__ = [
    "SECURE_PROTOCOLS",
    "AcceptedKeys",
    "SrtpKeys",
    "SrtpPolicy",
    "accept_keys",
    "answered_keys",
    "make_crypto",
    "offered_protocol",
]

SECURE_PROTOCOLS = frozenset({"RTP/SAVP", "RTP/SAVPF"})


class SrtpPolicy(enum.Enum):
    """What to do about SRTP with keys in descriptions.

    ``OPTIONAL`` offers ``RTP/AVP`` with keys, which a peer without SRTP answers in the clear and one with
    it answers with its key (RFC 8643 §3.1); a secure line of the peer goes before a plain one.
    ``REQUIRED`` offers ``RTP/SAVP`` and takes nothing without keys. No offer of ``RTP/SAVP`` is ever
    answered in the clear.
    """

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@attrs.frozen
class SrtpKeys:
    """What protects the two directions of a stream.

    Equal values mean that nothing was changed: SRTP goes on with its counters. A side whose key is another
    than before starts its own direction anew (§7.1.4).

    Attributes:
        suite: Name of the crypto suite, the same for both directions.
        send: Our key.
        receive: The peer's key.
    """

    suite: str
    send: CryptoKey
    receive: CryptoKey


class AcceptedKeys(NamedTuple):
    """What an offered stream with keys is answered with.

    Attributes:
        line: The line of our answer.
        keys: What was agreed.
    """

    line: CryptoAttribute
    keys: SrtpKeys


def make_crypto(
    octets: Callable[[int], bytes], suites: Iterable[str] = DEFAULT_SUITES
) -> tuple[CryptoAttribute, ...]:
    """Make the lines of an offer, each with a fresh key.

    They are made once for a call and stay in its `LocalMedia`, so that holding it changes no key; a new
    address or port wants new ones (§7.1.4).

    Args:
        octets: Gives random octets, such as `Ids.octets`.
        suites: Names of suites, the most preferred first.

    Raises:
        ValueError: A suite is not known, or not to be used.
    """
    lines: list[CryptoAttribute] = []
    for tag, name in enumerate(suites, 1):
        suite = CRYPTO_SUITES.get(name)
        if suite is None or not suite.usable:
            raise ValueError(f"suites: {name!r} is not a crypto suite that we have")
        lines.append(CryptoAttribute(tag, name, (CryptoKey.of(octets(suite.material_length)),)))
    return tuple(lines)


def offered_protocol(policy: SrtpPolicy, before: str = "") -> str:
    """Return the protocol of our offer.

    Args:
        policy: Optional or required.
        before: The protocol of the stream so far; a stream that is secure stays so in its name, too.
    """
    if before in SECURE_PROTOCOLS:
        return before
    return "RTP/SAVP" if policy is SrtpPolicy.REQUIRED else "RTP/AVP"


def accept_keys(offered: MediaDescription, own: Iterable[CryptoAttribute]) -> AcceptedKeys | None:
    """Choose the first line of an offer that can be agreed to (§5.1.2).

    Args:
        offered: The offered stream.
        own: Our keys, one for each suite that we take.

    Returns:
        None when no line can be taken.
    """
    ours = {line.suite: line.keys[0] for line in own}
    for line in crypto_of(offered):
        key = ours.get(line.suite)
        if key is not None and line.acceptable:
            answer = CryptoAttribute(line.tag, line.suite, (key,))
            return AcceptedKeys(answer, SrtpKeys(line.suite, key, line.keys[0]))
    return None


def answered_keys(
    offered: MediaDescription, answered: MediaDescription, policy: SrtpPolicy
) -> SrtpKeys | None:
    """Read the keys out of the answer to an offer with keys, or out of an answer that calls itself secure.

    RFC 4568 §5.1.3.

    Args:
        offered: Our stream.
        answered: The peer's.
        policy: What we had in mind when we offered.

    Returns:
        What was agreed; None for a stream in the clear, where that is allowed.

    Raises:
        NegotiationError: Keys are required and missing, or the answer does not pick one line of ours.
    """
    if policy is SrtpPolicy.OFF:
        raise NegotiationError("the answer is SRTP, which was not offered")
    ours = {line.tag: line for line in crypto_of(offered)}
    values = [value for name, value in answered.attributes if name == "crypto"]
    if not values and answered.protocol not in SECURE_PROTOCOLS:
        if policy is SrtpPolicy.REQUIRED or offered.protocol in SECURE_PROTOCOLS:
            raise NegotiationError("the answer is not protected by SRTP, which is required")
        return None
    picked = crypto_of(answered)
    line = ours.get(picked[0].tag) if len(values) == len(picked) == 1 else None
    if line is None or picked[0].suite != line.suite or not picked[0].acceptable:
        raise NegotiationError("the answer does not pick one of the offered crypto lines as it has to")
    own, theirs = line.keys[0], picked[0].keys[0]
    if own.octets == theirs.octets:
        # With one key for both directions each packet could be played back to whoever sent it.
        raise NegotiationError("the answer gives our own key back")
    return SrtpKeys(line.suite, own, theirs)
