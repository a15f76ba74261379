"""All relays of a media clock: which streams they have, and what these say themselves."""

from __future__ import annotations

from collections.abc import Callable

import trio

from sansio_rtp.relay import FormatRefused, RelayMismatchError, RelayPlane
from trio_runtime.base.clock import Clock
from trio_runtime.base.errors import MediaError
from trio_runtime.base.ports import MediaIO
from trio_runtime.media.clock.phases import Phases
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.relays.leg import RelayLeg
from trio_runtime.media.relays.pair import RelayedPair
from trio_runtime.media.relays.reading import RelayReader
from trio_runtime.media.rooms.desk import MixingDesk

__all__ = ["RelayBoard"]


class RelayBoard:
    """Passes the packets of relays on, and moves what is not just passed on.

    The RTP sockets of relayed streams are in a set of their own: in the mode `immediate` a task waits for
    that set and passes on what comes at once; otherwise the media clock reads it four times a tick.

    Attributes:
        immediate: Whether packets are passed on as they come.
        plane: The ways of the relays.
    """

    def __init__(
        self,
        home: MediaIO,
        io: MediaIO,
        clock: Clock,
        phases: Phases,
        desk: MixingDesk,
        *,
        immediate: bool,
        on_return: Callable[[ClockedStream], None],
        on_failure: Callable[[ClockedStream, Exception], None],
    ) -> None:
        """Begin without a relay.

        Args:
            home: The sockets of streams that are not relayed.
            io: An empty set for the others.
            clock: The time.
            phases: The streams that are not relayed.
            desk: The rooms that some of those are in.
            immediate: Pass packets on as they come, in `run`.
            on_return: Told of a stream whose relay is over.
            on_failure: Told of a stream that raised.
        """
        self.immediate = immediate
        self.plane = RelayPlane()
        self._home = home
        self._io = io
        self._clock = clock
        self._phases = phases
        self._desk = desk
        self._on_return = on_return
        self._on_failure = on_failure
        self._reader = RelayReader(io, self.plane, on_failure)
        self._pairs: dict[ClockedStream, RelayedPair] = {}
        self._rows: dict[int, RelayLeg] = {}

    def __len__(self) -> int:
        return len(self._pairs)

    def __contains__(self, stream: ClockedStream) -> bool:
        return stream in self._pairs

    def connect(
        self,
        streams: tuple[ClockedStream, ClockedStream],
        on_end: Callable[[str], None],
        on_refused: Callable[[ClockedStream, FormatRefused], None],
    ) -> RelayedPair:
        """Let the packets of two streams pass to each other.

        Args:
            streams: The streams.
            on_end: Told when the relay is over, with the reason.
            on_refused: Told of audio that the other leg does not take.

        Raises:
            MediaMismatchError: They do not agree; nothing has changed.
            MediaError: One has no media now, is relayed already or in a room; or they are one stream.
        """
        if streams[0] is streams[1]:
            raise MediaError("a call cannot be relayed to itself")
        for stream in streams:
            self._check_free(stream)
        pair = RelayedPair(streams, self.plane, on_end, on_refused)
        for leg in pair.legs:
            self._pairs[leg.stream] = pair
            self._rows[leg.row] = leg
            self._reader.add(leg)
            self._phases.remove(leg.stream)
        return pair

    def agreed(self, stream: ClockedStream) -> None:
        """Take note that the media of a stream was agreed on anew, or is over."""
        pair = self._pairs.get(stream)
        if pair is None:
            return
        if not stream.started:
            self.end(pair, "a leg has no media any more")
            return
        try:
            pair.relay.update()
        except RelayMismatchError as error:
            self.end(pair, str(error))
            return
        for leg in pair.legs:
            leg.agree()

    def remove(self, stream: ClockedStream) -> None:
        """Let go of a stream that is over: its relay ends."""
        pair = self._pairs.get(stream)
        if pair is not None:
            self.end(pair, "a leg was closed", gone=stream)

    def end(self, pair: RelayedPair, reason: str, *, gone: ClockedStream | None = None) -> None:
        """End a relay; its streams go back to the media clock, but for one that is `gone`."""
        if self._pairs.get(pair.legs[0].stream) is not pair:
            return
        for leg in pair.legs:
            del self._pairs[leg.stream], self._rows[leg.row]
            self._reader.remove(leg, self._home)
        pair.close()
        for leg in pair.legs:
            if leg.stream is not gone:
                self._phases.add(leg.stream)
                leg.way.settle()
                self._on_return(leg.stream)
        pair.on_end(reason)

    async def run(self) -> None:
        """Pass packets on as they come, until cancelled or closed; in the mode `tick` nothing is to do."""
        await trio.lowlevel.checkpoint()
        try:
            while self.immediate:
                await self._io.wait_readable()
                self.receive(self._clock.now())
        except trio.ClosedResourceError:
            return

    def close(self) -> None:
        """Close the set of sockets."""
        self._io.close()

    def receive(self, now: float, *, late: bool = False) -> None:
        """Pass on what has come; `late` asks when, so that our own lateness does not look like jitter."""
        self._reader.receive(now, late=late)

    def tick(self, now: float, quiet_s: float | None = None) -> None:
        """Do what is due every 20 ms, and look who was not heard for `quiet_s` seconds unless it is None."""
        for pair in self._all():
            pair.tick(now, self._on_failure)
        for row in [] if quiet_s is None else self.plane.quiet(now - quiet_s):
            leg = self._rows.get(row)
            if leg is not None:
                try:
                    leg.stream.watch(now)
                except Exception as error:
                    self._on_failure(leg.stream, error)

    def skip(self, ticks: int, now: float) -> None:
        """Let time pass in which nothing was said, because the clock has missed it."""
        for pair in self._all():
            for leg in pair.legs:
                leg.skip(ticks, now)

    def _all(self) -> list[RelayedPair]:
        return list(dict.fromkeys(self._pairs.values()))

    def _check_free(self, stream: ClockedStream) -> None:
        if stream in self._pairs:
            raise MediaError("the call is relayed already")
        if stream not in self._phases:
            raise MediaError("the media of the call is over")
        if self._desk.seats(stream):
            raise MediaError("the call is in a room")
