"""Calls that are connected with each other."""

from __future__ import annotations

from trio_runtime.bridge.conference import Conference
from trio_runtime.bridge.conference_info import ConferenceInfo
from trio_runtime.bridge.supervision import Supervision, SupervisionMode
from trio_runtime.bridge.two_party import BridgeEnd, bridge

__all__ = ["BridgeEnd", "Conference", "ConferenceInfo", "Supervision", "SupervisionMode", "bridge"]
