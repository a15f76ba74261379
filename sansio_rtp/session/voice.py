"""Payloads to audio at one rate: decoding, changes of the codec, concealment and comfort noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from ..audio import Concealer, TimeStretcher
from ..codec import CodecDescription, ComfortNoise, NoiseGenerator, parse_comfort_noise
from ..errors import CodecError, PacketError
from ..jitter import Slot, SlotKind
from .rate import RateConverter

_Audio = npt.NDArray[np.int16]


class Voice:
    """Turns what the jitter buffer hands out into audio.

    A change of the payload type is a change of the codec and begins with a new decoder. What is missing is
    filled by the codec where it has a way, else by repeating what was heard; a pause that the peer has
    described is filled with that noise. Packets are lengthened and shortened as the jitter buffer wishes.

    Attributes:
        codec: The codec of the last packet played, or None.
        payload_type: Its payload type, or None.
        undecodable: Payloads that their codec refused.
        recovered: Losses made up from what the next packet held of them.
    """

    def __init__(self, clock_rate: int, make_noise: Callable[[ComfortNoise], NoiseGenerator]) -> None:
        """Begin without a codec.

        Args:
            clock_rate: Time units of the jitter buffer, in Hz.
            make_noise: Makes the generator when the peer first describes a pause.
        """
        self._clock_rate = clock_rate
        self._make_noise = make_noise
        self._noise: NoiseGenerator | None = None
        self._pausing = False
        self._formats: Mapping[int, CodecDescription] = {}
        self._noise_type: int | None = None
        self.codec: CodecDescription | None = None
        self.payload_type: int | None = None
        self.undecodable = self.recovered = 0
        self._set_rates(8_000, 8_000)

    def configure(
        self, formats: Mapping[int, CodecDescription], noise_type: int | None, sample_rate: int
    ) -> None:
        """Take codecs by payload type, the payload type of comfort noise, and the rate of all audio in Hz."""
        self._formats, self._noise_type = formats, noise_type
        if sample_rate != self._converter.output_rate:
            self._set_rates(sample_rate, sample_rate)
            self.payload_type = None
        if self.payload_type is not None and formats.get(self.payload_type) != self.codec:
            self.payload_type = None

    def play(self, slot: Slot) -> _Audio:
        """Return the audio of a slot, int16, shape (n_samples,), about as long as the slot."""
        return self._converter.convert(
            self._packet(slot) if slot.kind is SlotKind.PACKET else self._fill(slot)
        )

    @property
    def table(self) -> str | None:
        """Name of the table that turns packets into audio; None while it takes more than that."""
        codec, converter = self.codec, self._converter
        if codec is None or self.payload_type is None or self._pausing or self._concealer.concealing:
            return None
        rates = {codec.clock_rate, self._clock_rate, converter.input_rate, converter.output_rate}
        return codec.table if len(rates) == 1 else None

    def run_on(self, payloads: list[bytes]) -> None:
        """Remember packets that were played elsewhere, for the concealment of what is lost after them."""
        if payloads:  # of a codec without state, so they may be read as one
            self._concealer.good(self._decoder.decode(b"".join(payloads)))

    def _packet(self, slot: Slot) -> _Audio:
        if slot.payload_type == self._noise_type:
            return self._describe_pause(slot)
        codec = self._formats.get(slot.payload_type)
        if codec is None:
            # A packet of a codec that a renegotiation took away while it waited is as good as lost.
            return self._fill(slot)
        if slot.payload_type != self.payload_type:
            self._switch(slot.payload_type, codec)
        try:
            samples = self._concealer.good(self._decoder.decode(slot.payload))
        except CodecError:
            self.undecodable += 1
            return self._fill(Slot(SlotKind.LOST, slot.duration))
        self._pausing = False
        samples = samples[self._samples(slot.skip) :] if slot.skip else samples
        return self._stretcher.process(samples, self._samples(slot.stretch)) if slot.stretch else samples

    def _switch(self, payload_type: int, codec: CodecDescription) -> None:
        wanted = self._converter.output_rate
        self._decoder = codec.decoder(codec.rate_for(wanted))
        self.codec, self.payload_type = codec, payload_type
        if self._decoder.sample_rate != self._converter.input_rate:
            self._set_rates(self._decoder.sample_rate, wanted)

    def _set_rates(self, decoded: int, wanted: int) -> None:
        self._converter = RateConverter(decoded, wanted)
        self._concealer = Concealer(decoded)
        self._stretcher = TimeStretcher(decoded)

    def _fill(self, slot: Slot) -> _Audio:
        n_samples = self._samples(slot.duration)
        if self._pausing and self._noise is not None:
            return self._noise.make(n_samples)
        made = self._made_by_codec(slot, n_samples) if self.payload_type is not None else None
        return self._concealer.lost(n_samples) if made is None else made

    def _made_by_codec(self, slot: Slot, n_samples: int) -> _Audio | None:
        if slot.kind is SlotKind.LOST and slot.payload and slot.payload_type == self.payload_type:
            try:
                made = self._decoder.recover(slot.payload, n_samples)
            except CodecError:
                made = None
            if made is not None:
                self.recovered += 1
                return made
        return self._decoder.conceal(n_samples)

    def _describe_pause(self, slot: Slot) -> _Audio:
        try:
            noise = parse_comfort_noise(slot.payload)
        except PacketError:
            self.undecodable += 1
            return self._fill(slot)
        if self._noise is None:
            self._noise = self._make_noise(noise)
        elif noise != self._noise.noise:
            self._noise.update(noise)
        self._pausing = True
        return self._noise.make(self._samples(slot.duration))

    def _samples(self, units: int) -> int:
        return units * self._converter.input_rate // self._clock_rate
