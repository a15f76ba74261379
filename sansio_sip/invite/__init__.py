"""The INVITE usage: one call's signalling from the first INVITE to the last BYE."""

from .bye import ByeRequest
from .call_base import CallBase
from .challenge import ChallengeAnswerer, is_challenge
from .client import InviteClient
from .client_table import CLIENT_TABLE
from .concern import Concern
from .config import InviteConfig
from .dialog_request import DialogRequest
from .ends import (
    CallEnd,
    Cancelled,
    Failed,
    LocallyClosed,
    Rejected,
    RemoteBye,
    TimedOut,
    TransportLost,
)
from .events import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgress,
    IncomingCall,
    InfoReceived,
    InviteEvent,
    MediaNegotiated,
)
from .leg import Leg
from .offer_answer import OfferAnswer, OfferState
from .server import InviteServer
from .server_table import SERVER_TABLE
from .session import InviteSession
from .states import InviteInput, InviteState

__all__ = [
    "CLIENT_TABLE",
    "SERVER_TABLE",
    "ByeRequest",
    "CallAnswered",
    "CallBase",
    "CallConfirmed",
    "CallEnd",
    "CallEnded",
    "CallProgress",
    "Cancelled",
    "ChallengeAnswerer",
    "Concern",
    "DialogRequest",
    "Failed",
    "IncomingCall",
    "InfoReceived",
    "InviteClient",
    "InviteConfig",
    "InviteEvent",
    "InviteInput",
    "InviteServer",
    "InviteSession",
    "InviteState",
    "Leg",
    "LocallyClosed",
    "MediaNegotiated",
    "OfferAnswer",
    "OfferState",
    "Rejected",
    "RemoteBye",
    "TimedOut",
    "TransportLost",
    "is_challenge",
]
