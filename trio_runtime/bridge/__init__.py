"""Calls that are connected with each other."""

from __future__ import annotations

from trio_runtime.bridge.conference import Conference
from trio_runtime.bridge.conference_info import ConferenceInfo
from trio_runtime.bridge.pair import BridgeEnd, Pair, refusal_of
from trio_runtime.bridge.two_party import bridge

__all__ = ["BridgeEnd", "Conference", "ConferenceInfo", "Pair", "bridge", "refusal_of"]
