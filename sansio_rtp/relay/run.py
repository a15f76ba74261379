"""A direction of a relay that runs smoothly, as plain numbers: lent to the batch and taken back."""

from __future__ import annotations

import attrs

from ..session.run import ForwardRun, SourceRun


@attrs.define
class PathRun:
    """One source in, one source out, packets of one length in sequence.

    Attributes:
        source: The counters of the source that comes.
        forward: The source that goes.
        payload_type: Payload type that comes.
        renamed: Payload type that goes.
        octets: Octets of each payload.
        heard_at: When the last packet came, in seconds.
    """

    source: SourceRun
    forward: ForwardRun
    payload_type: int
    renamed: int
    octets: int
    heard_at: float

    @property
    def following(self) -> int:
        """Sequence number of the next packet that comes."""
        return (self.source.highest + 1) & 0xFFFF

    @property
    def due(self) -> int:
        """Timestamp of the next packet that comes."""
        return (self.source.timestamp + self.forward.step) & 0xFFFFFFFF

    @property
    def offset(self) -> int:
        """What is added to sequence numbers, modulo 2**16."""
        return (self.forward.sequence - self.source.highest) & 0xFFFF

    @property
    def shift(self) -> int:
        """What is added to timestamps, modulo 2**32."""
        return (self.forward.timestamp - self.source.timestamp) & 0xFFFFFFFF

    def run_on(self, count: int, jitter: float, arrival: float, heard_at: float) -> None:
        """Take note of packets that came and went.

        Args:
            count: How many.
            jitter: Interarrival jitter after them, in timestamp units.
            arrival: When the last one came, in timestamp units.
            heard_at: The same in seconds.
        """
        source, forward = self.source, self.forward
        extended = source.cycles + source.highest + count
        source.cycles, source.highest = extended & ~0xFFFF, extended & 0xFFFF
        source.received += count
        source.octets += count * self.octets
        source.timestamp = (source.timestamp + count * forward.step) & 0xFFFFFFFF
        source.jitter, source.arrival = jitter, arrival
        forward.sequence = (forward.sequence + count) & 0xFFFF
        forward.timestamp = (forward.timestamp + count * forward.step) & 0xFFFFFFFF
        forward.sent += count
        forward.octets += count * self.octets
        forward.sent_at = self.heard_at = heard_at
