"""The INVITE usage: one call's signalling from the first INVITE to the last BYE."""

from .agreement import Agreement
from .bye import ByeRequest
from .call_base import CallBase
from .client import InviteClient
from .client_table import CLIENT_TABLE
from .concern import Concern, ConcernOwner
from .config import InCallTaker, InviteConfig
from .dialog_request import DialogRequest
from .ends import (
    CallEnd,
    Cancelled,
    Failed,
    LocallyClosed,
    Rejected,
    RemoteBye,
    Replaced,
    TimedOut,
    TransportLost,
)
from .events import (
    AnswerReceived,
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgress,
    IncomingCall,
    InfoReceived,
    InviteEvent,
    MediaNegotiated,
    OfferReceived,
    OfferWithdrawn,
    UpdateFailed,
)
from .hold import HOLD, RESUME, held, resumed
from .leg import Leg
from .modify import MODIFY_TABLE, Modifier
from .modify_request import Wish
from .modify_states import ModifyInput, ModifyState
from .negotiation import Negotiation
from .offer_answer import OfferAnswer
from .offer_in_response import OFFER_IN_RESPONSE_TABLE, OfferInResponse
from .offer_rules import passed_fields
from .offer_server import OFFER_TABLE, OfferServer
from .offer_state import OfferState
from .passed_bodies import PassedBodies
from .prack import PrackRequest
from .recovery import DialogRecovery
from .recovery_config import RecoveryConfig
from .recovery_events import CallRecovered, CallRecovering
from .recovery_table import RECOVERY_TABLE
from .refer_client import REFER_CLIENT_TABLE, ReferClient
from .refer_config import ReferConfig
from .refer_events import (
    ReferAccepted,
    ReferEnd,
    ReferEnded,
    ReferFinished,
    ReferLost,
    ReferProgressed,
    ReferReceived,
    ReferRefused,
)
from .refer_notify import NOTIFY_TABLE, NotifyQueue
from .refer_server import REFER_SERVER_TABLE, ReferServer
from .reinvite_server import REINVITE_TABLE, ReinviteServer
from .reliable import RELIABLE_TABLE, ReliableResponses
from .replaces import UNRELATED, Relation, relation_of
from .restored import RESTORED_TABLE, RestoredCall
from .server import InviteServer
from .server_table import SERVER_TABLE
from .session import InviteSession
from .session_body import SessionBody
from .session_terms import SessionTerms, SessionTimerConfig
from .session_timer import SessionTimer
from .session_timer_table import SESSION_TIMER_TABLE
from .snapshot import call_to_dict, restore_call
from .states import InviteInput, InviteState
from .transfers import Transfers
from .user_request import Heard, send_in_call, send_info

__all__ = [
    "CLIENT_TABLE",
    "HOLD",
    "MODIFY_TABLE",
    "NOTIFY_TABLE",
    "OFFER_IN_RESPONSE_TABLE",
    "OFFER_TABLE",
    "RECOVERY_TABLE",
    "REFER_CLIENT_TABLE",
    "REFER_SERVER_TABLE",
    "REINVITE_TABLE",
    "RELIABLE_TABLE",
    "RESTORED_TABLE",
    "RESUME",
    "SERVER_TABLE",
    "SESSION_TIMER_TABLE",
    "UNRELATED",
    "Agreement",
    "AnswerReceived",
    "ByeRequest",
    "CallAnswered",
    "CallBase",
    "CallConfirmed",
    "CallEnd",
    "CallEnded",
    "CallProgress",
    "CallRecovered",
    "CallRecovering",
    "Cancelled",
    "Concern",
    "ConcernOwner",
    "DialogRecovery",
    "DialogRequest",
    "Failed",
    "Heard",
    "InCallTaker",
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
    "Modifier",
    "ModifyInput",
    "ModifyState",
    "Negotiation",
    "NotifyQueue",
    "OfferAnswer",
    "OfferInResponse",
    "OfferReceived",
    "OfferServer",
    "OfferState",
    "OfferWithdrawn",
    "PassedBodies",
    "PrackRequest",
    "RecoveryConfig",
    "ReferAccepted",
    "ReferClient",
    "ReferConfig",
    "ReferEnd",
    "ReferEnded",
    "ReferFinished",
    "ReferLost",
    "ReferProgressed",
    "ReferReceived",
    "ReferRefused",
    "ReferServer",
    "ReinviteServer",
    "Rejected",
    "Relation",
    "ReliableResponses",
    "RemoteBye",
    "Replaced",
    "RestoredCall",
    "SessionBody",
    "SessionTerms",
    "SessionTimer",
    "SessionTimerConfig",
    "TimedOut",
    "Transfers",
    "TransportLost",
    "UpdateFailed",
    "Wish",
    "call_to_dict",
    "held",
    "passed_fields",
    "relation_of",
    "restore_call",
    "resumed",
    "send_in_call",
    "send_info",
]
