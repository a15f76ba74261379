"""Which work from the network is taken on: limits, overload, scanners and bans."""

from .config import AdmissionConfig
from .control import AdmissionControl
from .statistics import AdmissionStatistics

__all__ = ["AdmissionConfig", "AdmissionControl", "AdmissionStatistics"]
