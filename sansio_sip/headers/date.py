"""Date: wall time in GMT (RFC 3261 §20.17)."""

from __future__ import annotations

import re

from ._reading import fault

__all__ = ["format_date", "parse_date"]

_DAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # day 0 of the epoch was a Thursday
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DATE = re.compile(
    rf"(?:{'|'.join(_DAYS)}), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


def _days_before(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar.

    The year is taken to begin in March, so that the leap day is its last.
    """
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 719_469


def parse_date(text: str) -> int:
    """Read a date.

    Args:
        text: Such as ``Sat, 13 Nov 2010 23:29:00 GMT``.

    Returns:
        Seconds since 1970-01-01 00:00 GMT; a leap second counts as the next one.

    Raises:
        ParseError: It is no date in GMT.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise fault("not a date in GMT", "date", "RFC 3261 §25.1 SIP-date")
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    month = _MONTHS.index(match[2]) + 1
    if not 1 <= day <= _LENGTHS[month - 1] or hour > 23 or minute > 59 or second > 60:
        raise fault("no such day or time", "date", "RFC 3261 §25.1 SIP-date", error_class="number-range")
    return _days_before(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second


def format_date(epoch_seconds: float) -> str:
    """Write a date.

    Args:
        epoch_seconds: Seconds since 1970-01-01 00:00 GMT; fractions are dropped.
    """
    days, rest = divmod(int(epoch_seconds // 1), 86_400)
    # Eras of 400 years begin on 1 March, so that what is irregular stands at their ends.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    year += 400 * era
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month, year = (month + 3, year) if month < 10 else (month - 9, year + 1)
    clock = f"{rest // 3_600:02}:{rest % 3_600 // 60:02}:{rest % 60:02}"
    return f"{_DAYS[days % 7]}, {day:02} {_MONTHS[month - 1]} {year:04} {clock} GMT"
