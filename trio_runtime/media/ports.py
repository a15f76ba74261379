"""Which UDP ports carry media: pairs out of a range, each at rest for a while after its use."""

from __future__ import annotations

from collections import deque
from errno import EADDRINUSE

import attrs

from trio_runtime.base.clock import Clock
from trio_runtime.base.errors import NetworkError, PortsExhaustedError
from trio_runtime.base.ports import MediaIO, MediaSocket

__all__ = ["MediaPorts", "PortAllocator"]


@attrs.frozen(eq=False)
class MediaPorts:
    """A pair of bound sockets.

    Attributes:
        port: The even port, which carries RTP.
        rtp: Its socket.
        rtcp: The socket of the odd port above it.
    """

    port: int
    rtp: MediaSocket
    rtcp: MediaSocket

    def close(self) -> None:
        """Close both sockets."""
        self.rtp.close()
        self.rtcp.close()


class PortAllocator:
    """Gives out the even ports of a range in turn, the one that has rested longest first.

    A port that was used rests for a while, because the last packets of the old call would otherwise be heard
    in a new one. A port that another program holds is passed over and tried again after that time.
    """

    def __init__(self, ports: tuple[int, int], clock: Clock, *, quarantine_s: float = 2.0) -> None:
        """Use the even ports from the first to the last of `ports`, each with the odd one above it."""
        self._range = ports
        self._clock = clock
        self._quarantine_s = quarantine_s
        first, last = ports
        self._free = deque(range(first + first % 2, last, 2))
        self._resting: deque[tuple[float, int]] = deque()
        self._in_use: set[int] = set()

    @property
    def in_use(self) -> int:
        """How many pairs are given out."""
        return len(self._in_use)

    @property
    def available(self) -> int:
        """How many pairs could be given out now, as far as no other program holds them."""
        self._wake()
        return len(self._free)

    def open(self, media_io: MediaIO, host: str) -> MediaPorts:
        """Bind the next free pair on `host`.

        Raises:
            PortsExhaustedError: Every pair is in use, in quarantine or held by another program.
            NetworkError: The host's address cannot be bound, or the system has no socket left.
        """
        self._wake()
        while self._free:
            port = self._free.popleft()
            try:
                pair = _open_pair(media_io, host, port)
            except OSError as failure:
                if failure.errno == EADDRINUSE:
                    self._rest(port)
                    continue
                self._free.appendleft(port)
                reason = failure.strerror or failure
                raise NetworkError(f"cannot open media port {port} on {host}: {reason}") from failure
            self._in_use.add(port)
            return pair
        first, last = self._range
        raise PortsExhaustedError(
            f"no media port is free in {first}-{last}: "
            f"{len(self._in_use)} in use, {len(self._resting)} resting or held by other programs",
            context={"ports": self._range},
        )

    def release(self, pair: MediaPorts) -> None:
        """Close a pair and put its ports to rest; releasing twice does nothing."""
        if pair.port in self._in_use:
            self._in_use.discard(pair.port)
            pair.close()
            self._rest(pair.port)

    def _rest(self, port: int) -> None:
        self._resting.append((self._clock.now() + self._quarantine_s, port))

    def _wake(self) -> None:
        now = self._clock.now()
        while self._resting and self._resting[0][0] <= now:
            self._free.append(self._resting.popleft()[1])


def _open_pair(media_io: MediaIO, host: str, port: int) -> MediaPorts:
    rtp = media_io.open(host, port)
    try:
        return MediaPorts(port, rtp, media_io.open(host, port + 1))
    except OSError:
        rtp.close()
        raise
