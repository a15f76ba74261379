"""The machine of one media stream: RTP, RTCP and digits, both directions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..codec import ComfortNoise
from ..errors import LocalProtocolError
from ..machine import Address, Transmit
from .config import RtpSessionConfig
from .events import RtpEvent
from .quality_records import QualityHistory
from .run import LentProgress
from .state import SessionState
from .statistics import RtpStatistics, measure


class RtpSession(SessionState):
    """One media stream with one peer (RFC 3550, RFC 4733), without any I/O.

    The media clock calls `send_frame` (or `skip_frame`) and `playout` once a frame. All times are absolute
    seconds of a clock that does not go back; one that does counts as the latest seen.
    """

    def receive_packet(self, data: bytes, source: Address, now: float) -> None:
        """Take a datagram from the RTP port: RTP, or RTCP by its packet type; never raises."""
        now = self._clock(now)
        if not self._closing:
            self._inbound.receive(data, source, now)

    def receive_rtcp(self, data: bytes, source: Address, now: float) -> None:
        """Take a datagram from the RTCP port; never raises."""
        now = self._clock(now)
        if not self._closing:
            self._inbound.receive_rtcp(data, source, now)

    def send_frame(self, samples: npt.NDArray[np.int16], now: float) -> None:
        """Send one frame, or the digit that is being sent in its place.

        While the direction or a missing address forbids it, nothing is sent, but the timestamp goes on.

        Args:
            samples: int16, shape (n_samples,), at the `audio_rate` of the configuration.
            now: Absolute seconds.

        Raises:
            LocalProtocolError: The frame is no such array or of no length that the codec makes, or the
                session is closed.
        """
        self._check_open()
        self._outbound.frame(samples, self._clock(now))

    def skip_frame(self, n_samples: int, now: float) -> None:
        """Let the time of `n_samples` pass without audio; the next packet has the marker. Digits go on.

        Raises:
            LocalProtocolError: `n_samples` is not positive, or the session is closed.
        """
        self._check_open()
        self._outbound.skip(n_samples, self._clock(now))

    def skip_frames(self, frames: int, n_samples: int, now: float) -> None:
        """Let the time of several frames of `n_samples` pass; the last one would have been sent `now`.

        Raises:
            LocalProtocolError: `n_samples` or `frames` is not positive, or the session is closed.
        """
        if frames <= 0:
            raise LocalProtocolError(f"frames is {frames}, not positive")
        if frames > 1:
            self.skip_frame((frames - 1) * n_samples, now)
        self.skip_frame(n_samples, now)

    def send_noise(self, noise: ComfortNoise, n_samples: int, now: float) -> None:
        """Describe the pause that begins now, in place of a frame; then `skip_frame` as long as it lasts.

        Args:
            noise: What it sounds like.
            n_samples: Length of the frame that it stands for.
            now: Absolute seconds.

        Raises:
            LocalProtocolError: The peer takes no comfort noise, `n_samples` is not positive, or the session
                is closed.
        """
        self._check_open()
        self._outbound.noise(noise, n_samples, self._clock(now))

    def send_digit(self, digit: str, now: float, *, duration_ms: int = 160, gap_ms: int = 80) -> None:
        """Queue one digit as telephone-event (RFC 4733); the coming frames carry it.

        Raises:
            LocalProtocolError: No such digit, a time out of range, a full queue, a direction or a peer that
                does not allow it, or the session is closed.
        """
        self._check_open()
        self._outbound.digit(digit, duration_ms, gap_ms)
        self._clock(now)

    def playout(self, now: float) -> npt.NDArray[np.int16]:
        """Return the next frame to hear: int16, shape (audio_rate * ptime_ms / 1000,)."""
        now = self._clock(now)
        if self._closing:
            return np.zeros(self._config.frame_samples, np.int16)
        return self._receiver.playout(now)

    def skip_playout(self, now: float) -> None:
        """Leave out what waits to be heard for longer than it should: a delay that is not caught up."""
        now = self._clock(now)
        if not self._closing:
            self._receiver.skip(now)

    def update(self, config: RtpSessionConfig, now: float) -> None:
        """Take what was renegotiated; SSRC, sequence, timestamps and statistics go on.

        Only a codec with another clock needs another SSRC, and says goodbye for the old one (RFC 7160 §4.1).
        `epoch`, `cname`, `max_sources`, `relatch_after_s` and `session_bandwidth` stay as they were.

        Raises:
            LocalProtocolError: `jitter` differs, keys would be used in a way that reveals them, or the
                session is closed.
        """
        self._check_open()
        if config.jitter != self._config.jitter:
            raise LocalProtocolError("jitter cannot change during a session")
        self._outbox.security.check(config)
        self._config = config
        self._parts.configure(config, self._clock(now))

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send, or return None."""
        return self._outbox.next_transmit()

    def next_event(self) -> RtpEvent | None:
        """Pop one event, or return None."""
        return self._outbox.next_event()

    def handle_timeout(self, now: float) -> None:
        """Do what is due: the report, the measurement, and the end of a digit whose end was lost."""
        now = self._clock(now)
        deadline = self.deadline
        if deadline is None or now < deadline:
            return
        self._digits.handle_timeout(now)
        self._quality.handle_timeout(now)
        if self._config.rtcp and now >= self._reporter.schedule.deadline:
            self._parts.route.send(self._reporter.report(now))

    def only_measures(self, now: float) -> bool:
        """Tell whether what is due now is no more than `measure`."""
        digit, sample = self._digits.deadline, self._samples.due
        if self._closing or sample is None or now < sample or (digit is not None and digit <= now):
            return False
        return not self._config.rtcp or now < self._reporter.schedule.deadline

    def measure(self, now: float, lent: LentProgress) -> None:
        """Do what `handle_timeout` does when `only_measures` holds, without taking back what is lent."""
        now = self._clock(now)
        self._receiver.note_progress(lent)
        self._quality.handle_timeout(now, lent)

    def close(self, now: float, reason: str | None = None) -> None:
        """Say goodbye by RTCP; idempotent. Packets that wait are still to be fetched."""
        now = self._clock(now)
        if self._closing:
            return
        if self._config.rtcp:
            self._parts.route.send(self._reporter.goodbye(now, self._sender.ssrc, reason))
        self._closing = True

    def quality_history(self) -> QualityHistory:
        """Return the quality of both directions over time, a sample each `quality_interval_ms`."""
        return self._quality.history()

    def statistics(self) -> RtpStatistics:
        """Return what was measured so far."""
        return measure(self._parts, send_codec=self._config.send_codec, ptime_ms=self._config.ptime_ms)
