"""A direction of a relay that runs smoothly, as plain numbers: lent to the batch and taken back."""

from __future__ import annotations

import attrs

from ..session.run import ForwardRun, SourceRun


@attrs.define
class PathRun:
    """One source in, one source out, packets in sequence.

    Attributes:
        source: The counters of the source that comes.
        forward: The source that goes.
        payload_type: Payload type that comes.
        renamed: Payload type that goes.
        previous: Timestamp of the last packet of audio, as it came.
        longest: Timestamp units that no packet is longer than.
        heard_at: When the last packet came, in seconds.
    """

    source: SourceRun
    forward: ForwardRun
    payload_type: int
    renamed: int
    previous: int
    longest: int
    heard_at: float
