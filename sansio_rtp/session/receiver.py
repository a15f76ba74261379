"""The receiving half of a session: packets of the peer to frames and digits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..ids import RtpIds
from ..jitter import JitterBuffer
from ..machine import Outbox
from ..packet import RtpPacket
from .config import RtpSessionConfig
from .events import RtpEvent, SourceChanged
from .intake import PacketIntake
from .playout import Playout
from .redundancy import deep_enough
from .run import ReceiverRun
from .sampling import SampleClock
from .selector import SourceSelector


class MediaReceiver:
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
        self._outbox = outbox
        self.selector = SourceSelector(
            clock_rate=config.clock_rate, frame_s=config.ptime_ms / 1000, max_sources=config.max_sources
        )
        self.jitter = JitterBuffer(
            deep_enough(config), clock_rate=config.clock_rate, frame=config.frame_units
        )
        self._playout = Playout(config, self.jitter, outbox, ids=ids)
        self.voice = self._playout.voice
        self.intake = PacketIntake(config, self.jitter, outbox, clock)
        self._receiving = config.receive
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take payload types, frame length and direction of `config`; what was counted goes on."""
        self.intake.configure(config)
        self._playout.configure(config)
        if self._receiving != config.receive:
            # What was dropped while the stream was paused must not be missed.
            self.jitter.restart()
            self._playout.clear()
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
        packets = self.selector.follow(packet, now)
        if packets is None:
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

    def lend(self) -> ReceiverRun | None:
        """Lend the receiver while nothing is missing, late or new; None while something is."""
        active, payload_type, intake = self.selector.active, self.voice.payload_type, self.intake
        if active is None or payload_type is None or not self._receiving:
            return None
        if not intake.passes_on(payload_type):
            return None
        source, jitter = active.lend(), self.jitter.lend()
        if source is None or jitter is None or source.clock_rate != intake.bridge.peer_rate:
            return None
        codec, octets = self._playout.table(jitter.frame), jitter.frame
        if codec is None or jitter.payload_type not in (-1, payload_type):
            return None
        return ReceiverRun(source, jitter, codec, payload_type, octets, self.selector.heard_at)

    def take_back(self, run: ReceiverRun) -> None:
        """Go on from what `lend` gave."""
        active = self.selector.active
        if active is None:
            return
        if run.jitter.arrived:
            active.take_back(run.source)
            self.selector.hear(run.heard_at)
            self.intake.bridge.run_on(run.source.highest)
        self.jitter.take_back(run.jitter)
        self.voice.run_on(run.heard if run.jitter.played else [])
