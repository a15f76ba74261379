"""The receiving side of SRTP: secured packets to authentic ones in the clear (RFC 3711 §3.3, §3.4)."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import PacketError
from .config import SrtpConfig
from .context import CryptoContext, SourceState, check_rtcp, check_rtp
from .errors import AuthenticationFailed, PacketReplayed, SrtpError, SrtpStatus
from .key_ring import KeyRing, KeyState
from .layout import rtcp_ssrc_untrusted, rtp_fields_untrusted
from .replay import estimate_index

_FIRST_HALF = 1 << 15


class SrtpReceiver(CryptoContext):
    """The cryptographic context of what comes.

    State is made and changed only after a packet has proven authentic: strangers cost nothing but time.
    Without an MKI, packets of the old keys are accepted beside those of new ones until a window of packets
    came with the new ones (RFC 4568 §7.1.4).
    """

    def __init__(self, config: SrtpConfig) -> None:
        """Begin with the keys of `config` and no source."""
        super().__init__(config)
        self._retiring: KeyRing | None = None
        self._overlap = 0

    @property
    def retiring(self) -> bool:
        """True while packets of the keys before the last re-keying are accepted beside the new ones."""
        return self._retiring is not None

    def rekey(self, config: SrtpConfig) -> None:
        """Take new master keys or a new suite; those of before are accepted for a while."""
        before = self._ring
        super().rekey(config)
        if _terms(before.config) != _terms(config):
            self._retiring = before
            self._overlap = config.replay_window

    def unprotect(self, packet: bytes) -> bytes:
        """Return the RTP packet of one SRTP packet.

        Raises:
            PacketError: It is no RTP packet, or cut.
            UnknownMasterKey: Its MKI names no key.
            KeySpent: Its master key has secured all that it may.
            PacketReplayed: It came before, or is too old.
            AuthenticationFailed: It is not of the peer.
            TooManySources: It is the first of one SSRC more than `max_sources`.
        """
        return self._open(self._open_rtp, packet)

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """Return the compound RTCP packet of one SRTCP packet.

        Raises:
            PacketError: It is no RTCP packet, or cut.
            UnknownMasterKey: Its MKI names no key.
            KeySpent: Its master key has secured all that it may.
            PacketReplayed: It came before, or is too old.
            AuthenticationFailed: It is not of the peer.
            TooManySources: It is the first of one SSRC more than `max_sources`.
        """
        return self._open(self._open_rtcp, packet)

    def _open(self, read: Callable[[KeyRing, bytes], bytes], packet: bytes) -> bytes:
        try:
            plain = read(self._ring, packet)
        except (PacketError, SrtpError) as error:
            if self._retiring is None or (old := self._try_old(read, packet)) is None:
                self._count(error)
                raise
            plain = old
        else:
            if self._retiring is not None:
                self._overlap -= 1
                if not self._overlap:
                    self._retiring = None
        self._counts[SrtpStatus.OK] += 1
        return plain

    def _try_old(self, read: Callable[[KeyRing, bytes], bytes], packet: bytes) -> bytes | None:
        try:
            return read(self._retiring or self._ring, packet)
        except (PacketError, SrtpError):
            return None

    def _open_rtp(self, ring: KeyRing, packet: bytes) -> bytes:
        ssrc, sequence, body = rtp_fields_untrusted(packet, ring.rtp_overhead)
        key = ring.rtp_key(packet)
        source = self._sources.get(ssrc)
        if source is None or source.rtp.highest < 0:
            return self._open_first(key, packet, (ssrc, sequence, body), source)
        index = estimate_index(source.rtp.highest, sequence)
        check_rtp(key, index)
        if source.rtp.has(index):
            raise PacketReplayed(f"sequence number {sequence} came before, or is too old to tell")
        plain = key.rtp.open_rtp(packet, body, ssrc, index, len(key.master.mki))
        if plain is None:
            raise AuthenticationFailed("the tag of the SRTP packet is wrong")
        source.rtp.add(index)
        self._accept(key, ssrc)
        return plain

    def _open_first(
        self, key: KeyState, packet: bytes, fields: tuple[int, int, int], source: SourceState | None
    ) -> bytes:
        ssrc, sequence, body = fields
        roc = source.first_roc if source is not None else 0
        # A stream that began shortly before a roll-over, and whose first packets were lost, is one ahead.
        for guess in (roc, roc + 1) if sequence < _FIRST_HALF else (roc,):
            index = guess << 16 | sequence
            check_rtp(key, index)
            plain = key.rtp.open_rtp(packet, body, ssrc, index, len(key.master.mki))
            if plain is not None:
                self._source(ssrc, source).rtp.add(index)
                self._accept(key, ssrc)
                return plain
        raise AuthenticationFailed("the tag of the first SRTP packet of a source is wrong")

    def _open_rtcp(self, ring: KeyRing, packet: bytes) -> bytes:
        ssrc = rtcp_ssrc_untrusted(packet, ring.rtcp_overhead)
        key, word = ring.rtcp_key(packet)
        source = self._sources.get(ssrc)
        index = word & 0x7FFFFFFF
        check_rtcp(key)
        if source is not None and source.rtcp.has(index):
            raise PacketReplayed(f"SRTCP index {index} came before, or is too old to tell")
        plain = key.rtcp.open_rtcp(packet, ssrc, word, len(key.master.mki))
        if plain is None:
            raise AuthenticationFailed("the tag of the SRTCP packet is wrong")
        self._source(ssrc, source).rtcp.add(index)
        key.rtcp_packets += 1
        return plain

    def _accept(self, key: KeyState, ssrc: int) -> None:
        key.rtp_packets += 1
        self._last = ssrc
        if self._ring.keys.get(key.master.mki) is key:
            self._key = key

    def _source(self, ssrc: int, source: SourceState | None) -> SourceState:
        if source is None:
            source = SourceState(self._config.replay_window)
            self._admit(ssrc, source)
        return source


def _terms(config: SrtpConfig) -> tuple[object, ...]:
    return config.suite, config.keys, config.encrypt_rtp
