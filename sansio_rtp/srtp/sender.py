"""The sending side of SRTP: packets in the clear to secured ones (RFC 3711 §3.3, §3.4)."""

from __future__ import annotations

from ..errors import LocalProtocolError, PacketError
from .config import MAX_RTCP_PACKETS, SrtpConfig
from .context import CryptoContext, SourceState, check_rtcp, check_rtp
from .errors import IndexReused, KeySpent, SrtpError, SrtpStatus
from .layout import rtcp_ssrc_untrusted, rtp_fields_untrusted
from .replay import estimate_index


class SrtpSender(CryptoContext):
    """The cryptographic context of what we send.

    It refuses to use a key stream twice: an index of a source goes out once, whatever the caller does.
    """

    def rekey(self, config: SrtpConfig) -> None:
        """Take new master keys or a new suite, and begin with the first key; see `CryptoContext.rekey`."""
        super().rekey(config)
        self._key = self._ring.first

    def select_key(self, mki: bytes) -> None:
        """Secure with another of the master keys from now on.

        Raises:
            LocalProtocolError: No key has this identifier.
        """
        key = self._ring.keys.get(mki)
        if key is None:
            raise LocalProtocolError(f"no master key has the identifier {mki.hex()}")
        self._key = key

    def protect(self, packet: bytes) -> bytes:
        """Return the SRTP packet of one RTP packet.

        Raises:
            PacketError: It is no RTP packet.
            KeySpent: The key or the roll-over counter is at its end.
            IndexReused: The sequence number was sent before, or is too old to tell.
            TooManySources: It is the first of one SSRC more than `max_sources`.
        """
        try:
            return self._protect(packet)
        except (PacketError, SrtpError) as error:
            self._count(error)
            raise

    def protect_rtcp(self, packet: bytes) -> bytes:
        """Return the SRTCP packet of one compound RTCP packet.

        Raises:
            PacketError: It is no RTCP packet.
            KeySpent: The key or the index is at its end.
            TooManySources: It is the first of one SSRC more than `max_sources`.
        """
        try:
            return self._protect_rtcp(packet)
        except (PacketError, SrtpError) as error:
            self._count(error)
            raise

    def _protect(self, packet: bytes) -> bytes:
        ssrc, sequence, body = rtp_fields_untrusted(packet, 0)
        source = self._sources.get(ssrc) or self._new_source(ssrc)
        highest = source.rtp.highest
        index = estimate_index(highest, sequence) if highest >= 0 else source.first_roc << 16 | sequence
        key = self._key
        check_rtp(key, index)
        if source.rtp.has(index):
            raise IndexReused(f"sequence number {sequence} was sent before, or is too old to tell")
        secured = key.rtp.seal_rtp(packet, body, ssrc, index, key.master.mki)
        source.rtp.add(index)
        key.rtp_packets += 1
        self._last = ssrc
        self._counts[SrtpStatus.OK] += 1
        return secured

    def _protect_rtcp(self, packet: bytes) -> bytes:
        ssrc = rtcp_ssrc_untrusted(packet, 0)
        source = self._sources.get(ssrc) or self._new_source(ssrc)
        index = source.rtcp.highest + 1
        key = self._key
        check_rtcp(key)
        if index >= MAX_RTCP_PACKETS:
            raise KeySpent("the SRTCP index is at its end")
        secured = key.rtcp.seal_rtcp(packet, ssrc, index, key.master.mki, encrypt=self._config.encrypt_rtcp)
        source.rtcp.add(index)
        key.rtcp_packets += 1
        self._counts[SrtpStatus.OK] += 1
        return secured

    def _new_source(self, ssrc: int) -> SourceState:
        # A source is never forgotten: if it came again, its indices would begin anew under the same key.
        source = SourceState(self._config.replay_window)
        self._admit(ssrc, source)
        return source
