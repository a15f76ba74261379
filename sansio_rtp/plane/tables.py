"""Codecs that are tables: one look-up codes the frames of all streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..codec import CODECS
from .headers import Bytes2D, Rows

Frames = npt.NDArray[np.int16]
"""Audio of many streams, int16, shape (n_streams, n_samples)."""


class TableCodec(Protocol):
    """A codec without state that codes arrays of any shape."""

    @property
    def sample_rate(self) -> int:
        """Samples a second."""
        ...

    def encode_into(self, samples: Frames, codes: Bytes2D) -> None:
        """Encode samples into codes of the same shape."""
        ...

    def decode_into(self, codes: Bytes2D, samples: Frames) -> None:
        """Decode codes into samples of the same shape."""
        ...


def table_codec(name: str) -> TableCodec | None:
    """Return the codec of this name if it is one of these, else None."""
    codec = CODECS.get(name)
    return codec if hasattr(codec, "decode_into") else None  # type: ignore[return-value]


def groups(names: Sequence[str], rows: Rows) -> list[tuple[str, Rows]]:
    """Return the positions in `rows` that have each name: one pair, nearly always."""
    chosen = [names[row] for row in rows.tolist()]
    kinds = set(chosen)
    if len(kinds) == 1:
        return [(kinds.pop(), np.arange(rows.size))]
    array = np.array(chosen)
    return [(name, np.flatnonzero(array == name)) for name in sorted(kinds)]
