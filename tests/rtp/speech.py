"""Voices made by formant synthesis: a glottal pulse train whose pitch wanders, through three resonances."""

from __future__ import annotations

from typing import Any

import numpy as np

Samples = np.ndarray[Any, np.dtype[np.int16]]
Wave = np.ndarray[Any, np.dtype[np.float64]]

VOWELS = {
    "a": ((700, 110), (1220, 120), (2600, 160)),
    "i": ((300, 60), (2200, 100), (2900, 150)),
    "u": ((320, 70), (800, 80), (2300, 150)),
}
"""Frequency and bandwidth of the first three formants, in Hz (Peterson and Barney 1952, rounded)."""


def voiced_speech(
    sample_rate: int = 8000,
    seconds: float = 2.0,
    *,
    pitch_hz: tuple[float, ...] = (110.0, 130.0, 120.0),
    vowel: str = "a",
    seed: int = 1,
    amplitude: float = 8000.0,
) -> Samples:
    """Return a vowel, int16 (n_samples,), within the telephone band whatever the rate."""
    rng = np.random.default_rng(seed)
    n_samples = round(sample_rate * seconds)
    time = np.arange(n_samples) / sample_rate
    steps = np.arange(0, seconds + 0.05, 0.02)
    wander = 1 + 0.004 * np.interp(time, steps, rng.standard_normal(len(steps)))
    pitch = np.interp(time, np.linspace(0, seconds, len(pitch_hz)), pitch_hz) * wander
    phase = np.cumsum(pitch) / sample_rate
    wave = np.zeros(n_samples)
    for harmonic in range(1, int(3600 / max(pitch_hz)) + 1):
        s = 2j * np.pi * harmonic * pitch
        response = 1 / (1 + harmonic * pitch / 200) + 0j
        for frequency, bandwidth in VOWELS[vowel]:
            pole = np.pi * (-bandwidth + 2j * frequency)
            response *= abs(pole) ** 2 / ((s - pole) * (s - np.conj(pole)))
        wave += np.abs(response) * np.cos(2 * np.pi * harmonic * phase + np.angle(response))
    wave *= 1 + 0.3 * np.sin(2 * np.pi * 3 * time)  # syllables
    return np.asarray(np.rint(wave / np.abs(wave).max() * amplitude), np.int16)


def speech_like_noise(seconds: float, seed: int, amplitude: float = 6000.0) -> Samples:
    """Return syllables of voices and hisses with pauses, at 8 kHz: what fools a detector of tones."""
    rng = np.random.default_rng(seed)
    pieces: list[Samples] = []
    due = round(seconds * 8000)
    while sum(map(len, pieces)) < due:
        n_samples = round(float(rng.uniform(0.08, 0.35)) * 8000)
        piece = _syllable(rng, n_samples) if rng.random() < 0.75 else _hiss(rng, n_samples)
        quarter = n_samples // 4
        envelope = np.ones(n_samples)
        envelope[:quarter] = np.hanning(2 * quarter)[:quarter]
        envelope[-quarter:] = envelope[:quarter][::-1]
        level = amplitude / 8000 * rng.uniform(0.2, 1.0)
        pieces.append(np.rint(piece * envelope * level).astype(np.int16))
        pieces.append(np.zeros(int(rng.uniform(0.0, 0.1) * 8000), np.int16))
    return np.concatenate(pieces)[:due]


def _syllable(rng: np.random.Generator, n_samples: int) -> Wave:
    pitch = float(rng.uniform(85, 280)) * rng.uniform(0.85, 1.15, 3)
    vowel = str(rng.choice(list(VOWELS)))
    seed = int(rng.integers(1 << 30))
    speech = voiced_speech(seconds=n_samples / 8000, pitch_hz=tuple(pitch), vowel=vowel, seed=seed)
    return speech.astype(np.float64)


def _hiss(rng: np.random.Generator, n_samples: int) -> Wave:
    return np.asarray(np.diff(rng.standard_normal(n_samples + 1)) * 1500, np.float64)
