"""How audio is sent and received: frozen, checked when it is made, every field with its unit."""

from __future__ import annotations

import attrs

from sansio_sip.sdp import CRYPTO_SUITES, DEFAULT_SUITES, SrtpPolicy
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.validation import between, choice, each, flag, one_of, optional, port_range, text

__all__ = ["MediaConfig"]

_RATES = (8_000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000)
_SRTP = tuple([policy.value for policy in SrtpPolicy])
_SUITES = tuple([suite.name for suite in CRYPTO_SUITES.values() if suite.usable])


@attrs.frozen(kw_only=True)
class MediaConfig:
    """How audio is sent and received.

    Attributes:
        ports: First and last UDP port for RTP and RTCP; a stream takes an even port and the next odd one.
        codecs: Names of the codecs to offer, the preferred one first, such as ``opus``, ``G722``, ``PCMA`` or
            ``L16/16000``; one whose library is not installed is left out.
        sample_rate: Samples a second of all audio of a call, in Hz, whatever its codec; None takes the
            highest rate of the codecs offered: 8000 for G.711, 16000 for G.722, 48000 for Opus.
        ptime_ms: Milliseconds of audio in one packet.
        jitter_min_ms: Least delay of the jitter buffer, in milliseconds.
        jitter_max_ms: Greatest delay of the jitter buffer, in milliseconds.
        dtmf: Whether to offer telephone-events.
        comfort_noise: Whether to offer comfort noise, so that a peer may describe its pauses instead.
        inband_dtmf: Whether to hear digits in the audio as well, from peers that send no telephone-events. It
            costs work for every frame of every call, and not at 44.1 kHz.
        redundancy: Whether to offer redundant audio (RFC 2198), so that a peer may send each packet twice and
            losses come back; the jitter buffer waits for a packet more. We send none.
        rtcp_xr: Whether to ask peers how they hear us, and to tell those that ask (RFC 3611 VoIP metrics).
        rtp_timeout: Seconds without a packet after which media counts as lost; None never.
        on_rtp_timeout: What happens then: ``report`` publishes `MediaTimedOut`, ``hang_up`` ends the call as
            well, with a BYE that says why. A call that one side holds is left alone.
        relatch_after: Seconds of silence after which media may come from another port of the same host than
            before, once it has proven itself; None never. The address that was signalled is always taken.
        dscp: How packets are marked for the network (RFC 4594); 46 is expedited forwarding, 0 no mark.
        relay_mode: ``tick``, which passes the packets of relayed calls on with the media clock, every 5 ms
            and many in one operation; or ``immediate``, which passes each on as it comes and costs more.
        srtp: ``off``; ``optional``, which offers keys and talks in the clear to who has none; or
            ``required``, which refuses and ends every call without them. The keys stand in SIP messages as
            they are: they are as secret as the way of those.
        srtp_suites: Names of the crypto suites to offer and to take, the preferred one first.
    """

    ports: tuple[int, int] = attrs.field(default=(10_000, 20_000), validator=port_range)
    codecs: tuple[str, ...] = attrs.field(default=("PCMU", "PCMA"), validator=each(text))
    sample_rate: int | None = attrs.field(default=None, validator=optional(one_of(*_RATES, unit=" Hz")))
    ptime_ms: int = attrs.field(default=20, validator=between(10, 60, " ms"))
    jitter_min_ms: float = attrs.field(default=20.0, validator=between(0, 1_000, " ms"))
    jitter_max_ms: float = attrs.field(default=200.0, validator=between(20, 5_000, " ms"))
    dtmf: bool = attrs.field(default=True, validator=flag)
    comfort_noise: bool = attrs.field(default=False, validator=flag)
    inband_dtmf: bool = attrs.field(default=False, validator=flag)
    redundancy: bool = attrs.field(default=False, validator=flag)
    rtcp_xr: bool = attrs.field(default=False, validator=flag)
    rtp_timeout: float | None = attrs.field(default=None, validator=optional(between(1, unit=" s")))
    on_rtp_timeout: str = attrs.field(default="report", validator=choice("report", "hang_up"))
    relatch_after: float | None = attrs.field(default=5.0, validator=optional(between(1, unit=" s")))
    dscp: int = attrs.field(default=46, validator=between(0, 63))
    relay_mode: str = attrs.field(default="tick", validator=choice("tick", "immediate"))
    srtp: str = attrs.field(default="off", validator=choice(*_SRTP))
    srtp_suites: tuple[str, ...] = attrs.field(default=DEFAULT_SUITES, validator=each(choice(*_SUITES)))

    def __attrs_post_init__(self) -> None:
        """Check what concerns two fields."""
        if self.ptime_ms % 10:
            raise ConfigurationError(f"must be a multiple of 10 ms, not {self.ptime_ms}", field="ptime_ms")
        if self.jitter_max_ms < self.jitter_min_ms:
            raise ConfigurationError("must not be less than jitter_min_ms", field="jitter_max_ms")
        if len(set(self.codecs)) != len(self.codecs):
            raise ConfigurationError("names a codec twice", field="codecs")
        if len(set(self.srtp_suites)) != len(self.srtp_suites):
            raise ConfigurationError("names a suite twice", field="srtp_suites")
