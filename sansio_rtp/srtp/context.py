"""What both directions share: keys, sources, counters (RFC 3711 §3.2)."""

from __future__ import annotations

from ..errors import LocalProtocolError, PacketError
from .config import SrtpConfig
from .errors import KeySpent, SrtpError, SrtpStatus, TooManySources
from .key_ring import KeyRing, KeyState
from .replay import MAX_INDEX, ReplayList
from .snapshot import ContextSnapshot, KeyUsage, SourceSnapshot, SrtpStatistics

RTCP_WINDOW = 64
"""SRTCP packets that may be reordered; they come seconds apart."""
_MAX_ROC = (1 << 32) - 1


class SourceState:
    """One SSRC of a context.

    Attributes:
        first_roc: Roll-over counter of the first packet that comes.
        rtp: The RTP packets that came or went.
        rtcp: The SRTCP packets that came or went.
    """

    __slots__ = ("first_roc", "rtcp", "rtp")

    def __init__(self, window: int, first_roc: int = 0) -> None:
        """Begin before the first packet."""
        self.first_roc = first_roc
        self.rtp = ReplayList(window)
        self.rtcp = ReplayList(RTCP_WINDOW)


class CryptoContext:
    """The cryptographic context of one direction: master keys, and the sources that they secure.

    The roll-over counters and SRTCP indices belong to the sources and outlive every change of keys.
    Nothing of it, and no error, ever shows a key.
    """

    def __init__(self, config: SrtpConfig) -> None:
        """Begin with the keys of `config` and no source."""
        self._config: SrtpConfig = config
        self._ring = KeyRing(config)
        self._sources: dict[int, SourceState] = {}
        self._counts = [0] * len(SrtpStatus)
        self._key = self._ring.first
        self._last = 0

    def __repr__(self) -> str:
        """Return suite and number of sources, no key."""
        return f"<{type(self).__name__} {self._config.suite}, {len(self._sources)} sources>"

    @property
    def config(self) -> SrtpConfig:
        """The agreement in force."""
        return self._config

    @property
    def key(self) -> KeyState:
        """The master key in use: the sender's, or the one that the last packet was secured with."""
        return self._key

    @property
    def rtp_overhead(self) -> int:
        """Octets that SRTP adds to a packet."""
        return self._ring.rtp_overhead

    @property
    def last_ssrc(self) -> int:
        """SSRC of the last RTP packet that was secured or accepted."""
        return self._last

    @property
    def retiring(self) -> bool:
        """True while packets of the keys before the last re-keying are accepted beside the new ones."""
        return False

    def source(self, ssrc: int) -> SourceState | None:
        """Return the state of a source, or None while it is not known."""
        return self._sources.get(ssrc)

    def add_accepted(self, packets: int) -> None:
        """Count `packets` that a batch has secured or accepted with the state of this context."""
        self._counts[SrtpStatus.OK] += packets

    def rekey(self, config: SrtpConfig) -> None:
        """Take new master keys or a new suite; roll-over counters and SRTCP indices go on (RFC 3711 §3.3.1).

        A key that was in use before goes on counting towards its end.

        Raises:
            LocalProtocolError: `replay_window` differs.
        """
        if config.replay_window != self._config.replay_window:
            raise LocalProtocolError("replay_window cannot change in a cryptographic context")
        self._ring = KeyRing(config, self._ring)
        self._key = self._ring.keys.get(self._key.master.mki, self._ring.first)
        self._config = config

    def roc(self, ssrc: int) -> int | None:
        """Return the roll-over counter of a source, or None when the source is not known."""
        source = self._sources.get(ssrc)
        if source is None:
            return None
        return source.first_roc if source.rtp.highest < 0 else source.rtp.highest >> 16

    def set_roc(self, ssrc: int, roc: int) -> None:
        """Say which roll-over counter the first packet of a source has, for who joins late (RFC 3711 §3.3.1).

        Raises:
            LocalProtocolError: `roc` is not in 0..2**32-1, or packets of the source came already.
            TooManySources: The context holds `max_sources` others.
        """
        if not 0 <= roc <= _MAX_ROC:
            raise LocalProtocolError(f"roc {roc} is not in 0..2**32-1")
        source = self._sources.get(ssrc)
        if source is None:
            self._admit(ssrc, SourceState(self._config.replay_window, roc))
        elif source.rtp.highest >= 0:
            raise LocalProtocolError(f"packets of source {ssrc:#010x} came already")
        else:
            source.first_roc = roc

    def snapshot(self) -> ContextSnapshot:
        """Return the state, to go on elsewhere with the same keys."""
        return ContextSnapshot(
            tuple(
                SourceSnapshot(ssrc, source.rtp.highest, source.rtcp.highest)
                for ssrc, source in self._sources.items()
            ),
            tuple(KeyUsage(mki, key.rtp_packets, key.rtcp_packets) for mki, key in self._ring.keys.items()),
        )

    def restore(self, snapshot: ContextSnapshot) -> None:
        """Go on from `snapshot`; every packet up to it counts as come.

        Raises:
            LocalProtocolError: This context has sources already.
            TooManySources: The snapshot has more than `max_sources`.
        """
        if self._sources:
            raise LocalProtocolError("only a new cryptographic context can take a snapshot")
        if len(snapshot.sources) > self._config.max_sources:
            raise TooManySources(f"the snapshot has {len(snapshot.sources)} sources")
        for item in snapshot.sources:
            source = self._sources[item.ssrc] = SourceState(self._config.replay_window)
            source.rtp.resume(item.index)
            source.rtcp.resume(item.rtcp_index)
        for usage in snapshot.keys:
            key = self._ring.keys.get(usage.mki)
            if key is not None:
                key.rtp_packets, key.rtcp_packets = usage.rtp_packets, usage.rtcp_packets

    def statistics(self) -> SrtpStatistics:
        """Return what was counted so far."""
        counts = {status.name.lower(): self._counts[status] for status in SrtpStatus}
        del counts["not_secured"]
        packets = counts.pop("ok")
        return SrtpStatistics(
            packets=packets, sources=len(self._sources), remaining=self.key.remaining, **counts
        )

    def _count(self, error: SrtpError | PacketError) -> None:
        self._counts[error.status if isinstance(error, SrtpError) else SrtpStatus.MALFORMED] += 1

    def _admit(self, ssrc: int, source: SourceState) -> None:
        if len(self._sources) >= self._config.max_sources:
            raise TooManySources(f"{len(self._sources)} sources are held, source {ssrc:#010x} is one more")
        self._sources[ssrc] = source


def check_rtp(key: KeyState, index: int) -> None:
    """Refuse a packet of RTP that the key may not secure any more.

    Raises:
        KeySpent: The lifetime of the key, or the roll-over counter, is at its end.
    """
    if key.rtp_packets >= key.master.rtp_packets:
        raise KeySpent("the master key has secured all the RTP packets that it may")
    if index > MAX_INDEX:
        raise KeySpent("the roll-over counter is at its end")


def check_rtcp(key: KeyState) -> None:
    """Refuse a packet of RTCP that the key may not secure any more.

    Raises:
        KeySpent: The lifetime of the key is at its end.
    """
    if key.rtcp_packets >= key.master.rtcp_packets:
        raise KeySpent("the master key has secured all the RTCP packets that it may")
