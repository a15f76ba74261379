"""SRTP and SRTCP: what RTP needs to be secret and authentic (RFC 3711, RFC 6188, RFC 7714)."""

from .backend import CipherBackend, EcbCipher, GcmCipher, Octets
from .config import MAX_RTCP_PACKETS, MAX_RTP_PACKETS, MasterKey, SrtpConfig
from .context import CryptoContext
from .counter_blocks import counter_blocks
from .counter_mode import CounterMode
from .derivation import Label, derive
from .errors import (
    AuthenticationFailed,
    IndexReused,
    KeySpent,
    PacketReplayed,
    SrtpError,
    SrtpStatus,
    TooManySources,
    UnknownMasterKey,
)
from .galois_mode import GaloisMode
from .key_ring import KeyState
from .receiver import SrtpReceiver
from .replay import ReplayList, estimate_index
from .sender import SrtpSender
from .snapshot import ContextSnapshot, KeyUsage, SourceSnapshot, SrtpStatistics
from .suites import SUITES, Cipher, Suite, get_suite

__all__ = [
    "MAX_RTCP_PACKETS",
    "MAX_RTP_PACKETS",
    "SUITES",
    "AuthenticationFailed",
    "Cipher",
    "CipherBackend",
    "ContextSnapshot",
    "CounterMode",
    "CryptoContext",
    "EcbCipher",
    "GaloisMode",
    "GcmCipher",
    "IndexReused",
    "KeySpent",
    "KeyState",
    "KeyUsage",
    "Label",
    "MasterKey",
    "Octets",
    "PacketReplayed",
    "ReplayList",
    "SourceSnapshot",
    "SrtpConfig",
    "SrtpError",
    "SrtpReceiver",
    "SrtpSender",
    "SrtpStatistics",
    "SrtpStatus",
    "Suite",
    "TooManySources",
    "UnknownMasterKey",
    "counter_blocks",
    "derive",
    "estimate_index",
    "get_suite",
]
