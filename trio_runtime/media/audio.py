"""The audio of a call as an application sees it: frames to iterate over, frames to send."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs
import numpy as np
import trio

from trio_runtime.base.errors import MediaError
from trio_runtime.media.config import TICK_MS
from trio_runtime.media.pcm_queue import PcmQueue
from trio_runtime.media.types import AudioFrame

__all__ = ["CallAudio", "CallAudioStatistics"]


@attrs.frozen(kw_only=True)
class CallAudioStatistics:
    """What passed the audio of a call.

    Attributes:
        received: Frames that the reader took.
        dropped_received: Frames lost because the reader was too slow; always the oldest ones.
        waiting_received: Frames that wait for the reader.
        sent_ms: Milliseconds that were moved on towards the peer.
        dropped_sent_ms: Milliseconds that `send_nowait` or `clear` threw away.
        waiting_sent_ms: Milliseconds that wait to be sent.
    """

    received: int
    dropped_received: int
    waiting_received: int
    sent_ms: float
    dropped_sent_ms: float
    waiting_sent_ms: float


class CallAudio:
    """Mono audio of a call, both ways: int16, shape (n_samples,), `rate` samples a second.

    Iterate to hear it: each frame is 20 ms and the reader's own. A slow reader loses the oldest frames, which
    are counted. The iteration may begin before there is media and ends with the call. There is one reader.

    Attributes:
        rate: Samples a second, in Hz; the same for as long as the call lasts, whatever its codec.
        live: True: what is sent while the stream may not send is lost, not late.
    """

    live = True

    def __init__(
        self,
        *,
        ended: Callable[[], Exception],
        rate: int = 8_000,
        max_received: int = 50,
        max_waiting_ms: int = 200,
    ) -> None:
        """Use `Call.audio` instead.

        Args:
            ended: Makes the exception that tells a sender how the call ended.
            rate: Samples a second, in Hz.
            max_received: Frames that may wait for the reader.
            max_waiting_ms: Milliseconds that may wait to be sent.
        """
        self._ended = ended
        self._received: deque[AudioFrame] = deque()
        self._max_received = max_received
        self.rate = rate
        self._outgoing = PcmQueue(rate * max_waiting_ms // 1000)
        self._arrival = trio.lowlevel.ParkingLot()
        self._room = trio.lowlevel.ParkingLot()
        self._turn = trio.StrictFIFOLock()
        self._closed = False
        self._taken = self._dropped = 0

    def __aiter__(self) -> CallAudio:
        """Iterate over what the peer says, 20 ms at a time."""
        return self

    async def __anext__(self) -> AudioFrame:
        """Wait for the next frame: int16, shape (rate / 50,).

        Raises:
            StopAsyncIteration: The call is over.
            MediaError: Another task reads already.
        """
        await trio.lowlevel.checkpoint_if_cancelled()
        if len(self._arrival):
            raise MediaError("the audio of the call has a reader already")
        if self._received or self._closed:
            await trio.lowlevel.cancel_shielded_checkpoint()
        while not self._received:
            if self._closed:
                raise StopAsyncIteration
            await self._arrival.park()
        self._taken += 1
        return self._received.popleft()

    async def send(self, samples: AudioFrame) -> None:
        """Send audio of any length; waits while 200 ms wait already.

        When it is cancelled, the first part of the samples may have been sent. Several tasks take turns.

        Raises:
            MediaError: `samples` is no int16 array of one dimension.
            CallEnded: The call is over.
        """
        _check(samples)
        async with self._turn:
            rest = samples
            while True:
                self._check_open()
                rest = self._outgoing.put(rest)
                if not rest.size:
                    return
                await self._room.park()

    def send_nowait(self, samples: AudioFrame) -> None:
        """Send audio of any length; what waits too long already is dropped for it, the oldest first.

        Raises:
            MediaError: `samples` is no int16 array of one dimension.
            CallEnded: The call is over.
        """
        _check(samples)
        self._check_open()
        self._outgoing.force(samples)

    def clear(self) -> None:
        """Throw away what waits to be sent: the caller interrupts, so we stop talking."""
        self._outgoing.clear()
        self._room.unpark_all()

    def statistics(self) -> CallAudioStatistics:
        """Return the counters."""
        per_ms = self.rate / 1000
        return CallAudioStatistics(
            received=self._taken,
            dropped_received=self._dropped,
            waiting_received=len(self._received),
            sent_ms=self._outgoing.taken / per_ms,
            dropped_sent_ms=self._outgoing.dropped / per_ms,
            waiting_sent_ms=self._outgoing.waiting / per_ms,
        )

    # What the stream calls.

    def take(self, received: AudioFrame, sent: AudioFrame) -> None:
        """Keep a frame for the reader, as a copy of its own."""
        if len(self._received) >= self._max_received:
            self._received.popleft()
            self._dropped += 1
        self._received.append(received.copy())
        self._arrival.unpark()

    def read(self, n_samples: int) -> AudioFrame:
        """Return up to `n_samples` samples of what waits to be sent."""
        frame = self._outgoing.take(n_samples)
        if frame.size and self._room:
            self._room.unpark_all()
        return frame

    def close(self) -> None:
        """End the iteration and wake who waits to send."""
        self._closed = True
        # An echo that still got a frame would run into the exception that `send` raises then.
        self._received.clear()
        self._arrival.unpark_all()
        self._room.unpark_all()

    def _check_open(self) -> None:
        if self._closed:
            raise self._ended()

    def __repr__(self) -> str:
        """Return the lengths of both queues."""
        to_hear, to_send = len(self._received) * TICK_MS, self._outgoing.waiting * 1000 // self.rate
        ended = ", ended" if self._closed else ""
        return f"<CallAudio {to_hear} ms to hear, {to_send} ms to send{ended}>"


def _check(samples: AudioFrame) -> None:
    if samples.dtype != np.int16 or samples.ndim != 1:
        raise MediaError(f"audio is int16 of shape (n_samples,), not {samples.dtype} {samples.shape}")
