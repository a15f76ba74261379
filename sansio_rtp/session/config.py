"""Settings of one media stream, as signalling has agreed on them."""

from __future__ import annotations

import attrs

from ..errors import LocalProtocolError
from ..jitter import JitterConfig
from ..machine import Address
from ..srtp import SrtpConfig
from .checks import check_keys, check_range
from .stream_formats import StreamFormats

_LIMITS = (
    ("sample_rate", 8000, 48_000),
    ("ptime_ms", 5, 120),
    ("dtmf_clock_rate", 8000, 192_000),
    ("session_bandwidth", 1000, 10_000_000),
    ("max_sources", 1, 1000),
    ("quality_interval_ms", 1000, 600_000),
    ("max_quality_samples", 1, 100_000),
)


@attrs.frozen(kw_only=True)
class RtpSessionConfig(StreamFormats):
    """What signalling has agreed on for one stream, both directions; its formats are in `StreamFormats`.

    Attributes:
        cname: Canonical name for RTCP, or None to draw one.
        remote: Address of the peer's media as signalled, or None while unknown.
        remote_rtcp: Address of its RTCP; None means the port above `remote`.
        rtcp_mux: RTCP shares the port of RTP (RFC 5761).
        rtcp_reduced_size: Take RTCP without a report in front, as was negotiated (RFC 5506).
        rtcp: Send reports at all.
        rtcp_xr: Tell with each report how the peer sounds here (RFC 3611 VoIP metrics), as it wants to know.
        quality_interval_ms: Time between two measurements of the quality, 1 to 600 s; None for none.
        max_quality_samples: Measurements that are remembered, of each direction; beyond that the oldest goes.
        send: Whether media may be sent (direction attribute of SDP).
        receive: Whether received media is used.
        epoch: Seconds since 1970 at `now` = 0, for the NTP time in reports.
        session_bandwidth: Bits a second of the stream; RTCP takes 5 % of it (RFC 3550 §6.2).
        jitter: Limits of the jitter buffer.
        max_sources: Unproven SSRCs and unproven addresses remembered, each.
        relatch_after_s: Silence of the peer's address after which another port of its host, or of that which
            was signalled, may be latched: a NAT has given it a new one. None for never.
        srtp_send: What we secure our packets with (`RTP/SAVP`), or None for packets in the clear.
        srtp_receive: What the peer secures its packets with; given exactly when `srtp_send` is.
    """

    cname: str | None = None
    remote: Address | None = None
    remote_rtcp: Address | None = None
    rtcp_mux: bool = False
    rtcp_reduced_size: bool = False
    rtcp: bool = True
    rtcp_xr: bool = False
    quality_interval_ms: int | None = 5_000
    max_quality_samples: int = 240
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
        super().__attrs_post_init__()
        for field, low, high in _LIMITS:
            check_range(field, getattr(self, field), low, high)
        check_keys(self.srtp_send, self.srtp_receive)
        for field, address in (("remote", self.remote), ("remote_rtcp", self.remote_rtcp)):
            if address is not None and not (address[0] and 0 < address[1] < 65536):
                raise LocalProtocolError(f"{field} {address!r} is no address and port")
