"""Opus by libopus: encoder and decoder states behind the face that the codec wants."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np
import numpy.typing as npt

from sansio_rtp.codec import OPUS_RATES, OpusSettings
from sansio_rtp.errors import CodecError
from trio_runtime.media.codecs.libopus import LibOpus
from trio_runtime.media.codecs.missing import LibraryMissingError

__all__ = ["CtypesOpus"]

# The numbers of opus_defines.h, which are part of the library's stable interface.
_APPLICATION_VOIP = 2048
_SET_BITRATE = 4002
_SET_MAX_BANDWIDTH = 4004
_SET_VBR = 4006
_SET_COMPLEXITY = 4010
_SET_INBAND_FEC = 4012
_SET_PACKET_LOSS_PERC = 4014
_SET_DTX = 4016
_BANDWIDTHS = ((8_000, 1101), (12_000, 1102), (16_000, 1103), (24_000, 1104), (48_000, 1105))
_LONGEST_MS = 120

_Audio = npt.NDArray[np.int16]


class CtypesOpus:
    """A libopus.

    Attributes:
        sample_rates: Rates at which it works, in Hz.
    """

    sample_rates = OPUS_RATES

    def __init__(self, library: LibOpus) -> None:
        """Use a loaded library."""
        self._library = library

    def encoder(self, sample_rate: int) -> _Encoder:
        """Return a new mono encoder for speech."""
        return _Encoder(self._library, sample_rate)

    def decoder(self, sample_rate: int) -> _Decoder:
        """Return a new mono decoder."""
        return _Decoder(self._library, sample_rate)


class _Encoder:
    def __init__(self, library: LibOpus, sample_rate: int) -> None:
        self._library = library
        code = ctypes.c_int()
        self._state = library.encoder_create(sample_rate, 1, _APPLICATION_VOIP, ctypes.byref(code))
        _check_created(library, code, self._state)
        weakref.finalize(self, library.encoder_destroy, self._state)
        self._output = ctypes.create_string_buffer(0)

    def configure(self, settings: OpusSettings) -> None:
        """Set everything; what has not changed costs nothing."""
        bandwidth = max(number for rate, number in _BANDWIDTHS if rate <= max(settings.bandwidth_hz, 8_000))
        for request, value in (
            (_SET_BITRATE, settings.bitrate),
            (_SET_COMPLEXITY, settings.complexity),
            (_SET_INBAND_FEC, settings.inband_fec),
            (_SET_PACKET_LOSS_PERC, settings.loss_percent),
            (_SET_DTX, settings.dtx),
            (_SET_VBR, settings.vbr),
            (_SET_MAX_BANDWIDTH, bandwidth),
        ):
            self._library.encoder_ctl(self._state, request, ctypes.c_int32(value))

    def encode(self, samples: _Audio, max_octets: int) -> bytes:
        """Encode one frame."""
        if len(self._output) != max_octets:
            self._output = ctypes.create_string_buffer(max_octets)
        pcm = np.ascontiguousarray(samples)
        size = self._library.encode(self._state, pcm.ctypes.data, pcm.size, self._output, max_octets)
        if size < 0:
            raise CodecError(f"opus cannot encode: {self._library.error(size)}")
        return self._output.raw[:size]


class _Decoder:
    def __init__(self, library: LibOpus, sample_rate: int) -> None:
        self._library = library
        code = ctypes.c_int()
        self._state = library.decoder_create(sample_rate, 1, ctypes.byref(code))
        _check_created(library, code, self._state)
        weakref.finalize(self, library.decoder_destroy, self._state)
        self._pcm = np.empty(sample_rate * _LONGEST_MS // 1000, np.int16)
        self._address = self._pcm.ctypes.data

    def decode(self, payload: bytes, max_samples: int) -> _Audio:
        """Decode one packet."""
        return self._run(payload, max_samples, fec=0)

    def conceal(self, n_samples: int) -> _Audio:
        """Go on without a packet, 120 ms at a time."""
        size = self._pcm.size
        pieces = [self._run(None, min(size, n_samples - at), fec=0) for at in range(0, n_samples, size)]
        return pieces[0] if len(pieces) == 1 else np.concatenate([self._pcm[:0], *pieces])

    def recover(self, following: bytes, n_samples: int) -> _Audio | None:
        """Decode the copy of the frame before; the library conceals where there is none."""
        return self._run(following, n_samples, fec=1) if n_samples <= self._pcm.size else None

    def _run(self, payload: bytes | None, n_samples: int, *, fec: int) -> _Audio:
        size = 0 if payload is None else len(payload)
        count = self._library.decode(self._state, payload, size, self._address, n_samples, fec)
        if count < 0:
            raise CodecError(f"{size} octets are no opus packet: {self._library.error(count)}")
        return self._pcm[:count].copy()


def _check_created(library: LibOpus, code: ctypes.c_int, state: object) -> None:
    if code.value or not state:
        raise LibraryMissingError(f"libopus gives no state: {library.error(code.value)}")
