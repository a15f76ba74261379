"""What a direction of a relay tells, and what it has counted."""

from __future__ import annotations

import attrs


@attrs.frozen
class FormatRefused:
    """A leg sends audio that the other one does not take; told once a payload type, every packet is counted.

    Attributes:
        payload_type: Payload type that came.
        codec: Name of its codec.
    """

    payload_type: int
    codec: str


@attrs.frozen(kw_only=True)
class PathStatistics:
    """What became of the packets of one leg; what its session dropped before is counted there.

    Attributes:
        packets: Packets that went to the other leg.
        anchors: How often sequence and timestamp began to follow another source.
        duplicates: Packets that had gone already.
        late: Packets from before the last change of the source.
        looped: Packets that have an SSRC of ours.
        refused: Packets of formats that the other leg does not take.
        blocked: Packets that the other leg could not be sent: it is on hold, or has no address.
    """

    packets: int
    anchors: int
    duplicates: int
    late: int
    looped: int
    refused: int
    blocked: int
