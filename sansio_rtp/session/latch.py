"""Symmetric RTP: which address is the peer's, when a NAT stands in between (RFC 4961, RFC 7362)."""

from __future__ import annotations

from collections import OrderedDict

import attrs

from ..machine import Address
from ..packet import MIN_SEQUENTIAL, RtpPacket


@attrs.define
class _Candidate:
    ssrc: int
    sequence: int
    streak: int
    held: list[tuple[RtpPacket, float]]


class SourceLatch:
    """Decides from which address packets are taken, and to which ours go.

    The signalled address is taken at once, whenever it comes. Another address is a stranger, unless nothing
    came from the signalled one yet and it proves itself with packets in sequence: then it is the peer behind
    a NAT, and everybody else but the signalled address is a stranger from then on.

    Attributes:
        signalled: The peer's address as signalling has it, or None.
        destination: Where our packets go.
        strangers: Packets dropped because of their address.
        evicted: Candidates forgotten because the table was full.
    """

    def __init__(
        self, signalled: Address | None, *, max_candidates: int, relatch_after_s: float | None = None
    ) -> None:
        """Begin with the signalled address as destination."""
        self._max_candidates = max_candidates
        self._relatch_after_s = relatch_after_s
        self._candidates: OrderedDict[Address, _Candidate] = OrderedDict()
        self._peer: Address | None = None
        self._heard_at = float("-inf")
        self.signalled: Address | None = signalled
        self.destination = signalled
        self.strangers = 0
        self.evicted = 0

    @property
    def peer(self) -> Address | None:
        """The address that was taken for the peer's, or None before the first packet."""
        return self._peer

    @property
    def heard_at(self) -> float:
        """When a packet came from that address last; minus infinity before the first."""
        return self._heard_at

    def resignal(self, signalled: Address | None) -> None:
        """Take a new address from signalling; the same one again (a refresh, hold) changes nothing."""
        if signalled != self.signalled:
            self.signalled = self.destination = signalled
            self._peer = None
            self._candidates.clear()

    def accepts(self, source: Address, now: float) -> bool:
        """Tell whether a packet from `source` is the peer's by its address; if so, note that it came."""
        if source == self._peer:
            self._heard_at = now
            return True
        if source == self.signalled:
            self._take(source, now)
            return True
        return False

    def hear(self, now: float) -> None:
        """Note that the peer's address was heard at `now`."""
        self._heard_at = now

    def prove(self, packet: RtpPacket, source: Address, now: float) -> list[tuple[RtpPacket, float]]:
        """Take an RTP packet of a known payload type from an address that was not accepted.

        Returns:
            Nothing while it is a stranger's; once the address has proven itself, the packets that proved it
            with the times when they came, oldest first.
        """
        if self._peer is not None and not (self._is_quiet(now) and self._is_consistent(source)):
            self.strangers += 1
            return []
        candidate = self._candidate(packet, source)
        if packet.sequence == (candidate.sequence + 1) & 0xFFFF and packet.ssrc == candidate.ssrc:
            candidate.streak += 1
        elif packet.sequence != candidate.sequence or packet.ssrc != candidate.ssrc:
            candidate.streak, candidate.ssrc = 1, packet.ssrc
            candidate.held.clear()
        candidate.sequence = packet.sequence
        if candidate.streak < MIN_SEQUENTIAL:
            candidate.held = [(packet, now)]
            self.strangers += 1
            return []
        self.strangers -= len(candidate.held)
        self._take(source, now)
        return [*candidate.held, (packet, now)]

    def _take(self, source: Address, now: float) -> None:
        self._peer = self.destination = source
        self._heard_at = now
        self._candidates.clear()

    def _is_quiet(self, now: float) -> bool:
        return self._relatch_after_s is not None and now - self._heard_at >= self._relatch_after_s

    def _is_consistent(self, source: Address) -> bool:
        """Tell whether a source is on a host that we know: an attacker elsewhere could wait for a silence."""
        hosts = {known[0] for known in (self._peer, self.signalled) if known is not None}
        return source[0] in hosts

    def _candidate(self, packet: RtpPacket, source: Address) -> _Candidate:
        candidate = self._candidates.get(source)
        if candidate is None:
            candidate = _Candidate(packet.ssrc, (packet.sequence - 1) & 0xFFFF, 0, [])
            self._candidates[source] = candidate
            if len(self._candidates) > self._max_candidates:
                self._candidates.popitem(last=False)
                self.evicted += 1
        return candidate
