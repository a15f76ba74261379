"""What a session is made of, what can be seen of it, and what it lends to the batch."""

from __future__ import annotations

from ..errors import LocalProtocolError
from ..ids import RtpIds
from ..jitter import JitterNews, JitterTerms
from ..machine import Address
from .config import RtpSessionConfig
from .diversion import Diversion
from .parts import SessionParts
from .quality_records import RtpCounts
from .run import ForwardRun, ReceiverRun, SenderRun, SourceRun


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
    def config(self) -> RtpSessionConfig:
        """What was agreed on last."""
        return self._config

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

    @property
    def silent(self) -> bool:
        """Whether nothing was ever to be heard, or may not be now: `playout` gives silence for so long."""
        return self._closing or self._receiver.silent

    def lend_receiver(self) -> ReceiverRun | None:
        """Lend the receiving half while it runs smoothly; `take_receiver_back` before anything else."""
        security = self._outbox.security
        run = None if self._closing or not security.lends else self._receiver.lend()
        if run is not None:
            run.context = security.receiver
        return run

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
        security = self._outbox.security
        run = None if self._closing or not security.lends else self._outbound.lend()
        if run is not None:
            run.context = security.sender
        return run

    def take_sender_back(self, run: SenderRun, n_samples: int) -> None:
        """Go on from what `lend_sender` gave, after packets of `n_samples` timestamp units."""
        self._sender.take_back(run, n_samples)
        self._clock(run.sent_at)

    # For a relay: see `sansio_rtp.relay`.

    def divert(self, diversion: Diversion | None) -> None:
        """Pass the peer's packets on instead of playing them; None plays them again."""
        self._receiver.divert(diversion)

    @property
    def diverted(self) -> bool:
        """Whether the peer's packets are passed on."""
        return self._receiver.diverted

    @property
    def leader(self) -> object | None:
        """Who leads the source that we send, None while our own frames do."""
        return self._outbound.leader

    def follow(self, leader: object, now: float) -> tuple[int, int]:
        """Let `leader` send our source; return number and timestamp of a packet that begins at `now`."""
        self._clock(now)
        return self._outbound.follow(leader, now)  # a packet that was held came before what is now

    def forward(self, second: int, sequence: int, timestamp: int, payload: bytes) -> bool:
        """Send a packet for the leader; return False when nothing may be sent, or no address is known.

        Args:
            second: Payload type, and 128 for the marker.
            sequence: Its sequence number, 16 bits.
            timestamp: Its timestamp, 32 bits.
            payload: Its payload.
        """
        return not self._closing and self._outbound.forward(second, sequence, timestamp, payload)

    def go_on(self, sequence: int, timestamp: int | None, units: int, now: float) -> None:
        """Go on behind the newest packet of the leader.

        Args:
            sequence: Its sequence number.
            timestamp: Its timestamp, None for one that says nothing about the time, such as a digit.
            units: How long it lasts, in timestamp units.
            now: When it was sent, in seconds.
        """
        self._clock(now)
        self._sender.follow(sequence, timestamp, units, now)

    def lend_source(self) -> SourceRun | None:
        """Lend the counters of the peer's source while its packets are diverted; `take_source_back` first."""
        return None if self._closing or self._outbox.security.secured else self._receiver.lend_source()

    def take_source_back(self, run: SourceRun, heard_at: float) -> None:
        """Go on from what `lend_source` gave, after packets of which the last came at `heard_at`."""
        self._receiver.take_source_back(run, heard_at)
        self._parts.latch.hear(heard_at)
        self._clock(heard_at)

    @property
    def ready(self) -> bool:
        """Whether anything may be sent, and where to is known."""
        return not self._closing and self._outbound.ready

    @property
    def forwards(self) -> bool:
        """Whether the leader's packets can go out in the clear, with nothing of ours in between."""
        return self.ready and not self._outbox.security.secured and not self._sender.dtmf.busy

    def take_forwarded_back(self, run: ForwardRun) -> None:
        """Count the packets of the leader that went out elsewhere."""
        self._sender.take_forwarded_back(run)
        self._clock(run.sent_at)

    def _clock(self, now: float) -> float:
        if now > self._now:
            self._now = now
        return self._now

    def _check_open(self) -> None:
        if self._closing:
            raise LocalProtocolError("the RTP session is closed")
