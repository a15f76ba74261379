"""Calls, their states and endings, and the registry of those that are not over."""

from trio_runtime.session.call import Call
from trio_runtime.session.digits import Digit, DigitStream, DigitWay
from trio_runtime.session.endings import ENDINGS, Ending, call_error, describe_end, ending_of
from trio_runtime.session.groups import Groups, LeaderEnd, SessionGroup
from trio_runtime.session.headers import CallHeaders
from trio_runtime.session.incoming import IncomingCall
from trio_runtime.session.links import CallLink, LinkEnd, LinkKind, Links
from trio_runtime.session.operations import CallOperations
from trio_runtime.session.priority import PriorityRule, stated_priority
from trio_runtime.session.registry import SessionRegistry, SessionStats
from trio_runtime.session.response import SipResponse
from trio_runtime.session.state import TRANSITIONS, check_transition
from trio_runtime.session.transfer_request import TransferRequest

__all__ = [
    "ENDINGS",
    "TRANSITIONS",
    "Call",
    "CallHeaders",
    "CallLink",
    "CallOperations",
    "Digit",
    "DigitStream",
    "DigitWay",
    "Ending",
    "Groups",
    "IncomingCall",
    "LeaderEnd",
    "LinkEnd",
    "LinkKind",
    "Links",
    "PriorityRule",
    "SessionGroup",
    "SessionRegistry",
    "SessionStats",
    "SipResponse",
    "TransferRequest",
    "call_error",
    "check_transition",
    "describe_end",
    "ending_of",
    "stated_priority",
]
