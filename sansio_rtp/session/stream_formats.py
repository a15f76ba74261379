"""What the packets of a stream hold, both directions, as signalling has agreed on it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ..codec import BUILT_IN, CodecDescription, CodecRegistry
from ..errors import LocalProtocolError
from .checks import check_type, freeze_clocks, freeze_names


@attrs.frozen(kw_only=True)
class StreamFormats:
    """Payload types, codecs and rates; the first part of `RtpSessionConfig`.

    Attributes:
        formats: Codec name by payload type that we accept, as `codecs` knows it; the types of
            `telephone-event` and of comfort noise are not among them.
        fallback_formats: Codec name by payload type that we never agreed on and take all the same from a peer
            that sends nothing else: static payload types, which mean the same everywhere.
        send_payload_type: Payload type we send, a key of `send_formats`, or of `formats` when that is empty.
        send_formats: Codec name by payload type as the peer numbers them, when it differs from `formats`.
        send_fmtp: What the peer wants of the codec that we send (its `fmtp`), or None.
        codecs: The codecs there are; those of `formats` must be available.
        sample_rate: Samples a second of `send_frame` and `playout`, 8000 to 48000; None is the natural rate
            of the codec we send.
        ptime_ms: Length of a frame that `playout` returns, 5 to 120 ms.
        dtmf_send_payload_type: Payload type of telephone-events we send, or None when the peer takes none.
        dtmf_receive_payload_type: Payload type of telephone-events we accept, or None.
        dtmf_receive_formats: Clock in Hz by payload type of further telephone-events that we accept.
        dtmf_clock_rate: Clock of their durations in Hz; None is the clock of the codec we send, and should
            be (RFC 4733 §2.1), but not every phone does as it should.
        dtmf_events: Event codes that the peer takes (its `fmtp`).
        noise_send_payload_type: Payload type of comfort noise that the peer takes, or None.
        noise_receive_payload_type: Payload type of comfort noise that we accept, or None.
        redundancy_payload_type: Payload type of packets that hold earlier ones once more (RFC 2198), which we
            accept, or None. With it the jitter buffer waits for a packet more.
        inband_digits: Whether to hear digits in the audio that is received (ITU-T Q.24), where no other way
            is sure; it costs work for every frame.
    """

    formats: Mapping[int, str] = attrs.field(converter=freeze_names)
    fallback_formats: Mapping[int, str] = attrs.field(factory=dict[int, str], converter=freeze_names)
    send_payload_type: int
    send_formats: Mapping[int, str] = attrs.field(factory=dict[int, str], converter=freeze_names)
    send_fmtp: str | None = None
    codecs: CodecRegistry = BUILT_IN
    sample_rate: int | None = None
    ptime_ms: int = 20
    dtmf_send_payload_type: int | None = None
    dtmf_receive_payload_type: int | None = None
    dtmf_receive_formats: Mapping[int, int] = attrs.field(factory=dict[int, int], converter=freeze_clocks)
    dtmf_clock_rate: int | None = None
    dtmf_events: frozenset[int] = frozenset(range(16))
    noise_send_payload_type: int | None = None
    noise_receive_payload_type: int | None = None
    redundancy_payload_type: int | None = None
    inband_digits: bool = False

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is not possible; the text names the field.
        """
        self._check_formats("formats", self.formats)
        self._check_formats("send_formats", self.send_formats)
        self._check_formats("fallback_formats", self.fallback_formats)
        if not self.formats:
            raise LocalProtocolError("formats is empty")
        if self.send_payload_type not in (self.send_formats or self.formats):
            raise LocalProtocolError(f"send_payload_type {self.send_payload_type} is in no format")
        self._check_companions()
        if self.audio_rate % 50:
            raise LocalProtocolError(f"sample_rate {self.audio_rate} makes no whole frames of 20 ms")
        if self.inband_digits and (self.audio_rate % 200 or self.ptime_ms % 5):
            raise LocalProtocolError(
                f"inband_digits: {self.audio_rate} Hz in {self.ptime_ms} ms are no whole steps of 5 ms"
            )

    @property
    def clock_rate(self) -> int:
        """RTP clock of what we send, in Hz."""
        return self.send_format.clock_rate

    @property
    def audio_rate(self) -> int:
        """Samples a second of frames, in Hz."""
        return self.sample_rate or self.send_format.sample_rate

    @property
    def frame_samples(self) -> int:
        """Samples in one frame of `ptime_ms`."""
        return self.audio_rate * self.ptime_ms // 1000

    @property
    def frame_units(self) -> int:
        """Timestamp units in one frame of `ptime_ms`."""
        return self.clock_rate * self.ptime_ms // 1000

    @property
    def send_codec(self) -> str:
        """Name of the codec that `send_payload_type` stands for."""
        return self.send_format.label

    @property
    def send_format(self) -> CodecDescription:
        """The codec that `send_payload_type` stands for."""
        return self.codecs.get((self.send_formats or self.formats)[self.send_payload_type])

    @property
    def receive_formats(self) -> dict[int, CodecDescription]:
        """The codecs that we accept, by payload type."""
        return {payload_type: self.codecs.get(name) for payload_type, name in self.formats.items()}

    @property
    def fallbacks(self) -> dict[int, CodecDescription]:
        """The codecs that we take though they were not agreed on, by payload type."""
        return {
            payload_type: self.codecs.get(name)
            for payload_type, name in self.fallback_formats.items()
            if payload_type not in self.formats
        }

    @property
    def receive_events(self) -> dict[int, int]:
        """Clock in Hz of the telephone-events that we accept, by payload type."""
        events = dict(self.dtmf_receive_formats)
        if self.dtmf_receive_payload_type is not None:
            events.setdefault(self.dtmf_receive_payload_type, self.event_clock_rate)
        return events

    @property
    def event_clock_rate(self) -> int:
        """Clock of telephone-events, in Hz."""
        return self.dtmf_clock_rate or self.clock_rate

    def _check_formats(self, field: str, formats: Mapping[int, str]) -> None:
        for payload_type, name in formats.items():
            if not 0 <= payload_type <= 127:
                raise LocalProtocolError(f"{field}: payload type {payload_type} is not in 0..127")
            self.codecs.get(name).check_available()

    def _check_companions(self) -> None:
        sent, received = self.send_formats or self.formats, self.formats
        check_type("dtmf_send_payload_type", self.dtmf_send_payload_type, sent)
        check_type("noise_send_payload_type", self.noise_send_payload_type, sent)
        check_type("dtmf_receive_payload_type", self.dtmf_receive_payload_type, received)
        check_type("noise_receive_payload_type", self.noise_receive_payload_type, received)
        check_type("redundancy_payload_type", self.redundancy_payload_type, received)
        for payload_type in self.dtmf_receive_formats:
            check_type("dtmf_receive_formats", payload_type, received)
