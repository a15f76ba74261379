from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sansio_rtp.rtcp import (
    RtcpSchedule,
    deterministic_interval,
    middle_bits,
    ntp_timestamp,
    randomised,
    round_trip_units,
)

MIDDLE = 0.5 + 1e-12


@pytest.mark.parametrize(
    ("members", "senders", "we_sent", "initial", "seconds"),
    [
        (2, 2, True, True, 2.5),
        (2, 2, True, False, 5.0),
        (2, 0, False, False, 5.0),
        (1000, 1, False, False, 100 * 999 / (500 * 0.75)),
        (1000, 100, True, False, 100 * 100 / (500 * 0.25)),
        (1000, 900, True, False, 100 * 1000 / 500),
    ],
)
def test_the_interval_follows_the_size_of_the_group(
    members: int, senders: int, we_sent: bool, initial: bool, seconds: float
) -> None:
    """MED-6: RFC 3550 §6.3.1."""
    interval = deterministic_interval(
        members=members,
        senders=senders,
        rtcp_bandwidth=500,
        we_sent=we_sent,
        average_size=100,
        initial=initial,
    )
    assert interval == pytest.approx(seconds)


def test_the_interval_is_spread_and_compensated() -> None:
    """MED-6: 0.5 to 1.5 of it over 1.21828."""
    assert randomised(5, 0.0) == pytest.approx(2.5 / 1.21828, rel=1e-5)
    assert randomised(5, 1.0) == pytest.approx(7.5 / 1.21828, rel=1e-5)


def group(members: int = 2, senders: int = 2) -> dict[str, Any]:
    return {"members": members, "senders": senders, "we_sent": True}


def test_the_first_report_comes_after_half_the_minimum() -> None:
    """MED-6"""
    schedule = RtcpSchedule(now=10.0, rtcp_bandwidth=500, unit=lambda: MIDDLE)
    assert schedule.deadline == pytest.approx(10 + 2.5 / 1.21828, rel=1e-5)
    now = schedule.deadline
    assert schedule.expire(now, **group())
    schedule.sent(now, 100, **group())
    assert schedule.deadline == pytest.approx(now + 5 / 1.21828, rel=1e-5)


def test_a_group_that_has_grown_is_reconsidered() -> None:
    """MED-6: RFC 3550 §6.3.6."""
    schedule = RtcpSchedule(now=0.0, rtcp_bandwidth=500, unit=lambda: MIDDLE)
    first = schedule.deadline
    assert not schedule.expire(first, **group(1000, 900))
    assert schedule.deadline > first + 50


def test_a_group_that_has_shrunk_reports_earlier() -> None:
    """MED-6: reverse reconsideration, RFC 3550 §6.3.4."""
    schedule = RtcpSchedule(now=0.0, rtcp_bandwidth=500, unit=lambda: MIDDLE)
    schedule.expire(schedule.deadline, **group(1000, 900))
    before = schedule.deadline
    schedule.member_left(10.0, 500)
    assert schedule.deadline == pytest.approx(10 + (before - 10) / 2)
    unchanged = schedule.deadline
    schedule.member_left(10.0, 600)
    assert schedule.deadline == unchanged


def test_a_member_is_gone_after_five_intervals() -> None:
    """MED-6: RFC 3550 §6.3.5."""
    schedule = RtcpSchedule(now=0.0, rtcp_bandwidth=500, unit=lambda: MIDDLE)
    assert schedule.timeout(members=2, senders=2) == 12.5


def test_the_round_trip_of_figure_2(vectors: Callable[[str], Any]) -> None:
    """MED-20: RFC 3550 figure 2."""
    values = vectors("rtt.json")["values"]
    assert round_trip_units(values["A"], values["lsr"], values["dlsr"]) == values["rtt"]
    assert round_trip_units(values["rtt"], values["rtt"], 1) == 0
    assert round_trip_units(5, 0xFFFFFFFF, 2) == 4


def test_ntp_time_counts_from_1900() -> None:
    """MED-6: RFC 3550 §4."""
    assert ntp_timestamp(0.0) == 2_208_988_800 << 32
    assert ntp_timestamp(1.5) == 2_208_988_801 << 32 | 0x80000000
    assert middle_bits(0x0123_4567_89AB_CDEF) == 0x4567_89AB
    assert ntp_timestamp(2.0**32 - 2_208_988_800 + 1) >> 32 == 1
