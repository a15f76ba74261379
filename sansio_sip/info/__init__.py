"""INFO inside calls and its packages (RFC 6086)."""

from .info_negotiation import InfoNegotiation, InfoSupport, InfoVerdict
from .info_package import InfoPackage, info_package_of, recv_info_of

__all__ = [
    "InfoNegotiation",
    "InfoPackage",
    "InfoSupport",
    "InfoVerdict",
    "info_package_of",
    "recv_info_of",
]
