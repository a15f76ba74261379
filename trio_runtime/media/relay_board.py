"""All relays of a media clock: their sockets, their packets, and what their streams say themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import trio

from sansio_rtp.machine import Component
from sansio_rtp.relay import FormatRefused, MediaRelay, RelayMismatchError, RelayPlane
from trio_runtime.base.clock import Clock
from trio_runtime.base.errors import MediaError, MediaMismatchError
from trio_runtime.base.ports import MediaArrival, MediaIO, MediaSocket
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.relay_leg import RelayLeg

__all__ = ["RelayBoard", "RelayedPair"]

_ROW_OCTETS: Final = 2_048  # what is longer than any packet on a link is cut and fails its checks
_ROUND: Final = 512
_MAX_ROUNDS: Final = 64  # a flood must not hold the clock


class RelayedPair:
    """Two streams whose packets pass to each other.

    Attributes:
        relay: The relay of their sessions.
        legs: The streams, in the order in which they were named.
        on_end: Told when the relay is over, with the reason.
        on_refused: Told of audio that the other leg does not take.
    """

    __slots__ = ("legs", "on_end", "on_refused", "relay")

    def __init__(
        self,
        relay: MediaRelay,
        legs: tuple[RelayLeg, RelayLeg],
        on_end: Callable[[str], None],
        on_refused: Callable[[ClockedStream, FormatRefused], None],
    ) -> None:
        self.relay = relay
        self.legs = legs
        self.on_end = on_end
        self.on_refused = on_refused

    def tick(self, now: float) -> None:
        """Move what is not just passed on, and tell what has happened."""
        one, two = self.legs
        one.tick(now)
        two.tick(now)
        sinks = one.stream.sinks, two.stream.sinks
        if sinks[0].listeners or sinks[1].listeners or one.path.listened:
            listened = bool(sinks[0].listeners or sinks[1].listeners)
            heard = one.listen(listened, now), two.listen(listened, now)
            if heard[0] is not None and heard[1] is not None:
                sinks[0].take(heard[0], heard[1])
                sinks[1].take(heard[1], heard[0])
        while (event := self.relay.next_event()) is not None:
            leg = one if event[0] is one.session else two
            self.on_refused(leg.stream, event[1])


class RelayBoard:
    """Passes the packets of relays on, all that have come in one operation.

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
        *,
        immediate: bool,
        give_back: Callable[[ClockedStream], None],
        on_failure: Callable[[ClockedStream, Exception], None],
    ) -> None:
        """Begin without a relay.

        Args:
            home: The sockets of streams that are not relayed.
            io: An empty set for the others.
            clock: The time.
            immediate: Pass packets on as they come, in `run`.
            give_back: Takes a stream whose relay is over.
            on_failure: Told of a stream that raised.
        """
        self.immediate = immediate
        self.plane = RelayPlane()
        self._home = home
        self._io = io
        self._clock = clock
        self._give_back = give_back
        self._on_failure = on_failure
        self._pairs: dict[ClockedStream, RelayedPair] = {}
        self._legs: dict[MediaSocket, RelayLeg] = {}
        self._rows: dict[int, RelayLeg] = {}
        self._buffer = np.zeros((_ROUND, _ROW_OCTETS), np.uint8)
        self._views = [row.data for row in self._buffer]

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
        """Let the packets of two streams pass to each other, which the media clock has let go of.

        Raises:
            MediaMismatchError: They do not agree; nothing has changed.
            MediaError: One has no media now.
        """
        sessions = [stream.path.session for stream in streams]
        one, two = sessions
        if one is None or two is None:
            raise MediaError("there is no media (any more) to relay")
        try:
            relay = MediaRelay(one, two)
        except RelayMismatchError as error:
            raise MediaMismatchError(str(error), differences=error.differences) from error
        legs = (
            RelayLeg(streams[0], one, relay.paths[0], self.plane),
            RelayLeg(streams[1], two, relay.paths[1], self.plane),
        )
        pair = RelayedPair(relay, legs, on_end, on_refused)
        for leg, other in (legs, legs[::-1]):
            leg.other = other
            leg.stream.path.lent.lend(leg)
            self._pairs[leg.stream] = pair
            self._rows[leg.row] = leg
            self._legs[leg.stream.ports.rtp] = leg
            self._io.adopt(leg.stream.ports.rtp)
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
            leg.stream.path.lent.lend(None)
            del self._pairs[leg.stream], self._rows[leg.row], self._legs[leg.stream.ports.rtp]
            self._home.adopt(leg.stream.ports.rtp)
        for leg in pair.legs:
            leg.remove()
        pair.relay.close()
        for leg in pair.legs:
            if leg.stream is not gone:
                self._give_back(leg.stream)
        pair.on_end(reason)

    async def run(self) -> None:
        """Pass packets on as they come, until cancelled or closed; in the mode `tick` there is nothing to do."""
        try:
            while self.immediate:
                await self._io.wait_readable()
                self.receive(self._clock.now())
        except trio.ClosedResourceError:
            return

    def close(self) -> None:
        """Close the set of sockets."""
        self._io.close()

    def receive(self, now: float) -> None:
        """Pass on what has come."""
        if not self._pairs:
            return
        for _ in range(_MAX_ROUNDS):
            arrivals = self._io.receive(self._views)
            if not arrivals:
                return
            self._give(arrivals, now)

    def tick(self, now: float) -> None:
        """Do what is due every 20 ms."""
        for pair in tuple(dict.fromkeys(self._pairs.values())):
            try:
                pair.tick(now)
            except Exception as error:
                self._on_failure(pair.legs[0].stream, error)

    def watch(self, heard_since: float, now: float) -> None:
        """Take note of the peers that have gone silent, of all but those heard since a moment."""
        for row in self.plane.quiet(heard_since):
            leg = self._rows.get(row)
            if leg is not None:
                try:
                    leg.stream.watch(now)
                except Exception as error:
                    self._on_failure(leg.stream, error)

    def skip(self, ticks: int, now: float) -> None:
        """Let time pass in which nothing was said, because the clock has missed it."""
        for pair in tuple(dict.fromkeys(self._pairs.values())):
            for leg in pair.legs:
                if leg.other.path.paused:
                    leg.stream.skip(ticks, now)

    def _give(self, arrivals: list[MediaArrival], now: float) -> None:
        """Let the plane turn what needs no thought, and give the rest to the streams."""
        known, rest = self._legs, list[tuple[RelayLeg, MediaArrival, memoryview]]()
        legs: list[RelayLeg] = []
        places: list[int] = []
        for place, arrival in enumerate(arrivals):
            leg = known.get(arrival[0])
            if leg is None:
                continue
            if arrival[2] is None or leg.link.trusts(arrival[2]):
                legs.append(leg)
                places.append(place)
            else:
                rest.append((leg, arrival, self._views[place]))
        if legs and self.plane.busy:
            whole = len(legs) == len(arrivals)
            buffer = self._buffer[: len(legs)] if whole else self._buffer[places]
            views = self._views if whole else [row.data for row in buffer]
            lengths = [arrivals[place][1] for place in places]
            taken = self.plane.receive_batch(
                np.array([leg.row for leg in legs]), buffer, np.array(lengths), now
            )
            for index, done in enumerate(taken.tolist()):
                if done:
                    legs[index].other.link.transmit(views[index][: lengths[index]])
                else:
                    rest.append((legs[index], arrivals[places[index]], views[index]))
        else:
            rest += [(leg, arrivals[p], self._views[p]) for leg, p in zip(legs, places, strict=True)]
        for leg, arrival, view in rest:
            self._give_one(leg, arrival, view, now)

    def _give_one(self, leg: RelayLeg, arrival: MediaArrival, view: memoryview, now: float) -> None:
        socket, length, source = arrival
        source = source or socket.peer
        data = bytes(view[:length])
        try:
            if source is not None and self._legs.get(socket) is leg:
                leg.receive(data, source, now)
            elif source is not None:  # what came before has ended the relay
                leg.stream.receive(Component.RTP, data, source, now)
        except Exception as error:
            self._on_failure(leg.stream, error)
