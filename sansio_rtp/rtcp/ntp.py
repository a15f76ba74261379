"""NTP timestamps of RTCP and the round-trip time they give (RFC 3550 §4, §6.4.1)."""

from __future__ import annotations

_UNIX_EPOCH_IN_NTP = 2_208_988_800
"""Seconds from 1900 to 1970."""


def ntp_timestamp(wall: float) -> int:
    """Return the 64-bit NTP timestamp of `wall`, seconds since 1970; it wraps as NTP eras do."""
    seconds = int(wall // 1)
    fraction = int((wall - seconds) * 2**32)
    return (seconds + _UNIX_EPOCH_IN_NTP & 0xFFFFFFFF) << 32 | fraction


def middle_bits(ntp: int) -> int:
    """Return the middle 32 of the 64 bits of `ntp`: units of 1/65536 s, as LSR carries them."""
    return ntp >> 16 & 0xFFFFFFFF


def round_trip_units(arrival: int, last_sr: int, delay_since_last_sr: int) -> int:
    """Compute a round-trip time (RFC 3550 figure 2).

    Args:
        arrival: Middle bits of the time when the report block came.
        last_sr: LSR of the block.
        delay_since_last_sr: DLSR of the block.

    Returns:
        Units of 1/65536 s. A clock that disagrees by a few units would give a small negative number: that
        counts as 0.
    """
    difference = (arrival - last_sr - delay_since_last_sr) & 0xFFFFFFFF
    return 0 if difference >= 0x80000000 else difference
