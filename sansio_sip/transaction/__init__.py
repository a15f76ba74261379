"""The four transactions and the layer that holds them (RFC 3261 §17, RFC 6026)."""

from .base import Transaction
from .client_invite import ClientInvite
from .client_non_invite import ClientNonInvite
from .config import LayerConfig, LayerStatistics
from .events import (
    AckReceived,
    FailureResponse,
    ProvisionalResponse,
    RequestReceived,
    StrayResponse,
    SuccessResponse,
    TransactionEvent,
    TransactionKey,
    TransactionTerminated,
    TransactionTimedOut,
    TransportFailed,
)
from .layer import TransactionLayer
from .outbound import Outbound, TransactionUser
from .schedule import Schedule
from .server_invite import ServerInvite
from .server_non_invite import ServerNonInvite
from .table import Input, Rule, State, Table
from .target import TargetNeeded
from .timers import TimerConfig

__all__ = [
    "AckReceived",
    "ClientInvite",
    "ClientNonInvite",
    "FailureResponse",
    "Input",
    "LayerConfig",
    "LayerStatistics",
    "Outbound",
    "ProvisionalResponse",
    "RequestReceived",
    "Rule",
    "Schedule",
    "ServerInvite",
    "ServerNonInvite",
    "State",
    "StrayResponse",
    "SuccessResponse",
    "Table",
    "TargetNeeded",
    "TimerConfig",
    "Transaction",
    "TransactionEvent",
    "TransactionKey",
    "TransactionLayer",
    "TransactionTerminated",
    "TransactionTimedOut",
    "TransactionUser",
    "TransportFailed",
]
