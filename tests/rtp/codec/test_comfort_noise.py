"""Comfort noise: the payload of RFC 3389, the noise made of it, and noise measured."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sansio_rtp.codec import ComfortNoise, NoiseGenerator, measure_noise, parse_comfort_noise
from sansio_rtp.errors import LocalProtocolError, PacketError


def generator(noise: ComfortNoise, seed: int = 1) -> NoiseGenerator:
    return NoiseGenerator(np.random.Generator(np.random.PCG64(seed)), noise)


def make(noise: ComfortNoise, seconds: float = 4.0) -> npt.NDArray[np.int16]:
    source = generator(noise)
    return np.concatenate([source.make(160) for _ in range(int(seconds * 50))])


def level_dbov(samples: npt.NDArray[np.int16]) -> float:
    return 20 * math.log10(float(samples.astype(np.float64).std()) / 32768)


def test_the_payload_is_a_level_and_quantised_coefficients() -> None:
    """MED-12: RFC 3389 §3: k = 258 * (N - 127) / 32768."""
    payload = bytes((30, 127, 0, 254, 128))
    noise = parse_comfort_noise(payload)
    assert noise.level == 30
    assert noise.reflection == pytest.approx((0, -127 * 258 / 32768, 127 * 258 / 32768, 258 / 32768))
    assert noise.to_bytes() == payload
    assert ComfortNoise(127).to_bytes() == b"\x7f"
    assert ComfortNoise(0, (0.99999999,)).to_bytes() == bytes((0, 254))


def test_reserved_and_surplus_octets_are_left_out() -> None:
    """MED-12: index 255 is reserved, the first bit unused, and nobody hears an order of 200."""
    assert parse_comfort_noise(bytes((0x80 | 40, 127, 255, 127))) == ComfortNoise(40, (0.0,))
    assert len(parse_comfort_noise(bytes(201)).reflection) == 32
    with pytest.raises(PacketError, match="level"):
        parse_comfort_noise(b"")


@given(st.binary(min_size=1, max_size=60))
def test_any_octets_are_noise_that_can_be_made(payload: bytes) -> None:
    """MED-12: whatever the spectrum, the samples are samples."""
    samples = generator(parse_comfort_noise(payload)).make(80)
    assert samples.dtype == np.int16
    assert samples.shape == (80,)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("level", {"level": 128}),
        ("level", {"level": -1}),
        ("reflection", {"level": 1, "reflection": (1.0,)}),
        ("reflection", {"level": 1, "reflection": (0.0,) * 33}),
    ],
)
def test_a_value_out_of_range_is_named(field: str, change: dict[str, object]) -> None:
    """MED-12."""
    with pytest.raises(LocalProtocolError, match=field):
        ComfortNoise(**change)  # type: ignore[arg-type]


@pytest.mark.parametrize("reflection", [(), (-0.9, 0.4), (0.7,)])
@pytest.mark.parametrize("level", [20, 50, 70])
def test_the_noise_has_the_level_and_the_colour_described(level: int, reflection: tuple[float, ...]) -> None:
    """MED-12: within half a decibel, and the same spectrum when it is measured."""
    samples = make(ComfortNoise(level, reflection))
    assert abs(level_dbov(samples) + level) < 0.5
    measured = measure_noise(samples, order=len(reflection))
    assert abs(measured.level - level) <= 1
    assert measured.reflection == pytest.approx(reflection, abs=0.05)


def test_the_same_seed_makes_the_same_noise_in_pieces_of_any_length() -> None:
    """MED-12: law 4; and no seam between frames, because the filter remembers."""
    noise = ComfortNoise(30, (-0.9, 0.5))
    assert np.array_equal(generator(noise).make(160), generator(noise).make(160))
    assert not np.array_equal(generator(noise).make(160), generator(noise, 2).make(160))
    whole, pieces = generator(noise), generator(noise)
    long = whole.make(480)
    assert np.array_equal(np.concatenate([pieces.make(160) for _ in range(3)]), long)


def test_the_least_level_is_silence_and_a_change_is_heard() -> None:
    """MED-12."""
    source = generator(ComfortNoise(127))
    assert not source.make(1600).any()
    source.update(ComfortNoise(30))
    assert source.noise == ComfortNoise(30)
    assert abs(level_dbov(source.make(8000)) + 30) < 0.5


def test_silence_and_a_single_sample_can_be_measured() -> None:
    """MED-12: no division by nothing; a pure tone stays describable."""
    assert measure_noise(np.zeros(160, np.int16)) == ComfortNoise(127)
    assert measure_noise(np.zeros(0, np.int16)) == ComfortNoise(127)
    assert measure_noise(np.array([9000], np.int16)).reflection == ()
    assert measure_noise(np.array([9000, 9000], np.int16)).reflection == ()  # nothing is left by the window
    tone = (8000 * np.sin(np.arange(320))).astype(np.int16)
    assert all(abs(each) < 1 for each in measure_noise(tone, order=10).reflection)
    assert measure_noise(np.full(160, -32768, np.int16), order=0).level == 0
