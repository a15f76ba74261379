"""Where RTCP goes, and from whom it is taken (RFC 3605, RFC 4961, RFC 5761)."""

from __future__ import annotations

from ..machine import Address, Component, Outbox
from .config import RtpSessionConfig
from .events import RtpEvent
from .latch import SourceLatch


class RtcpRoute:
    """The path of RTCP, which follows the address that RTP has latched."""

    def __init__(self, config: RtpSessionConfig, latch: SourceLatch, outbox: Outbox[RtpEvent]) -> None:
        """Begin with the addresses of `config`."""
        self._config = config
        self._latch = latch
        self._outbox = outbox
        self._peer: Address | None = None

    def configure(self, config: RtpSessionConfig) -> None:
        """Take new addresses; the one that RTCP came from is forgotten when signalling names others."""
        if (config.remote, config.remote_rtcp) != (self._config.remote, self._config.remote_rtcp):
            self._peer = None
        self._config = config

    @property
    def destination(self) -> Address | None:
        """Where our reports go, or None while that is unknown."""
        media = self._latch.destination
        if self._config.rtcp_mux or media is None:
            return media
        if self._peer is not None and self.accepts(self._peer):
            return self._peer
        if media == self._latch.signalled and self._config.remote_rtcp is not None:
            return self._config.remote_rtcp
        return (media[0], media[1] + 1) if media[1] < 65535 else None

    def accepts(self, source: Address) -> bool:
        """Tell whether `source` is the peer's: the signalled address, or any port of the media's host."""
        media = self._latch.destination
        return source == self._config.remote_rtcp or (media is not None and source[0] == media[0])

    def follow(self, source: Address) -> None:
        """Answer where valid RTCP came from."""
        self._peer = source

    def send(self, data: bytes | None) -> None:
        """Queue a compound packet; it is dropped while nobody is known to send it to."""
        destination = self.destination
        if data is not None and destination is not None:
            flow = Component.RTP if self._config.rtcp_mux else Component.RTCP
            self._outbox.send(data, destination, flow)
