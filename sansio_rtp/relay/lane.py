"""One path whose packets come in sequence, packet by packet: cheaper than columns while there are few."""

from __future__ import annotations

import struct

from .run import PathRun

_HEADER = struct.Struct("!BBHII")
_unpack, _pack = _HEADER.unpack_from, _HEADER.pack_into
_MASK = 0xFFFFFFFF


class PathLane:
    """A path that has been lent.

    Attributes:
        heard_at: When the last packet came, in seconds.

    Args:
        run: What was lent.
    """

    __slots__ = (
        "_arrival",
        "_count",
        "_jitter",
        "_length",
        "_offset",
        "_own",
        "_rate",
        "_renamed",
        "_run",
        "_sequence",
        "_shift",
        "_ssrc",
        "_step",
        "_timestamp",
        "_type",
        "heard_at",
    )

    def __init__(self, run: PathRun) -> None:
        source, forward = run.source, run.forward
        self._run = run
        self._ssrc, self._own = source.ssrc, forward.ssrc
        self._sequence: int = run.following
        self._timestamp: int = run.due
        self._offset, self._shift, self._step = run.offset, run.shift, forward.step
        self._type, self._renamed = run.payload_type, run.renamed
        self._length = run.octets + _HEADER.size
        self._rate, self._jitter, self._arrival = source.clock_rate, source.jitter, source.arrival
        self._count = 0
        self.heard_at = run.heard_at

    def turn(self, packet: memoryview, length: int, now: float) -> bool:
        """Turn a packet into the one that goes out, if it is the next one; return whether it was.

        Args:
            packet: At least `length` octets; what goes out takes the place of what came.
            length: Octets of the packet.
            now: When it came, in seconds.
        """
        if length != self._length:
            return False
        first, second, sequence, timestamp, ssrc = _unpack(packet)
        if (
            sequence != self._sequence
            or timestamp != self._timestamp
            or ssrc != self._ssrc
            or first != 0x80
            or second & 0x7F != self._type
        ):
            return False
        rate = self._rate
        arrival = now * rate
        change = abs(arrival - self._arrival - self._step)
        if change >= rate:
            return False
        self._jitter += (change - self._jitter) / 16
        self._arrival, self.heard_at = arrival, now
        self._sequence, self._timestamp = (sequence + 1) & 0xFFFF, (timestamp + self._step) & _MASK
        self._count += 1
        second = self._renamed | second & 0x80
        sequence, timestamp = (sequence + self._offset) & 0xFFFF, (timestamp + self._shift) & _MASK
        _pack(packet, 0, 0x80, second, sequence, timestamp, self._own)
        return True

    def end(self) -> PathRun:
        """Return what was lent, after the packets that came."""
        if self._count:
            self._run.run_on(self._count, self._jitter, self._arrival, self.heard_at)
        return self._run
