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
from .schedule import Schedule
from .server_invite import ServerInvite
from .server_non_invite import ServerNonInvite
from .stateless import STATELESS_TAG, answer_without_state, stateless_response
from .states import Input, State
from .timers import TimerConfig

__all__ = [
    "STATELESS_TAG",
    "AckReceived",
    "ClientInvite",
    "ClientNonInvite",
    "FailureResponse",
    "Input",
    "LayerConfig",
    "LayerStatistics",
    "ProvisionalResponse",
    "RequestReceived",
    "Schedule",
    "ServerInvite",
    "ServerNonInvite",
    "State",
    "StrayResponse",
    "SuccessResponse",
    "TimerConfig",
    "Transaction",
    "TransactionEvent",
    "TransactionKey",
    "TransactionLayer",
    "TransactionTerminated",
    "TransactionTimedOut",
    "TransportFailed",
    "answer_without_state",
    "stateless_response",
]
