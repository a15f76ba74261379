"""What we can do, and what an offer and an answer agreed on."""

from __future__ import annotations

import attrs

from .crypto import CryptoAttribute
from .direction import Direction
from .formats import MediaFormat, is_voice
from .keying import SrtpKeys, SrtpPolicy
from .model import Attributes
from .own_attributes import check_attributes

__all__ = ["LocalMedia", "NegotiatedMedia"]

_OFF = SrtpPolicy.OFF  # looked up at every call


@attrs.frozen
class LocalMedia:
    """Our side of one audio stream.

    Attributes:
        address: Address to receive on; IPv6 without brackets.
        port: RTP port to receive on.
        formats: Codecs and telephone-event in order of preference, each with its own payload type.
        ptime: Packet duration that we want to receive, in ms.
        direction: What we want to do.
        rtcp_mux: Whether we can have RTP and RTCP on one port.
        srtp: Whether the stream may or must be SRTP.
        crypto: Our keys, one line for each suite in order of preference, as `make_crypto` gives them;
            empty when ``srtp`` is off.
        bandwidth: The most that we want to receive in kbit/s with all headers (``b=AS``), or None.
        attributes: More attribute lines of the stream (SDP-8).
        any_interface: Whether ``address`` is only the best guess, and whoever knows where the description
            goes may put the address in its place that the peer can reach.
    """

    address: str
    port: int
    formats: tuple[MediaFormat, ...]
    ptime: int = 20
    direction: Direction = Direction.SENDRECV
    rtcp_mux: bool = True
    srtp: SrtpPolicy = _OFF
    crypto: tuple[CryptoAttribute, ...] = ()
    bandwidth: int | None = None
    attributes: Attributes = ()
    any_interface: bool = False

    def at(self, address: str) -> LocalMedia:
        """Return the same at another address of ours, if any will do and it is one of the same family."""
        if not self.any_interface or not address or (":" in address) is not (":" in self.address):
            return self
        return self if address == self.address else attrs.evolve(self, address=address)

    def __attrs_post_init__(self) -> None:
        if not self.address or " " in self.address:
            raise ValueError(f"address {self.address!r} is not an address")
        if not 1 <= self.port <= 65_535:
            raise ValueError(f"port {self.port} is not in 1..65535")
        if not 1 <= self.ptime <= 1_000:
            raise ValueError(f"ptime {self.ptime} is not in 1..1000 ms")
        if not any(is_voice(item) for item in self.formats):
            raise ValueError("formats hold no codec")
        numbers = [item.payload_type for item in self.formats]
        if len(set(numbers)) != len(numbers) or not all(0 <= number <= 127 for number in numbers):
            raise ValueError(f"formats need different payload types in 0..127, not {numbers}")
        if self.srtp is not _OFF or self.crypto:
            self._check_crypto()
        if self.bandwidth is not None and not 1 <= self.bandwidth <= 10**9:
            raise ValueError(f"bandwidth {self.bandwidth} is not in 1..10^9 kbit/s")
        if self.attributes:
            check_attributes(self.attributes)

    def _check_crypto(self) -> None:
        if (self.srtp is _OFF) != (not self.crypto):
            raise ValueError(f"crypto has {len(self.crypto)} lines while srtp is {self.srtp.value}")
        tags = {line.tag for line in self.crypto}
        suites = {line.suite for line in self.crypto}
        if len(tags) != len(self.crypto) or len(suites) != len(self.crypto):
            raise ValueError("crypto needs a tag and a suite of its own for each line")
        if not all(line.acceptable for line in self.crypto):
            raise ValueError("crypto has a line with a suite or parameter that is not to be used")


@attrs.frozen
class NegotiatedMedia:
    """The audio stream that offer and answer agreed on (SDP-6).

    Attributes:
        local_address: Our address.
        local_port: Our RTP port.
        remote_address: Where RTP goes.
        remote_port: Where RTP goes.
        remote_rtcp_address: Where RTCP goes.
        remote_rtcp_port: Where RTCP goes; the RTP port when they share it.
        rtcp_mux: Whether RTP and RTCP share one port.
        formats: What we may send, most preferred first, with the payload types that the peer wants.
        receive_formats: What the peer may send, with the payload types that we told it.
        dtmf_payload_type: Payload type of the events that we send, or None.
        dtmf_receive_payload_type: Payload type of the events that we receive, or None.
        ptime: Duration of the packets that we send, in ms.
        direction: What we do.
        srtp: The keys of both directions; None for a stream in the clear.
        voip_metrics: Whether both sides want to be told by RTCP how they sound (RFC 3611 §5).
    """

    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    remote_rtcp_address: str
    remote_rtcp_port: int
    rtcp_mux: bool
    formats: tuple[MediaFormat, ...]
    receive_formats: tuple[MediaFormat, ...]
    dtmf_payload_type: int | None
    dtmf_receive_payload_type: int | None
    ptime: int
    direction: Direction
    srtp: SrtpKeys | None = None
    voip_metrics: bool = False
