"""What a jitter buffer makes of a trace, and what the best ones could make of it, as MOS (ITU-T G.107)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from benchmarks.jitter_traces import PERIOD, Packet
from sansio_rtp.jitter import JitterBuffer, JitterConfig, JitterStatistics, Slot, SlotKind
from sansio_rtp.quality import mos, r_factor

PTIME_MS = 20.0
UNITS = 160  # timestamp units in a packet
RATE = 8000
VOICE_PERIOD = 64  # samples in a period of a voice of 125 Hz: what one stretch gives or takes


@attrs.frozen
class Score:
    """Mean delay from mouth to ear in ms, share of the audio that was not heard, and the MOS of both."""

    delay_ms: float
    unheard: float

    @property
    def mos(self) -> float:
        """The mean opinion score."""
        return mos(r_factor(self.delay_ms, self.unheard))


@attrs.frozen
class Run:
    """What happened: the score, the buffer's counters, and the delay of each packet played, (sent, s)."""

    score: Score
    statistics: JitterStatistics
    delays: list[tuple[float, float]]


def play(packets: Sequence[Packet], config: JitterConfig | None = None, *, phase: float = 0.007) -> Run:
    """Play a trace through our jitter buffer as a session does, a tick every 20 ms.

    Unheard is every stretch that was made up, for whatever reason, and every packet that was dropped to
    shorten the delay. Stretching by a pitch period counts as heard.
    """
    buffer = JitterBuffer(config or JitterConfig(), clock_rate=RATE, frame=UNITS)
    arrivals = sorted((p.arrival, p) for p in packets if p.arrival is not None)
    player = _Player(buffer, {p.number: p.sent for p in packets})
    index = 0
    for tick in range(math.ceil((packets[-1].sent + 0.1) / PERIOD)):
        now = tick * PERIOD + phase
        while index < len(arrivals) and arrivals[index][0] <= now:
            arrival, packet = arrivals[index]
            number = packet.number
            buffer.push(number & 0xFFFF, UNITS * number & 0xFFFFFFFF, str(number).encode(), 0, UNITS, arrival)
            index += 1
        player.tick(now)
    unheard = player.concealed / UNITS + buffer.statistics().discarded
    delay_ms = sum(delay for _, delay in player.delays) / len(player.delays) * 1000 + PTIME_MS
    return Run(Score(delay_ms, min(1.0, unheard / len(packets))), buffer.statistics(), player.delays)


class _Player:
    """The playout of a session without its audio: it stretches by one period where the buffer asks for it."""

    def __init__(self, buffer: JitterBuffer, sent: dict[int, float]) -> None:
        self._buffer = buffer
        self._sent = sent
        self._rest = 0
        self._made_up = 0  # since the last packet: what follows the end of the trace does not count
        self.concealed = 0
        self.delays: list[tuple[float, float]] = []

    def tick(self, now: float) -> None:
        while self._rest < UNITS:
            slot = self._buffer.pop(now, self._rest)
            self._take(slot, now)
        self._rest -= UNITS

    def _take(self, slot: Slot, now: float) -> None:
        duration = slot.duration
        if slot.kind is SlotKind.PACKET:
            sent = self._sent[int(slot.payload)]
            self.concealed += self._made_up
            self._made_up = 0
            self.delays.append((sent, now + self._rest / RATE - sent))
            if slot.stretch > 0:
                duration += VOICE_PERIOD
            elif slot.stretch <= -VOICE_PERIOD:
                duration -= VOICE_PERIOD
        elif self.delays:
            self._made_up += duration
        self._rest += duration


def best_fixed(packets: Sequence[Packet]) -> Score:
    """Return the score of the delay that is best for the whole trace, known in advance."""
    return _score([_best_delay(packets)], [packets])


def oracle(packets: Sequence[Packet], seconds: float = 2.0) -> Score:
    """Return the score of somebody who knows the next 2 s and sets the best delay for them, at no cost."""
    size = round(seconds / PERIOD)
    windows = [packets[first : first + size] for first in range(0, len(packets), size)]
    return _score([_best_delay(window) for window in windows], windows)


def reference(packets: Sequence[Packet]) -> Score:
    """Return the better one of both."""
    return max(best_fixed(packets), oracle(packets), key=lambda score: score.mos)


def _best_delay(packets: Sequence[Packet]) -> float:
    delays = sorted(p.arrival - p.sent for p in packets if p.arrival is not None)
    if not delays:
        return 0.0
    best, best_mos = 0.0, 0.0
    # Only the delay of some packet can be best: between two of them waiting longer saves none.
    for rank, delay in enumerate(delays[len(delays) // 2 :], len(delays) // 2 + 1):
        score = Score(delay * 1000 + PTIME_MS, 1 - rank / len(packets))
        if score.mos > best_mos:
            best, best_mos = delay, score.mos
    return best


def _score(delays: Sequence[float], windows: Sequence[Sequence[Packet]]) -> Score:
    played, total, count = 0, 0.0, 0
    for delay, window in zip(delays, windows, strict=True):
        in_time = sum(p.arrival is not None and p.arrival - p.sent <= delay for p in window)
        played += in_time
        total += in_time * delay
        count += len(window)
    return Score(total / played * 1000 + PTIME_MS, 1 - played / count)
