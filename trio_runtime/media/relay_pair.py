"""Two streams whose packets pass to each other, as the media clock sees them."""

from __future__ import annotations

from collections.abc import Callable

from sansio_rtp.relay import FormatRefused, MediaRelay, RelayMismatchError, RelayPlane
from trio_runtime.base.errors import MediaError, MediaMismatchError
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.relay_leg import RelayLeg

__all__ = ["RelayedPair"]


class RelayedPair:
    """Two legs.

    Attributes:
        relay: The relay of their sessions.
        legs: The streams, in the order in which they were named.
        on_end: Told when the relay is over, with the reason.
    """

    __slots__ = ("_on_refused", "legs", "on_end", "relay")

    def __init__(
        self,
        streams: tuple[ClockedStream, ClockedStream],
        plane: RelayPlane,
        on_end: Callable[[str], None],
        on_refused: Callable[[ClockedStream, FormatRefused], None],
    ) -> None:
        """Connect the sessions of two streams, whose ways go into `plane`.

        Raises:
            MediaMismatchError: They do not agree; nothing has changed.
            MediaError: One has no media now.
        """
        one, two = streams
        sessions = one.path.session, two.path.session
        if sessions[0] is None or sessions[1] is None:
            raise MediaError("there is no media (any more) to relay")
        try:
            relay = MediaRelay(sessions[0], sessions[1])
        except RelayMismatchError as error:
            raise MediaMismatchError(str(error), differences=error.differences) from error
        self.relay = relay
        self.on_end = on_end
        self._on_refused = on_refused
        self.legs = (
            RelayLeg(one, sessions[0], relay.paths[0], plane),
            RelayLeg(two, sessions[1], relay.paths[1], plane),
        )
        for leg, other in (self.legs, self.legs[::-1]):
            leg.face(other)
            leg.way.lent.lend(leg)

    def tick(self, now: float) -> None:
        """Say what sounds into either leg, let who listens hear both, and tell what has happened."""
        one, two = self.legs
        if one.calm(now) and two.calm(now) and not one.path.listened:
            return
        one.tick(now)
        two.tick(now)
        self._listen(now)
        while (event := self.relay.next_event()) is not None:
            self._on_refused(one.stream if event[0] is one.session else two.stream, event[1])

    def _listen(self, now: float) -> None:
        one, two = self.legs
        sinks, others = one.stream.sinks, two.stream.sinks
        listened = bool(sinks.listeners or others.listeners)
        heard, heard_there = one.listen(listened, now), two.listen(listened, now)
        if heard is not None and heard_there is not None:
            sinks.take(heard, heard_there)
            others.take(heard_there, heard)

    def close(self) -> None:
        """End the relay of the sessions, which play what they receive again."""
        for leg in self.legs:
            leg.way.lent.lend(None)
        for leg in self.legs:
            leg.remove()
        self.relay.close()
