"""The master keys that one agreement gives, what they secure with, and how much they have secured."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from .backend import CipherBackend
from .config import MasterKey, SrtpConfig
from .counter_mode import CounterMode
from .derivation import AUTH_KEY_OCTETS, Label, derive
from .errors import UnknownMasterKey
from .galois_mode import GaloisMode
from .suites import Cipher, Suite, get_suite

Protection: TypeAlias = CounterMode | GaloisMode


@attrs.define(eq=False)
class KeyState:
    """One master key at work.

    Attributes:
        master: The key.
        rtp: Secures RTP with the session keys of labels 0 to 2.
        rtcp: Secures RTCP with the session keys of labels 3 to 5.
        rtp_packets: RTP packets secured with it.
        rtcp_packets: RTCP packets secured with it.
    """

    master: MasterKey
    rtp: Protection = attrs.field(repr=False)
    rtcp: Protection = attrs.field(repr=False)
    rtp_packets: int = 0
    rtcp_packets: int = 0

    @property
    def remaining(self) -> int:
        """Packets that it may still secure, of the kind that ends first."""
        return min(self.master.rtp_packets - self.rtp_packets, self.master.rtcp_packets - self.rtcp_packets)


class KeyRing:
    """The master keys of one agreement.

    Attributes:
        config: The agreement.
        keys: The keys by their MKI, in the order of the agreement.
        rtp_overhead: Octets that SRTP adds to a packet.
        rtcp_overhead: Octets that SRTCP adds.
    """

    __slots__ = (
        "_after_rtcp",
        "_after_rtp",
        "_mki_octets",
        "config",
        "keys",
        "rtcp_overhead",
        "rtp_overhead",
    )

    def __init__(self, config: SrtpConfig, before: KeyRing | None = None) -> None:
        """Derive the session keys of `config`; a key that was in use `before` goes on counting."""
        self.config = config
        suite = get_suite(config.suite)
        self.keys = {master.mki: _state(config, suite, master) for master in config.keys}
        self._mki_octets = config.mki_octets
        first = self.first
        self.rtp_overhead = first.rtp.tag_octets + self._mki_octets
        self.rtcp_overhead = config.rtcp_overhead
        self._after_rtp, self._after_rtcp = first.rtp.after_mki, first.rtcp.after_mki
        for state in before.keys.values() if before is not None else ():
            self._go_on(state)

    @property
    def first(self) -> KeyState:
        """The key that a sender begins with."""
        return next(iter(self.keys.values()))

    def rtp_key(self, packet: bytes) -> KeyState:
        """Return the key of an SRTP packet.

        Raises:
            UnknownMasterKey: Its MKI names none.
        """
        return self._find(packet, len(packet) - self._after_rtp)

    def rtcp_key(self, packet: bytes) -> tuple[KeyState, int]:
        """Return the key of an SRTCP packet, and its word of E bit and index.

        Raises:
            UnknownMasterKey: Its MKI names none.
        """
        end = len(packet) - self._after_rtcp
        start = end - self._mki_octets
        return self._find(packet, end), int.from_bytes(packet[start - 4 : start], "big")

    def _find(self, packet: bytes, end: int) -> KeyState:
        mki = packet[end - self._mki_octets : end]
        state = self.keys.get(mki)
        if state is None:
            raise UnknownMasterKey(f"no master key has the identifier {mki.hex()}")
        return state

    def _go_on(self, old: KeyState) -> None:
        # A key that is signalled again is the same key: its packets were used up (RFC 3711 §9.2).
        for state in self.keys.values():
            if state.master.key_salt == old.master.key_salt:
                state.rtp_packets, state.rtcp_packets = old.rtp_packets, old.rtcp_packets


def _state(config: SrtpConfig, suite: Suite, master: MasterKey) -> KeyState:
    rtp = _protection(config.backend, suite, master, 0, suite.rtp_tag_octets, config.encrypt_rtp)
    rtcp = _protection(config.backend, suite, master, 3, suite.rtcp_tag_octets, True)
    return KeyState(master, rtp, rtcp)


def _protection(
    backend: CipherBackend, suite: Suite, master: MasterKey, first: int, tag_octets: int, encrypt: bool
) -> Protection:
    key, salt = master.key_salt[: suite.key_octets], master.key_salt[suite.key_octets :]
    session_key = derive(backend, key, salt, Label(first), suite.key_octets)
    session_salt = derive(backend, key, salt, Label(first + 2), suite.salt_octets)
    if suite.cipher is Cipher.AES_GCM:
        return GaloisMode(backend.gcm(session_key), session_salt, encrypt=encrypt)
    auth_key = derive(backend, key, salt, Label(first + 1), AUTH_KEY_OCTETS)
    cipher = backend.ecb(session_key) if encrypt and suite.cipher is Cipher.AES_CM else None
    return CounterMode(cipher, session_salt, auth_key, tag_octets)
