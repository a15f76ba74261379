"""What an Opus encoder is told, and what descriptions say about it (RFC 7587 §6.1)."""

from __future__ import annotations

import attrs

from ..errors import LocalProtocolError
from .fmtp import read_flag, read_number, read_parameters

MIN_BITRATE, MAX_BITRATE = 6_000, 510_000
_MIN_PLAYBACK_RATE, _MAX_PLAYBACK_RATE = 8_000, 48_000
_LOSS_STEP = 5  # percent: an encoder that is told of every report would change its mind all the time
_MAX_LOSS = 30

BITRATES = {8_000: 24_000, 12_000: 28_000, 16_000: 32_000, 24_000: 40_000, 48_000: 64_000}
"""Bits a second for mono audio by sample rate: above the sweet spots of RFC 7587 §3.1.1, below G.711."""


@attrs.frozen(kw_only=True)
class OpusSettings:
    """How an encoder works; changing them does not disturb its state.

    Attributes:
        bitrate: Bits a second, 6000 to 510000.
        complexity: 0 to 10; more costs more and sounds better.
        inband_fec: Whether packets hold a coarse copy of the packet before, for a peer that lost it.
        loss_percent: Loss that packets are protected against; without any, FEC holds nothing.
        dtx: Whether silence is not sent.
        vbr: Whether the bit rate varies.
        bandwidth_hz: Highest sample rate that the peer can make use of, in Hz.
    """

    bitrate: int = 28_000
    complexity: int = 5
    inband_fec: bool = True
    loss_percent: int = 0
    dtx: bool = False
    vbr: bool = True
    bandwidth_hz: int = 48_000

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is out of range; the text names the field.
        """
        limits = (
            ("bitrate", MIN_BITRATE, MAX_BITRATE),
            ("complexity", 0, 10),
            ("loss_percent", 0, 100),
            ("bandwidth_hz", _MIN_PLAYBACK_RATE, _MAX_PLAYBACK_RATE),
        )
        for field, low, high in limits:
            value = getattr(self, field)
            if not low <= value <= high:
                raise LocalProtocolError(f"{field} is {value}, not in {low}..{high}")

    def with_loss(self, fraction: float) -> OpusSettings:
        """Return the settings for a peer that loses this share, 0 to 1, of our packets."""
        percent = min(round(fraction * 100 / _LOSS_STEP) * _LOSS_STEP, _MAX_LOSS)
        return attrs.evolve(self, loss_percent=percent)

    def for_peer(self, fmtp: str | None) -> OpusSettings:
        """Return the settings that a peer's `fmtp` asks for; what it says wrongly counts as not said.

        Its wishes are those of a receiver (RFC 7587 §6.1): FEC, silence and a constant rate are as it says,
        bit rate and bandwidth at most what it says.
        """
        said = read_parameters(fmtp)
        bitrate = read_number(said, "maxaveragebitrate") or self.bitrate
        playback = read_number(said, "maxplaybackrate") or self.bandwidth_hz
        return attrs.evolve(
            self,
            bitrate=max(MIN_BITRATE, min(self.bitrate, bitrate)),
            bandwidth_hz=max(_MIN_PLAYBACK_RATE, min(self.bandwidth_hz, playback)),
            inband_fec=self.inband_fec and read_flag(said, "useinbandfec"),
            dtx=read_flag(said, "usedtx"),
            vbr=self.vbr and not read_flag(said, "cbr"),
        )


def offered_fmtp(sample_rate: int) -> str:
    """Return our own `fmtp`: what we like to receive when our audio has this sample rate.

    Mono is the default and stands nowhere; a lower rate than 48 kHz saves the peer bits that nobody hears.
    """
    said = ["useinbandfec=1"]
    if sample_rate < _MAX_PLAYBACK_RATE:
        said += [f"maxplaybackrate={sample_rate}", f"sprop-maxcapturerate={sample_rate}"]
    return ";".join(said)
