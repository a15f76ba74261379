"""The E-model: a rating of the call from delay and loss (ITU-T G.107, default parameters)."""

from __future__ import annotations

import math
from enum import Enum
from typing import TypeVar

import numpy as np
import numpy.typing as npt

LossT = TypeVar("LossT", float, npt.NDArray[np.float64])

_RO = 94.7688
"""Basic signal-to-noise ratio with every default of G.107."""
_IS = 1.4136
"""Simultaneous impairment with every default of G.107."""
_TELR_DB = 65.0
_WEPL_DB = 110.0

G711_BPL = 25.1
"""Robustness of G.711 with concealment as in Appendix I (G.113); without concealment it is 4.3."""
G711_BPL_WITHOUT_CONCEALMENT = 4.3


class AlertLevel(Enum):
    """What a MOS means to an operator."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    CRITICAL = "critical"


def r_factor(
    delay_ms: float, loss: float, *, burst_ratio: float = 1.0, ie: float = 0.0, bpl: float = G711_BPL
) -> float:
    """Rate a connection with the E-model (ITU-T G.107 §7).

    Args:
        delay_ms: One-way delay from mouth to ear.
        loss: Share of packets that could not be played, 0 to 1.
        burst_ratio: Mean length of a loss burst over the one that random loss would give; 1 is random.
        ie: Equipment impairment of the codec; 0 for G.711.
        bpl: Packet-loss robustness of the codec and its concealment.

    Returns:
        R, from 0 to 93.2: a perfect G.711 call has 93.2.
    """
    delay_ms = max(delay_ms, 0.0)
    ie_eff = effective_impairment(min(max(loss, 0.0), 1.0), burst_ratio=burst_ratio, ie=ie, bpl=bpl)
    return max(0.0, _RO - _IS - _delay_impairment(delay_ms) - ie_eff)


def effective_impairment(
    loss: LossT, *, burst_ratio: float = 1.0, ie: float = 0.0, bpl: float = G711_BPL
) -> LossT:
    """Return what codec and loss take from R: `Ie-eff` (ITU-T G.107 §7.4).

    Args:
        loss: Share of packets that could not be played, 0 to 1: one number, or an array of any shape.
        burst_ratio: As in `r_factor`.
        ie: As in `r_factor`.
        bpl: As in `r_factor`, above zero.
    """
    percent = loss * 100.0
    return ie + (95.0 - ie) * percent / (percent / max(burst_ratio, 1.0) + bpl)


def mos(r: float) -> float:
    """Turn R into a mean opinion score, 1 to 4.5 (ITU-T G.107 annex B): 93.2 gives 4.41."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def alert_level(score: float) -> AlertLevel:
    """Name the MOS `score`: good from 4, fair from 3, poor from 2, else critical."""
    if score >= 4:
        return AlertLevel.GOOD
    if score >= 3:
        return AlertLevel.FAIR
    return AlertLevel.POOR if score >= 2 else AlertLevel.CRITICAL


def _delay_impairment(delay_ms: float) -> float:
    return _talker_echo(delay_ms) + _listener_echo(delay_ms) + _absolute_delay(delay_ms)


def _talker_echo(delay_ms: float) -> float:
    terv = (
        _TELR_DB
        - 40 * math.log10((1 + delay_ms / 10) / (1 + delay_ms / 150))
        + 6 * math.exp(-0.3 * delay_ms**2)
    )
    half = (_RO - (80 + 2.5 * (terv - 14))) / 2
    # Around 1 ms the formula falls just below 0, which nobody hears.
    return max(0.0, (half + math.sqrt(half**2 + 100) - 1) * (1 - math.exp(-delay_ms)))


def _listener_echo(delay_ms: float) -> float:
    half = (_RO - 10.5 * (_WEPL_DB + 7) * math.pow(2 * delay_ms + 1, -0.25)) / 2
    return half + math.sqrt(half**2 + 169)


def _absolute_delay(delay_ms: float) -> float:
    if delay_ms <= 100:
        return 0.0
    x = math.log2(delay_ms / 100)
    return float(25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2))
