"""How a jitter buffer is lent to whoever moves many streams at once."""

from __future__ import annotations

from .arrivals import Arrivals
from .config import JitterConfig
from .delay import DelayControl
from .run import JitterNews, JitterRun, JitterTerms


class LendableBuffer:
    """What a buffer consists of, and how that is lent and taken back; the base of `JitterBuffer`.

    Args:
        config: Limits of delay and memory.
        clock_rate: RTP timestamp units a second.
        frame: Timestamp units between two ticks of the playout.
    """

    def __init__(self, config: JitterConfig, *, clock_rate: int = 8000, frame: int = 160) -> None:
        self._config = config
        self._clock_rate = clock_rate
        self._frame = self._grain = frame
        self._arrivals = Arrivals(config, clock_rate, frame)
        self._delay: float | None = None

    @property
    def begun(self) -> bool:
        """Whether a packet has come."""
        return self._arrivals.control is not None

    def lend(self) -> JitterRun | None:
        """Lend the buffer while packets run smoothly; None while they do not, or wait in two codecs."""
        arrivals, control = self._arrivals, self._arrivals.control
        queue = arrivals.queue
        latest = arrivals.latest() if self._grain == self._frame else None
        if latest is None or control is None or len({packet.payload_type for packet in queue}) > 1:
            return None
        return JitterRun(
            latest[0],
            arrivals.head.due or 0,
            self._frame,
            queue[0].payload_type if queue else -1,
            self._delay or 0.0,
            [(packet.payload, packet.clock) for packet in queue],
            self._terms(control, len(queue)),
            transit=latest[1],
        )

    def renew(self, news: JitterNews) -> JitterTerms | None:
        """Give new terms to a lent buffer, for a packet that the present ones do not cover."""
        control = self._arrivals.control
        if control is None:
            return None
        skipped = news.skipped * self._frame
        control.run_on(news.transits, news.fresh, news.played_at, news.due - self._frame, skipped)
        control.observe(news.transit, self._arrivals.ledger.loss_after(news.played))
        return self._terms(control, news.waiting)

    def _terms(self, control: DelayControl, waiting: int) -> JitterTerms:
        lease = min(control.lease, self._config.max_packets - waiting)
        return JitterTerms(control.fastest, control.offset_limits(self._frame), control.reach, lease)

    def take_back(self, run: JitterRun) -> None:
        """Go on from what `lend` gave."""
        arrivals, control = self._arrivals, self._arrivals.control
        arrivals.run_on(run)
        if control is not None:
            skipped = run.fresh_skipped * run.frame
            control.run_on(run.transits, run.fresh, run.played_at, run.due - run.frame, skipped)
        if run.played:
            self._delay = run.delay
