"""Whether the audio that arrived is the audio that was sent, and the table that shows it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from sansio_rtp.audio import ToneMeasurement, WavReader, find_tone, trim_silence
from trio_runtime.cli.printing.output import Json
from trio_runtime.cli.verbs.demo_call import TONE_S, Heard, Party

__all__ = ["Passage", "measure", "table"]

_MAX_OFFSET_HZ = 2.0
_MIN_SNDR_DB = 33.0  # what one pass through G.711 leaves of any tone
_MAX_MISSING_S = 0.1


@attrs.frozen
class Passage:
    """What became of one party's audio on its way to the other.

    Attributes:
        sender: Who spoke.
        receiver: Who listened.
        heard: What the receiver heard.
        tone: The tone in the receiver's recording.
        seconds: For how long it was heard.
    """

    sender: Party
    receiver: Party
    heard: Heard
    tone: ToneMeasurement
    seconds: float

    def faults(self) -> list[str]:
        """Return in words what did not arrive as it was sent."""
        rtp = None if self.heard.statistics is None else self.heard.statistics.rtp
        offset_hz = self.tone.frequency_hz - self.sender.tone_hz
        checks = [
            (rtp is not None and rtp.packets_received > 0, "no packet arrived"),
            (rtp is None or rtp.lost == 0, f"{rtp.lost if rtp else 0} packets were lost"),
            (abs(offset_hz) <= _MAX_OFFSET_HZ, f"the tone is {offset_hz:+.1f} Hz off"),
            (self.tone.sndr_db >= _MIN_SNDR_DB, f"the tone is distorted: SNDR {self.tone.sndr_db:.1f} dB"),
            (abs(TONE_S - self.seconds) <= _MAX_MISSING_S, f"{self.seconds:.2f} s of {TONE_S} s were heard"),
            (self.heard.keys == self.sender.keys, f"the keys are {self.heard.keys!r}"),
        ]
        way = f"{self.sender.name} to {self.receiver.name}"
        return [f"{way}: {text}" for passed, text in checks if not passed]

    def cells(self) -> list[str]:
        """Return its row of the table."""
        rtp = None if self.heard.statistics is None else self.heard.statistics.rtp
        return [
            f"{self.sender.name} to {self.receiver.name}",
            str(rtp.packets_received) if rtp else "0",
            str(rtp.lost) if rtp else "-",
            f"{rtp.jitter_ms:.2f} ms" if rtp and rtp.jitter_ms is not None else "-",
            f"{rtp.mos:.2f}" if rtp and rtp.mos is not None else "-",
            f"{self.sender.tone_hz:.0f} Hz",
            f"{self.tone.frequency_hz:.1f} Hz",
            f"{self.tone.level_dbov:.1f} dBov",
            f"{self.tone.sndr_db:.1f} dB",
            self.heard.keys or "-",
        ]

    def values(self) -> dict[str, Json]:
        """Return the same as JSON values."""
        rtp = None if self.heard.statistics is None else self.heard.statistics.rtp
        return {
            "from": self.sender.name,
            "to": self.receiver.name,
            "packets": rtp.packets_received if rtp else 0,
            "lost": rtp.lost if rtp else None,
            "jitter_ms": _rounded(rtp.jitter_ms if rtp else None),
            "mos": _rounded(rtp.mos if rtp else None),
            "tone_sent_hz": self.sender.tone_hz,
            "tone_hz": _rounded(self.tone.frequency_hz),
            "tone_s": _rounded(self.seconds),
            "level_dbov": _rounded(self.tone.level_dbov),
            "sndr_db": _rounded(self.tone.sndr_db),
            "digits_sent": self.sender.keys,
            "digits": self.heard.keys,
            "recording": str(self.heard.recording),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


_HEADING = ["", "packets", "lost", "jitter", "MOS", "tone sent", "heard", "level", "SNDR", "keys"]


def table(passages: Sequence[Passage]) -> str:
    """Return a table of passages, a row each."""
    rows = [_HEADING, *(passage.cells() for passage in passages)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADING))]
    lines = [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in cells)
        for cells in (list(enumerate(zip(row, widths, strict=True))) for row in rows)
    ]
    return "\n".join(lines)


def measure(sender: Party, receiver: Party, heard: Heard) -> Passage:
    """Measure what the receiver recorded of the sender.

    Raises:
        OSError: The recording cannot be read.
    """
    reader = WavReader(heard.recording.read_bytes())
    received = reader.read_all()[:, 0]
    sound = trim_silence(received, reader.sample_rate)
    tone = find_tone(sound, reader.sample_rate)
    return Passage(sender, receiver, heard, tone, len(sound) / reader.sample_rate)
