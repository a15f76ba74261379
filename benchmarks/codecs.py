"""What a frame of 20 ms costs in each codec: microseconds of CPU to encode and to decode it.

One stream at a time, as a session does it, and for codecs without state also many rows at once, as a media
plane does it. G.711 with a plain table lookup of numpy in the same run is the reference.

    python -m benchmarks.codecs            # all codecs of this machine
    python -m benchmarks.codecs --json
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sansio_rtp.codec import CodecDescription, EncoderSettings
from trio_runtime.media.codecs import find_codecs

ROWS = 500
_SHORTEST_S = 0.15
_RUNS = 5

Audio = npt.NDArray[np.int16]


def cpu_us(action: Callable[[], object]) -> float:
    """Return the CPU time of one call in microseconds: the best of some runs, each long enough to measure."""
    action()
    count, spent = 1, 0.0
    while spent < _SHORTEST_S:
        count *= 2
        spent = _timed(action, count)
    return min(spent, *(_timed(action, count) for _ in range(_RUNS - 1))) / count * 1e6


def _timed(action: Callable[[], object], count: int) -> float:
    begun = time.process_time()
    for _ in range(count):
        action()
    return time.process_time() - begun


def sound(rate: int, frames: int) -> list[Audio]:
    """Return frames of a voice-like sound, so that no codec has an easy life."""
    size = rate // 50
    at = np.arange(size * frames) / rate
    pitch = 2 * np.pi * 140 * at + 19 * np.sin(2 * np.pi * 1.3 * at)
    wave = sum(np.sin(harmonic * pitch) / harmonic for harmonic in range(1, 20))
    noise = 300 * np.random.default_rng(1).standard_normal(at.size)
    samples = np.asarray(4000 * wave + noise, np.float64).astype(np.int16)
    return [samples[first : first + size] for first in range(0, samples.size, size)]


class Turn:
    """Hands out the elements of a list in turn, for ever."""

    def __init__(self, items: list[Audio] | list[bytes]) -> None:
        self._items, self._at = items, 0

    def __call__(self) -> Audio | bytes:
        self._at = (self._at + 1) % len(self._items)
        return self._items[self._at]


def measure(codec: CodecDescription, rate: int) -> dict[str, object]:
    """Return what a frame costs at one sample rate."""
    frames = sound(rate, 100)
    encoder, decoder = codec.encoder(EncoderSettings(rate, "useinbandfec=1", 8_000)), codec.decoder(rate)
    payloads = [encoder.encode(frame) for frame in frames]
    frame, payload = Turn(frames), Turn(payloads)
    row: dict[str, object] = {
        "codec": codec.label,
        "rate": rate,
        "octets": round(sum(map(len, payloads)) / len(payloads)),
        "encode_us": cpu_us(lambda: encoder.encode(frame())),  # type: ignore[arg-type]
        "decode_us": cpu_us(lambda: decoder.decode(payload())),  # type: ignore[arg-type]
    }
    if codec.batch is not None:
        batch = codec.batch
        samples = np.tile(frames[50], (ROWS, 1))
        codes = np.zeros((ROWS, 12 + len(payloads[0])), np.uint8)[:, 12:]  # rows of packets, without headers
        heard = np.empty_like(samples)
        row["batch_encode_us"] = cpu_us(lambda: batch.encode_into(samples, codes)) / ROWS
        row["batch_decode_us"] = cpu_us(lambda: batch.decode_into(codes, heard)) / ROWS
    return row


def reference() -> float:
    """Return the cost of decoding a G.711 frame by indexing a table, in microseconds."""
    table, codes = np.arange(256, dtype=np.int16), np.random.default_rng(1).integers(0, 256, 160, np.uint8)
    return cpu_us(lambda: table[codes])


def main() -> None:
    """Measure and print."""
    rows = [measure(codec, rate) for codec in find_codecs().voices for rate in codec.sample_rates]
    plain = reference()
    if "--json" in sys.argv[1:]:
        print(json.dumps({"reference_us": plain, "rows": rows}))
        return
    print(
        f"reference: table[codes] of 160 octets {plain:.2f} µs; a batch is {ROWS} rows; all per 20 ms frame"
    )
    heads = f"{'encode':>8} {'decode':>8} {'batch enc':>10} {'batch dec':>10}  µs"
    print(f"{'codec':<12} {'Hz':>6} {'octets':>6} {heads}")
    for row in rows:
        many = [
            f"{row[key]:>10.2f}" if key in row else f"{'–':>10}"
            for key in ("batch_encode_us", "batch_decode_us")
        ]
        one = f"{row['encode_us']:>8.2f} {row['decode_us']:>8.2f}"
        print(f"{row['codec']:<12} {row['rate']:>6} {row['octets']:>6} {one} {' '.join(many)}")


if __name__ == "__main__":
    main()
