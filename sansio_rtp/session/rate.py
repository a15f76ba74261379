"""Bringing frames from one sample rate to another without changing how many come a second."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..audio import Resampler


class RateConverter:
    """A resampler that gives for every frame exactly its length at the other rate.

    A resampler holds some milliseconds back, because it looks ahead. Here they stand as silence before the
    stream, once: what comes out is late by that much and never short.

    Attributes:
        input_rate: Samples a second taken, in Hz.
        output_rate: Samples a second given, in Hz.
    """

    __slots__ = ("_given", "_ready", "_resampler", "_taken", "input_rate", "output_rate")

    def __init__(self, input_rate: int, output_rate: int) -> None:
        """Begin a stream.

        Raises:
            LocalProtocolError: The ratio of the rates has no small terms.
        """
        self.input_rate, self.output_rate = input_rate, output_rate
        self._resampler = Resampler(input_rate, output_rate)
        self._ready = np.zeros(0, np.int16)
        self._taken = self._given = 0

    def convert(self, samples: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Take int16 samples, shape (n_samples,), and return as much time of the other rate."""
        if self.input_rate == self.output_rate:
            return samples
        self._taken += samples.size
        due = self._taken * self.output_rate // self.input_rate - self._given
        self._given += due
        ready = np.concatenate((self._ready, self._resampler.process(samples)))
        if ready.size < due:
            ready = np.concatenate((np.zeros(due - ready.size, np.int16), ready))
        self._ready = ready[due:]
        return ready[:due]
