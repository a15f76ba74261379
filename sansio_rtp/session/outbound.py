"""The way of a frame out of a session: whether it may be sent, and where to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..codec import ComfortNoise
from ..errors import LocalProtocolError
from ..machine import Address, Component, Outbox
from .config import RtpSessionConfig
from .events import RtpEvent
from .latch import SourceLatch
from .run import SenderRun
from .sender import MediaSender


class Outbound:
    """Sends while direction and address allow it, and lets the timestamp go on while they do not.

    Attributes:
        unsent: Frames dropped because no address of the peer is known.
        leader: Who chooses sequence numbers and timestamps in place of our own frames, None when nobody does;
            a frame of ours takes the lead back, and goes on behind what was sent.
    """

    def __init__(
        self, config: RtpSessionConfig, sender: MediaSender, latch: SourceLatch, outbox: Outbox[RtpEvent]
    ) -> None:
        """Connect the parts of a session."""
        self._sender = sender
        self._latch = latch
        self._outbox = outbox
        self.unsent = 0
        self.leader: object | None = None
        self.configure(config)

    def configure(self, config: RtpSessionConfig) -> None:
        """Take the direction and whether digits and noise can be sent."""
        self._sending = config.send
        self._takes_noise = config.noise_send_payload_type is not None
        self._takes_digits = config.dtmf_send_payload_type is not None

    def frame(self, samples: npt.NDArray[np.int16], now: float) -> None:
        """Send one frame or the digit in its place; see `RtpSession.send_frame`."""
        if samples.dtype != np.int16 or samples.ndim != 1 or not samples.size:
            shape = f"{samples.dtype} {samples.shape}"
            raise LocalProtocolError(f"a frame is int16 of shape (n_samples,), not {shape}")
        self._lead(now)
        destination = self._destination
        if destination is not None:
            self._send(self._sender.frame(samples, now), destination)
        else:
            self._sender.silence(samples.size, now)
            self.unsent += self._sending

    def lend(self) -> SenderRun | None:
        """Lend the sender while frames of audio go to a known address, or may not be sent at all."""
        if self.leader is not None or (self._sending and self._destination is None):
            return None
        return self._sender.lend(silent=not self._sending)

    def skip(self, n_samples: int, now: float) -> None:
        """Let time pass; see `RtpSession.skip_frame`."""
        if n_samples <= 0:
            raise LocalProtocolError(f"n_samples is {n_samples}, not positive")
        self._lead(now)
        destination = self._destination
        if destination is None:
            self._sender.silence(n_samples, now)
            return
        self._send(self._sender.skip(n_samples, now), destination)

    def noise(self, noise: ComfortNoise, n_samples: int, now: float) -> None:
        """Describe a pause; see `RtpSession.send_noise`."""
        if not self._takes_noise:
            raise LocalProtocolError("the peer takes no comfort noise")
        if n_samples <= 0:
            raise LocalProtocolError(f"n_samples is {n_samples}, not positive")
        self._lead(now)
        destination = self._destination
        if destination is None:
            self._sender.silence(n_samples, now)
        else:
            self._send(self._sender.noise(noise, n_samples, now), destination)

    def digit(self, digit: str, duration_ms: int, gap_ms: int) -> None:
        """Queue a digit; see `RtpSession.send_digit`."""
        if not self._takes_digits:
            raise LocalProtocolError("the peer takes no telephone-event")
        if not self._sending:
            raise LocalProtocolError("the stream may not send now")
        self._sender.dtmf.send(digit, duration_ms, gap_ms)

    def follow(self, leader: object, now: float) -> tuple[int, int]:
        """Let `leader` choose the numbers; return those of a packet that begins at `now`."""
        self.leader = leader
        return self._sender.line_up(now)

    def forward(self, second: int, sequence: int, timestamp: int, payload: bytes) -> bool:
        """Send a packet of the leader; return False when nothing may be sent, or no address is known."""
        destination = self._destination
        if destination is None:
            return False
        self._send(self._sender.forward(second, sequence, timestamp, payload), destination)
        return True

    @property
    def ready(self) -> bool:
        """Whether packets may be sent, and where to is known."""
        return self._destination is not None

    def _lead(self, now: float) -> None:
        if self.leader is not None:
            self.leader = None
            self._sender.line_up(now)

    def _send(self, packet: bytes | None, destination: Address) -> None:
        if packet is not None:
            self._outbox.send(packet, destination, Component.RTP)

    @property
    def _destination(self) -> Address | None:
        return self._latch.destination if self._sending else None
