"""The port through which all randomness of RTP enters: SSRC, first sequence number, RTCP intervals."""

from __future__ import annotations

from collections.abc import Callable


class RtpIds:
    """Draws every random value of the package from one source of bytes.

    In production `random_bytes` is the operating system's CSPRNG (`RFC 3550 §5.1`, §8.1: values an attacker
    cannot predict); a simulation passes a seeded source and gets the same packets again.
    """

    __slots__ = ("_random_bytes",)

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        """Take `random_bytes(n)`, which returns `n` unpredictable octets."""
        self._random_bytes = random_bytes

    def ssrc(self) -> int:
        """Return a synchronisation source identifier, 32 bits, never 0 (RFC 3550 §8.1)."""
        # 0 is legal, but many gateways take it for "unset".
        return self._integer(4) or 1

    def sequence(self) -> int:
        """Return a first sequence number, 0 to 2**15 - 1 (RFC 3550 §5.1).

        The upper half is left out because an SRTP receiver that misses the first packets guesses the
        roll-over counter from the first one it sees (RFC 3711 §3.3.1).
        """
        return self._integer(2) & 0x7FFF

    def timestamp(self) -> int:
        """Return a first RTP timestamp, 32 bits (RFC 3550 §5.1)."""
        return self._integer(4)

    def cname(self) -> str:
        """Return a short-term persistent canonical name: 96 random bits as text (RFC 7022 §4.2)."""
        return self._random_bytes(12).hex()

    def unit(self) -> float:
        """Return a number in [0, 1), for the RTCP interval (RFC 3550 §6.3.1)."""
        return self._integer(4) / 2**32

    def seed(self) -> int:
        """Return 64 bits for a generator of noise that anybody may hear and nobody need guess."""
        return self._integer(8)

    def _integer(self, octets: int) -> int:
        return int.from_bytes(self._random_bytes(octets), "big")
