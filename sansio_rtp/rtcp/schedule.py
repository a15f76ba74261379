"""When the next RTCP report is due, with reconsideration (RFC 3550 §6.3.2 to §6.3.6)."""

from __future__ import annotations

from collections.abc import Callable

from .interval import deterministic_interval, randomised

UDP_IP_OCTETS = 28
"""Header octets of UDP over IPv4, which count towards the RTCP bandwidth (§6.2)."""


class RtcpSchedule:
    """The RTCP timer of one participant.

    Attributes:
        deadline: Absolute seconds of the next expiry.
        overhead: Octets that SRTCP adds to a compound packet; they count for the bandwidth (RFC 3711 §3.4).
    """

    __slots__ = (
        "_average_size",
        "_bandwidth",
        "_initial",
        "_members",
        "_previous",
        "_unit",
        "deadline",
        "overhead",
    )

    def __init__(
        self, *, now: float, rtcp_bandwidth: float, unit: Callable[[], float], overhead: int = 0
    ) -> None:
        """Join at `now`.

        Args:
            now: Absolute seconds.
            rtcp_bandwidth: Octets per second for all RTCP of the session.
            unit: Source of numbers in [0, 1).
            overhead: Octets that SRTCP adds to a compound packet.
        """
        self._bandwidth = rtcp_bandwidth
        self._unit = unit
        self.overhead = overhead
        self._average_size = 100.0 + overhead + UDP_IP_OCTETS  # probable size of the first report (§6.3.2)
        self._initial = True
        self._members = 1
        self._previous = now
        self.deadline = now + self._interval(1, 0, False)

    def expire(self, now: float, *, members: int, senders: int, we_sent: bool) -> bool:
        """Handle an expired timer; return True when a report is to be sent now, then call `sent` (§6.3.6).

        Otherwise the group has grown and the deadline has moved: "timer reconsideration".
        """
        due = self._previous + self._interval(members, senders, we_sent)
        self._members = members
        if due > now:
            self.deadline = due
            return False
        return True

    def sent(self, now: float, size: int, *, members: int, senders: int, we_sent: bool) -> None:
        """Note that a report of `size` octets went out at `now`, and set the next deadline."""
        self.observe(size)
        self._previous = now
        self._initial = False
        self.deadline = now + self._interval(members, senders, we_sent)

    def observe(self, size: int) -> None:
        """Take a compound packet of `size` octets, sent or received, into the average (§6.3.3).

        What SRTCP adds is not in `size`.
        """
        self._average_size += (size + self.overhead + UDP_IP_OCTETS - self._average_size) / 16

    def member_left(self, now: float, members: int) -> None:
        """Bring the next report forward when the group has shrunk: "reverse reconsideration" (§6.3.4)."""
        if members >= self._members:
            return
        ratio = members / self._members
        self.deadline = now + ratio * (max(self.deadline, now) - now)
        self._previous = now - ratio * (now - self._previous)
        self._members = members

    def timeout(self, *, members: int, senders: int) -> float:
        """Return the seconds of silence after which a member is gone: five receiver intervals (§6.3.5)."""
        return 5 * self._deterministic(members, senders, False)

    def _interval(self, members: int, senders: int, we_sent: bool) -> float:
        return randomised(self._deterministic(members, senders, we_sent), self._unit())

    def _deterministic(self, members: int, senders: int, we_sent: bool) -> float:
        return deterministic_interval(
            members=members,
            senders=senders,
            rtcp_bandwidth=self._bandwidth,
            we_sent=we_sent,
            average_size=self._average_size,
            initial=self._initial,
        )
