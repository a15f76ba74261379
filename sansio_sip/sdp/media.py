"""What we can do, and what an offer and an answer agreed on."""

from __future__ import annotations

import attrs

from .direction import Direction
from .formats import MediaFormat, is_voice

__all__ = ["LocalMedia", "NegotiatedMedia"]


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
    """

    address: str
    port: int
    formats: tuple[MediaFormat, ...]
    ptime: int = 20
    direction: Direction = Direction.SENDRECV
    rtcp_mux: bool = True

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
