"""Settings of one media stream, as signalling has agreed on them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from ..codec import get_codec
from ..errors import LocalProtocolError
from ..jitter import JitterConfig
from ..machine import Address
from ..srtp import SrtpConfig


def _freeze(formats: Mapping[int, str]) -> Mapping[int, str]:
    return MappingProxyType(dict(formats))


@attrs.frozen(kw_only=True)
class RtpSessionConfig:
    """What signalling has agreed on for one stream, both directions.

    Attributes:
        formats: Codec name by payload type that we accept; the types of `telephone-event` are not among them.
        send_payload_type: Payload type we send, a key of `send_formats`, or of `formats` when that is empty.
        send_formats: Codec name by payload type as the peer numbers them, when it differs from `formats`.
        clock_rate: RTP clock in Hz.
        ptime_ms: Length of a frame that `playout` returns, 5 to 120 ms.
        dtmf_send_payload_type: Payload type of telephone-events we send, or None when the peer takes none.
        dtmf_receive_payload_type: Payload type of telephone-events we accept, or None.
        dtmf_events: Event codes that the peer takes (its `fmtp`).
        cname: Canonical name for RTCP, or None to draw one.
        remote: Address of the peer's media as signalled, or None while unknown.
        remote_rtcp: Address of its RTCP; None means the port above `remote`.
        rtcp_mux: RTCP shares the port of RTP (RFC 5761).
        rtcp: Send reports at all.
        send: Whether media may be sent (direction attribute of SDP).
        receive: Whether received media is used.
        epoch: Seconds since 1970 at `now` = 0, for the NTP time in reports.
        session_bandwidth: Bits a second of the stream; RTCP takes 5 % of it (RFC 3550 §6.2).
        jitter: Limits of the jitter buffer.
        max_sources: Unproven SSRCs and unproven addresses remembered, each.
        relatch_after_s: Silence of the peer's address after which another one may be latched, for a peer
            that has moved; None for never, because an attacker could wait for a silence.
        srtp_send: What we secure our packets with (`RTP/SAVP`), or None for packets in the clear.
        srtp_receive: What the peer secures its packets with; given exactly when `srtp_send` is.
    """

    formats: Mapping[int, str] = attrs.field(converter=_freeze)
    send_payload_type: int
    send_formats: Mapping[int, str] = attrs.field(factory=dict[int, str], converter=_freeze)
    clock_rate: int = 8000
    ptime_ms: int = 20
    dtmf_send_payload_type: int | None = None
    dtmf_receive_payload_type: int | None = None
    dtmf_events: frozenset[int] = frozenset(range(16))
    cname: str | None = None
    remote: Address | None = None
    remote_rtcp: Address | None = None
    rtcp_mux: bool = False
    rtcp: bool = True
    send: bool = True
    receive: bool = True
    epoch: float = 0.0
    session_bandwidth: int = 80_000
    jitter: JitterConfig = attrs.field(factory=JitterConfig)
    max_sources: int = 16
    relatch_after_s: float | None = None
    srtp_send: SrtpConfig | None = None
    srtp_receive: SrtpConfig | None = None

    def __attrs_post_init__(self) -> None:
        """Check the values.

        Raises:
            LocalProtocolError: A value is not possible; the text names the field.
        """
        self._check_formats("formats", self.formats)
        self._check_formats("send_formats", self.send_formats)
        if not self.formats:
            raise LocalProtocolError("formats is empty")
        if self.send_payload_type not in (self.send_formats or self.formats):
            raise LocalProtocolError(f"send_payload_type {self.send_payload_type} is in no format")
        self._check_events()
        self._check_numbers()
        self._check_srtp()
        for field, address in (("remote", self.remote), ("remote_rtcp", self.remote_rtcp)):
            if address is not None and not (address[0] and 0 < address[1] < 65536):
                raise LocalProtocolError(f"{field} {address!r} is no address and port")

    @property
    def frame_samples(self) -> int:
        """Timestamp units in one frame of `ptime_ms`."""
        return self.clock_rate * self.ptime_ms // 1000

    @property
    def send_codec(self) -> str:
        """Name of the codec that `send_payload_type` stands for."""
        return (self.send_formats or self.formats)[self.send_payload_type]

    def _check_formats(self, field: str, formats: Mapping[int, str]) -> None:
        for payload_type, name in formats.items():
            if not 0 <= payload_type <= 127:
                raise LocalProtocolError(f"{field}: payload type {payload_type} is not in 0..127")
            codec = get_codec(name)
            if not codec.clock_rate == codec.sample_rate == self.clock_rate:
                raise LocalProtocolError(f"{field}: {name} has not the clock_rate {self.clock_rate}")

    def _check_events(self) -> None:
        if self.dtmf_send_payload_type in (self.send_formats or self.formats):
            raise LocalProtocolError("dtmf_send_payload_type is the payload type of a codec")
        if self.dtmf_receive_payload_type in self.formats:
            raise LocalProtocolError("dtmf_receive_payload_type is the payload type of a codec")
        for field in ("dtmf_send_payload_type", "dtmf_receive_payload_type"):
            value = getattr(self, field)
            if value is not None and not 0 <= value <= 127:
                raise LocalProtocolError(f"{field} {value} is not in 0..127")

    def _check_srtp(self) -> None:
        send, receive = self.srtp_send, self.srtp_receive
        if (send is None) != (receive is None):
            raise LocalProtocolError("srtp_send and srtp_receive: one without the other")
        if send is None or receive is None:
            return
        if {key.key_salt for key in send.keys} & {key.key_salt for key in receive.keys}:
            # Two sources with one SSRC under one key would give their key stream away (RFC 4568 §6.1).
            raise LocalProtocolError("srtp_receive has a key of srtp_send")

    def _check_numbers(self) -> None:
        limits = (
            ("clock_rate", 8000, 192_000),
            ("ptime_ms", 5, 120),
            ("session_bandwidth", 1000, 10_000_000),
            ("max_sources", 1, 1000),
        )
        for field, low, high in limits:
            value = getattr(self, field)
            if not low <= value <= high:
                raise LocalProtocolError(f"{field} is {value}, not in {low}..{high}")
