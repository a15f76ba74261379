"""What callers hear in which country: dial tone, ringback, busy, congestion (after ITU-T E.180).

Where a country modulates a tone, the sines are those that the modulation gives. Of several variants in use
one common one is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from .tones import Tone


@attrs.frozen
class TonePlan:
    """The tones of one country.

    Attributes:
        dial: The line is free.
        ringback: The other end rings.
        busy: The other end is busy.
        congestion: The network is busy.
    """

    dial: Tone
    ringback: Tone
    busy: Tone
    congestion: Tone


_HALF = (0.5, 0.5)
_QUARTER = (0.25, 0.25)


def _plain(
    hz: float,
    ring: tuple[float, ...],
    busy: tuple[float, ...] = _HALF,
    congestion: tuple[float, ...] = _QUARTER,
    *,
    dial: tuple[float, ...] = (),
) -> TonePlan:
    """Return the plan of a country that uses one frequency for all."""
    one = (hz,)
    return TonePlan(Tone(one, dial), Tone(one, ring), Tone(one, busy), Tone(one, congestion))


_NORTH_AMERICA = TonePlan(
    Tone((350.0, 440.0)),
    Tone((440.0, 480.0), (2.0, 4.0)),
    Tone((480.0, 620.0), _HALF),
    Tone((480.0, 620.0), _QUARTER),
)
_DOUBLE_RING = (0.4, 0.2, 0.4, 2.0)

TONE_PLANS: Mapping[str, TonePlan] = MappingProxyType(
    {
        "AT": _plain(420.0, (1.0, 5.0), (0.4, 0.4), (0.2, 0.2)),
        "AU": TonePlan(
            Tone((413.0, 438.0)),
            Tone((413.0, 438.0), _DOUBLE_RING),
            Tone((425.0,), (0.375, 0.375)),
            Tone((420.0,), (0.375, 0.375)),
        ),
        "BE": _plain(425.0, (1.0, 3.0), congestion=(0.167, 0.167)),
        "BR": _plain(425.0, (1.0, 4.0), _QUARTER, (0.25, 0.25, 0.75, 0.25)),
        "CA": _NORTH_AMERICA,
        "CH": _plain(425.0, (1.0, 4.0), congestion=(0.2, 0.2)),
        "CN": _plain(450.0, (1.0, 4.0), (0.35, 0.35), (0.7, 0.7)),
        "CZ": _plain(425.0, (1.0, 4.0), (0.33, 0.33), (0.165, 0.165), dial=(0.33, 0.33, 0.66, 0.66)),
        "DE": _plain(425.0, (1.0, 4.0), (0.48, 0.48), (0.24, 0.24)),
        "DK": _plain(425.0, (1.0, 4.0)),
        "ES": _plain(425.0, (1.5, 3.0), (0.2, 0.2), (0.2, 0.2, 0.2, 0.2, 0.2, 0.6)),
        "FI": _plain(425.0, (1.0, 4.0), (0.3, 0.3), (0.2, 0.2)),
        "FR": _plain(440.0, (1.5, 3.5), _HALF, _QUARTER),
        "GB": TonePlan(
            Tone((350.0, 440.0)),
            Tone((400.0, 450.0), _DOUBLE_RING),
            Tone((400.0,), (0.375, 0.375)),
            Tone((400.0,), (0.4, 0.35, 0.225, 0.525)),
        ),
        "IN": TonePlan(
            Tone((375.0, 425.0)),
            Tone((375.0, 425.0), _DOUBLE_RING),
            Tone((400.0,), (0.75, 0.75)),
            Tone((400.0,), _QUARTER),
        ),
        "IT": _plain(425.0, (1.0, 4.0), _HALF, (0.2, 0.2), dial=(0.2, 0.2, 0.6, 1.0)),
        "JP": TonePlan(
            Tone((400.0,)), Tone((384.0, 416.0), (1.0, 2.0)), Tone((400.0,), _HALF), Tone((400.0,), _HALF)
        ),
        "MX": _plain(425.0, (1.0, 4.0), _QUARTER, _QUARTER),
        "NL": _plain(425.0, (1.0, 4.0), _HALF, _QUARTER),
        "NO": _plain(425.0, (1.0, 4.0), _HALF, (0.2, 0.2)),
        "NZ": TonePlan(
            Tone((400.0,)),
            Tone((400.0, 450.0), _DOUBLE_RING),
            Tone((400.0,), _HALF),
            Tone((400.0,), _QUARTER),
        ),
        "PL": _plain(425.0, (1.0, 4.0), _HALF, _HALF),
        "PT": _plain(425.0, (1.0, 5.0), _HALF, (0.2, 0.2)),
        "RU": _plain(425.0, (0.8, 3.2), (0.4, 0.4), (0.2, 0.2)),
        "SE": _plain(425.0, (1.0, 5.0), _QUARTER, (0.25, 0.75)),
        "US": _NORTH_AMERICA,
        "ZA": TonePlan(
            Tone((367.0, 433.0)),
            Tone((367.0, 433.0), _DOUBLE_RING),
            Tone((400.0,), _HALF),
            Tone((400.0,), _QUARTER),
        ),
    }
)
"""Tones by country code (ISO 3166-1 alpha-2)."""
