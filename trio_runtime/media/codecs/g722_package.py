"""G.722 by the package `G722`, an extension in C."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from trio_runtime.media.codecs.missing import LibraryMissingError

__all__ = ["PackagedG722"]

_SAMPLE_RATE = 16_000
_BITRATE = 64_000


class PackagedG722:
    """The package, once it is imported."""

    def __init__(self, module: ModuleType) -> None:
        """Use an imported package.

        Raises:
            LibraryMissingError: It is another one of that name.
        """
        if not hasattr(module, "G722"):
            raise LibraryMissingError("the package G722 that is installed is not the codec")
        self._module = module

    def open(self) -> _State:
        """Return a new state."""
        return _State(self._module.G722(_SAMPLE_RATE, _BITRATE, use_numpy=False))


class _State:
    """Without the package's own support for numpy, which is a package of its own: the copies are cheap."""

    __slots__ = ("_codec",)

    def __init__(self, codec: Any) -> None:
        self._codec = codec

    def encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        """Encode an even number of samples."""
        return bytes(self._codec.encode(np.ascontiguousarray(samples)))

    def decode(self, payload: bytes) -> npt.NDArray[np.int16]:
        """Decode any octets."""
        return np.array(self._codec.decode(payload), np.int16)
