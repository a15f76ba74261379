"""Where requests go: target selection by the DNS (RFC 3263, RFC 2782)."""

from .cache import Blacklist
from .config import ResolverConfig
from .events import DnsQuestion, ResolverEvent, TargetsFound, TargetsNotFound
from .identity import certificate_identities, is_certificate_of
from .lookup import LOOKUP_TABLE
from .plan import Plan, Step, is_numeric, make_plan
from .records import AddressRecord, NaptrRecord, Record, RecordType, SrvRecord
from .resolver import Resolver
from .resolver_base import ResolverStatistics
from .services import default_port, is_secure
from .size import MAX_DATAGRAM, needs_stream
from .srv import order_srv
from .states import LookupInput, LookupState
from .target import Target, TargetList, fails_over

__all__ = [
    "LOOKUP_TABLE",
    "MAX_DATAGRAM",
    "AddressRecord",
    "Blacklist",
    "DnsQuestion",
    "LookupInput",
    "LookupState",
    "NaptrRecord",
    "Plan",
    "Record",
    "RecordType",
    "Resolver",
    "ResolverConfig",
    "ResolverEvent",
    "ResolverStatistics",
    "SrvRecord",
    "Step",
    "Target",
    "TargetList",
    "TargetsFound",
    "TargetsNotFound",
    "certificate_identities",
    "default_port",
    "fails_over",
    "is_certificate_of",
    "is_numeric",
    "is_secure",
    "make_plan",
    "needs_stream",
    "order_srv",
]
