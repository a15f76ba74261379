"""Two streams whose packets pass to each other, as the media clock sees them."""

from __future__ import annotations

from collections.abc import Callable

from sansio_rtp.relay import FormatRefused, MediaRelay, RelayMismatchError, RelayPlane
from trio_runtime.base.errors import MediaError, MediaMismatchError
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.relays.leg import RelayLeg
from trio_runtime.media.types import AudioFrame

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

    def tick(self, now: float, on_failure: Callable[[ClockedStream, Exception], None]) -> None:
        """Say what sounds into either leg, let who listens hear both, and tell what has happened.

        Args:
            now: Absolute seconds.
            on_failure: Told of a stream that raised.
        """
        one, two = self.legs
        if one.calm(now) and two.calm(now) and not one.path.listened:
            return
        sinks = one.stream.sinks.listeners or two.stream.sinks.listeners
        listened = bool(sinks) or one.hears or two.hears
        heard: list[AudioFrame | None] = []
        for leg in self.legs:
            try:
                leg.tick(now)
                heard.append(leg.listen(listened, now))
            except Exception as error:
                on_failure(leg.stream, error)
                return
        for leg, received, sent in zip(self.legs, heard, heard[::-1], strict=True):
            if received is not None and sent is not None:
                try:
                    leg.stream.sinks.take(received, sent)
                except Exception as error:
                    on_failure(leg.stream, error)
        while (event := self.relay.next_event()) is not None:
            self._on_refused(one.stream if event[0] is one.session else two.stream, event[1])

    def close(self) -> None:
        """End the relay of the sessions, which play what they receive again."""
        for leg in self.legs:
            leg.way.lent.lend(None)
        for leg in self.legs:
            leg.remove()
        self.relay.close()
