"""The place in a room that is no call: announcements come from it, and recordings hear what it hears."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trio_runtime.media.config import TICK_MS
from trio_runtime.media.outgoing import OutgoingAudio
from trio_runtime.media.sinks import AudioSinks

if TYPE_CHECKING:
    from trio_runtime.media.types import AudioFrame

__all__ = ["House"]

logger = logging.getLogger("trio_runtime")


class House:
    """Speaks to all members and hears all of them.

    Attributes:
        rate: Samples a second of its audio, in Hz: that of the room.
        outgoing: What sounds into the room.
        sinks: What listens: they hear the members as what was received, the announcements as what was sent.
    """

    def __init__(self, rate: int) -> None:
        """Begin in silence."""
        self.rate = rate
        self.outgoing = OutgoingAudio(rate * TICK_MS // 1000)
        self.sinks = AudioSinks()
        self._said = self.outgoing.silence

    @property
    def idle(self) -> bool:
        """Whether nothing sounds from it and nothing listens."""
        return not self.outgoing.sources and not self.sinks.listeners

    def listen(self, now: float) -> AudioFrame:
        """Return what it says in this tick, int16, shape (rate / 50,)."""
        try:
            self._said = self.outgoing.next_frame(can_send=True)
        except Exception:
            # A feed of the application's own; the calls in the room are not to suffer for it.
            logger.exception("an announcement failed and is silenced")
            self.outgoing.close()
            self._said = self.outgoing.silence
        return self._said

    def hear(self, frame: AudioFrame) -> None:
        """Take what the members say in this tick, at the rate of the room."""
        for sink in self.sinks.listeners:
            try:
                sink.take(frame, self._said)
            except Exception:
                logger.exception("what listens to a room failed and is taken away")
                self.sinks.remove(sink)

    def close(self) -> None:
        """Tell whoever sounds or listens that the room is over."""
        self.outgoing.close()
        self.sinks.close()
