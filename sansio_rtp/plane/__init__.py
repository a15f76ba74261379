"""Many sessions at once, as a structure of arrays."""

from .headers import HeaderColumns, read_headers
from .members import PlaneStatistics
from .plane import MediaPlane

__all__ = ["HeaderColumns", "MediaPlane", "PlaneStatistics", "read_headers"]
