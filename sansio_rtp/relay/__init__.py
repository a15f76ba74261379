"""Packets that pass from one session to another without being decoded."""

from .agreement import RelayMismatchError, agree
from .news import FormatRefused, PathStatistics
from .path import RelayPath
from .plane import RelayPlane, RelayPlaneStatistics
from .relay import MediaRelay

__all__ = [
    "FormatRefused",
    "MediaRelay",
    "PathStatistics",
    "RelayMismatchError",
    "RelayPath",
    "RelayPlane",
    "RelayPlaneStatistics",
    "agree",
]
