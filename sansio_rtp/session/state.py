"""What a session is made of, what can be seen of it, and what it lends to the batch."""

from __future__ import annotations

from ..errors import LocalProtocolError
from ..ids import RtpIds
from ..jitter import JitterNews, JitterTerms
from ..machine import Address
from .config import RtpSessionConfig
from .parts import SessionParts
from .quality_records import RtpCounts
from .run import ReceiverRun, SenderRun


class SessionState:
    """The state of `RtpSession`; the verbs are there."""

    def __init__(self, config: RtpSessionConfig, *, now: float, ids: RtpIds) -> None:
        """Create a session that may send and receive at once."""
        self._config = config
        self._now = now
        self._closing = False
        self._parts = parts = SessionParts(config, now=now, ids=ids)
        self._outbox, self._inbound, self._outbound = parts.outbox, parts.inbound, parts.outbound
        self._sender, self._receiver, self._reporter = parts.sender, parts.receiver, parts.reporter
        self._quality, self._samples = parts.quality, parts.samples
        self._digits = parts.receiver.intake.digits

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
        digit, sample = self._digits.deadline, self._samples.due
        due = self._reporter.schedule.deadline if self._config.rtcp else None
        if digit is not None and (due is None or digit < due):
            due = digit
        return due if sample is None or (due is not None and due < sample) else sample

    @property
    def counts(self) -> RtpCounts:
        """What had been counted when the quality was measured last; it costs nothing, whatever is lent."""
        return self._quality.counts

    @property
    def closed(self) -> bool:
        """True once `close` was called and the goodbye, if any, was fetched."""
        return self._closing and not self._outbox.owes

    # For the batch: see `sansio_rtp.session.run`.

    def lend_receiver(self) -> ReceiverRun | None:
        """Lend the receiving half while it runs smoothly; `take_receiver_back` before anything else."""
        return None if self._closing or self._outbox.security.secured else self._receiver.lend()

    def renew_receiver(self, news: JitterNews) -> JitterTerms | None:
        """Give the lent receiving half new terms, for a packet that the present ones do not cover."""
        return self._receiver.jitter.renew(news)

    def take_receiver_back(self, run: ReceiverRun) -> None:
        """Go on from what `lend_receiver` gave."""
        self._receiver.take_back(run)
        if run.jitter.arrived:
            self._parts.latch.hear(run.heard_at)
            self._clock(run.heard_at)

    def lend_sender(self) -> SenderRun | None:
        """Lend the sending half while it sends frames of audio; `take_sender_back` before anything else."""
        return None if self._closing or self._outbox.security.secured else self._outbound.lend()

    def take_sender_back(self, run: SenderRun, n_samples: int) -> None:
        """Go on from what `lend_sender` gave, after packets of `n_samples` timestamp units."""
        self._sender.take_back(run, n_samples)
        self._clock(run.sent_at)

    def _clock(self, now: float) -> float:
        if now > self._now:
            self._now = now
        return self._now

    def _check_open(self) -> None:
        if self._closing:
            raise LocalProtocolError("the RTP session is closed")
