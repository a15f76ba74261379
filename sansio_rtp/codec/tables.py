"""The companding tables of ITU-T G.711, computed from their definition.

Every table is read-only. Encode tables are indexed by the sample's bits read as uint16
(`samples.view(np.uint16)`), so that one `np.take` codes an array of any shape; decode tables by the code.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_MULAW_BIAS = 33  # G.711 table 2: decision values are 33 below powers of two, in 14-bit units
_MULAW_PEAK = 8158  # the largest 14-bit magnitude that stays in the last segment once biased
_ALAW_EVEN_BITS = 0x55  # G.711 table 1a, note 2: even bits of an A-law code are inverted on the line

_SAMPLES: npt.NDArray[np.int32] = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
_CODES: npt.NDArray[np.int32] = np.arange(256, dtype=np.int32)


def _segment(magnitude: npt.NDArray[np.int32], first_bit: int) -> npt.NDArray[np.int32]:
    """Return by how many bits each magnitude (at least 1) reaches above `first_bit`."""
    highest_bit = np.frexp(magnitude)[1] - 1
    return (highest_bit - first_bit).astype(np.int32)


def _mulaw_encode() -> npt.NDArray[np.uint8]:
    linear14 = _SAMPLES >> 2
    magnitude = np.minimum(np.abs(linear14), _MULAW_PEAK) + _MULAW_BIAS
    segment = _segment(magnitude, 5)
    sign = np.where(linear14 < 0, 0x80, 0)
    code = np.asarray(sign | segment << 4 | (magnitude >> segment + 1 & 0x0F), np.uint8)
    return np.bitwise_not(code)


def _mulaw_decode() -> npt.NDArray[np.int16]:
    code = _CODES ^ 0xFF
    magnitude = ((code & 0x0F) * 2 + _MULAW_BIAS << (code >> 4 & 7)) - _MULAW_BIAS
    return (np.where(code & 0x80, -magnitude, magnitude) * 4).astype(np.int16)


def _alaw_encode() -> npt.NDArray[np.uint8]:
    linear13 = _SAMPLES >> 3
    magnitude = np.where(linear13 < 0, ~linear13, linear13)
    segment = np.maximum(_segment(np.maximum(magnitude, 1), 4), 0)
    mantissa = magnitude >> np.maximum(segment, 1) & 0x0F
    code = segment << 4 | mantissa | np.where(linear13 < 0, 0, 0x80)
    return (code ^ _ALAW_EVEN_BITS).astype(np.uint8)


def _alaw_decode() -> npt.NDArray[np.int16]:
    code = _CODES ^ _ALAW_EVEN_BITS
    segment = code >> 4 & 7
    leading_bit = np.where(segment > 0, 32, 0)
    magnitude = (code & 0x0F) * 2 + 1 + leading_bit << np.maximum(segment, 1) - 1
    return np.asarray(np.where(code & 0x80, magnitude, -magnitude) * 8, np.int16)


MULAW_ENCODE: npt.NDArray[np.uint8] = _mulaw_encode()
"""µ-law code of each sample, uint8, shape (65536,), indexed by the sample's bits as uint16."""
MULAW_DECODE: npt.NDArray[np.int16] = _mulaw_decode()
"""Sample of each µ-law code, int16, shape (256,)."""
ALAW_ENCODE: npt.NDArray[np.uint8] = _alaw_encode()
"""A-law code of each sample, uint8, shape (65536,), indexed by the sample's bits as uint16."""
ALAW_DECODE: npt.NDArray[np.int16] = _alaw_decode()
"""Sample of each A-law code, int16, shape (256,)."""

for _table in (MULAW_ENCODE, MULAW_DECODE, ALAW_ENCODE, ALAW_DECODE):
    _table.setflags(write=False)
