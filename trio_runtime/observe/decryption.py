"""SRTP in the clear for a capture: the contexts of each stream, apart from those that the call uses."""

from __future__ import annotations

from typing import NamedTuple

import attrs

from sansio_rtp.errors import PacketError
from sansio_rtp.packet import PacketKind, classify
from sansio_rtp.srtp import SrtpConfig, SrtpError, SrtpReceiver
from trio_runtime.observe.trace import TraceEntry

__all__ = ["Decryption", "MediaKeys"]


class MediaKeys(NamedTuple):
    """What protects the media of a port from now on.

    Attributes:
        port: Our RTP port; RTCP is on the same or on the next one.
        send: Our direction, None in the clear.
        receive: The peer's direction, None in the clear.
    """

    port: int
    send: SrtpConfig | None
    receive: SrtpConfig | None


@attrs.frozen
class _Context:
    """A direction: what opens it, and for which begin of its counter."""

    receiver: SrtpReceiver
    generation: int


@attrs.define
class _Stream:
    send: _Context | None = None
    receive: _Context | None = None


class Decryption:
    """Opens what a stream sends and receives, in the order in which it passed the socket.

    Attributes:
        failed: Packets that could not be opened, and so stay as they were.
    """

    def __init__(self, max_streams: int = 20_000) -> None:
        """Remember the keys of `max_streams` ports; the oldest are forgotten."""
        self._streams: dict[int, _Stream] = {}
        self._max_streams = max_streams
        self.failed = 0

    def change(self, keys: MediaKeys) -> None:
        """Take new keys, or the end of all of them."""
        stream = self._streams.pop(keys.port, None) or _Stream()
        if keys.send is None and keys.receive is None:
            return
        stream.send = _changed(stream.send, keys.send)
        stream.receive = _changed(stream.receive, keys.receive)
        while len(self._streams) >= self._max_streams:
            del self._streams[next(iter(self._streams))]
        self._streams[keys.port] = stream

    def open(self, entry: TraceEntry, port: int, *, sent: bool) -> TraceEntry:
        """Return a datagram in the clear; one that is not protected, or cannot be opened, as it is.

        Args:
            entry: What passed the socket.
            port: Our RTP port.
            sent: Whether we sent it.
        """
        stream, kind = self._streams.get(port), classify(entry.data)
        context = None if stream is None else stream.send if sent else stream.receive
        if context is None or kind not in (PacketKind.RTP, PacketKind.RTCP):
            return entry
        try:
            if kind is PacketKind.RTP:
                return entry._replace(data=context.receiver.unprotect(entry.data))
            return entry._replace(data=context.receiver.unprotect_rtcp(entry.data))
        except (PacketError, SrtpError):
            self.failed += 1
            return entry


def _changed(context: _Context | None, config: SrtpConfig | None) -> _Context | None:
    """Go on under new keys, or begin anew where the roll-over counter does (`SrtpConfig.generation`)."""
    if config is None:
        return None
    if context is None or context.generation != config.generation:
        return _Context(SrtpReceiver(config), config.generation)
    context.receiver.rekey(config)
    return context
