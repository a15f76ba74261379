"""Between those who send requests and the transactions: where requests go, and where else (RFC 3263)."""

from .alias import alias_of
from .hop import next_hop
from .outbound import Outbound
from .own_address import OwnAddress, OwnAddresses
from .statistics import OutboundStatistics
from .user import Finisher, TransactionUser
from .way import Way, put_way

__all__ = [
    "Finisher",
    "Outbound",
    "OutboundStatistics",
    "OwnAddress",
    "OwnAddresses",
    "TransactionUser",
    "Way",
    "alias_of",
    "next_hop",
    "put_way",
]
