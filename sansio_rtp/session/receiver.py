"""The receiving half of a session: packets of the peer to frames and digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..ids import RtpIds
from ..machine import Outbox
from ..packet import RtpPacket
from .config import RtpSessionConfig
from .events import RtpEvent, SourceChanged
from .receiver_lending import LendableReceiver
from .sampling import SampleClock


class MediaReceiver(LendableReceiver):
    """Counts, buffers and decodes what comes from the peer's address.

    Attributes:
        selector: The source that is followed.
        jitter: The jitter buffer; its time runs in units of the clock of the first codec agreed on.
        intake: What leads the packets of that source to where they belong.
        voice: The decoders.
    """

    def __init__(
        self, config: RtpSessionConfig, outbox: Outbox[RtpEvent], clock: SampleClock, *, ids: RtpIds
    ) -> None:
        """Create a receiver that has heard nothing; events go to `outbox`, the first audio starts `clock`."""
        super().__init__(config, outbox, clock, ids=ids)
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types, frame length and direction of `config`; what was counted goes on."""
        self.intake.configure(config)
        self._playout.configure(config)
        if self._receiving != config.receive:
            self._begin_anew()
        self._receiving = config.receive

    def knows(self, payload_type: int) -> bool:
        """Tell whether the payload type was agreed on."""
        return self.intake.knows(payload_type)

    def receive(self, packet: RtpPacket, now: float) -> None:
        """Take one packet that came from the peer's address."""
        active = self.selector.active
        if active is not None and packet.ssrc == active.ssrc:
            self.selector.hear(now)
            self.intake.count(packet, active, now)
            return
        if (packets := self.selector.follow(packet, now)) is None:
            return
        if active is not None:
            self.intake.expect_new_source(now)
            self._outbox.emit(SourceChanged(packet.ssrc))
        if self.selector.active is not None:
            for held, arrival in packets:
                self.intake.count(held, self.selector.active, arrival)

    def playout(self, now: float) -> npt.NDArray[np.int16]:
        """Return the next frame, int16, shape (frame_samples,): audio, concealment, noise or silence."""
        frame = self._playout.frame(now) if self._receiving else self._playout.silence()
        if self.intake.digits.listens:
            self.intake.digits.hear(frame, now)
        return frame

    @property
    def silent(self) -> bool:
        """Whether there is nothing to play, and will be nothing before a packet comes."""
        return not self._receiving or not self.jitter.begun

    def skip(self, now: float) -> None:
        """Leave out what waits longer than it should."""
        self._playout.skip(now)
