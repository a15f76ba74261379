"""The machine of one media stream: RTP, RTCP and digits, both directions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import LocalProtocolError
from ..ids import RtpIds
from ..machine import Address, Transmit
from .config import RtpSessionConfig
from .events import RtpEvent
from .parts import SessionParts
from .run import ReceiverRun, SenderRun
from .statistics import RtpStatistics, measure


class RtpSession:
    """One media stream with one peer (RFC 3550, RFC 4733), without any I/O.

    The media clock calls `send_frame` (or `skip_frame`) and `playout` once a frame. All times are absolute
    seconds of a clock that does not go back; one that does counts as the latest seen.
    """

    def __init__(self, config: RtpSessionConfig, *, now: float, ids: RtpIds) -> None:
        """Create a session that may send and receive at once."""
        self._config = config
        self._now = now
        self._closing = False
        self._parts = parts = SessionParts(config, now=now, ids=ids)
        self._outbox, self._inbound, self._outbound = parts.outbox, parts.inbound, parts.outbound
        self._sender, self._receiver, self._reporter = parts.sender, parts.receiver, parts.reporter

    @property
    def ssrc(self) -> int:
        """Our synchronisation source."""
        return self._sender.ssrc

    @property
    def destination(self) -> Address | None:
        """Where our media goes now, or None while that is unknown."""
        return self._parts.latch.destination

    @property
    def peer(self) -> Address | None:
        """The address that was taken for the peer's, None before its first packet."""
        return self._parts.latch.peer

    @property
    def heard_at(self) -> float:
        """When a packet came from it last, in seconds; minus infinity when none did."""
        return self._parts.latch.heard_at

    @property
    def sending_digits(self) -> bool:
        """True while a digit waits or is being sent."""
        return self._sender.dtmf.busy

    @property
    def deadline(self) -> float | None:
        """When `handle_timeout` is due next; None when nothing is."""
        if self._closing:
            return None
        digit = self._receiver.dtmf.deadline
        if not self._config.rtcp:
            return digit
        report = self._reporter.schedule.deadline
        return report if digit is None else min(digit, report)

    @property
    def closed(self) -> bool:
        """True once `close` was called and the goodbye, if any, was fetched."""
        return self._closing and not self._outbox.owes

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
            samples: int16, shape (n_samples,), at the clock rate of the codec.
            now: Absolute seconds.

        Raises:
            LocalProtocolError: The frame is no such array, or the session is closed.
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
        """Return the next frame to hear: int16, shape (clock_rate * ptime_ms / 1000,)."""
        now = self._clock(now)
        if self._closing:
            return np.zeros(self._config.frame_samples, np.int16)
        return self._receiver.playout(now)

    def update(self, config: RtpSessionConfig, now: float) -> None:
        """Take what was renegotiated; SSRC, sequence, timestamps and statistics go on.

        `epoch`, `cname`, `max_sources`, `relatch_after_s` and `session_bandwidth` stay as they were.

        Raises:
            LocalProtocolError: `clock_rate` or `jitter` differs, or the session is closed.
        """
        self._check_open()
        for field in ("clock_rate", "jitter"):
            if getattr(config, field) != getattr(self._config, field):
                raise LocalProtocolError(f"{field} cannot change during a session")
        self._clock(now)
        self._config = config
        self._parts.configure(config)

    def next_transmit(self) -> Transmit | None:
        """Pop one packet to send, or return None."""
        return self._outbox.next_transmit()

    def next_event(self) -> RtpEvent | None:
        """Pop one event, or return None."""
        return self._outbox.next_event()

    def handle_timeout(self, now: float) -> None:
        """Do what is due: the report, and the end of a digit whose end was lost."""
        now = self._clock(now)
        deadline = self.deadline
        if deadline is None or now < deadline:
            return
        self._receiver.dtmf.handle_timeout(now)
        self._receiver.flush_digits()
        if self._config.rtcp and now >= self._reporter.schedule.deadline:
            self._parts.route.send(self._reporter.report(now))

    # For the batch: see `sansio_rtp.session.run`.

    def lend_receiver(self) -> ReceiverRun | None:
        """Lend the receiving half while it runs smoothly; `take_receiver_back` before anything else is asked."""
        return None if self._closing else self._receiver.lend()

    def take_receiver_back(self, run: ReceiverRun) -> None:
        """Go on from what `lend_receiver` gave."""
        self._receiver.take_back(run)
        if run.jitter.transits:
            self._parts.latch.hear(run.heard_at)
            self._clock(run.heard_at)

    def lend_sender(self) -> SenderRun | None:
        """Lend the sending half while it sends frames of audio; `take_sender_back` before anything else."""
        return None if self._closing else self._outbound.lend()

    def take_sender_back(self, run: SenderRun, n_samples: int) -> None:
        """Go on from what `lend_sender` gave, after packets of `n_samples` timestamp units."""
        self._sender.take_back(run, n_samples)
        self._clock(run.sent_at)

    def close(self, now: float, reason: str | None = None) -> None:
        """Say goodbye by RTCP; idempotent. Packets that wait are still to be fetched."""
        now = self._clock(now)
        if self._closing:
            return
        if self._config.rtcp:
            self._parts.route.send(self._reporter.goodbye(now, self._sender.ssrc, reason))
        self._closing = True

    def statistics(self) -> RtpStatistics:
        """Return what was measured so far."""
        return measure(self._parts, send_codec=self._config.send_codec, ptime_ms=self._config.ptime_ms)

    def _clock(self, now: float) -> float:
        if now > self._now:
            self._now = now
        return self._now

    def _check_open(self) -> None:
        if self._closing:
            raise LocalProtocolError("the RTP session is closed")
