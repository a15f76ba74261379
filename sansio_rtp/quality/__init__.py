"""Quality of a call from measured loss and delay."""

from .emodel import (
    G711_BPL,
    G711_BPL_WITHOUT_CONCEALMENT,
    AlertLevel,
    alert_level,
    effective_impairment,
    mos,
    r_factor,
)
from .gilbert import GMIN, BurstMeter, BurstMetrics
from .monitor import AlertChanged, QualityMonitor, QualitySample, unpack_samples

__all__ = [
    "G711_BPL",
    "G711_BPL_WITHOUT_CONCEALMENT",
    "GMIN",
    "AlertChanged",
    "AlertLevel",
    "BurstMeter",
    "BurstMetrics",
    "QualityMonitor",
    "QualitySample",
    "alert_level",
    "effective_impairment",
    "mos",
    "r_factor",
    "unpack_samples",
]
