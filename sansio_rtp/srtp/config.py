"""What signalling has agreed on for one direction: crypto-suite, master keys and session parameters."""

from __future__ import annotations

import attrs

from ..errors import LocalProtocolError
from .backend import CipherBackend
from .suites import Suite, get_suite

MAX_RTP_PACKETS = 1 << 48
"""RTP packets that one master key may secure (RFC 3711 §9.2)."""
MAX_RTCP_PACKETS = 1 << 31
"""RTCP packets that one master key may secure (RFC 3711 §9.2)."""
_MAX_MKI_OCTETS = 128
_MIN_WINDOW, _MAX_WINDOW = 64, 32_768


@attrs.frozen
class MasterKey:
    """One master key with its salt; neither is ever shown.

    Attributes:
        key_salt: Key and salt in one piece, as `inline:` carries them (RFC 4568 §6.1).
        lifetime: Packets that the key may secure, of RTP and of RTCP each; None for the most that is allowed.
        mki: The octets of the master key identifier as they stand in a packet; empty for none.
    """

    key_salt: bytes = attrs.field(repr=False)
    lifetime: int | None = None
    mki: bytes = b""

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is not possible; the text names the field.
        """
        if self.lifetime is not None and not 0 < self.lifetime <= MAX_RTP_PACKETS:
            raise LocalProtocolError(f"lifetime {self.lifetime} is not in 1..2**48 packets")
        if len(self.mki) > _MAX_MKI_OCTETS:
            raise LocalProtocolError(f"mki has {len(self.mki)} octets, more than {_MAX_MKI_OCTETS}")

    @property
    def rtp_packets(self) -> int:
        """RTP packets that the key may secure."""
        return min(self.lifetime or MAX_RTP_PACKETS, MAX_RTP_PACKETS)

    @property
    def rtcp_packets(self) -> int:
        """RTCP packets that the key may secure."""
        return min(self.lifetime or MAX_RTCP_PACKETS, MAX_RTCP_PACKETS)


@attrs.frozen(kw_only=True)
class SrtpConfig:
    """One direction of a secured stream.

    Attributes:
        suite: Name of the crypto-suite, a key of `SUITES`.
        keys: The master keys; more than one only with an MKI of the same length each. A sender begins with
            the first.
        backend: Gives the ciphers.
        encrypt_rtp: False for the session parameter `UNENCRYPTED_SRTP` (RFC 4568 §6.3.2).
        encrypt_rtcp: False for `UNENCRYPTED_SRTCP`: what we send has no E bit. What comes says for itself.
        key_derivation_rate: Only 0 is done: every known phone derives the session keys once.
        replay_window: Packets that may be reordered, 64 to 32,768 (RFC 3711 §3.3.2).
        max_sources: SSRCs held by the context; each was authenticated, so only the peer can add one.
        generation: With another number a session begins a new context, whose roll-over counter is 0, as an
            address that changed demands (RFC 4568 §7.1.4). With the same number new keys are a re-keying, and
            the counter goes on (RFC 3711 §3.3.1).
    """

    suite: str
    keys: tuple[MasterKey, ...]
    backend: CipherBackend = attrs.field(repr=False)
    encrypt_rtp: bool = True
    encrypt_rtcp: bool = True
    key_derivation_rate: int = 0
    replay_window: int = 128
    max_sources: int = 256
    generation: int = 0

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is not possible; the text names the field.
        """
        self._check_keys(get_suite(self.suite))
        if self.key_derivation_rate:
            raise LocalProtocolError(f"key_derivation_rate {self.key_derivation_rate} is not done, only 0 is")
        if not _MIN_WINDOW <= self.replay_window <= _MAX_WINDOW:
            raise LocalProtocolError(
                f"replay_window is {self.replay_window}, not in {_MIN_WINDOW}..{_MAX_WINDOW}"
            )
        if self.max_sources < 1:
            raise LocalProtocolError(f"max_sources is {self.max_sources}, not positive")

    @property
    def mki_octets(self) -> int:
        """Length of the MKI in every packet; 0 for none."""
        return len(self.keys[0].mki)

    @property
    def rtcp_overhead(self) -> int:
        """Octets that SRTCP adds to a compound packet, which count for its bandwidth (RFC 3711 §3.4)."""
        return 4 + self.mki_octets + get_suite(self.suite).rtcp_tag_octets

    def _check_keys(self, suite: Suite) -> None:
        if not self.keys:
            raise LocalProtocolError("keys is empty")
        for key in self.keys:
            if len(key.key_salt) != suite.master_octets:
                raise LocalProtocolError(
                    f"keys: {suite.name} takes {suite.master_octets} octets of key and salt, "
                    f"not {len(key.key_salt)}"
                )
        identifiers = {key.mki for key in self.keys}
        if len({len(mki) for mki in identifiers}) > 1 or len(identifiers) < len(self.keys):
            raise LocalProtocolError("keys: each of several keys needs its own mki, all of one length")
