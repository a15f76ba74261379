"""Writing WAV files that are valid after every write."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..codec.tables import ALAW_ENCODE, MULAW_ENCODE
from ..errors import AudioFormatError, LocalProtocolError
from .wav_format import MAX_CHUNK, WavEncoding, WavFormat

_ENCODE = {WavEncoding.PCMU: MULAW_ENCODE, WavEncoding.PCMA: ALAW_ENCODE}
_HEADROOM = 128  # what a header and a pad octet may add to the data in the RIFF size


class BinaryTarget(Protocol):
    """The part of a seekable binary file that is written here."""

    def write(self, data: bytes, /) -> object:
        """Write all of `data` at the current place."""
        ...

    def seek(self, offset: int, /) -> object:
        """Go to `offset` octets from the start."""
        ...

    def flush(self) -> object:
        """Hand everything written to the operating system."""
        ...


class WavWriter:
    """A WAV file that grows: whoever reads it after any write, or after a crash, finds a valid file.

    The samples go out first and the sizes in the header second, then everything is flushed: between the two,
    the header tells of the file as it was before.

    Attributes:
        format: What the file holds.
        frames: Samples of each channel written so far.
    """

    __slots__ = ("_header_bytes", "_target", "format", "frames")

    def __init__(
        self,
        target: BinaryTarget,
        sample_rate: int = 8000,
        channels: int = 1,
        *,
        encoding: WavEncoding = WavEncoding.PCM16,
    ) -> None:
        """Write the header of a file without samples.

        Args:
            target: An empty seekable binary file, which the caller opens and closes.
            sample_rate: Samples a second, in Hz.
            channels: 1, or 2 with one side of a call on each.
            encoding: How samples are stored.

        Raises:
            AudioFormatError: The rate or the number of channels is out of range.
        """
        self.format = WavFormat(sample_rate, channels, encoding)
        self.frames = 0
        self._target = target
        self._header_bytes = self.format.header_bytes
        self._update_header()

    @property
    def duration_s(self) -> float:
        """Length of the audio written so far, in seconds."""
        return self.frames / self.format.sample_rate

    def write(self, samples: npt.NDArray[np.int16]) -> None:
        """Append samples, int16, shape (n_frames,) for one channel or (n_frames, channels).

        Raises:
            LocalProtocolError: The array has another type or number of channels; nothing is written.
            AudioFormatError: The file would pass 4 GiB; nothing is written.
        """
        data = self._encode(samples)
        old_size = self.frames * self.format.frame_bytes
        new_size = old_size + len(data)
        if new_size > MAX_CHUNK - _HEADROOM:
            raise AudioFormatError("a WAV file cannot grow past 4 GiB")
        self._target.seek(self._header_bytes + old_size)
        # Chunks are padded to even length; the next write puts samples over the pad octet.
        self._target.write(data + b"\0" if new_size % 2 else data)
        self.frames = new_size // self.format.frame_bytes
        self._update_header()

    def _encode(self, samples: npt.NDArray[np.int16]) -> bytes:
        channels = samples.shape[1] if samples.ndim == 2 else 1
        if samples.dtype != np.int16 or samples.ndim > 2 or channels != self.format.channels:
            wanted = f"int16 samples of {self.format.channels} channels"
            raise LocalProtocolError(f"WAV takes {wanted}, not {samples.dtype} {samples.shape}")
        if self.format.encoding is WavEncoding.PCM16:
            return samples.astype("<i2", copy=False).tobytes()
        return np.take(_ENCODE[self.format.encoding], samples.view(np.uint16)).tobytes()

    def _update_header(self) -> None:
        self._target.seek(0)
        self._target.write(self.format.header(self.frames * self.format.frame_bytes))
        self._target.flush()
