"""Settings of the jitter buffer."""

from __future__ import annotations

import attrs

from ..errors import LocalProtocolError


@attrs.frozen(kw_only=True)
class JitterConfig:
    """Limits within which the jitter buffer chooses its delay.

    Attributes:
        min_delay_ms: Delay on a network without jitter, 0 to `max_delay_ms`.
        max_delay_ms: Delay that is never passed; packets that are later than that are lost. At most 2000.
        max_packets: Packets held; beyond that the oldest is discarded. 4 to 1000.
        adaptive: Choose the delay by the E-model; False keeps it at `min_delay_ms`, above the fastest packet.
        path_delay_ms: One-way delay of the call besides the jitter buffer, as far as it is known, 0 to 2000;
            a session puts what it has measured in its place. On a long path a millisecond more costs more, so
            that fewer late packets are waited for.
    """

    min_delay_ms: float = 20.0
    max_delay_ms: float = 200.0
    max_packets: int = 128
    adaptive: bool = True
    path_delay_ms: float = 50.0

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is out of range; the text names the field.
        """
        if not 0 < self.max_delay_ms <= 2000:
            raise LocalProtocolError(f"max_delay_ms is {self.max_delay_ms}, not in 0..2000")
        if not 0 <= self.min_delay_ms <= self.max_delay_ms:
            raise LocalProtocolError(f"min_delay_ms is {self.min_delay_ms}, not in 0..max_delay_ms")
        if not 4 <= self.max_packets <= 1000:
            raise LocalProtocolError(f"max_packets is {self.max_packets}, not in 4..1000")
        if not 0 <= self.path_delay_ms <= 2000:
            raise LocalProtocolError(f"path_delay_ms is {self.path_delay_ms}, not in 0..2000")
