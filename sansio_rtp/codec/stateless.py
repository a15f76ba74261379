"""What codecs without state have in common: every packet stands for itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class Stateless:
    """The parts of `Encoder` and `Decoder` that need memory, for codecs that have none."""

    __slots__ = ()

    def takes(self, n_samples: int) -> bool:
        """Return True: a sample is a sample."""
        return True

    def expect_loss(self, fraction: float) -> None:
        """Do nothing: there is nothing to protect packets with."""

    def conceal(self, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return None: nothing is remembered."""
        return None

    def recover(self, following: bytes, n_samples: int) -> npt.NDArray[np.int16] | None:
        """Return None: packets hold nothing of those before."""
        return None
