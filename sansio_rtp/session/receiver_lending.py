"""How the receiving half of a session is lent to whoever moves many at once, and diverted elsewhere."""

from __future__ import annotations

from ..ids import RtpIds
from ..jitter import JitterBuffer
from ..machine import Outbox
from .config import RtpSessionConfig
from .diversion import Diversion
from .events import RtpEvent
from .intake import PacketIntake
from .playout import Playout
from .redundancy import deep_enough
from .run import LentProgress, ReceiverRun, SourceRun
from .sampling import SampleClock
from .selector import SourceSelector


class LendableReceiver:
    """What a receiver consists of, and how that is lent and taken back; the base of `MediaReceiver`."""

    def __init__(
        self, config: RtpSessionConfig, outbox: Outbox[RtpEvent], clock: SampleClock, *, ids: RtpIds
    ) -> None:
        """Create the parts of a receiver that has heard nothing; the first audio starts `clock`."""
        self._outbox = outbox
        self.selector = SourceSelector(
            clock_rate=config.clock_rate, frame_s=config.ptime_ms / 1000, max_sources=config.max_sources
        )
        units = config.frame_units
        self.jitter = JitterBuffer(deep_enough(config), clock_rate=config.clock_rate, frame=units)
        self._playout = Playout(config, self.jitter, outbox, ids=ids)
        self.voice = self._playout.voice
        self.intake = PacketIntake(config, self.jitter, outbox, clock)
        self._receiving = config.receive

    @property
    def diverted(self) -> bool:
        """Whether packets are passed on."""
        return self.intake.diversion is not None

    def divert(self, diversion: Diversion | None) -> None:
        """Pass packets on instead of playing them; None plays them again."""
        if diversion is not self.intake.diversion:
            self.intake.diversion = diversion
            self._begin_anew()

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
        codec = self._playout.table(jitter.frame)
        if codec is None or jitter.payload_type not in (-1, payload_type):
            return None
        heard_at, rest = self.selector.heard_at, self._playout.rest
        return ReceiverRun(source, jitter, codec, payload_type, jitter.frame, heard_at, rest)

    def take_back(self, run: ReceiverRun) -> None:
        """Go on from what `lend` gave."""
        if run.jitter.arrived:
            self.take_source_back(run.source, run.heard_at)
            self.intake.bridge.run_on(run.source.highest)
        self.jitter.take_back(run.jitter)
        if run.jitter.played:
            self.voice.run_on(run.heard)
        self._playout.rest = run.rest

    def note_progress(self, lent: LentProgress) -> None:
        """Take note of how far the source has got, which goes on being lent."""
        source, active = lent.source, self.selector.active
        if source is not None and active is not None and source.received > active.received:
            self.take_source_back(source, lent.heard_at)

    def lend_source(self) -> SourceRun | None:
        """Lend the counters of the source, while its packets are diverted and not played as well."""
        active, diversion, intake = self.selector.active, self.intake.diversion, self.intake
        if active is None or diversion is None or diversion.listened or not intake.started:
            return None
        # Who takes copies of lost packets looks into every packet.
        return active.lend() if self._receiving and intake.redundancy.payload_type is None else None

    def take_source_back(self, run: SourceRun, heard_at: float) -> None:
        """Go on from what `lend_source` gave, after packets of which the last came at `heard_at`."""
        if self.selector.active is not None:
            self.selector.active.take_back(run)
            self.selector.hear(heard_at)

    def _begin_anew(self) -> None:
        # What was not played while the stream was paused or diverted must not be missed.
        self.jitter.restart()
        self._playout.clear()
