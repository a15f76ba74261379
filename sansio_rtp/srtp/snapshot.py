"""What a cryptographic context knows besides its keys: for a hand-over, and for a log."""

from __future__ import annotations

import attrs


@attrs.frozen
class SourceSnapshot:
    """Where one source stands.

    Attributes:
        ssrc: The source.
        index: Highest index of RTP, `2**16 * ROC + SEQ`; -1 before the first packet.
        rtcp_index: Highest index of SRTCP; -1 before the first packet.
    """

    ssrc: int
    index: int
    rtcp_index: int


@attrs.frozen
class KeyUsage:
    """How much one master key has secured.

    Attributes:
        mki: Which of the keys, by its identifier.
        rtp_packets: Packets of RTP.
        rtcp_packets: Packets of RTCP.
    """

    mki: bytes
    rtp_packets: int
    rtcp_packets: int


@attrs.frozen
class ContextSnapshot:
    """The state of a cryptographic context; it holds no key."""

    sources: tuple[SourceSnapshot, ...] = ()
    keys: tuple[KeyUsage, ...] = ()


@attrs.frozen(kw_only=True)
class SrtpStatistics:
    """What one cryptographic context has counted.

    Attributes:
        packets: Packets secured or accepted, RTP and RTCP.
        authentication_failed: Packets with a wrong tag.
        replayed: Packets whose index came before or was too old.
        malformed: Packets that are no RTP or RTCP, or are cut.
        unknown_master_key: Packets whose MKI names no key.
        key_spent: Packets refused because their master key has secured all that it may.
        too_many_sources: Packets of sources that were not taken in.
        index_reused: Packets that would have used a key stream twice.
        sources: SSRCs held.
        remaining: Packets that the key in use may still secure, of the kind that ends first.
    """

    packets: int
    authentication_failed: int
    replayed: int
    malformed: int
    unknown_master_key: int
    key_spent: int
    too_many_sources: int
    index_reused: int
    sources: int
    remaining: int
