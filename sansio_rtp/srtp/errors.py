"""What can be wrong with a secured packet, as errors for one packet and as numbers for a batch."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from ..errors import LocalProtocolError, ProtocolError, RemoteProtocolError


class SrtpStatus(IntEnum):
    """What became of one packet."""

    OK = 0
    """It is secured, or authentic and in the clear again."""
    NOT_SECURED = 1
    """The row of a batch has no cryptographic context; it was left as it is."""
    MALFORMED = 2
    """It is no RTP or RTCP packet, or too short for what SRTP adds."""
    AUTHENTICATION_FAILED = 3
    """The tag is not the one that the key gives."""
    REPLAYED = 4
    """Its index came before, or is too old to tell."""
    UNKNOWN_MASTER_KEY = 5
    """Its MKI names no key."""
    KEY_SPENT = 6
    """The master key has secured all the packets that it may."""
    TOO_MANY_SOURCES = 7
    """It is the first of one source more than the context may hold."""
    INDEX_REUSED = 8
    """We were about to encrypt two packets with the same key stream."""


class SrtpError(ProtocolError):
    """Base of the errors of one secured packet.

    Attributes:
        status: The same fact as a number.
    """

    status: ClassVar[SrtpStatus]


class AuthenticationFailed(SrtpError, RemoteProtocolError):
    """The tag is not the one that the key gives: forged, damaged, or of another key (RFC 3711 §4.2)."""

    status = SrtpStatus.AUTHENTICATION_FAILED


class PacketReplayed(SrtpError, RemoteProtocolError):
    """The index of the packet came before, or is older than the window (RFC 3711 §3.3.2)."""

    status = SrtpStatus.REPLAYED


class UnknownMasterKey(SrtpError, RemoteProtocolError):
    """The master key identifier of the packet names no key (RFC 3711 §3.1)."""

    status = SrtpStatus.UNKNOWN_MASTER_KEY


class TooManySources(SrtpError):
    """The cryptographic context holds as many sources as it may; the new one was not taken in."""

    status = SrtpStatus.TOO_MANY_SOURCES


class KeySpent(SrtpError, LocalProtocolError):
    """The master key has secured all the packets that it may; only a new key helps (RFC 3711 §9.2)."""

    status = SrtpStatus.KEY_SPENT


class IndexReused(SrtpError, LocalProtocolError):
    """The packet would use a key stream a second time, which would reveal both (RFC 3711 §9.1)."""

    status = SrtpStatus.INDEX_REUSED
