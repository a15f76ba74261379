"""Calls that are connected with each other."""

from __future__ import annotations

from trio_runtime.bridge.bridge_info import BridgeInfo
from trio_runtime.bridge.conference import Conference
from trio_runtime.bridge.conference_config import ConferenceConfig
from trio_runtime.bridge.conference_info import ConferenceInfo
from trio_runtime.bridge.conference_operations import ConferenceOperations
from trio_runtime.bridge.conference_options import ConferenceOptions
from trio_runtime.bridge.dial_out import DialOut
from trio_runtime.bridge.members import ConferenceRole, MemberInfo
from trio_runtime.bridge.pair import BridgeEnd, Pair, refusal_of
from trio_runtime.bridge.supervision import Supervision, SupervisionMode
from trio_runtime.bridge.two_party import bridge

__all__ = [
    "BridgeEnd",
    "BridgeInfo",
    "Conference",
    "ConferenceConfig",
    "ConferenceInfo",
    "ConferenceOperations",
    "ConferenceOptions",
    "ConferenceRole",
    "DialOut",
    "MemberInfo",
    "Pair",
    "Supervision",
    "SupervisionMode",
    "bridge",
    "refusal_of",
]
